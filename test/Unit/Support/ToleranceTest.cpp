//===- ToleranceTest.cpp - When a result counts as right ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// That the comparison finds a single wrong element anywhere, and that the
// bounds fit: an attention in f32 keeps them with little to spare, the mistakes
// that kernels make do not.
//
//===----------------------------------------------------------------------===//

#include "attnc/Support/Tolerance.h"

#include "llvm/ADT/STLExtras.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace attnc;

/// Ends the test program on an error that no case expects.
static llvm::ExitOnError exitOnError("unexpected error: ");

static constexpr double infinity = std::numeric_limits<double>::infinity();
static const double notANumber = std::nan("");

static HostTensor makeTensor(DType dtype, llvm::ArrayRef<int64_t> shape) {
  return exitOnError(HostTensor::create(dtype, shape));
}

static HostTensor makeVector(DType dtype, llvm::ArrayRef<double> values) {
  HostTensor tensor = makeTensor(dtype, {int64_t(values.size())});
  for (size_t index = 0; index < values.size(); ++index)
    tensor.set(int64_t(index), values[index]);
  return tensor;
}

static constexpr DType floatDTypes[] = {DType::F32, DType::F16, DType::BF16,
                                        DType::F64};

namespace {

TEST(ToleranceTest, LimitsAreTheDocumentedOnes) {
  EXPECT_EQ(getTolerance(DType::BF16, 1).nmse, 2e-5);
  EXPECT_EQ(getTolerance(DType::F16, 1).nmse, 1e-6);
  EXPECT_EQ(getTolerance(DType::F32, 1).nmse, 1e-10);
  EXPECT_EQ(getTolerance(DType::F64, 1).nmse, 1e-24);
  EXPECT_EQ(getTolerance(DType::BF16, 1).relative, 0x1p-7);
  EXPECT_EQ(getTolerance(DType::F16, 1).relative, 0x1p-10);
  // 64 + 4 sqrt(1024) = 192 units.
  EXPECT_EQ(getTolerance(DType::F32, 1024).perScale, 192 * 0x1p-24);
  EXPECT_EQ(getTolerance(DType::F16, 1024).perScale, 0x1p-11 + 192 * 0x1p-24);
  // Numbers of a cache that are rounded: five units more, four times the mean
  // square.
  EXPECT_EQ(getTolerance(DType::BF16, 1, DType::BF16).nmse, 8e-5);
  EXPECT_EQ(getTolerance(DType::F32, 1, DType::F16).nmse, 4e-6);
  EXPECT_EQ(getTolerance(DType::F32, 1024, DType::BF16).perScale,
            192 * 0x1p-24 + 5 * 0x1p-8);
  EXPECT_EQ(getTolerance(DType::I32, 1, DType::BF16).perScale, 0.0);
  for (DType dtype : floatDTypes) {
    EXPECT_LT(getTolerance(dtype, 64).perScale,
              getTolerance(dtype, 4096).perScale);
    EXPECT_EQ(getTolerance(dtype, -5).perScale,
              getTolerance(dtype, 1).perScale);
  }
  EXPECT_EQ(getTolerance(DType::I32, 64).getBound(5.0, 100.0), 0.0);
}

TEST(ToleranceTest, StoredReferencePasses) {
  for (DType dtype : floatDTypes) {
    HostTensor expected = makeTensor(DType::F64, {16, 64});
    expected.fillNormal(3);
    HostTensor actual = exitOnError(expected.convertTo(dtype));
    Comparison comparison = compare(actual, expected, getTolerance(dtype, 64));
    EXPECT_TRUE(comparison.pass) << comparison.message;
    EXPECT_EQ(comparison.message, "");
    EXPECT_EQ(comparison.firstBad, -1);
    EXPECT_EQ(comparison.numElements, 1024);
  }
}

// The meta-test of every numerical test: one wrong element, wherever it is.
TEST(ToleranceTest, EverySingleCorruptedElementFails) {
  for (DType dtype : floatDTypes) {
    HostTensor expected = makeTensor(DType::F64, {5, 7, 3});
    expected.fillNormal(4);
    HostTensor actual = exitOnError(expected.convertTo(dtype));
    Tolerance tolerance = getTolerance(dtype, 64);
    double scale = compare(actual, expected, tolerance).scale;
    for (int64_t index = 0; index < actual.getNumElements(); ++index) {
      double kept = actual.at(index);
      double bound = tolerance.getBound(expected.at(index), scale);
      for (double wrong : {kept + 4 * bound, kept - 4 * bound, notANumber,
                           infinity, -infinity}) {
        actual.set(index, wrong);
        Comparison comparison = compare(actual, expected, tolerance);
        ASSERT_FALSE(comparison.pass) << index << " " << wrong;
        ASSERT_EQ(comparison.firstBad, index);
        ASSERT_EQ(comparison.numBad, 1);
        ASSERT_NE(comparison.message, "");
      }
      actual.set(index, kept);
    }
    EXPECT_TRUE(compare(actual, expected, tolerance).pass);
  }
}

TEST(ToleranceTest, MessageSaysWhereAndByHowMuch) {
  HostTensor expected = makeTensor(DType::F64, {2, 3});
  expected.fill(1.0);
  HostTensor actual = exitOnError(expected.convertTo(DType::F32));
  actual.set(4, 1.5);
  actual.set(5, notANumber);
  EXPECT_EQ(compare(actual, expected, getTolerance(DType::F32, 1)).message,
            "element [1, 1] is 1.5 but 1 is expected, off by 0.5 where "
            "4.17e-06 is allowed; 2 of 6 elements are wrong");
  actual.set(4, 1.0);
  EXPECT_EQ(compare(actual, expected, getTolerance(DType::F32, 1)).message,
            "element [1, 2] is nan but 1 is expected; 1 of 6 elements are "
            "wrong");
}

TEST(ToleranceTest, NaNsAndInfinitiesHaveToMatch) {
  Tolerance tolerance = getTolerance(DType::F32, 64);
  auto passes = [&](double actual, double expected) {
    return compare(makeVector(DType::F32, {1.0, actual}),
                   makeVector(DType::F64, {1.0, expected}), tolerance)
        .pass;
  };
  EXPECT_TRUE(passes(notANumber, notANumber));
  EXPECT_TRUE(passes(infinity, infinity));
  EXPECT_TRUE(passes(-infinity, -infinity));
  EXPECT_FALSE(passes(infinity, -infinity));
  EXPECT_FALSE(passes(notANumber, 1.0));
  EXPECT_FALSE(passes(1.0, notANumber));
  EXPECT_FALSE(passes(notANumber, infinity));
  EXPECT_FALSE(passes(infinity, 3e38));
  EXPECT_FALSE(passes(3e38, infinity));
  EXPECT_FALSE(passes(0.0, notANumber));
  // An infinity elsewhere does not widen the bound of a finite element.
  Comparison comparison =
      compare(makeVector(DType::F32, {-infinity, 1.5}),
              makeVector(DType::F64, {-infinity, 1.0}), tolerance);
  EXPECT_FALSE(comparison.pass);
  EXPECT_EQ(comparison.firstBad, 1);
  EXPECT_EQ(comparison.scale, 1.0);
}

TEST(ToleranceTest, StatisticsAreOverFinitePairs) {
  Comparison comparison =
      compare(makeVector(DType::F32, {1.5, 2.0, 0.25, infinity, notANumber}),
              makeVector(DType::F64, {1.0, 2.0, 0.0, infinity, 7.0}),
              getTolerance(DType::F32, 1));
  EXPECT_EQ(comparison.maxAbs, 0.5);
  EXPECT_EQ(comparison.maxRel, 0.5);
  EXPECT_EQ(comparison.meanAbs, 0.25);
  EXPECT_DOUBLE_EQ(comparison.nmse, (0.25 + 0.0625) / 5.0);
  EXPECT_EQ(comparison.numBad, 3);
  EXPECT_EQ(comparison.firstBad, 0);
  EXPECT_EQ(comparison.scale, 7.0);
}

TEST(ToleranceTest, EmptyTensorsPass) {
  for (DType dtype : floatDTypes) {
    Comparison comparison =
        compare(makeTensor(dtype, {3, 0}), makeTensor(DType::F64, {3, 0}),
                getTolerance(dtype, 1));
    EXPECT_TRUE(comparison.pass);
    EXPECT_EQ(comparison.meanAbs, 0.0);
    EXPECT_EQ(comparison.nmse, 0.0);
  }
  EXPECT_TRUE(compare(makeTensor(DType::I8, {0}), makeTensor(DType::I8, {0}),
                      getTolerance(DType::I8, 1))
                  .pass);
}

TEST(ToleranceTest, RefusesAnotherShapeOrKindOfDType) {
  Tolerance tolerance = getTolerance(DType::F32, 1);
  Comparison comparison = compare(makeTensor(DType::F32, {2, 3}),
                                  makeTensor(DType::F64, {3, 2}), tolerance);
  EXPECT_FALSE(comparison.pass);
  EXPECT_EQ(comparison.message, "the shape is 2x3 but 3x2 is expected");
  comparison = compare(makeTensor(DType::F32, {0, 3}),
                       makeTensor(DType::F64, {3, 0}), tolerance);
  EXPECT_FALSE(comparison.pass);
  comparison = compare(makeTensor(DType::I32, {2}), makeTensor(DType::F64, {2}),
                       tolerance);
  EXPECT_FALSE(comparison.pass);
  EXPECT_EQ(comparison.message, "the dtype is i32 but f64 is expected");
  comparison = compare(makeTensor(DType::F32, {2}), makeTensor(DType::I64, {2}),
                       tolerance);
  EXPECT_FALSE(comparison.pass);
}

TEST(ToleranceTest, IntegersAreComparedExactly) {
  HostTensor actual = makeTensor(DType::I64, {2});
  HostTensor expected = makeTensor(DType::I64, {2});
  auto *words = static_cast<int64_t *>(actual.getData());
  // The two are the same double.
  words[1] = (int64_t(1) << 53) + 1;
  static_cast<int64_t *>(expected.getData())[1] = int64_t(1) << 53;
  Comparison comparison =
      compare(actual, expected, getTolerance(DType::I64, 1));
  EXPECT_FALSE(comparison.pass);
  EXPECT_EQ(comparison.firstBad, 1);
  words[1] -= 1;
  EXPECT_TRUE(compare(actual, expected, getTolerance(DType::I64, 1)).pass);
  // Not even the tolerance of another type makes integers approximate.
  words[1] = 5;
  EXPECT_FALSE(compare(actual, expected, getTolerance(DType::BF16, 1)).pass);
}

TEST(ToleranceTest, ErrorsAgainstZerosFailUnlessSubnormal) {
  HostTensor expected = makeTensor(DType::F64, {4});
  HostTensor actual = makeTensor(DType::F16, {4});
  Tolerance tolerance = getTolerance(DType::F16, 64);
  EXPECT_TRUE(compare(actual, expected, tolerance).pass);
  actual.set(2, 0x1p-24);
  EXPECT_TRUE(compare(actual, expected, tolerance).pass);
  actual.set(2, 0x1p-22);
  Comparison comparison = compare(actual, expected, tolerance);
  EXPECT_FALSE(comparison.pass);
  EXPECT_EQ(comparison.nmse, infinity);
}

TEST(ToleranceTest, SubnormalResultsAreNotHeldToRelativeErrors) {
  HostTensor expected = makeTensor(DType::F64, {1000});
  expected.fillNormal(5, 0.0, 1e-6);
  HostTensor actual = exitOnError(expected.convertTo(DType::F16));
  Comparison comparison =
      compare(actual, expected, getTolerance(DType::F16, 64));
  EXPECT_TRUE(comparison.pass) << comparison.message;
  EXPECT_GT(comparison.nmse, getTolerance(DType::F16, 64).nmse);
}

// Every element is within its bound, and yet all lean to one side.
TEST(ToleranceTest, SmallErrorEverywhereFailsByTheMeanSquare) {
  for (DType dtype : {DType::F16, DType::BF16}) {
    HostTensor expected = makeTensor(DType::F64, {4096});
    expected.fillNormal(6);
    HostTensor actual = exitOnError(expected.convertTo(dtype));
    Tolerance tolerance = getTolerance(dtype, 64);
    double scale = compare(actual, expected, tolerance).scale;
    for (int64_t index = 0; index < 4096; ++index)
      actual.set(index, expected.at(index) + 0.7 * tolerance.perScale * scale);
    Comparison comparison = compare(actual, expected, tolerance);
    EXPECT_EQ(comparison.firstBad, -1);
    EXPECT_FALSE(comparison.pass);
    EXPECT_EQ(comparison.message.find("every element is within bounds but the "
                                      "normalised mean square error is "),
              0u)
        << comparison.message;
  }
}

TEST(ToleranceTest, ScaleDoesNotOverflowOrVanish) {
  HostTensor expected = makeVector(DType::F64, {1e300, -1e300, 1e299});
  Tolerance tolerance = getTolerance(DType::F64, 1);
  HostTensor actual = exitOnError(expected.clone());
  EXPECT_TRUE(compare(actual, expected, tolerance).pass);
  actual.set(0, 1.1e300);
  Comparison comparison = compare(actual, expected, tolerance);
  EXPECT_FALSE(comparison.pass);
  EXPECT_TRUE(std::isfinite(comparison.nmse));
  expected = makeVector(DType::F64, {1e-300, -1e-300, 1e-301});
  actual = makeVector(DType::F64, {1.1e-300, -1e-300, 1e-301});
  EXPECT_FALSE(compare(actual, expected, tolerance).pass);
}

/// Attention of `rows` queries over `keys` keys with head dimension 64, once in
/// f64 and once as kernels compute it: logits and sums in f32, keys in blocks
/// of 64 with a running maximum, the result rounded to the dtype, and the
/// softmax weights too if asked for.
struct Attention {
  static constexpr int64_t depth = 64, rows = 16, block = 64;
  DType dtype;
  int64_t keys;
  HostTensor query, key, value, expected, actual;

