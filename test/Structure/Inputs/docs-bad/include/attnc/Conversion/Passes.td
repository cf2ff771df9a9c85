// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
def SplitRowsPass : Pass<"toy-split-rows"> {
  let summary = "Splits rows.";
  let description = [{
    *Needs.* Nothing.

    *Idea.* Two halves are a row.

    *Leaves.* Nothing. A line that only mentions *Example* has no such heading.

    *Does not.* Touch columns. See `test/Conversion/split-rows.mlir`.
  }];
}
def MergeRowsPass : Pass<"toy-merge-rows"> {}
def SwapRowsPass : Pass<"toy-swap-rows"> {
  let summary = "optimize the rows of a matrix";
  let description = [{
    *Idea*: a
    *Needs*: b
    *Leaves*: c
    *Does not*: d
    *Example*: e
  }];
}
def TurnRowsPass : Pass<"toy-turn-rows"> {
  let summary = "optimize the rows of a matrix";
  let description = [{
    *Idea*: a
    *Needs*: b
    *Leaves*: c
    *Does not*: d
    *Example*: e
  }];
}
