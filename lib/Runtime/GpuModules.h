//===- GpuModules.h - Kernels of the images that run ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An image is loaded into each context once, and each of its kernels is looked
// up once; what was found hangs on the image.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_RUNTIME_GPUMODULES_H
#define ATTNC_LIB_RUNTIME_GPUMODULES_H

#include "GpuContext.h"

namespace attnc::rt {

/// A kernel in a context. Never freed.
struct GpuKernel {
  GpuKernel *next;
  CUfunction handle;
  /// Dynamic shared memory that it may be launched with.
  std::atomic<int64_t> allowedSharedBytes;
  int64_t staticSharedBytes;
  char name[];
};

/// The kernel `name` of the image in the context of the thread. Loads what is
/// not loaded yet.
int32_t findKernel(const GpuThread &thread, attnc_rt_gpu_image &image,
                   const char *name, GpuKernel *&kernel);

/// Lets the kernel have that much dynamic shared memory.
int32_t allowSharedBytes(const GpuThread &thread, GpuKernel &kernel,
                         int64_t bytes);

} // namespace attnc::rt

#endif // ATTNC_LIB_RUNTIME_GPUMODULES_H
