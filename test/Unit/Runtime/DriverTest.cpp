//===- DriverTest.cpp - The CUDA driver library ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a user reads who has no driver, an old one, or no GPU. A driver stays
// loaded once it is, so that each case runs in a process of its own.
//
//===----------------------------------------------------------------------===//

#include "FakeDriver.h"

#include "attnc-c/gpu.h"

#include "gtest/gtest.h"

#include <cstdio>

/// Uses a GPU for the first time and ends the process with the status.
[[noreturn]] static void useGpu() {
  void *memory;
  int32_t status = attnc_rt_gpu_allocate(&memory, 16);
  fprintf(stderr, "%s", status ? attnc_last_error() : "fine");
  exit(status);
}

[[noreturn]] static void useGpuOf(const char *driver) {
  if (int32_t status = attnc_rt_gpu_set_driver(driver)) {
    fprintf(stderr, "%s", attnc_last_error());
    exit(status);
  }
  useGpu();
}

static void expectEnd(void (*use)(), int status, const char *message) {
  EXPECT_EXIT(use(), testing::ExitedWithCode(status), message);
}

TEST(DriverTest, LoadsTheLibraryThatWasNamed) {
  expectEnd([] { useGpuOf(ATTNC_FAKE_DRIVER); }, ATTNC_OK, "fine");
}

TEST(DriverTest, SaysThatThereIsNoLibrary) {
  expectEnd([] { useGpuOf("/nowhere/libcuda.so.1"); }, ATTNC_GPU_FAILED,
            "^attnc_rt_gpu_allocate: no CUDA driver: /nowhere/libcuda.so.1 "
            "cannot be loaded: .*No such file or directory");
}

TEST(DriverTest, SaysWhatAnOldLibraryLacks) {
  expectEnd([] { useGpuOf("libm.so.6"); }, ATTNC_GPU_FAILED,
            "^attnc_rt_gpu_allocate: the CUDA driver libm.so.6 has no function "
            "cuInit; install a driver for CUDA 12 or later");
}

TEST(DriverTest, SaysWhatTheDriverSays) {
  expectEnd(
      [] {
        fakeDriver().failures["cuInit"] = 999;
        useGpuOf(ATTNC_FAKE_DRIVER);
      },
      ATTNC_GPU_FAILED,
      "^attnc_rt_gpu_allocate: CUDA driver: cuInit: error 999: no description");
  expectEnd(
      [] {
        fakeDriver().failures["cuDeviceGetCount"] = 2;
        useGpuOf(ATTNC_FAKE_DRIVER);
      },
      ATTNC_OUT_OF_MEMORY,
      "^attnc_rt_gpu_allocate: CUDA driver: cuDeviceGetCount: "
      "CUDA_ERROR_OUT_OF_MEMORY: out of memory$");
}

TEST(DriverTest, SaysThatThereIsNoGpu) {
  expectEnd(
      [] {
        fakeDriver().numDevices = 0;
        useGpuOf(ATTNC_FAKE_DRIVER);
      },
      ATTNC_GPU_FAILED, "^attnc_rt_gpu_allocate: the CUDA driver finds no GPU");
}

TEST(DriverTest, AddsTheReportOfTheEmulator) {
  expectEnd(
      [] {
        fakeDriver().failures["cuMemAlloc"] = 700;
        fakeDriver().report = "block 3, thread 5 reads behind k";
        useGpuOf(ATTNC_FAKE_DRIVER);
      },
      ATTNC_GPU_FAILED,
      "^attnc_rt_gpu_allocate: CUDA driver: cuMemAlloc: "
      "CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered: "
      "block 3, thread 5 reads behind k");
}

TEST(DriverTest, TriesAgainAfterAFailure) {
  expectEnd(
      [] {
        void *memory;
        attnc_rt_gpu_set_driver("/nowhere/libcuda.so.1");
        if (attnc_rt_gpu_allocate(&memory, 16) != ATTNC_GPU_FAILED)
          exit(100);
        useGpuOf(ATTNC_FAKE_DRIVER);
      },
      ATTNC_OK, "fine");
}

TEST(DriverTest, RefusesAnotherLibraryWhenOneIsInUse) {
  expectEnd(
      [] {
        void *memory;
        attnc_rt_gpu_set_driver(ATTNC_FAKE_DRIVER);
        if (attnc_rt_gpu_allocate(&memory, 16) != ATTNC_OK)
          exit(100);
        // The same one is no other.
        if (attnc_rt_gpu_set_driver(ATTNC_FAKE_DRIVER) != ATTNC_OK)
          exit(101);
        useGpuOf("libcuda.so.1");
      },
      ATTNC_INVALID_ARGUMENT,
      "^attnc_rt_gpu_set_driver: the CUDA driver .* is in use already; choose "
      "one before the first use of a GPU");
}

TEST(DriverTest, RefusesPathsThatAreNone) {
  EXPECT_EQ(attnc_rt_gpu_set_driver(nullptr), ATTNC_INVALID_ARGUMENT);
  EXPECT_STREQ(attnc_last_error(),
               "attnc_rt_gpu_set_driver: the path is empty");
  EXPECT_EQ(attnc_rt_gpu_set_driver(""), ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_gpu_set_driver(std::string(5000, 'x').c_str()),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_STREQ(attnc_last_error(),
               "attnc_rt_gpu_set_driver: the path is longer than 4095 bytes");
}
