//===- Threads.cpp - The number of threads of kernels ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels run on the OpenMP runtime that they were linked with; this library
// looks for it in the process instead of linking one, so that it stays usable
// without and never brings in a second one.
//
//===----------------------------------------------------------------------===//

#include "Threads.h"

#include "attnc-c/runtime.h"

#include <atomic>
#include <dlfcn.h>
#include <initializer_list>

using namespace attnc;

namespace {

struct OpenMP {
  void (*setNumThreads)(int) = nullptr;
  int (*getMaxThreads)() = nullptr;
  int (*getNumProcs)() = nullptr;
};

/// The request of the last attnc_rt_set_num_threads: its number, or
/// onePerProcessor, together with a count that tells a repeated request from
/// one that this thread has already followed. Zero means never requested.
std::atomic<uint64_t> lastRequest{0};
thread_local uint64_t appliedRequest = 0;

constexpr uint32_t onePerProcessor = 0;

} // namespace

static bool resolve(void *handle, OpenMP &openMP) {
  auto find = [handle](const char *name) { return dlsym(handle, name); };
  openMP.setNumThreads =
      reinterpret_cast<void (*)(int)>(find("omp_set_num_threads"));
  openMP.getMaxThreads =
      reinterpret_cast<int (*)()>(find("omp_get_max_threads"));
  openMP.getNumProcs = reinterpret_cast<int (*)()>(find("omp_get_num_procs"));
  return openMP.setNumThreads && openMP.getMaxThreads && openMP.getNumProcs;
}

/// Finds the OpenMP runtime of the kernels. LLVM's is asked for by name first:
/// a process may have another in its global scope (libgomp, by way of a
/// framework), and a kernel opened with RTLD_LOCAL leaves LLVM's out of it.
/// The handle is kept, since a runtime with live threads must not be unloaded.
/// Not remembered when absent: a kernel that brings one may be loaded later.
static bool findOpenMP(OpenMP &openMP) {
  for (const char *name : {"libomp.so.5", "libomp.so", "libiomp5.so"}) {
    void *handle = dlopen(name, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
    if (!handle)
      continue;
    if (resolve(handle, openMP))
      return true;
    dlclose(handle);
  }
  return resolve(RTLD_DEFAULT, openMP);
}

void rt::applyRequestedThreads() {
  uint64_t request = lastRequest.load(std::memory_order_relaxed);
  if (request == appliedRequest)
    return;
  OpenMP openMP;
  if (!findOpenMP(openMP))
    return;
  auto numThreads = static_cast<uint32_t>(request);
  openMP.setNumThreads(numThreads == onePerProcessor
                           ? openMP.getNumProcs()
                           : static_cast<int>(numThreads));
  appliedRequest = request;
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
void attnc_rt_set_num_threads(int32_t num_threads) {
  uint32_t number =
      num_threads < 1 ? onePerProcessor : static_cast<uint32_t>(num_threads);
  uint64_t previous = lastRequest.load(std::memory_order_relaxed);
  uint64_t request;
  do {
    uint64_t count = (previous >> 32) + 1;
    // The count may wrap; zero stays reserved for "never requested".
    request = (count << 32) | number;
    if (request >> 32 == 0)
      request = (uint64_t(1) << 32) | number;
  } while (!lastRequest.compare_exchange_weak(previous, request,
                                              std::memory_order_relaxed));
  rt::applyRequestedThreads();
}

int32_t attnc_rt_get_num_threads(void) {
  rt::applyRequestedThreads();
  OpenMP openMP;
  return findOpenMP(openMP) ? openMP.getMaxThreads() : 1;
}
// NOLINTEND(readability-identifier-naming)
