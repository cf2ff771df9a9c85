//===- Driver.cpp - The CUDA driver library -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Opens the driver library at the first use of a GPU, so that this library
// loads where there is none, and words the errors of the driver.
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include "LastError.h"
#include "Lock.h"

#include <cstdio>
#include <cstring>
#include <dlfcn.h>

using namespace attnc;
using namespace attnc::rt;

/// Guards what follows, except for reads of `loaded`.
static Lock lock;
static Driver driver;
static std::atomic<const Driver *> loaded{nullptr};
static char path[4096] = "libcuda.so.1";

/// Fills in the functions, or returns the symbol that is missing.
static const char *resolve(void *library) {
#define ATTNC_RT_RESOLVE(name, symbol, parameters)                             \
  if (void *address = dlsym(library, symbol))                                  \
    driver.name = reinterpret_cast<CUresult(*) parameters>(address);           \
  else                                                                         \
    return symbol;
  ATTNC_RT_DRIVER_FUNCTIONS(ATTNC_RT_RESOLVE)
#undef ATTNC_RT_RESOLVE
  driver.report = reinterpret_cast<const char *(*)()>(
      dlsym(library, "attnc_emulator_report"));
  return nullptr;
}

/// With the lock held. A failure is not kept: the next call tries again.
static int32_t load(const char *function) {
  // A driver with threads of its own is never unloaded.
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return fail(ATTNC_GPU_FAILED, "%s: no CUDA driver: %s cannot be loaded: %s",
                function, path, dlerror());
  if (const char *missing = resolve(library))
    return fail(ATTNC_GPU_FAILED,
                "%s: the CUDA driver %s has no function %s; install a driver "
                "for CUDA 12 or later",
                function, path, missing);
  if (CUresult result = driver.init(0))
    return failDriver(driver, function, "cuInit", result);
  int count = 0;
  if (CUresult result = driver.getDeviceCount(&count))
    return failDriver(driver, function, "cuDeviceGetCount", result);
  if (count < 1)
    return fail(ATTNC_GPU_FAILED, "%s: the CUDA driver finds no GPU", function);
  loaded.store(&driver, std::memory_order_release);
  return ATTNC_OK;
}

int32_t rt::getDriver(const char *function, const Driver *&found) {
  found = loaded.load(std::memory_order_acquire);
  if (found)
    return ATTNC_OK;
  Guard guard(lock);
  if (!loaded.load(std::memory_order_relaxed))
    if (int32_t status = load(function))
      return status;
  found = &driver;
  return ATTNC_OK;
}

int32_t rt::failDriver(const Driver &driver, const char *function,
                       const char *symbol, CUresult result) {
  const char *name = nullptr, *text = nullptr;
  driver.getErrorName(result, &name);
  driver.getErrorString(result, &text);
  char number[32];
  snprintf(number, sizeof(number), "error %d", result);
  const char *report = driver.report ? driver.report() : nullptr;
  bool hasReport = report && *report;
  return fail(result == cudaOutOfMemory ? ATTNC_OUT_OF_MEMORY
                                        : ATTNC_GPU_FAILED,
              "%s: CUDA driver: %s: %s: %s%s%s", function, symbol,
              name ? name : number, text ? text : "no description",
              hasReport ? ": " : "", hasReport ? report : "");
}

// NOLINTNEXTLINE(readability-identifier-naming): the C interface.
int32_t attnc_rt_gpu_set_driver(const char *file) {
  if (!file || !*file)
    return fail(ATTNC_INVALID_ARGUMENT, "%s: the path is empty", __func__);
  if (strlen(file) >= sizeof(path))
    return fail(ATTNC_INVALID_ARGUMENT, "%s: the path is longer than %zu bytes",
                __func__, sizeof(path) - 1);
  Guard guard(lock);
  if (loaded.load(std::memory_order_relaxed) && strcmp(path, file) != 0)
    return fail(ATTNC_INVALID_ARGUMENT,
                "%s: the CUDA driver %s is in use already; choose one before "
                "the first use of a GPU",
                __func__, path);
  strcpy(path, file);
  return ATTNC_OK;
}