  Attention(DType dtype, int64_t keys, double queryScale)
      : dtype(dtype), keys(keys), query(makeTensor(dtype, {rows, depth})),
        key(makeTensor(dtype, {keys, depth})),
        value(makeTensor(dtype, {keys, depth})),
        expected(makeTensor(DType::F64, {rows, depth})),
        actual(makeTensor(dtype, {rows, depth})) {
    query.fillNormal(11, 0.0, queryScale);
    key.fillNormal(12);
    value.fillNormal(13);
    for (int64_t row = 0; row < rows; ++row)
      computeExpected(row);
  }

  void computeExpected(int64_t row) {
    std::vector<double> sums(depth, 0.0), logits;
    for (int64_t j = 0; j < keys; ++j) {
      double logit = 0.0;
      for (int64_t d = 0; d < depth; ++d)
        logit += query.at(row * depth + d) * key.at(j * depth + d);
      logits.push_back(logit / std::sqrt(double(depth)));
    }
    double largest = *llvm::max_element(logits);
    double total = 0.0;
    for (int64_t j = 0; j < keys; ++j) {
      double weight = std::exp(logits[j] - largest);
      total += weight;
      for (int64_t d = 0; d < depth; ++d)
        sums[d] += weight * value.at(j * depth + d);
    }
    for (int64_t d = 0; d < depth; ++d)
      expected.set(row * depth + d, sums[d] / total);
  }

