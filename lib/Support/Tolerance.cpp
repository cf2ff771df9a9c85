//===- Tolerance.cpp - When a result counts as right ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Computes the bounds that the header derives, and applies them.
//
//===----------------------------------------------------------------------===//

#include "attnc/Support/Tolerance.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace attnc;

static Tolerance getUnconverted(DType dtype, int64_t reductionLength) {
  double root =
      std::sqrt(static_cast<double>(std::max<int64_t>(reductionLength, 1)));
  // E(n) of the header in units of the computation.
  double units = 64.0 + 4.0 * root;
  constexpr double f16Unit = 0x1p-11, bf16Unit = 0x1p-8;
  constexpr double f32Unit = 0x1p-24, f64Unit = 0x1p-53;
  switch (dtype) {
  case DType::F16:
    return {2 * f16Unit, f16Unit + units * f32Unit, 0x1p-24, 1e-6};
  case DType::BF16:
    return {2 * bf16Unit, bf16Unit + units * f32Unit, 0x1p-133, 2e-5};
  case DType::F32:
    return {2 * f32Unit, units * f32Unit, 0x1p-149, 1e-10};
  case DType::F64:
    return {2 * f64Unit, units * f64Unit,
            std::numeric_limits<double>::denorm_min(), 1e-24};
  default:
    return {};
  }
}

Tolerance attnc::getTolerance(DType dtype, int64_t reductionLength,
                              std::optional<DType> converted) {
  Tolerance tolerance = getUnconverted(dtype, reductionLength);
  if (!converted || !isFloat(dtype))
    return tolerance;
  Tolerance ofConverted = getUnconverted(*converted, reductionLength);
  // 2 u_C is what rounding to C is allowed.
  tolerance.perScale += 5 * ofConverted.relative / 2;
  tolerance.nmse = std::max(tolerance.nmse, 4 * ofConverted.nmse);
  return tolerance;
}

namespace {

/// Sums over the pairs of finite elements. Squares are taken relative to the
/// scale, so that they neither overflow nor vanish.
struct Sums {
  double error = 0.0;
  double squaredError = 0.0;
  double squaredExpected = 0.0;
  int64_t count = 0;
};

} // namespace

static double findScale(const HostTensor &expected) {
  double scale = 0.0;
  for (int64_t index = 0; index < expected.getNumElements(); ++index) {
    double magnitude = std::fabs(expected.at(index));
    if (std::isfinite(magnitude))
      scale = std::max(scale, magnitude);
  }
  return scale;
}

/// Whether one pair is within bounds; adds finite pairs to the statistics.
static bool comparePair(double actual, double expected,
                        const Tolerance &tolerance, Comparison &comparison,
                        Sums &sums) {
  if (std::isnan(actual) || std::isnan(expected))
    return std::isnan(actual) && std::isnan(expected);
  if (std::isinf(actual) || std::isinf(expected))
    return actual == expected;
  double error = std::fabs(actual - expected);
  double unit = comparison.scale > 0.0 ? comparison.scale : 1.0;
  sums.error += error;
  sums.squaredError += (error / unit) * (error / unit);
  sums.squaredExpected += (expected / unit) * (expected / unit);
  ++sums.count;
  comparison.maxAbs = std::max(comparison.maxAbs, error);
  if (expected != 0.0)
    comparison.maxRel =
        std::max(comparison.maxRel, error / std::fabs(expected));
  return error <= tolerance.getBound(expected, comparison.scale);
}

/// The linear index as one index per dimension.
static std::string formatPosition(int64_t index,
                                  llvm::ArrayRef<int64_t> shape) {
  llvm::SmallVector<int64_t> position(shape.size());
  for (size_t dimension = shape.size(); dimension-- > 0;) {
    position[dimension] = index % shape[dimension];
    index /= shape[dimension];
  }
  std::string text;
  llvm::raw_string_ostream os(text);
  os << '[';
  llvm::interleaveComma(position, os);
  os << ']';
  return text;
}

