//===- GpuLaunch.cpp - What compiled functions do on a GPU ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled functions check nothing between attnc_rt_gpu_bind and
// attnc_rt_gpu_status: the first failure makes the calls in between do nothing.
//
//===----------------------------------------------------------------------===//

#include "Bind.h"
#include "GpuModules.h"
#include "LastError.h"

#include <cstdio>

using namespace attnc;
using namespace attnc::rt;

/// The grid and the block that a launch of one dimension can have.
static constexpr int64_t maxBlocks = (int64_t(1) << 31) - 1;
static constexpr int64_t maxThreads = 1024;

static int32_t checkLaunch(const GpuThread &thread, const char *kernel,
                           int64_t blocks, int64_t threads,
                           int64_t sharedBytes) {
  if (blocks < 0 || blocks > maxBlocks)
    return fail(ATTNC_INVALID_ARGUMENT,
                "%s: kernel %s has %lld blocks, and a GPU runs at most 2^31 - "
                "1; call it for a part of the batch at a time",
                thread.function, kernel, static_cast<long long>(blocks));
  if (threads < 1 || threads > maxThreads)
    return fail(ATTNC_INTERNAL,
                "%s: kernel %s has blocks of %lld threads, which is not from 1 "
                "to %lld",
                thread.function, kernel, static_cast<long long>(threads),
                static_cast<long long>(maxThreads));
  if (sharedBytes < 0)
    return fail(ATTNC_INTERNAL, "%s: kernel %s has %lld bytes of shared memory",
                thread.function, kernel, static_cast<long long>(sharedBytes));
  return ATTNC_OK;
}

static int32_t launch(const GpuThread &thread, attnc_rt_gpu_image &image,
                      const char *name, int64_t blocks, int64_t threads,
                      int64_t sharedBytes, void *const *parameters) {
  if (int32_t status = checkLaunch(thread, name, blocks, threads, sharedBytes))
    return status;
  if (blocks == 0)
    return ATTNC_OK;
  GpuKernel *kernel;
  if (int32_t status = findKernel(thread, image, name, kernel))
    return status;
  int64_t available =
      thread.context->maxSharedBytes - kernel->staticSharedBytes;
  if (sharedBytes > available)
    return fail(ATTNC_GPU_FAILED,
                "%s: kernel %s needs %lld bytes of shared memory, and a block "
                "on this GPU, %s, has %d",
                thread.function, name,
                static_cast<long long>(sharedBytes + kernel->staticSharedBytes),
                thread.context->deviceName, thread.context->maxSharedBytes);
  if (int32_t status = allowSharedBytes(thread, *kernel, sharedBytes))
    return status;
  if (CUresult result = thread.driver->launchKernel(
          kernel->handle, static_cast<unsigned>(blocks), 1, 1,
          static_cast<unsigned>(threads), 1, 1,
          static_cast<unsigned>(sharedBytes), thread.stream,
          const_cast<void **>(parameters), nullptr))
    return failDriver(*thread.driver, thread.function, "cuLaunchKernel",
                      result);
  return ATTNC_OK;
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
void attnc_rt_gpu_set_stream(void *stream) {
  getGpuThread().stream = static_cast<CUstream>(stream);
}

int32_t attnc_rt_gpu_bind(const attnc_rt_signature *signature,
                          const DLTensor *const *tensors,
                          void *const *descriptors) {
  GpuThread &thread = getGpuThread();
  if (!signature)
    return thread.status =
               fail(ATTNC_INTERNAL, "kernel: the signature is null");
  thread.status = rt::bind(*signature, tensors, descriptors, kDLCUDA);
  if (thread.status != ATTNC_OK)
    return thread.status;
  // The object of the signature may be unloaded before this thread calls again.
  snprintf(thread.function, sizeof(thread.function), "%s", signature->function);
  int ordinal =
      signature->num_arguments > 0 ? tensors[0]->device.device_id : -1;
  return thread.status = enterDevice(thread.function, ordinal, thread);
}

void attnc_rt_gpu_launch(attnc_rt_gpu_image *image, const char *kernel,
                         int64_t blocks, int64_t threads, int64_t shared_bytes,
                         void *const *parameters) {
  GpuThread &thread = getGpuThread();
  if (thread.status == ATTNC_OK)
    thread.status = launch(thread, *image, kernel, blocks, threads,
                           shared_bytes, parameters);
}

int32_t attnc_rt_gpu_status(void) { return getGpuThread().status; }
// NOLINTEND(readability-identifier-naming)