  void computeActual(int64_t row, int64_t lastKey, float scale,
                     bool roundsWeights) {
    std::vector<float> sums(depth, 0.0f);
    float largest = -std::numeric_limits<float>::infinity(), total = 0.0f;
    HostTensor rounded = makeTensor(dtype, {1});
    for (int64_t begin = 0; begin < lastKey; begin += block) {
      int64_t end = std::min(begin + block, lastKey);
      std::vector<float> logits;
      for (int64_t j = begin; j < end; ++j) {
        float logit = 0.0f;
        for (int64_t d = 0; d < depth; ++d)
          logit +=
              float(query.at(row * depth + d)) * float(key.at(j * depth + d));
        logits.push_back(logit * scale);
      }
      float next = std::max(largest, *llvm::max_element(logits));
      float correction = std::exp2(largest - next);
      largest = next;
      total *= correction;
      for (float &sum : sums)
        sum *= correction;
      for (int64_t j = begin; j < end; ++j) {
        float weight = std::exp2(logits[j - begin] - largest);
        total += weight;
        if (roundsWeights) {
          rounded.set(0, weight);
          weight = float(rounded.at(0));
        }
        for (int64_t d = 0; d < depth; ++d)
          sums[d] += weight * float(value.at(j * depth + d));
      }
    }
    for (int64_t d = 0; d < depth; ++d)
      actual.set(row * depth + d, sums[d] / total);
  }

