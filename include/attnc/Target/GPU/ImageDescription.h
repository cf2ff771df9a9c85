//===- ImageDescription.h - the GPU programs of a module --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `gpu-assemble-kernels` has put into a module, read off the images
// themselves: their kind and size, and their kernels.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_TARGET_GPU_IMAGEDESCRIPTION_H
#define ATTNC_TARGET_GPU_IMAGEDESCRIPTION_H

#include "attnc/Support/LLVM.h"
#include "mlir/IR/BuiltinOps.h"
#include <optional>
#include <string>
#include <vector>

namespace attnc::gpu {

struct KernelDescription {
  std::string name;
  /// Of a thread; known once there is machine code.
  std::optional<uint32_t> registers;
};

/// A program for a GPU.
struct ImageDescription {
  /// "cubin" or "ptx", and the architecture it is for.
  std::string kind, arch;
  uint64_t bytes = 0;
  std::vector<KernelDescription> kernels;
};

/// The images of a module, in order. A module for the CPU alone has none.
std::vector<ImageDescription> describeImages(ModuleOp module);

/// The bytes of a module's one image: PTX text, or a cubin. Empty for none.
StringRef findImage(ModuleOp module);

/// The kernels of an image: the entries of PTX, the functions of a cubin. Of
/// bytes that are neither, none.
std::vector<KernelDescription> findKernels(StringRef image);

} // namespace attnc::gpu

#endif // ATTNC_TARGET_GPU_IMAGEDESCRIPTION_H
