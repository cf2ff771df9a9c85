//===- GpuContext.h - What a thread knows about its GPU ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Contexts of the driver, with what the runtime keeps for each, and the state
// of the function that a thread executes.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_RUNTIME_GPUCONTEXT_H
#define ATTNC_LIB_RUNTIME_GPUCONTEXT_H

#include "Driver.h"

#include <atomic>

namespace attnc::rt {

/// A context that kernels have run in. Made once and never freed.
struct GpuContext {
  GpuContext *next;
  CUcontext handle;
  CUdevice device;
  /// The compute capability.
  int major, minor;
  /// Shared memory that a block can have.
  int maxSharedBytes;
  char deviceName[128];
  /// 256 bytes of zeros on the device, or null: what tensors without elements
  /// are read from.
  std::atomic<CUdeviceptr> zeros;
};

/// What a thread remembers from one call to the next.
struct GpuThread {
  /// Set by getDriver and enterDevice.
  const Driver *driver;
  GpuContext *context;
  /// attnc_rt_gpu_set_stream.
  CUstream stream;
  /// The first failure since attnc_rt_gpu_bind.
  int32_t status;
  /// The function that it bound; cut if it is longer.
  char function[256];
};

GpuThread &getGpuThread();

/// Makes a GPU this thread's current one. A context of that GPU that is current
/// already stays, else its primary one takes its place. Any GPU is meant by a
/// negative ordinal: the current one, or the first one.
int32_t enterDevice(const char *function, int ordinal, GpuThread &thread);

} // namespace attnc::rt

#endif // ATTNC_LIB_RUNTIME_GPUCONTEXT_H