static std::string describeBadElement(const Comparison &comparison,
                                      const HostTensor &actual,
                                      const HostTensor &expected,
                                      const Tolerance &tolerance) {
  double got = actual.at(comparison.firstBad);
  double wanted = expected.at(comparison.firstBad);
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "element " << formatPosition(comparison.firstBad, actual.getShape())
     << " is " << llvm::format("%.9g", got) << " but "
     << llvm::format("%.9g", wanted) << " is expected";
  if (std::isfinite(got) && std::isfinite(wanted) && isFloat(actual.getDType()))
    os << ", off by " << llvm::format("%.3g", std::fabs(got - wanted))
       << " where "
       << llvm::format("%.3g", tolerance.getBound(wanted, comparison.scale))
       << " is allowed";
  os << "; " << comparison.numBad << " of " << comparison.numElements
     << " elements are wrong";
  return text;
}

/// Decides by the mean square error once all elements are within bounds.
static void judgeMeanSquare(const Sums &sums, const Tolerance &tolerance,
                            Comparison &comparison) {
  if (sums.squaredError > 0.0)
    comparison.nmse = sums.squaredExpected > 0.0
                          ? sums.squaredError / sums.squaredExpected
                          : std::numeric_limits<double>::infinity();
  double unit = comparison.scale > 0.0 ? comparison.scale : 1.0;
  double floor = tolerance.floor / unit;
  double allowed = tolerance.nmse * sums.squaredExpected +
                   static_cast<double>(sums.count) * floor * floor;
  if (comparison.firstBad >= 0)
    return;
  comparison.pass = sums.squaredError <= allowed;
  if (comparison.pass)
    return;
  llvm::raw_string_ostream os(comparison.message);
  os << "every element is within bounds but the normalised mean square error "
        "is "
     << llvm::format("%.3g", comparison.nmse) << " where "
     << llvm::format("%.3g", tolerance.nmse) << " is allowed";
}

/// Integers beyond 2^53 are not exact as doubles, so equality is decided on
/// the elements' bytes.
static bool equalBytes(const HostTensor &actual, const HostTensor &expected,
                       int64_t index) {
  auto size = static_cast<size_t>(getByteSize(actual.getDType()));
  auto offset = static_cast<size_t>(index) * size;
  return actual.getBytes().slice(offset, size) ==
         expected.getBytes().slice(offset, size);
}

Comparison attnc::compare(const HostTensor &actual, const HostTensor &expected,
                          const Tolerance &tolerance) {
  Comparison comparison;
  if (actual.getShape() != expected.getShape()) {
    comparison.message = "the shape is " + formatShape(actual.getShape()) +
                         " but " + formatShape(expected.getShape()) +
                         " is expected";
    return comparison;
  }
  bool isExact = !isFloat(actual.getDType());
  if ((isExact || !isFloat(expected.getDType())) &&
      actual.getDType() != expected.getDType()) {
    comparison.message =
        ("the dtype is " + getName(actual.getDType()) + " but " +
         getName(expected.getDType()) + " is expected")
            .str();
    return comparison;
  }
  comparison.numElements = actual.getNumElements();
  comparison.scale = findScale(expected);
  Sums sums;
  for (int64_t index = 0; index < comparison.numElements; ++index) {
    bool isWithin = comparePair(actual.at(index), expected.at(index), tolerance,
                                comparison, sums);
    if (isExact)
      isWithin = equalBytes(actual, expected, index);
    if (isWithin)
      continue;
    if (comparison.numBad++ == 0)
      comparison.firstBad = index;
  }
  if (sums.count > 0)
    comparison.meanAbs = sums.error / static_cast<double>(sums.count);
  judgeMeanSquare(sums, tolerance, comparison);
  if (comparison.firstBad >= 0)
    comparison.message =
        describeBadElement(comparison, actual, expected, tolerance);
  return comparison;
}
