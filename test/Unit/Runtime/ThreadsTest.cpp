//===- ThreadsTest.cpp - The number of threads of kernels -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Requests reach an OpenMP runtime that is loaded later and privately, the way
// a kernel brings it, and every thread that calls a kernel.
//
//===----------------------------------------------------------------------===//

#include "attnc-c/runtime.h"

#include "gtest/gtest.h"

#include <dlfcn.h>
#include <thread>

static int32_t callEmptyKernel() {
  attnc_rt_signature empty = {};
  empty.abi_version = ATTNC_RT_ABI_VERSION;
  empty.function = "nothing";
  return attnc_rt_bind(&empty, nullptr, nullptr);
}

/// One process, one test: an OpenMP runtime cannot be unloaded again.
TEST(ThreadsTest, RequestsReachEveryThreadOnceOpenMPIsLoaded) {
  EXPECT_EQ(attnc_rt_get_num_threads(), 1);
  EXPECT_EQ(attnc_rt_count_parts(1, 8), 1);
  attnc_rt_set_num_threads(3);
  EXPECT_EQ(attnc_rt_get_num_threads(), 1);

  void *handle = dlopen(ATTNC_LIBOMP, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(handle, nullptr) << dlerror();
  auto getMaxThreads =
      reinterpret_cast<int (*)()>(dlsym(handle, "omp_get_max_threads"));
  auto setNumThreads =
      reinterpret_cast<void (*)(int)>(dlsym(handle, "omp_set_num_threads"));
  auto getNumProcs =
      reinterpret_cast<int (*)()>(dlsym(handle, "omp_get_num_procs"));
  ASSERT_TRUE(getMaxThreads && setNumThreads && getNumProcs);
  setNumThreads(7);

  // The earlier request is followed at the next kernel call, not before.
  EXPECT_EQ(getMaxThreads(), 7);
  EXPECT_EQ(callEmptyKernel(), ATTNC_OK);
  EXPECT_EQ(getMaxThreads(), 3);
  EXPECT_EQ(attnc_rt_get_num_threads(), 3);
  // One instance for three threads, or two for them: turns of 2/3 are less than
  // one. As many as threads have one each, and no more parts than there are.
  EXPECT_EQ(attnc_rt_count_parts(1, 8), 3);
  EXPECT_EQ(attnc_rt_count_parts(2, 8), 3);
  EXPECT_EQ(attnc_rt_count_parts(2, 2), 1);
  EXPECT_EQ(attnc_rt_count_parts(1, 2), 2);
  EXPECT_EQ(attnc_rt_count_parts(3, 8), 1);
  EXPECT_EQ(attnc_rt_count_parts(0, 8), 1);

  // What the program asks of OpenMP itself is not overridden by old requests,
  // but by a new one, though it asks for the same number.
  setNumThreads(5);
  EXPECT_EQ(callEmptyKernel(), ATTNC_OK);
  EXPECT_EQ(getMaxThreads(), 5);
  EXPECT_EQ(attnc_rt_get_num_threads(), 5);
  attnc_rt_set_num_threads(3);
  EXPECT_EQ(getMaxThreads(), 3);

  int onOtherThread = 0;
  std::thread([&] {
    setNumThreads(9);
    callEmptyKernel();
    onOtherThread = getMaxThreads();
  }).join();
  EXPECT_EQ(onOtherThread, 3);

  attnc_rt_set_num_threads(0);
  EXPECT_EQ(attnc_rt_get_num_threads(), getNumProcs());
  attnc_rt_set_num_threads(2);
  EXPECT_EQ(attnc_rt_get_num_threads(), 2);
  attnc_rt_set_num_threads(-5);
  EXPECT_EQ(attnc_rt_get_num_threads(), getNumProcs());
}
