//===- Driver.h - The CUDA driver library -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions of the driver that the runtime calls, with the types and the
// numbers of cuda.h, of which nothing is needed to build this library.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_RUNTIME_DRIVER_H
#define ATTNC_LIB_RUNTIME_DRIVER_H

#include "attnc-c/gpu.h"

namespace attnc::rt {

using CUresult = int;
using CUdevice = int;
using CUdeviceptr = unsigned long long;
using CUcontext = struct CUctx_st *;
using CUmodule = struct CUmod_st *;
using CUfunction = struct CUfunc_st *;
using CUstream = struct CUstream_st *;

/// The numbers of cuda.h that the runtime needs.
enum : CUresult { cudaOutOfMemory = 2 };
enum DeviceAttribute : int {
  computeCapabilityMajor = 75,
  computeCapabilityMinor = 76,
  maxSharedBytesPerBlock = 97,
};
enum FunctionAttribute : int {
  staticSharedBytes = 1,
  maxDynamicSharedBytes = 8,
};

/// Name in Driver, symbol of the library, and parameters.
#define ATTNC_RT_DRIVER_FUNCTIONS(F)                                           \
  F(init, "cuInit", (unsigned))                                                \
  F(getDeviceCount, "cuDeviceGetCount", (int *))                               \
  F(getDevice, "cuDeviceGet", (CUdevice *, int))                               \
  F(getDeviceName, "cuDeviceGetName", (char *, int, CUdevice))                 \
  F(getDeviceAttribute, "cuDeviceGetAttribute",                                \
    (int *, DeviceAttribute, CUdevice))                                        \
  F(retainPrimaryContext, "cuDevicePrimaryCtxRetain", (CUcontext *, CUdevice)) \
  F(getCurrentContext, "cuCtxGetCurrent", (CUcontext *))                       \
  F(setCurrentContext, "cuCtxSetCurrent", (CUcontext))                         \
  F(getCurrentDevice, "cuCtxGetDevice", (CUdevice *))                          \
  F(loadModule, "cuModuleLoadData", (CUmodule *, const void *))                \
  F(getFunction, "cuModuleGetFunction",                                        \
    (CUfunction *, CUmodule, const char *))                                    \
  F(getFunctionAttribute, "cuFuncGetAttribute",                                \
    (int *, FunctionAttribute, CUfunction))                                    \
  F(setFunctionAttribute, "cuFuncSetAttribute",                                \
    (CUfunction, FunctionAttribute, int))                                      \
  F(launchKernel, "cuLaunchKernel",                                            \
    (CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,   \
     unsigned, CUstream, void **, void **))                                    \
  F(allocate, "cuMemAlloc_v2", (CUdeviceptr *, size_t))                        \
  F(free, "cuMemFree_v2", (CUdeviceptr))                                       \
  F(allocateAsync, "cuMemAllocAsync", (CUdeviceptr *, size_t, CUstream))       \
  F(freeAsync, "cuMemFreeAsync", (CUdeviceptr, CUstream))                      \
  F(copyToDevice, "cuMemcpyHtoDAsync_v2",                                      \
    (CUdeviceptr, const void *, size_t, CUstream))                             \
  F(copyToHost, "cuMemcpyDtoHAsync_v2",                                        \
    (void *, CUdeviceptr, size_t, CUstream))                                   \
  F(synchronize, "cuStreamSynchronize", (CUstream))                            \
  F(encodeTensorMap, "cuTensorMapEncodeTiled",                                 \
    (void *, int, uint32_t, void *, const uint64_t *, const uint64_t *,        \
     const uint32_t *, const uint32_t *, int, int, int, int))                  \
  F(getErrorName, "cuGetErrorName", (CUresult, const char **))                 \
  F(getErrorString, "cuGetErrorString", (CUresult, const char **))

/// The loaded library.
struct Driver {
#define ATTNC_RT_DECLARE(name, symbol, parameters) CUresult(*name) parameters;
  ATTNC_RT_DRIVER_FUNCTIONS(ATTNC_RT_DECLARE)
#undef ATTNC_RT_DECLARE
  /// What the emulator has to say about its last error; null in a driver.
  const char *(*report)(void);
};

/// The driver, loaded and initialized by the first call that succeeds. The
/// message of a failure starts with `function`.
int32_t getDriver(const char *function, const Driver *&found);

/// Sets the last error for a failed call of the driver function `symbol`.
int32_t failDriver(const Driver &driver, const char *function,
                   const char *symbol, CUresult result);

} // namespace attnc::rt

#endif // ATTNC_LIB_RUNTIME_DRIVER_H
