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

TEST(Half, AgreesWithTheFormat) {
  for (uint32_t word = 0; word < 0x7f800000; word += 40503) {
    auto value = bitCast<float>(word);
    EXPECT_EQ(Half(value).bits, encode(value, f16Format));
    EXPECT_EQ(BFloat(value).bits, encode(value, bf16Format));
  }
}

} // namespace
