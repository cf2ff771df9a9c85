//===- Passes.h - from one level to the next --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The conversions between the stages of the pipeline, declared in Passes.td,
// and the registration of the carry implementations that AttnToTile drives.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_CONVERSION_PASSES_H
#define ATTNC_CONVERSION_PASSES_H

#include "attnc/Support/LLVM.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace attnc {

#define GEN_PASS_DECL
#include "attnc/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "attnc/Conversion/Passes.h.inc"

namespace attn {
/// Attaches `CarryOpInterface` to the ops of the attn dialect.
void registerCarryInterfaces(DialectRegistry &registry);
} // namespace attn

} // namespace attnc

#endif // ATTNC_CONVERSION_PASSES_H
