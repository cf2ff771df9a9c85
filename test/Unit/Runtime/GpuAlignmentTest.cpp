//===- GpuAlignmentTest.cpp - Where rows of a tensor begin ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rows that begin where words do, and each way in which they do not.
//
//===----------------------------------------------------------------------===//

#include "GpuFixture.h"

class GpuAlignmentTest : public GpuTest {
protected:
  void SetUp() override {
    GpuTest::SetUp();
    ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  }

  void check(const void *base, int64_t bytes) {
    attnc_rt_gpu_check_alignment("k", elementBytes, 3, base, sizes, strides,
                                 bytes);
  }

  /// Codes, [3, 100, 64] innermost first.
  alignas(16) char codes[32] = {};
  int32_t elementBytes = 1;
  int64_t sizes[3] = {64, 100, 3};
  int64_t strides[3] = {1, 64, 6400};
};

TEST_F(GpuAlignmentTest, RowsBeginWhereWordsDo) {
  check(codes, 16);
  EXPECT_EQ(attnc_rt_gpu_status(), ATTNC_OK) << attnc_last_error();
}

TEST_F(GpuAlignmentTest, BeginsBetweenWords) {
  check(codes + 8, 8);
  EXPECT_EQ(attnc_rt_gpu_status(), ATTNC_OK) << attnc_last_error();
  check(codes + 8, 16);
  EXPECT_EQ(attnc_rt_gpu_status(), ATTNC_INVALID_ARGUMENT);
  EXPECT_NE(std::string(attnc_last_error())
                .find("which is not a multiple of 16 bytes as this kernel "
                      "needs; copy it to memory that is aligned"),
            std::string::npos);
}

TEST_F(GpuAlignmentTest, RowsBeginBetweenWords) {
  strides[1] = 72;
  check(codes, 16);
  expectStatus(ATTNC_INVALID_ARGUMENT,
               "attend: tensor k: the stride of axis 1 from the last one is 72 "
               "bytes, which is not a multiple of 16 as this kernel needs; "
               "copy the tensor to one with padded rows");
}

TEST_F(GpuAlignmentTest, StridesOfNothingDoNotMatter) {
  strides[2] = 3;
  sizes[2] = 1;
  check(codes, 16);
  EXPECT_EQ(attnc_rt_gpu_status(), ATTNC_OK) << attnc_last_error();
  sizes[0] = 0;
  check(codes + 1, 16);
  EXPECT_EQ(attnc_rt_gpu_status(), ATTNC_OK) << attnc_last_error();
}
