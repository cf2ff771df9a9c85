//===- TensorMapTest.cpp - Descriptors of tensors -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the driver is asked for, and every reason for which it is not asked.
//
//===----------------------------------------------------------------------===//

#include "GpuFixture.h"

class TensorMapTest : public GpuTest {
protected:
  void SetUp() override {
    GpuTest::SetUp();
    ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  }

  void make() {
    attnc_rt_gpu_tensor_map(map, "k", code, bits, rank, base, sizes, strides,
                            box, swizzleBytes);
  }

  void expectRefused(const std::string &message,
                     int32_t status = ATTNC_INVALID_ARGUMENT) {
    make();
    expectStatus(status, "attend: tensor k: " + message);
    EXPECT_EQ(fakeDriver().maps.size(), 0u);
    ASSERT_EQ(bind(), ATTNC_OK);
  }

  using Words = std::vector<uint64_t>;

  /// A tensor of bf16, [batch 2, heads 3, 100, 64] innermost first.
  alignas(64) char map[128] = {};
  int32_t code = kDLBfloat, bits = 16, rank = 4, swizzleBytes = 128;
  const void *base = memory;
  int64_t sizes[5] = {64, 100, 3, 2, 1};
  int64_t strides[5] = {1, 64, 6400, 19200, 38400};
  int64_t box[5] = {64, 128, 1, 1, 1};
};

TEST_F(TensorMapTest, StridesAreBytes) {
  make();
  ASSERT_EQ(attnc_rt_gpu_status(), ATTNC_OK) << attnc_last_error();
  const FakeTensorMap &made = fakeDriver().maps.at(0);
  EXPECT_EQ(made.dataType, 9);
  EXPECT_EQ(made.swizzle, 3);
  EXPECT_EQ(made.base, memory);
  EXPECT_EQ(made.sizes, Words({64, 100, 3, 2}));
  EXPECT_EQ(made.strideBytes, Words({128, 12800, 38400}));
  EXPECT_EQ(made.box, std::vector<uint32_t>({64, 128, 1, 1}));
  EXPECT_EQ(map[127], char(0xab));
}

TEST_F(TensorMapTest, ElementTypes) {
  struct {
    int32_t code, bits;
    int expected;
  } cases[] = {
      {kDLUInt, 8, 0},   {kDLInt, 8, 0},    {kDLFloat8_e4m3fn, 8, 0},
      {kDLUInt, 16, 1},  {kDLInt, 16, 1},   {kDLUInt, 32, 2},
      {kDLInt, 32, 3},   {kDLUInt, 64, 4},  {kDLInt, 64, 5},
      {kDLFloat, 16, 6}, {kDLFloat, 32, 7}, {kDLFloat, 64, 8},
  };
  box[0] = 16;
  for (const auto &of : cases) {
    code = of.code;
    bits = of.bits;
    make();
    ASSERT_EQ(attnc_rt_gpu_status(), ATTNC_OK) << attnc_last_error();
    EXPECT_EQ(fakeDriver().maps.back().dataType, of.expected);
    EXPECT_EQ(fakeDriver().maps.back().strideBytes[0],
              static_cast<uint64_t>(64 * of.bits / 8));
  }
}

TEST_F(TensorMapTest, Swizzles) {
  const int32_t bytes[] = {0, 32, 64, 128};
  for (int i = 0; i < 4; ++i) {
    swizzleBytes = bytes[i];
    box[0] = bytes[i] ? bytes[i] / 2 : 64;
    make();
    ASSERT_EQ(attnc_rt_gpu_status(), ATTNC_OK) << attnc_last_error();
    EXPECT_EQ(fakeDriver().maps.back().swizzle, i);
  }
}

TEST_F(TensorMapTest, AnyStrideOfASingleElement) {
  sizes[2] = 1;
  strides[2] = -7;
  make();
  ASSERT_EQ(attnc_rt_gpu_status(), ATTNC_OK) << attnc_last_error();
  EXPECT_EQ(fakeDriver().maps.at(0).strideBytes, Words({128, 128, 38400}));
}

TEST_F(TensorMapTest, ATensorWithoutElementsReadsAsZero) {
  sizes[1] = 0;
  base = nullptr;
  make();
  make();
  ASSERT_EQ(attnc_rt_gpu_status(), ATTNC_OK) << attnc_last_error();
  const FakeTensorMap &made = fakeDriver().maps.at(0);
  EXPECT_EQ(made.sizes, Words({1, 1, 1, 1}));
  ASSERT_NE(made.base, nullptr);
  EXPECT_EQ(*static_cast<const uint16_t *>(made.base), 0);
  EXPECT_EQ(fakeDriver().maps.at(1).base, made.base);
}

