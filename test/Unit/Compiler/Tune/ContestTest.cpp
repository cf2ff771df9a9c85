//===- ContestTest.cpp - what counts as faster ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times that were made up: that ratios are taken within rounds, and that noise
// is not taken for speed.
//
//===----------------------------------------------------------------------===//

#include "Compiler/Tune/Contest.h"
#include "gtest/gtest.h"

using namespace attnc;

namespace {

Samples makeSamples(ArrayRef<double> values) {
  Samples samples;
  for (double value : values)
    samples.add(value);
  return samples;
}

PairedRatios makeRatios(ArrayRef<double> values) {
  Times base = {makeSamples(SmallVector<double>(values.size(), 1.0))};
  return PairedRatios::get({makeSamples(values)}, base);
}

} // namespace

/// A clock that changes between rounds changes both times and no ratio.
TEST(ContestTest, RatiosAreThoseOfOneRound) {
  PairedRatios ratios = PairedRatios::get({makeSamples({0.9, 1.8, 0.45})},
                                          {makeSamples({1.0, 2.0, 0.5})});
  for (double ratio : ratios.all.get())
    EXPECT_DOUBLE_EQ(ratio, 0.9);
  EXPECT_TRUE(isFaster(ratios));
}

TEST(ContestTest, ShapesCountTheSame) {
  Times base = {makeSamples({1, 1}), makeSamples({100, 100})};
  Times times = {makeSamples({0.5, 0.5}), makeSamples({200, 200})};
  PairedRatios ratios = PairedRatios::get(times, base);
  EXPECT_DOUBLE_EQ(ratios.all.median(), 1);
  EXPECT_DOUBLE_EQ(ratios.ofShape[0].median(), 0.5);
  EXPECT_DOUBLE_EQ(ratios.ofShape[1].median(), 2);
}

TEST(ContestTest, EqualIsNotFaster) {
  EXPECT_FALSE(isFaster(makeRatios({1, 1, 1, 1, 1})));
}

/// Less than the margin, however sure.
TEST(ContestTest, HardlyFasterIsNotFaster) {
  EXPECT_FALSE(isFaster(makeRatios({0.98, 0.98, 0.98, 0.98, 0.98})));
  EXPECT_TRUE(isFaster(makeRatios({0.96, 0.96, 0.96, 0.96, 0.96})));
}

/// A median that is low because times are all over the place.
TEST(ContestTest, NoiseIsNotFaster) {
  EXPECT_FALSE(isFaster(makeRatios({0.6, 0.7, 0.9, 1.2, 1.5})));
  EXPECT_TRUE(isFaster(makeRatios({0.6, 0.7, 0.9, 0.95, 1.5})));
}

/// What one shape gains, another one does not pay for.
TEST(ContestTest, SlowerForOneShapeIsNotFaster) {
  Times base = {makeSamples({1, 1, 1}), makeSamples({1, 1, 1})};
  Times times = {makeSamples({0.5, 0.5, 0.5}), makeSamples({1.1, 1.1, 1.1})};
  PairedRatios ratios = PairedRatios::get(times, base);
  EXPECT_LT(ratios.all.median(), 0.97);
  EXPECT_FALSE(isFaster(ratios));
}
