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
#include <link.h>

using namespace attnc;

namespace {

/// The functions of an OpenMP runtime; all null until one is found.
struct OpenMP {
  std::atomic<void (*)(int)> setNumThreads{nullptr};
  std::atomic<int (*)()> getMaxThreads{nullptr};
  std::atomic<int (*)()> getNumProcs{nullptr};
};
OpenMP openMP;

/// The number of libraries ever loaded when the last search found nothing.
std::atomic<unsigned long long> searchedLoads{0};

/// The request of the last attnc_rt_set_num_threads: its number, or
/// onePerProcessor, together with a count that tells a repeated request from
/// one that this thread has already followed. Zero means never requested.
std::atomic<uint64_t> lastRequest{0};
thread_local uint64_t appliedRequest = 0;

constexpr uint32_t onePerProcessor = 0;

} // namespace

static bool resolve(void *handle) {
  void *setNumThreads = dlsym(handle, "omp_set_num_threads");
  void *getMaxThreads = dlsym(handle, "omp_get_max_threads");
  void *getNumProcs = dlsym(handle, "omp_get_num_procs");
  if (!setNumThreads || !getMaxThreads || !getNumProcs)
    return false;
  openMP.getMaxThreads = reinterpret_cast<int (*)()>(getMaxThreads);
  openMP.getNumProcs = reinterpret_cast<int (*)()>(getNumProcs);
  // Last, since this is the one that findOpenMP looks at.
  openMP.setNumThreads = reinterpret_cast<void (*)(int)>(setNumThreads);
  return true;
}

/// How many libraries this process has ever loaded. Reading the count takes a
/// fraction of a microsecond, a search for libraries by name tens of them.
static unsigned long long countLoads() {
  unsigned long long loads = 0;
  dl_iterate_phdr(
      [](dl_phdr_info *info, size_t, void *result) {
        *static_cast<unsigned long long *>(result) = info->dlpi_adds;
        return 1; // Every entry carries the same count.
      },
      &loads);
  return loads;
}

/// Finds the OpenMP runtime of the kernels. LLVM's is asked for by name first:
/// a process may have another in its global scope (libgomp, by way of a
/// framework), and a kernel opened with RTLD_LOCAL leaves LLVM's out of it.
/// Once found its handle is kept, since a runtime with live threads must not
/// be unloaded; when absent, a library that is loaded later may bring one.
static bool findOpenMP() {
  if (openMP.setNumThreads)
    return true;
  unsigned long long loads = countLoads();
  if (loads == searchedLoads)
    return false;
  for (const char *name : {"libomp.so.5", "libomp.so", "libiomp5.so"}) {
    void *handle = dlopen(name, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
    if (!handle)
      continue;
    if (resolve(handle))
      return true;
    dlclose(handle);
  }
  if (resolve(RTLD_DEFAULT))
    return true;
  searchedLoads = loads;
  return false;
}

void rt::applyRequestedThreads() {
  uint64_t request = lastRequest.load(std::memory_order_relaxed);
  if (request == appliedRequest || !findOpenMP())
    return;
  auto numThreads = static_cast<uint32_t>(request);
  openMP.setNumThreads.load()(numThreads == onePerProcessor
                                  ? openMP.getNumProcs.load()()
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
  return findOpenMP() ? openMP.getMaxThreads.load()() : 1;
}

int64_t attnc_rt_has_one_thread(void) {
  // A kernel cannot ask by itself: its omp_get_max_threads may be that of
  // another runtime in the global scope.
  return findOpenMP() && openMP.getMaxThreads.load()() == 1;
}

int64_t attnc_rt_count_parts(int64_t instances, int64_t most) {
  int64_t threads = attnc_rt_get_num_threads();
  if (instances < 1 || instances >= threads)
    return 1;
  // With p parts threads take ceil(instances p / threads) turns, of 1/p of an
  // instance each. Parts repeat what they share: the fewest that are best.
  auto countTurns = [&](int64_t parts) {
    return (instances * parts + threads - 1) / threads;
  };
  int64_t best = 1;
  for (int64_t parts = 2; parts <= most && parts <= threads; ++parts)
    if (countTurns(parts) * best < countTurns(best) * parts)
      best = parts;
  return best;
}
// NOLINTEND(readability-identifier-naming)