  Comparison run(int64_t lastKey, double scaleError, bool roundsWeights) {
    auto scale = float(std::log2(std::exp(1.0)) / std::sqrt(double(depth)) *
                       (1.0 + scaleError));
    for (int64_t row = 0; row < rows; ++row)
      computeActual(row, lastKey, scale, roundsWeights);
    return compare(actual, expected, getTolerance(dtype, keys));
  }

  /// The largest share of its bound that an element uses.
  double getUsedShare(double scale) const {
    Tolerance tolerance = getTolerance(dtype, keys);
    double share = 0.0;
    for (int64_t index = 0; index < actual.getNumElements(); ++index)
      share =
          std::max(share, std::fabs(actual.at(index) - expected.at(index)) /
                              tolerance.getBound(expected.at(index), scale));
    return share;
  }
};

class AttentionTest
    : public testing::TestWithParam<std::tuple<DType, int64_t, double>> {};

// Passing is half of it: bounds that are a hundred times too wide pass too.
TEST_P(AttentionTest, BoundsFitAnAttentionInF32) {
  auto [dtype, keys, queryScale] = GetParam();
  Attention attention(dtype, keys, queryScale);
  for (bool roundsWeights : {false, true}) {
    Comparison comparison = attention.run(keys, 0.0, roundsWeights);
    EXPECT_TRUE(comparison.pass) << comparison.message;
    double share = attention.getUsedShare(comparison.scale);
    EXPECT_LT(share, 0.6);
    EXPECT_GT(share, 0.01);
  }
}

TEST_P(AttentionTest, MistakesAreFound) {
  auto [dtype, keys, queryScale] = GetParam();
  Attention attention(dtype, keys, queryScale);
  EXPECT_FALSE(attention.run(keys - 1, 0.0, false).pass) << "last key dropped";
  EXPECT_FALSE(attention.run(keys, 0.05, false).pass) << "scale off by 5%";
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, AttentionTest,
    testing::Combine(testing::Values(DType::F32, DType::F16, DType::BF16),
                     testing::Values(int64_t(2), int64_t(64), int64_t(500)),
                     testing::Values(1.0, 4.0)));

} // namespace
