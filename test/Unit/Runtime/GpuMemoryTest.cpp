//===- GpuMemoryTest.cpp - Memory of a GPU --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Allocation and copies for hosts, and scratch memory for compiled functions.
//
//===----------------------------------------------------------------------===//

#include "GpuFixture.h"

using GpuMemoryTest = GpuTest;

TEST_F(GpuMemoryTest, CopiesThereAndBack) {
  void *device;
  float there[3] = {1, 2, 3}, back[3] = {};
  ASSERT_EQ(attnc_rt_gpu_allocate(&device, sizeof(there)), ATTNC_OK);
  ASSERT_EQ(attnc_rt_gpu_copy_to_device(device, there, sizeof(there)),
            ATTNC_OK);
  ASSERT_EQ(attnc_rt_gpu_copy_to_host(back, device, sizeof(back)), ATTNC_OK);
  EXPECT_EQ(memcmp(there, back, sizeof(back)), 0);
  EXPECT_EQ(calls("cuStreamSynchronize"), 2);
  EXPECT_EQ(attnc_rt_gpu_free(device), ATTNC_OK);
  EXPECT_EQ(calls("cuMemFree"), 1);
  // In the first GPU, as the thread had none.
  EXPECT_EQ(fakeCurrentDevice(), 0);
}

TEST_F(GpuMemoryTest, NothingIsNoMemory) {
  void *device = this;
  EXPECT_EQ(attnc_rt_gpu_allocate(&device, 0), ATTNC_OK);
  EXPECT_EQ(device, nullptr);
  EXPECT_EQ(attnc_rt_gpu_free(nullptr), ATTNC_OK);
  EXPECT_EQ(attnc_rt_gpu_copy_to_device(nullptr, nullptr, 0), ATTNC_OK);
  EXPECT_EQ(attnc_rt_gpu_copy_to_host(nullptr, nullptr, 0), ATTNC_OK);
  EXPECT_EQ(fakeDriver().calls.size(), 0u);
}

TEST_F(GpuMemoryTest, RefusesNullPointers) {
  EXPECT_EQ(attnc_rt_gpu_allocate(nullptr, 1), ATTNC_INVALID_ARGUMENT);
  EXPECT_STREQ(attnc_last_error(),
               "attnc_rt_gpu_allocate: an argument is null");
  EXPECT_EQ(attnc_rt_gpu_copy_to_device(nullptr, memory, 1),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_gpu_copy_to_host(memory, nullptr, 1),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_STREQ(attnc_last_error(),
               "attnc_rt_gpu_copy_to_host: an argument is null");
}

TEST_F(GpuMemoryTest, TellsWhatFailed) {
  struct {
    const char *symbol;
    const char *function;
    int32_t (*call)(void *);
  } cases[] = {
      {"cuMemAlloc", "attnc_rt_gpu_allocate",
       [](void *memory) {
         return attnc_rt_gpu_allocate(static_cast<void **>(memory), 1);
       }},
      {"cuMemFree", "attnc_rt_gpu_free", attnc_rt_gpu_free},
      {"cuMemcpyHtoDAsync", "attnc_rt_gpu_copy_to_device",
       [](void *memory) {
         return attnc_rt_gpu_copy_to_device(memory, memory, 1);
       }},
      {"cuMemcpyDtoHAsync", "attnc_rt_gpu_copy_to_host",
       [](void *memory) {
         return attnc_rt_gpu_copy_to_host(memory, memory, 1);
       }},
      {"cuStreamSynchronize", "attnc_rt_gpu_copy_to_host",
       [](void *memory) {
         return attnc_rt_gpu_copy_to_host(memory, memory, 1);
       }},
      // What a kernel does wrong shows here.
      {"cuStreamSynchronize", "attnc_rt_gpu_synchronize",
       [](void *) { return attnc_rt_gpu_synchronize(); }},
      {"cuCtxGetCurrent", "attnc_rt_gpu_synchronize",
       [](void *) { return attnc_rt_gpu_synchronize(); }},
  };
  for (const auto &of : cases) {
    fakeDriver().failures = {{of.symbol, 700}};
    EXPECT_EQ(of.call(memory), ATTNC_GPU_FAILED);
    EXPECT_EQ(attnc_last_error(),
              std::string(of.function) + ": CUDA driver: " + of.symbol +
                  ": CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was "
                  "encountered");
  }
  fakeDriver().failures = {};
  EXPECT_EQ(attnc_rt_gpu_synchronize(), ATTNC_OK);
}

TEST_F(GpuMemoryTest, ScratchIsOnTheStream) {
  int stream;
  attnc_rt_gpu_set_stream(&stream);
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  void *scratch = attnc_rt_gpu_scratch_allocate(1000);
  ASSERT_NE(scratch, nullptr);
  EXPECT_EQ(fakeDriver().allocationStream, &stream);
  attnc_rt_gpu_scratch_free(scratch);
  EXPECT_EQ(calls("cuMemFreeAsync"), 1);
  EXPECT_EQ(attnc_rt_gpu_scratch_allocate(0), nullptr);
  attnc_rt_gpu_scratch_free(nullptr);
  EXPECT_EQ(calls("cuMemAllocAsync"), 1);
  EXPECT_EQ(calls("cuMemFreeAsync"), 1);
  EXPECT_EQ(attnc_rt_gpu_status(), ATTNC_OK);
}

TEST_F(GpuMemoryTest, ScratchIsFreedAfterAFailure) {
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  void *scratch = attnc_rt_gpu_scratch_allocate(1000);
  fakeDriver().failures = {{"cuMemAllocAsync", 2}};
  EXPECT_EQ(attnc_rt_gpu_scratch_allocate(1000), nullptr);
  fakeDriver().failures = {};
  EXPECT_EQ(attnc_rt_gpu_scratch_allocate(1000), nullptr);
  EXPECT_EQ(calls("cuMemAllocAsync"), 2);
  attnc_rt_gpu_scratch_free(scratch);
  EXPECT_EQ(calls("cuMemFreeAsync"), 1);
  expectStatus(ATTNC_OUT_OF_MEMORY, "attend: CUDA driver: cuMemAllocAsync: "
                                    "CUDA_ERROR_OUT_OF_MEMORY: out of memory");
}

TEST_F(GpuMemoryTest, ScratchThatNoGpuHas) {
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  EXPECT_EQ(attnc_rt_gpu_scratch_allocate(INT64_MAX), nullptr);
  expectStatus(ATTNC_INVALID_ARGUMENT,
               "attend: 9223372036854775807 bytes of scratch memory are more "
               "than any GPU has; call it for a part of the batch at a time");
}

TEST_F(GpuMemoryTest, AFailureToFreeIsTheFirstOne) {
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  void *scratch = attnc_rt_gpu_scratch_allocate(8);
  fakeDriver().failures = {{"cuMemFreeAsync", 700}};
  attnc_rt_gpu_scratch_free(scratch);
  expectStatus(ATTNC_GPU_FAILED,
               "attend: CUDA driver: cuMemFreeAsync: CUDA_ERROR_ILLEGAL_ADDRESS"
               ": an illegal memory access was encountered");
  fakeDriver().failures = {};
  attnc_rt_gpu_scratch_free(scratch);
}
