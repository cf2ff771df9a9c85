//===- ArgumentNames.h - names of arguments from the text -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// MLIR forgets what SSA values were called. The C function's arguments should
// bear the names that the spec's author gave them.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_ARGUMENTNAMES_H
#define ATTNC_LIB_COMPILER_ARGUMENTNAMES_H

#include "attnc/Support/LLVM.h"
#include "mlir/AsmParser/AsmParserState.h"
#include "mlir/IR/BuiltinOps.h"

namespace attnc {

/// Sets `attn.name` on the arguments and results of each function that lack it:
/// an argument's own identifier, a result's that of the value returned. Values
/// named by a number alone, and results that are arguments, get none.
void nameArguments(ModuleOp module, const mlir::AsmParserState &source);

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_ARGUMENTNAMES_H
