//===- GpuModulesTest.cpp - Kernels of the images that run ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An image is loaded once for each context, whatever the number of threads, and
// only where its architecture runs.
//
//===----------------------------------------------------------------------===//

#include "GpuFixture.h"

#include <thread>

class GpuModulesTest : public GpuTest {
protected:
  /// Launches kernel `name` of the image, after a bind.
  int32_t launch(attnc_rt_gpu_image &image, const char *name,
                 int64_t sharedBytes = 0) {
    if (int32_t status = bind())
      return status;
    attnc_rt_gpu_launch(&image, name, 1, 128, sharedBytes, nullptr);
    return attnc_rt_gpu_status();
  }

  /// Launches a kernel for `arch` on a GPU of some capability.
  void check(const char *arch, bool isText, bool runs,
             const std::string &capability);
};

static const char machineCode[] = "\x7f"
                                  "ELF machine code";

void GpuModulesTest::check(const char *arch, bool isText, bool runs,
                           const std::string &capability) {
  static attnc_rt_gpu_image images[64];
  static int number = 0;
  attnc_rt_gpu_image &image = images[number++];
  image = {nullptr, isText ? "text of PTX" : machineCode,
           isText ? sizeof("text of PTX") : sizeof(machineCode), arch};
  EXPECT_EQ(launch(image, "k"), runs ? ATTNC_OK : ATTNC_GPU_FAILED)
      << arch << (isText ? " text on " : " code on ") << capability;
  if (!runs)
    EXPECT_EQ(attnc_last_error(),
              std::string("attend: the kernel was compiled for ") + arch +
                  " but this GPU, Fake 9000, has compute capability " +
                  capability + "; compile it for this GPU");
}

TEST_F(GpuModulesTest, LoadsOnceForEachContext) {
  ATTNC_TEST_IMAGE(image, "text of PTX", "sm_90a");
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(launch(image, "first"), ATTNC_OK) << attnc_last_error();
    ASSERT_EQ(launch(image, "second"), ATTNC_OK) << attnc_last_error();
  }
  EXPECT_EQ(calls("cuModuleLoadData"), 1);
  EXPECT_EQ(calls("cuModuleGetFunction"), 2);
  EXPECT_EQ(calls("cuLaunchKernel"), 6);
  EXPECT_EQ(fakeDriver().launches[5].kernel, "second");

  x.device.device_id = y.device.device_id = 1;
  ASSERT_EQ(launch(image, "first"), ATTNC_OK) << attnc_last_error();
  EXPECT_EQ(calls("cuModuleLoadData"), 2);
  EXPECT_EQ(calls("cuModuleGetFunction"), 3);

  // A name is what it says, not where it is.
  char name[] = "first";
  ASSERT_EQ(launch(image, name), ATTNC_OK) << attnc_last_error();
  EXPECT_EQ(calls("cuModuleGetFunction"), 3);
}

