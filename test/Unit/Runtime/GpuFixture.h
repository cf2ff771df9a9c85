//===- GpuFixture.h - Tests of the GPU runtime ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The runtime on the fake driver, in a thread that has no context yet.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_TEST_UNIT_RUNTIME_GPUFIXTURE_H
#define ATTNC_TEST_UNIT_RUNTIME_GPUFIXTURE_H

#include "FakeDriver.h"

#include "attnc-c/gpu.h"

#include "gtest/gtest.h"

#include <cstring>

class GpuTest : public testing::Test {
protected:
  void SetUp() override {
    fakeDriver() = {};
    fakeLeaveContext();
    attnc_rt_gpu_set_stream(nullptr);
    ASSERT_EQ(attnc_rt_gpu_set_driver(ATTNC_FAKE_DRIVER), ATTNC_OK)
        << attnc_last_error();
  }

  /// Binds the two tensors of the function `attend`, x [n] and the output y
  /// [n].
  int32_t bind() {
    const DLTensor *tensors[] = {&x, &y};
    void *pointers[] = {descriptors[0], descriptors[1]};
    return attnc_rt_gpu_bind(&signature, tensors, pointers);
  }

  void expectStatus(int32_t status, const std::string &message) {
    EXPECT_EQ(attnc_rt_gpu_status(), status);
    EXPECT_EQ(attnc_last_error(), message);
  }

  int calls(const char *symbol) { return fakeDriver().calls[symbol]; }

  alignas(256) float memory[2][64];
  int64_t extent = 64;
  int64_t dims[1] = {-1};
  const char *symbols[1] = {"n"};
  attnc_rt_argument arguments[2] = {{"x", kDLFloat, 32, 0, 0, 1, dims},
                                    {"y", kDLFloat, 32, 1, 0, 1, dims}};
  attnc_rt_signature signature = {
      ATTNC_RT_ABI_VERSION, 2, "attend", arguments, 1, 0, symbols, nullptr};
  DLTensor x = {memory[0], {kDLCUDA, 0}, 1, {kDLFloat, 32, 1},
                &extent,   nullptr,      0};
  DLTensor y = {memory[1], {kDLCUDA, 0}, 1, {kDLFloat, 32, 1},
                &extent,   nullptr,      0};
  int64_t descriptors[2][5];
};

/// An image in memory that lasts, as that of a loaded object does. Each test
/// has one of its own.
#define ATTNC_TEST_IMAGE(name, text, arch)                                     \
  static attnc_rt_gpu_image name = {nullptr, text, sizeof(text), arch}

#endif // ATTNC_TEST_UNIT_RUNTIME_GPUFIXTURE_H
