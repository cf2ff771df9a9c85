// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
def ToyToLoopsPass : Pass<"convert-toy-to-loops"> {
  let summary = "turn toy ops into loops over rows";
  let description = [{
    *Idea.* One loop for each op.

    *Needs.* The stage toy-input.

    *Leaves.* No toy op.

    *Does not.* Fuse loops.

    *Example.* `test/Conversion/ToyToLoops/toy-to-loops.mlir`
  }];
}
