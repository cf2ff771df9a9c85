//===- Passes.h - passes of the gpu target ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Declared in Passes.td.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_TARGET_GPU_PASSES_H
#define ATTNC_TARGET_GPU_PASSES_H

#include "attnc/Support/LLVM.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Pass/Pass.h"

namespace attnc::gpu {

#define GEN_PASS_DECL
#include "attnc/Target/GPU/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "attnc/Target/GPU/Passes.h.inc"

} // namespace attnc::gpu

#endif // ATTNC_TARGET_GPU_PASSES_H
