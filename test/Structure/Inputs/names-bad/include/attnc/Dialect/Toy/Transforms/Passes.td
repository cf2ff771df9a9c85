// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Wrong flag; no file; no test; not run.
def SplitRowsPass : Pass<"split-rows"> {}
// The file and the test are there, but the test runs another flag.
def MergeRowsPass : Pass<"toy-merge-rows"> {}
def SwapRows : Pass<"toy-swap-rows"> {}
