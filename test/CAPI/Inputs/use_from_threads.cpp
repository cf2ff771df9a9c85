//===- use_from_threads.cpp - libattnc from several threads ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Threads that ask one context for the same few specs, call what they get, and
// let go of it, again and again. The arguments are the specs, which are in the
// cache.
//
//===----------------------------------------------------------------------===//

#include "attnc-c/attnc.h"
#include <atomic>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

static std::atomic<int> numFailed{0}, numCalls{0};

/// Calls a kernel on tensors that do not fit, which it says in the thread's own
/// error, and on ones that do.
static void call(const attnc_kernel *kernel) {
  std::vector<float> data[4];
  int64_t shape[4] = {1, 1, 5, 64};
  DLTensor tensors[4] = {};
  const DLTensor *pointers[4];
  for (int i = 0; i < 4; ++i) {
    data[i].resize(5 * 64);
    tensors[i].data = data[i].data();
    tensors[i].device.device_type = kDLCPU;
    tensors[i].ndim = 4;
    tensors[i].dtype = {kDLFloat, 32, 1};
    tensors[i].shape = shape;
    pointers[i] = &tensors[i];
  }
  numFailed += attnc_kernel_call(kernel, pointers, 3) == ATTNC_OK;
  numFailed += std::string(attnc_last_error()).find("3 tensors were given") ==
               std::string::npos;
  numFailed += attnc_kernel_call(kernel, pointers, 4) != ATTNC_OK;
  ++numCalls;
}

static void work(attnc_context *context, const attnc_options *options,
                 const std::vector<const char *> &paths, int number) {
  for (int i = 0; i < 200; ++i) {
    attnc_module *module = nullptr;
    attnc_kernel *kernel = nullptr;
    attnc_error *error = nullptr;
    const char *path = paths[(i + number) % paths.size()];
    if (attnc_compile_file(context, path, options, &module, &error) ||
        attnc_kernel_create(module, nullptr, &kernel, &error)) {
      printf("%s\n", attnc_error_message(error));
      ++numFailed;
    } else {
      attnc_module_destroy(module);
      module = nullptr;
      call(kernel);
    }
    attnc_error_destroy(error);
    attnc_kernel_destroy(kernel);
    attnc_module_destroy(module);
  }
}

int main(int argc, char **argv) {
  attnc_context *context = nullptr;
  attnc_options *options = nullptr;
  // Threads of OpenMP are none that the sanitizer knows.
  if (attnc_context_create(&context, nullptr) ||
      attnc_options_create(&options, nullptr) ||
      attnc_options_set(options, "threads", "off", nullptr))
    return 2;
  std::vector<const char *> paths(argv + 1, argv + argc);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back(work, context, options, paths, i);
  for (std::thread &thread : threads)
    thread.join();
  attnc_options_destroy(options);
  attnc_context_destroy(context);
  printf("%d calls, %d failed\n", numCalls.load(), numFailed.load());
  return numFailed != 0;
}
