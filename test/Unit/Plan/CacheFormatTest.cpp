//===- CacheFormatTest.cpp - how a KV cache stores a vector ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bytes of vectors, counted by hand.
//
//===----------------------------------------------------------------------===//

#include "attnc/Plan/CacheFormat.h"
#include "gtest/gtest.h"

using namespace attnc::plan;

namespace {

TEST(CacheFormatTest, NamesAreInvertible) {
  for (auto type : {NumberType::F32, NumberType::F16, NumberType::BF16,
                    NumberType::F8, NumberType::I8, NumberType::I4})
    EXPECT_EQ(parseNumberType(getName(type)), type);
  EXPECT_EQ(parseNumberType("i5"), std::nullopt);
  EXPECT_EQ(parseNumberType(""), std::nullopt);
  EXPECT_EQ(listNumberTypes(), "f32, f16, bf16, f8, i8, i4");
}

TEST(CacheFormatTest, FloatsTakeTheirWidth) {
  EXPECT_EQ(CacheFormat::get(NumberType::F32).getVectorBytes(128), 512u);
  EXPECT_EQ(CacheFormat::get(NumberType::F16).getVectorBytes(128), 256u);
  EXPECT_EQ(CacheFormat::get(NumberType::BF16).getVectorBytes(128), 256u);
  EXPECT_EQ(CacheFormat::get(NumberType::F8).getVectorBytes(128), 128u);
}

TEST(CacheFormatTest, ScalesAreCounted) {
  CacheFormat i8 = CacheFormat::get(NumberType::I8);
  EXPECT_EQ(i8.getVectorBytes(128), 128u + 4);
  CacheFormat i4 = CacheFormat::get(NumberType::I4);
  // 64 bytes of halves and 4 scales.
  EXPECT_EQ(i4.getVectorBytes(128), 64u + 4 * 4);
  i4.hasZeroPoints = true;
  EXPECT_EQ(i4.getVectorBytes(128), 64u + 4 * 4 * 2);
  i4.scaleType = NumberType::F16;
  EXPECT_EQ(i4.getVectorBytes(128), 64u + 4 * 2 * 2);
  i4.elementsPerScale = 0;
  EXPECT_EQ(i4.getVectorBytes(128), 64u);
}

TEST(CacheFormatTest, PartsOfBytesAndGroupsAreWholeOnes) {
  CacheFormat i4 = CacheFormat::get(NumberType::I4);
  EXPECT_EQ(i4.getVectorBytes(1), 1u + 4);
  EXPECT_EQ(i4.getVectorBytes(33), 17u + 2 * 4);
  EXPECT_EQ(i4.getVectorBytes(0), 0u);
}

TEST(CacheFormatTest, DescriptionsTellOfScales) {
  EXPECT_EQ(CacheFormat::get(NumberType::BF16).describe(), "bf16");
  EXPECT_EQ(CacheFormat::get(NumberType::I8).describe(),
            "i8, f32 scale for each token and head");
  CacheFormat i4 = CacheFormat::get(NumberType::I4);
  i4.hasZeroPoints = true;
  EXPECT_EQ(i4.describe(), "i4, f32 scale and zero point for each 32 elements");
}

} // namespace
