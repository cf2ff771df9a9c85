//===- NumbersTest.cpp - small formats ------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every encoding of the 8- and 16-bit formats, and the numbers between them.
//
//===----------------------------------------------------------------------===//

#include "Numbers.h"

#include <gtest/gtest.h>

using namespace attnc::emulator;

namespace {

class Numbers : public ::testing::TestWithParam<Format> {
protected:
  unsigned bits() const {
    return 1 + GetParam().exponent + GetParam().mantissa;
  }
  uint32_t top() const { return 1u << (bits() - 1); }
};

TEST_P(Numbers, EncodingsComeBack) {
  for (uint32_t code = 0; code < 2 * top(); ++code) {
    double value = decode(code, GetParam());
    if (value == value) {
      EXPECT_EQ(encode(value, GetParam()), code);
    } else {
      EXPECT_NE(decode(encode(value, GetParam()), GetParam()), value);
    }
  }
}

TEST_P(Numbers, WhatIsBetweenGoesToAnEnd) {
  for (uint32_t code = 0; code + 1 < top(); ++code) {
    double low = decode(code, GetParam()), high = decode(code + 1, GetParam());
    if (!std::isfinite(low) || !std::isfinite(high))
      continue;
    double middle = (low + high) / 2, quarter = (low + middle) / 2;
    EXPECT_EQ(encode(quarter, GetParam()), code);
    EXPECT_EQ(encode(quarter, GetParam(), Rounding::Up), code + 1);
    EXPECT_EQ(encode(-quarter, GetParam(), Rounding::Up), top() | code);
    EXPECT_EQ(encode(-quarter, GetParam(), Rounding::Down), top() | (code + 1));
    EXPECT_EQ(encode(middle, GetParam()), code + (code & 1));
    EXPECT_EQ(encode(middle, GetParam(), Rounding::NearestAway), code + 1);
    EXPECT_EQ(encode(middle, GetParam(), Rounding::Zero), code);
  }
}

TEST_P(Numbers, WhatIsTooLargeSaturatesIfAsked) {
  uint32_t largest = encode(1e300, GetParam(), Rounding::Nearest, true);
  EXPECT_TRUE(std::isfinite(decode(largest, GetParam())));
  EXPECT_FALSE(std::isfinite(decode(encode(1e300, GetParam()), GetParam())));
  EXPECT_EQ(encode(1e300, GetParam(), Rounding::Zero), largest);
}

INSTANTIATE_TEST_SUITE_P(Formats, Numbers,
                         ::testing::Values(f16Format, bf16Format, e4m3Format,
                                           e5m2Format));

TEST(SumToOdd, KeepsWhatASumLoses) {
  // The middle between two numbers of bf16, and a little less or more.
  double middle = -1.55859375 * 0x1p63, little = 0x1p-31;
  EXPECT_EQ(BFloat(middle).bits, 0xdf48);
  EXPECT_EQ(BFloat(sumToOdd(middle, little)).bits, 0xdf47);
  EXPECT_EQ(BFloat(sumToOdd(little, middle)).bits, 0xdf47);
  EXPECT_EQ(BFloat(sumToOdd(middle, -little)).bits, 0xdf48);
  EXPECT_EQ(sumToOdd(1.5, 0.25), 1.75);
  EXPECT_EQ(sumToOdd(1, -0x1p-80), 1 - 0x1p-53);
  EXPECT_EQ(sumToOdd(1, 0x1p-80), 1 + 0x1p-52);
  EXPECT_TRUE(std::signbit(sumToOdd(-0.0, -0.0)));
  EXPECT_TRUE(std::isinf(sumToOdd(HUGE_VAL, 1)));
}

TEST(RoundAndFlush, FlushesBeforeItRounds) {
  float least = std::numeric_limits<float>::min();
  EXPECT_EQ(roundAndFlush(least), least);
  EXPECT_EQ(roundAndFlush(double(least) * (1 - 0x1p-46)), least);
  EXPECT_TRUE(std::signbit(roundAndFlush(-double(least) * (1 - 0x1p-24))));
  EXPECT_EQ(roundAndFlush(1 + 0x1p-30), 1);
  EXPECT_TRUE(std::isnan(roundAndFlush(NAN)));
}

TEST(Half, AgreesWithTheFormat) {
  for (uint32_t word = 0; word < 0x7f800000; word += 40503) {
    auto value = bitCast<float>(word);
    EXPECT_EQ(Half(value).bits, encode(value, f16Format));
    EXPECT_EQ(BFloat(value).bits, encode(value, bf16Format));
  }
}

} // namespace
