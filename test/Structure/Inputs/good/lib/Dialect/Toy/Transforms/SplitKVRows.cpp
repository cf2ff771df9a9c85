// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define GEN_PASS_DEF_SPLITKVROWSPASS
#include "attnc/Dialect/Toy/Transforms/Passes.h.inc"
// emitError("a comment emits nothing at all to anybody");
