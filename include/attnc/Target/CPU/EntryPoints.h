//===- EntryPoints.h - the C functions of an object -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Puts a C function in front of each kernel: `int32_t name(const DLTensor
// *...)`, which lets the runtime check the tensors against the constant
// signature and calls the kernel with memref descriptors. This is the only
// place that knows both calling conventions.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_TARGET_CPU_ENTRYPOINTS_H
#define ATTNC_TARGET_CPU_ENTRYPOINTS_H

#include "attnc/Dialect/Attn/Analysis/FunctionSignature.h"
#include "llvm/Support/Error.h"

namespace llvm {
class Module;
} // namespace llvm

namespace attnc::cpu {

/// Adds to `module` an entry point for each signature, and makes every other
/// definition internal. The module has to define
/// `_mlir_ciface_attnc.kernel.<function>`, which takes a pointer to the memref
/// descriptor of each argument. With `areOnGPU` tensors are in the memory of a
/// GPU, and the runtime for them (attnc-c/gpu.h) checks them. Fails if it does
/// not, or if the function's name is that of a library function that the
/// kernels call.
llvm::Error emitEntryPoints(llvm::Module &module,
                            ArrayRef<attn::FunctionSignature> signatures,
                            bool areOnGPU = false);

} // namespace attnc::cpu

#endif // ATTNC_TARGET_CPU_ENTRYPOINTS_H
