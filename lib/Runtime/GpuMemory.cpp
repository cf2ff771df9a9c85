//===- GpuMemory.cpp - Memory of a GPU ------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memory and copies for hosts, and scratch memory for compiled functions, which
// comes and goes in the order of the stream, without a wait.
//
//===----------------------------------------------------------------------===//

#include "GpuContext.h"
#include "LastError.h"

using namespace attnc;
using namespace attnc::rt;

static CUdeviceptr addressOf(const void *memory) {
  return reinterpret_cast<uintptr_t>(memory);
}

static void *pointerTo(CUdeviceptr address) {
  return reinterpret_cast<void *>(static_cast<uintptr_t>(address));
}

static int32_t synchronize(const char *function, const GpuThread &thread) {
  if (CUresult result = thread.driver->synchronize(thread.stream))
    return failDriver(*thread.driver, function, "cuStreamSynchronize", result);
  return ATTNC_OK;
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
int32_t attnc_rt_gpu_allocate(void **memory, size_t bytes) {
  if (!memory)
    return fail(ATTNC_INVALID_ARGUMENT, "%s: an argument is null", __func__);
  *memory = nullptr;
  if (bytes == 0)
    return ATTNC_OK;
  GpuThread &thread = getGpuThread();
  if (int32_t status = enterDevice(__func__, -1, thread))
    return status;
  CUdeviceptr address;
  if (CUresult result = thread.driver->allocate(&address, bytes))
    return failDriver(*thread.driver, __func__, "cuMemAlloc", result);
  *memory = pointerTo(address);
  return ATTNC_OK;
}

int32_t attnc_rt_gpu_free(void *memory) {
  if (!memory)
    return ATTNC_OK;
  GpuThread &thread = getGpuThread();
  if (int32_t status = enterDevice(__func__, -1, thread))
    return status;
  if (CUresult result = thread.driver->free(addressOf(memory)))
    return failDriver(*thread.driver, __func__, "cuMemFree", result);
  return ATTNC_OK;
}

/// A copy, which `move` begins, and its end.
template <typename MoveFn>
static int32_t copy(const char *function, const char *symbol, const void *to,
                    const void *from, size_t bytes, MoveFn move) {
  if (bytes == 0)
    return ATTNC_OK;
  if (!to || !from)
    return fail(ATTNC_INVALID_ARGUMENT, "%s: an argument is null", function);
  GpuThread &thread = getGpuThread();
  if (int32_t status = enterDevice(function, -1, thread))
    return status;
  if (CUresult result = move(thread))
    return failDriver(*thread.driver, function, symbol, result);
  return synchronize(function, thread);
}

int32_t attnc_rt_gpu_copy_to_device(void *device, const void *host,
                                    size_t bytes) {
  return copy(__func__, "cuMemcpyHtoDAsync", device, host, bytes,
              [&](GpuThread &thread) {
                return thread.driver->copyToDevice(addressOf(device), host,
                                                   bytes, thread.stream);
              });
}

int32_t attnc_rt_gpu_copy_to_host(void *host, const void *device,
                                  size_t bytes) {
  return copy(__func__, "cuMemcpyDtoHAsync", host, device, bytes,
              [&](GpuThread &thread) {
                return thread.driver->copyToHost(host, addressOf(device), bytes,
                                                 thread.stream);
              });
}

int32_t attnc_rt_gpu_synchronize(void) {
  GpuThread &thread = getGpuThread();
  if (int32_t status = enterDevice(__func__, -1, thread))
    return status;
  return synchronize(__func__, thread);
}

void *attnc_rt_gpu_scratch_allocate(int64_t bytes) {
  GpuThread &thread = getGpuThread();
  if (thread.status != ATTNC_OK || bytes == 0)
    return nullptr;
  if (bytes < 0 || bytes > ATTNC_RT_MAX_BYTES) {
    thread.status =
        fail(ATTNC_INVALID_ARGUMENT,
             "%s: %lld bytes of scratch memory are more than any GPU has; call "
             "it for a part of the batch at a time",
             thread.function, static_cast<long long>(bytes));
    return nullptr;
  }
  CUdeviceptr address;
  if (CUresult result = thread.driver->allocateAsync(
          &address, static_cast<size_t>(bytes), thread.stream)) {
    thread.status =
        failDriver(*thread.driver, thread.function, "cuMemAllocAsync", result);
    return nullptr;
  }
  return pointerTo(address);
}

void attnc_rt_gpu_scratch_free(void *memory) {
  if (!memory)
    return;
  // Freed after a failure, too: it was allocated before it.
  GpuThread &thread = getGpuThread();
  CUresult result = thread.driver->freeAsync(addressOf(memory), thread.stream);
  if (result && thread.status == ATTNC_OK)
    thread.status =
        failDriver(*thread.driver, thread.function, "cuMemFreeAsync", result);
}
// NOLINTEND(readability-identifier-naming)
