//===- GpuContextTest.cpp - What a thread knows about its GPU -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which context a call works in, and which tensors it takes.
//
//===----------------------------------------------------------------------===//

#include "GpuFixture.h"

#include <thread>

using GpuContextTest = GpuTest;

TEST_F(GpuContextTest, EntersTheContextOfTheTensors) {
  x.device.device_id = y.device.device_id = 1;
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  EXPECT_EQ(fakeCurrentDevice(), 1);
  EXPECT_TRUE(fakeIsPrimary());
  EXPECT_EQ(descriptors[0][1],
            static_cast<int64_t>(reinterpret_cast<uintptr_t>(memory[0])));
  EXPECT_EQ(descriptors[0][3], 64);
  x.device.device_id = y.device.device_id = 0;
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  EXPECT_EQ(fakeCurrentDevice(), 0);
}

TEST_F(GpuContextTest, StaysInAContextOfTheSameGpu) {
  fakeEnterContext(0, /*isPrimary=*/false);
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  EXPECT_FALSE(fakeIsPrimary());
  EXPECT_EQ(calls("cuCtxSetCurrent"), 0);
  // Somebody else changes it between two calls.
  fakeEnterContext(1, /*isPrimary=*/true);
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  EXPECT_EQ(fakeCurrentDevice(), 0);
  EXPECT_TRUE(fakeIsPrimary());
}

TEST_F(GpuContextTest, AsksTheDriverOnceInTheSteadyState) {
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  fakeDriver().calls.clear();
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  EXPECT_EQ(calls("cuCtxGetCurrent"), 1);
  EXPECT_EQ(fakeDriver().calls.size(), 1u);
}

TEST_F(GpuContextTest, EachThreadHasItsOwn) {
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  x.device.device_id = y.device.device_id = 1;
  int device = -1;
  std::thread([&] {
    bind();
    device = fakeCurrentDevice();
  }).join();
  EXPECT_EQ(device, 1);
  EXPECT_EQ(fakeCurrentDevice(), 0);
}

TEST_F(GpuContextTest, RefusesTensorsElsewhere) {
  y.device.device_type = kDLCPU;
  EXPECT_EQ(bind(), ATTNC_INVALID_ARGUMENT);
  expectStatus(ATTNC_INVALID_ARGUMENT,
               "attend: argument y: the tensor is in host memory but this "
               "kernel runs on a GPU; copy it there first");
  y.device.device_type = kDLMetal;
  EXPECT_EQ(bind(), ATTNC_INVALID_ARGUMENT);
  expectStatus(ATTNC_INVALID_ARGUMENT,
               "attend: argument y: the tensor is on device type 8 but this "
               "kernel runs on a GPU (device type 2, cuda); copy it there "
               "first");
  y.device = {kDLCUDA, 1};
  EXPECT_EQ(bind(), ATTNC_INVALID_ARGUMENT);
  expectStatus(ATTNC_INVALID_ARGUMENT,
               "attend: argument y: the tensor is on GPU 1 but argument x is "
               "on GPU 0; copy all tensors to the same one");
  EXPECT_EQ(attnc_rt_gpu_bind(nullptr, nullptr, nullptr), ATTNC_INTERNAL);
  expectStatus(ATTNC_INTERNAL, "kernel: the signature is null");
}

TEST_F(GpuContextTest, RefusesExtentsBeyond28Bits) {
  x.shape[0] = int64_t(1) << 28;
  EXPECT_EQ(bind(), ATTNC_INVALID_ARGUMENT);
  expectStatus(ATTNC_INVALID_ARGUMENT,
               "attend: argument x: dimension 0 is 268435456, and kernels on a "
               "GPU take extents below 268435456; cut the tensor in parts");
}

TEST_F(GpuContextTest, RefusesAGpuThatIsNotThere) {
  x.device.device_id = y.device.device_id = 7;
  EXPECT_EQ(bind(), ATTNC_GPU_FAILED);
  expectStatus(ATTNC_GPU_FAILED, "attend: CUDA driver: cuDeviceGet: error 101: "
                                 "no description");
}

TEST_F(GpuContextTest, TellsWhichFunctionOfTheDriverFailed) {
  // A context that no test has described yet, so that each function is called.
  x.device.device_id = y.device.device_id = 1;
  for (const char *symbol :
       {"cuCtxGetCurrent", "cuDevicePrimaryCtxRetain", "cuCtxSetCurrent"}) {
    fakeDriver().failures = {{symbol, 2}};
    fakeLeaveContext();
    EXPECT_EQ(bind(), ATTNC_OUT_OF_MEMORY);
    expectStatus(ATTNC_OUT_OF_MEMORY,
                 std::string("attend: CUDA driver: ") + symbol +
                     ": CUDA_ERROR_OUT_OF_MEMORY: out of memory");
  }
  fakeDriver().numDevices = 8;
  for (const char *symbol :
       {"cuDeviceGetAttribute", "cuDeviceGetName", "cuCtxGetDevice"}) {
    x.device.device_id = ++y.device.device_id;
    fakeDriver().failures = {{symbol, 700}};
    fakeEnterContext(y.device.device_id, /*isPrimary=*/false);
    EXPECT_EQ(bind(), ATTNC_GPU_FAILED);
    expectStatus(ATTNC_GPU_FAILED,
                 std::string("attend: CUDA driver: ") + symbol +
                     ": CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access "
                     "was encountered");
  }
}
