//===- LengthsTest.cpp - how long sequences get ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Points of formulas against the moments of their distributions.
//
//===----------------------------------------------------------------------===//

#include "attnc/Plan/Lengths.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace attnc::plan;

namespace {

Lengths parse(const std::string &text) {
  return llvm::cantFail(Lengths::parse(text));
}

std::string refuse(const std::string &text) {
  auto lengths = Lengths::parse(text);
  if (lengths)
    return "no error";
  return llvm::toString(lengths.takeError());
}

TEST(LengthsTest, FixedLengthsAreOnePoint) {
  EXPECT_EQ(parse("fixed:7").points, std::vector<uint64_t>{7});
}

TEST(LengthsTest, ShortRangesHaveAllTheirLengths) {
  EXPECT_EQ(parse("uniform:3:6").points, (std::vector<uint64_t>{3, 4, 5, 6}));
  EXPECT_EQ(parse("uniform:5:5").points, std::vector<uint64_t>{5});
}

TEST(LengthsTest, LongRangesHaveQuantiles) {
  Lengths lengths = parse("uniform:1:1000000");
  EXPECT_EQ(lengths.points.size(), mostQuantiles);
  EXPECT_NEAR(lengths.getMean(), 500000.5, 1);
  EXPECT_GE(lengths.points.front(), 1u);
  EXPECT_LE(lengths.points.back(), 1000000u);
}

TEST(LengthsTest, LognormalLengthsHaveTheirMean) {
  Lengths lengths = parse("lognormal:500:0.8");
  EXPECT_NEAR(lengths.getMean(), 500, 2);
  // The median is exp(mu) = mean exp(-sigma^2 / 2).
  EXPECT_NEAR(double(lengths.points[mostQuantiles / 2]), 500 * std::exp(-0.32),
              1);
  EXPECT_EQ(parse("lognormal:500:0").points.front(), 500u);
  EXPECT_EQ(parse("lognormal:500:0").points.back(), 500u);
}

TEST(LengthsTest, NormalQuantilesAreThoseOfTables) {
  EXPECT_NEAR(getNormalQuantile(0.5), 0, 1e-12);
  EXPECT_NEAR(getNormalQuantile(0.975), 1.959963984540054, 1e-12);
  EXPECT_NEAR(getNormalQuantile(0.001), -3.090232306167814, 1e-12);
}

TEST(LengthsTest, CuttingCountsWhatItShortens) {
  Lengths lengths = parse("uniform:1:10");
  lengths.cut(7);
  EXPECT_EQ(lengths.points.back(), 7u);
  EXPECT_DOUBLE_EQ(lengths.shareCut, 0.3);
  lengths.cut(7);
  EXPECT_EQ(lengths.shareCut, 0);
}

TEST(LengthsTest, FormulasAreChecked) {
  std::string range = "; lengths are from 1 to 268435456";
  EXPECT_EQ(refuse("fixed:0"),
            "lengths 'fixed:0' are not fixed:N with a length N" + range);
  EXPECT_EQ(refuse("fixed:1:2"),
            "lengths 'fixed:1:2' are not fixed:N with a length N" + range);
  EXPECT_EQ(refuse("uniform:9:3"),
            "lengths 'uniform:9:3' are not uniform:A:B with lengths A <= B" +
                range);
  std::string lognormal = " are not lognormal:MEAN:SIGMA with a mean length "
                          "and a SIGMA from 0 to 10";
  for (std::string text :
       {"lognormal:nan:1", "lognormal:100:inf", "lognormal:100:-1",
        "lognormal:1e300:1", "lognormal:x:1", "lognormal:5"})
    EXPECT_EQ(refuse(text), "lengths '" + text + "'" + lognormal + range);
  EXPECT_EQ(refuse("normal:3:4"),
            "lengths 'normal:3:4' are neither a file nor one of fixed:N, "
            "uniform:A:B, lognormal:MEAN:SIGMA");
}

} // namespace
