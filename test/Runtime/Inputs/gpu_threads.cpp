//===- gpu_threads.cpp - Threads that call the same kernels ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Eight threads load, look up and launch the kernels of one image on two GPUs
// of the fake driver, whose path is the argument. Each image is loaded once for
// each GPU.
//
//===----------------------------------------------------------------------===//

#include "FakeDriver.h"

#include "attnc-c/gpu.h"

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

static void check(int32_t status) {
  if (status == ATTNC_OK)
    return;
  printf("%s\n", attnc_last_error());
  exit(1);
}

static void callKernels(attnc_rt_gpu_image &image, int gpu) {
  float memory[4] = {};
  int64_t extent = 4;
  DLTensor x = {memory,  {kDLCUDA, gpu}, 1, {kDLFloat, 32, 1},
                &extent, nullptr,        0};
  const DLTensor *tensors[] = {&x};
  const attnc_rt_argument argument = {"x", kDLFloat, 32, 0, 0, 1, &extent};
  const attnc_rt_signature signature = {
      ATTNC_RT_ABI_VERSION, 1, "attend", &argument, 0, 0, nullptr, nullptr};
  int64_t words[5];
  void *descriptors[] = {words};
  for (int call = 0; call < 200; ++call) {
    char kernel[] = {char('a' + call % 20), 0};
    check(attnc_rt_gpu_bind(&signature, tensors, descriptors));
    attnc_rt_gpu_launch(&image, kernel, 1, 128, call % 3 * 60000, nullptr);
    check(attnc_rt_gpu_status());
  }
}

int main(int, char **arguments) {
  check(attnc_rt_gpu_set_driver(arguments[1]));
  // Long enough for all threads to find that it is not loaded.
  fakeDriver().loadMicroseconds = 100000;
  static const char text[] = "text of PTX";
  static attnc_rt_gpu_image image = {nullptr, text, sizeof(text), "sm_90a"};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([i] { callKernels(image, i % 2); });
  for (std::thread &thread : threads)
    thread.join();
  std::map<std::string, int> &calls = fakeDriver().calls;
  printf("%d modules, %d kernels, %d launches\n", calls["cuModuleLoadData"],
         calls["cuModuleGetFunction"], calls["cuLaunchKernel"]);
}
