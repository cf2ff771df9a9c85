// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
def SplitKVRowsPass : Pass<"toy-split-kv-rows"> {
  let summary = "split each row into two halves";
  let description = [{
    *Idea.* Two halves are a row.

    *Needs.* Nothing.

    *Leaves.* No row longer than half.

    **Does not:** touch columns.

    *Example.* `test/Dialect/Toy/Transforms/split-kv-rows.mlir`
  }];
}

def VerifyToyInputPass
    : InterfacePass<"verify-toy-input", "::mlir::FunctionOpInterface"> {
  let summary = "verify that only toy ops occur in a function";
  let description = [{
    *Idea.* A list of what may occur.

    *Needs.* Nothing.

    *Leaves.* Everything.

    *Does not.* Change anything.

    *Example.* `test/Dialect/Toy/Transforms/verify-toy-input.mlir`
  }];
}