TEST_F(TensorMapTest, TellsWhatFailed) {
  fakeDriver().failures = {{"cuTensorMapEncodeTiled", 2}};
  make();
  expectStatus(ATTNC_OUT_OF_MEMORY,
               "attend: CUDA driver: cuTensorMapEncodeTiled: "
               "CUDA_ERROR_OUT_OF_MEMORY: out of memory");
  // The zeros of a GPU that has none yet.
  fakeDriver().numDevices = 8;
  sizes[1] = 0;
  for (const char *symbol : {"cuMemAlloc", "cuMemcpyHtoDAsync"}) {
    x.device.device_id = ++y.device.device_id;
    fakeDriver().failures = {{symbol, 2}};
    ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
    make();
    expectStatus(ATTNC_OUT_OF_MEMORY,
                 std::string("attend: CUDA driver: ") + symbol +
                     ": CUDA_ERROR_OUT_OF_MEMORY: out of memory");
  }
}

TEST_F(TensorMapTest, ChecksAloneWithoutHardwareThatCopies) {
  fakeDriver().numDevices = 8;
  fakeDriver().major = 8;
  x.device.device_id = y.device.device_id = 6;
  ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error();
  make();
  EXPECT_EQ(attnc_rt_gpu_status(), ATTNC_OK) << attnc_last_error();
  EXPECT_EQ(calls("cuTensorMapEncodeTiled"), 0);
  strides[1] = 68;
  expectRefused("the stride of axis 1 from the last one is 136 bytes, which is "
                "not a multiple of 16 as this kernel needs; copy the tensor to "
                "one with padded rows");
}

TEST_F(TensorMapTest, RefusesMisalignedTensors) {
  base = reinterpret_cast<const void *>(0x1008);
  expectRefused("it begins at 0x1008, which is not a multiple of 16 bytes as "
                "this kernel needs; copy it to memory that is aligned");
  base = memory;
  strides[1] = 68;
  expectRefused("the stride of axis 1 from the last one is 136 bytes, which is "
                "not a multiple of 16 as this kernel needs; copy the tensor to "
                "one with padded rows");
}

TEST_F(TensorMapTest, RefusesWhatIsTooLarge) {
  sizes[1] = (int64_t(1) << 32) + 1;
  expectRefused("4294967297 elements along axis 1 from the last one are more "
                "than the 2^32 that this kernel can address");
  sizes[1] = 100;
  strides[3] = int64_t(1) << 39;
  expectRefused("the stride of axis 3 from the last one is 549755813888 "
                "elements, and this kernel reaches less than 2^40 bytes; copy "
                "the tensor to a contiguous one");
  strides[3] = INT64_MAX;
  expectRefused("the stride of axis 3 from the last one is 9223372036854775807 "
                "elements, and this kernel reaches less than 2^40 bytes; copy "
                "the tensor to a contiguous one");
}

TEST_F(TensorMapTest, RefusesBrokenMaps) {
  box[1] = 257;
  expectRefused("a box of 257 elements along axis 1, which is not from 1 to "
                "256",
                ATTNC_INTERNAL);
  box[1] = 8;
  box[0] = 128;
  expectRefused("a box with rows of 256 bytes, which is not a multiple of 16, "
                "or above the 128 of the swizzle",
                ATTNC_INTERNAL);
  box[0] = 4;
  expectRefused("a box with rows of 8 bytes, which is not a multiple of 16, or "
                "above the 128 of the swizzle",
                ATTNC_INTERNAL);
  box[0] = 64;
  auto expectNone = [&] {
    make();
    EXPECT_EQ(attnc_rt_gpu_status(), ATTNC_INTERNAL);
    EXPECT_NE(strstr(attnc_last_error(), "attend: tensor k: no tensor map at "),
              nullptr)
        << attnc_last_error();
    ASSERT_EQ(bind(), ATTNC_OK);
  };
  bits = 4;
  expectNone();
  bits = 16;
  code = kDLComplex;
  expectNone();
  code = kDLBfloat;
  for (int32_t wrong : {1, 6}) {
    rank = wrong;
    expectNone();
  }
  rank = 4;
  swizzleBytes = 16;
  expectNone();
}
