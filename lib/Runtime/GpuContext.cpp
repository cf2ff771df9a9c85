//===- GpuContext.cpp - What a thread knows about its GPU -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Finds the context that a thread works in. The steady state is one call of the
// driver and a comparison. Primary contexts are retained and never released:
// when the process ends the driver may be gone before this library.
//
//===----------------------------------------------------------------------===//

#include "GpuContext.h"

#include "LastError.h"
#include "Lock.h"

#include <cstdlib>

using namespace attnc;
using namespace attnc::rt;

static Lock lock;
/// All contexts. Read without the lock, and extended at the front with it.
static std::atomic<GpuContext *> contexts{nullptr};
static thread_local GpuThread gpuThread;

GpuThread &rt::getGpuThread() { return gpuThread; }

static GpuContext *find(CUcontext handle) {
  for (GpuContext *known = contexts.load(std::memory_order_acquire); known;
       known = known->next)
    if (known->handle == handle)
      return known;
  return nullptr;
}

/// Asks the driver for what is kept of a context.
static int32_t describe(const char *function, const Driver &driver,
                        GpuContext &context) {
  struct {
    DeviceAttribute attribute;
    int *value;
  } queries[] = {{computeCapabilityMajor, &context.major},
                 {computeCapabilityMinor, &context.minor},
                 {maxSharedBytesPerBlock, &context.maxSharedBytes}};
  for (auto &query : queries)
    if (CUresult result = driver.getDeviceAttribute(
            query.value, query.attribute, context.device))
      return failDriver(driver, function, "cuDeviceGetAttribute", result);
  if (CUresult result = driver.getDeviceName(
          context.deviceName, sizeof(context.deviceName), context.device))
    return failDriver(driver, function, "cuDeviceGetName", result);
  return ATTNC_OK;
}

/// The entry of a context, made if there is none.
static int32_t findOrMake(const char *function, const Driver &driver,
                          CUcontext handle, CUdevice device,
                          GpuContext *&context) {
  context = find(handle);
  if (context)
    return ATTNC_OK;
  Guard guard(lock);
  context = find(handle);
  if (context)
    return ATTNC_OK;
  auto *made = static_cast<GpuContext *>(calloc(1, sizeof(GpuContext)));
  if (!made)
    return fail(ATTNC_OUT_OF_MEMORY, "%s: no host memory for a context",
                function);
  made->handle = handle;
  made->device = device;
  if (int32_t status = describe(function, driver, *made)) {
    free(made);
    return status;
  }
  made->next = contexts.load(std::memory_order_relaxed);
  contexts.store(made, std::memory_order_release);
  context = made;
  return ATTNC_OK;
}

/// The context that is current, if it is one of `device`, or any if that is
/// negative; else null.
static int32_t findCurrent(const char *function, const Driver &driver,
                           CUcontext current, CUdevice device,
                           GpuContext *&context) {
  context = nullptr;
  if (!current)
    return ATTNC_OK;
  CUdevice of;
  if (CUresult result = driver.getCurrentDevice(&of))
    return failDriver(driver, function, "cuCtxGetDevice", result);
  if (device >= 0 && of != device)
    return ATTNC_OK;
  return findOrMake(function, driver, current, of, context);
}

/// The primary context of a GPU, current from now on.
static int32_t enterPrimary(const char *function, const Driver &driver,
                            CUdevice device, GpuContext *&context) {
  CUcontext handle;
  if (CUresult result = driver.retainPrimaryContext(&handle, device))
    return failDriver(driver, function, "cuDevicePrimaryCtxRetain", result);
  if (CUresult result = driver.setCurrentContext(handle))
    return failDriver(driver, function, "cuCtxSetCurrent", result);
  return findOrMake(function, driver, handle, device, context);
}

int32_t rt::enterDevice(const char *function, int ordinal, GpuThread &thread) {
  if (int32_t status = getDriver(function, thread.driver))
    return status;
  const Driver &driver = *thread.driver;
  CUcontext current;
  if (CUresult result = driver.getCurrentContext(&current))
    return failDriver(driver, function, "cuCtxGetCurrent", result);
  // The handle of a device is its ordinal.
  if (current && thread.context && thread.context->handle == current &&
      (ordinal < 0 || thread.context->device == ordinal))
    return ATTNC_OK;
  CUdevice device = ordinal;
  if (ordinal >= 0)
    if (CUresult result = driver.getDevice(&device, ordinal))
      return failDriver(driver, function, "cuDeviceGet", result);
  GpuContext *context;
  if (int32_t status = findCurrent(function, driver, current, device, context))
    return status;
  if (!context)
    if (int32_t status =
            enterPrimary(function, driver, device < 0 ? 0 : device, context))
      return status;
  thread.context = context;
  return ATTNC_OK;
}
