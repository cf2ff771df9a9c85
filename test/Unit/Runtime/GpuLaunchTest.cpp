//===- GpuLaunchTest.cpp - What compiled functions do on a GPU ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What reaches the driver, and that nothing does after a failure.
//
//===----------------------------------------------------------------------===//

#include "GpuFixture.h"

#include <thread>

using GpuLaunchTest = GpuTest;

TEST_F(GpuLaunchTest, PassesOnWhatItIsGiven) {
  ATTNC_TEST_IMAGE(image, "text of PTX", "sm_90a");
  int stream;
  attnc_rt_gpu_set_stream(&stream);
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  void *parameters[] = {&stream, nullptr};
  attnc_rt_gpu_launch(&image, "k", 2147483647, 384, 4096, parameters);
  ASSERT_EQ(attnc_rt_gpu_status(), ATTNC_OK) << attnc_last_error();
  const FakeLaunch &launch = fakeDriver().launches.at(0);
  EXPECT_EQ(launch.kernel, "k");
  EXPECT_EQ(launch.blocks, 2147483647u);
  EXPECT_EQ(launch.threads, 384u);
  EXPECT_EQ(launch.sharedBytes, 4096u);
  EXPECT_EQ(launch.stream, &stream);
  EXPECT_EQ(launch.parameters, parameters);
}

TEST_F(GpuLaunchTest, AStreamIsThatOfAThread) {
  int stream;
  attnc_rt_gpu_set_stream(&stream);
  ATTNC_TEST_IMAGE(image, "text of PTX", "sm_90a");
  std::thread([&] {
    bind();
    attnc_rt_gpu_launch(&image, "k", 1, 1, 0, nullptr);
  }).join();
  EXPECT_EQ(fakeDriver().launches.at(0).stream, nullptr);
}

TEST_F(GpuLaunchTest, LaunchesNothingWithoutBlocks) {
  ATTNC_TEST_IMAGE(image, "text of PTX", "sm_90a");
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  attnc_rt_gpu_launch(&image, "k", 0, 128, 0, nullptr);
  EXPECT_EQ(attnc_rt_gpu_status(), ATTNC_OK);
  EXPECT_EQ(calls("cuModuleLoadData"), 0);
  EXPECT_EQ(calls("cuLaunchKernel"), 0);
}

TEST_F(GpuLaunchTest, RefusesImpossibleLaunches) {
  ATTNC_TEST_IMAGE(image, "text of PTX", "sm_90a");
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  attnc_rt_gpu_launch(&image, "k", 2147483648, 128, 0, nullptr);
  expectStatus(ATTNC_INVALID_ARGUMENT,
               "attend: kernel k has 2147483648 blocks, and a GPU runs at most "
               "2^31 - 1; call it for a part of the batch at a time");
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  attnc_rt_gpu_launch(&image, "k", 1, 1025, 0, nullptr);
  expectStatus(ATTNC_INTERNAL, "attend: kernel k has blocks of 1025 threads, "
                               "which is not from 1 to 1024");
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  attnc_rt_gpu_launch(&image, "k", 1, 1, -1, nullptr);
  expectStatus(ATTNC_INTERNAL,
               "attend: kernel k has -1 bytes of shared memory");
  EXPECT_EQ(calls("cuLaunchKernel"), 0);
}

TEST_F(GpuLaunchTest, TheFirstFailureStays) {
  ATTNC_TEST_IMAGE(image, "text of PTX", "sm_90a");
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  attnc_rt_gpu_launch(&image, "absent", 1, 1, 0, nullptr);
  std::string first = attnc_last_error();
  attnc_rt_gpu_launch(&image, "k", 1, 0, 0, nullptr);
  attnc_rt_gpu_launch(&image, "k", 1, 1, 0, nullptr);
  alignas(64) char map[128];
  int64_t sizes[] = {64, 8}, box[] = {64, 8};
  attnc_rt_gpu_tensor_map(map, "x", kDLFloat, 16, 2, memory, sizes, sizes, box,
                          128);
  EXPECT_EQ(attnc_rt_gpu_scratch_allocate(8), nullptr);
  expectStatus(ATTNC_GPU_FAILED, first);
  EXPECT_EQ(calls("cuLaunchKernel"), 0);
  EXPECT_EQ(calls("cuTensorMapEncodeTiled"), 0);
  EXPECT_EQ(calls("cuMemAllocAsync"), 0);
  // Of another thread it is none.
  int32_t other = -1;
  std::thread([&] { other = attnc_rt_gpu_status(); }).join();
  EXPECT_EQ(other, ATTNC_OK);
  // And the next call starts anew.
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  attnc_rt_gpu_launch(&image, "k", 1, 1, 0, nullptr);
  EXPECT_EQ(attnc_rt_gpu_status(), ATTNC_OK);
  EXPECT_EQ(calls("cuLaunchKernel"), 1);
}

TEST_F(GpuLaunchTest, NothingIsLaunchedAfterARefusedTensor) {
  ATTNC_TEST_IMAGE(image, "text of PTX", "sm_90a");
  y.data = x.data;
  EXPECT_EQ(bind(), ATTNC_INVALID_ARGUMENT);
  attnc_rt_gpu_launch(&image, "k", 1, 1, 0, nullptr);
  expectStatus(ATTNC_INVALID_ARGUMENT,
               "attend: argument y: its memory overlaps that of argument x; "
               "give the output memory of its own");
  EXPECT_EQ(calls("cuLaunchKernel"), 0);
}

TEST_F(GpuLaunchTest, TheNameOfTheFunctionIsCopied) {
  ATTNC_TEST_IMAGE(image, "text of PTX", "sm_90a");
  char name[] = "attend";
  signature.function = name;
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  memset(name, 'x', sizeof(name) - 1);
  attnc_rt_gpu_launch(&image, "k", -1, 1, 0, nullptr);
  expectStatus(ATTNC_INVALID_ARGUMENT,
               "attend: kernel k has -1 blocks, and a GPU runs at most 2^31 - "
               "1; call it for a part of the batch at a time");
}