TEST_F(GpuModulesTest, ThreadsShareWhatIsLoaded) {
  ATTNC_TEST_IMAGE(image, "text of PTX", "sm_90a");
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([this] {
      const DLTensor *tensors[] = {&x, &y};
      int64_t words[2][5];
      void *pointers[] = {words[0], words[1]};
      for (int call = 0; call < 1000; ++call) {
        ASSERT_EQ(attnc_rt_gpu_bind(&signature, tensors, pointers), ATTNC_OK);
        attnc_rt_gpu_launch(&image, call % 2 ? "odd" : "even", 1, 128,
                            call % 5 == 0 ? 100000 : 0, nullptr);
        ASSERT_EQ(attnc_rt_gpu_status(), ATTNC_OK) << attnc_last_error();
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(calls("cuModuleLoadData"), 1);
  EXPECT_EQ(calls("cuModuleGetFunction"), 2);
  EXPECT_EQ(calls("cuFuncSetAttribute"), 2);
  EXPECT_EQ(calls("cuLaunchKernel"), 8000);
}

TEST_F(GpuModulesTest, AsksForMoreSharedMemoryOnce) {
  ATTNC_TEST_IMAGE(image, "text of PTX", "sm_90a");
  // With the 1 KiB of the kernel itself these are 48 KiB.
  ASSERT_EQ(launch(image, "k", 47 << 10), ATTNC_OK) << attnc_last_error();
  EXPECT_EQ(calls("cuFuncSetAttribute"), 0);
  ASSERT_EQ(launch(image, "k", (47 << 10) + 1), ATTNC_OK);
  ASSERT_EQ(launch(image, "k", 100000), ATTNC_OK);
  ASSERT_EQ(launch(image, "k", 99999), ATTNC_OK);
  EXPECT_EQ(calls("cuFuncSetAttribute"), 2);
  EXPECT_EQ(fakeDriver().allowedSharedBytes["k"], 100000);
  EXPECT_EQ(fakeDriver().launches.back().sharedBytes, 99999u);

  ASSERT_EQ(launch(image, "k", 231424), ATTNC_OK) << attnc_last_error();
  EXPECT_EQ(launch(image, "k", 231425), ATTNC_GPU_FAILED);
  expectStatus(ATTNC_GPU_FAILED,
               "attend: kernel k needs 232449 bytes of shared memory, and a "
               "block on this GPU, Fake 9000, has 232448");
}

TEST_F(GpuModulesTest, TellsWhatFailed) {
  const char *symbols[] = {"cuModuleLoadData", "cuModuleGetFunction",
                           "cuFuncGetAttribute", "cuFuncSetAttribute",
                           "cuLaunchKernel"};
  ATTNC_TEST_IMAGE(image, "text of PTX", "sm_90a");
  for (const char *symbol : symbols) {
    fakeDriver().failures = {{symbol, 2}};
    EXPECT_EQ(launch(image, "k", 100000), ATTNC_OUT_OF_MEMORY);
    expectStatus(ATTNC_OUT_OF_MEMORY,
                 std::string("attend: CUDA driver: ") + symbol +
                     ": CUDA_ERROR_OUT_OF_MEMORY: out of memory");
  }
  // A failure is not kept.
  fakeDriver().failures = {};
  EXPECT_EQ(launch(image, "k", 100000), ATTNC_OK) << attnc_last_error();
  EXPECT_EQ(launch(image, "absent"), ATTNC_GPU_FAILED);
  expectStatus(ATTNC_GPU_FAILED, "attend: CUDA driver: cuModuleGetFunction: "
                                 "error 500: no description");
}

TEST_F(GpuModulesTest, RefusesBrokenImages) {
  ATTNC_TEST_IMAGE(empty, "", "sm_90a");
  EXPECT_EQ(launch(empty, "k"), ATTNC_INTERNAL);
  expectStatus(ATTNC_INTERNAL, "attend: broken GPU image: it is empty");
  ATTNC_TEST_IMAGE(endless, "text of PTX", "sm_90a");
  --endless.size;
  EXPECT_EQ(launch(endless, "k"), ATTNC_INTERNAL);
  expectStatus(ATTNC_INTERNAL,
               "attend: broken GPU image: the PTX text has no end");
  for (const char *arch : {"", "sm_", "sm_9", "90a", "sm_90x", "sm_90ab",
                           "sm_99999999999999999999"}) {
    ATTNC_TEST_IMAGE(image, "text of PTX", "");
    image.arch = arch;
    EXPECT_EQ(launch(image, "k"), ATTNC_INTERNAL);
    expectStatus(ATTNC_INTERNAL, std::string("attend: broken GPU image: '") +
                                     arch + "' is no architecture");
  }
  EXPECT_EQ(calls("cuModuleLoadData"), 0);
}

TEST_F(GpuModulesTest, RunsOnWhatItWasCompiledFor) {
  struct Case {
    const char *arch;
    bool isText, runs;
  };
  const Case hopper[] = {
      {"sm_90a", true, true},   {"sm_90a", false, true},
      {"sm_90", true, true},    {"sm_90", false, true},
      {"sm_90f", true, true},   {"sm_80", true, true},
      {"sm_80", false, false},  {"sm_80a", true, false},
      {"sm_80f", true, false},  {"sm_91", true, false},
      {"sm_91", false, false},  {"sm_100a", true, false},
      {"sm_100", false, false}, {"sm_120f", false, false},
  };
  const Case ada[] = {
      {"sm_80", false, true},  {"sm_86", false, true}, {"sm_89", false, true},
      {"sm_90", false, false}, {"sm_80", true, true},  {"sm_90a", false, false},
      {"sm_90a", true, false},
  };
  for (const Case &of : hopper)
    check(of.arch, of.isText, of.runs, "9.0");
  fakeDriver().numDevices = 8;
  fakeDriver().major = 8;
  fakeDriver().minor = 9;
  x.device.device_id = y.device.device_id = 5;
  for (const Case &of : ada)
    check(of.arch, of.isText, of.runs, "8.9");
}
