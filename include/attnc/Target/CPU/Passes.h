//===- Passes.h - passes of the cpu target ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Declared in Passes.td.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_TARGET_CPU_PASSES_H
#define ATTNC_TARGET_CPU_PASSES_H

#include "attnc/Support/LLVM.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace attnc::cpu {

#define GEN_PASS_DECL
#include "attnc/Target/CPU/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "attnc/Target/CPU/Passes.h.inc"

} // namespace attnc::cpu

#endif // ATTNC_TARGET_CPU_PASSES_H
