//===- Numbers.cpp - the number formats of PTX ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Encoding and decoding of any small binary format by arithmetic in double,
// which holds every number of the formats exactly.
//
//===----------------------------------------------------------------------===//

#include "Numbers.h"

namespace attnc::emulator {

namespace {

/// `scaled` as an integer.
double roundToInteger(double scaled, Rounding rounding) {
  switch (rounding) {
  case Rounding::Nearest:
    return std::nearbyint(scaled);
  case Rounding::Zero:
    return std::trunc(scaled);
  case Rounding::Down:
    return std::floor(scaled);
  case Rounding::Up:
    return std::ceil(scaled);
  case Rounding::NearestAway:
    return std::round(scaled);
  }
  return scaled;
}

/// The encoding, without sign, of what is greater than every finite number.
uint32_t encodeOverflow(Format format, bool towardsZero, bool saturate) {
  uint32_t top = (1u << (format.exponent + format.mantissa)) - 1;
  uint32_t infinity = ((1u << format.exponent) - 1) << format.mantissa;
  if (!format.hasInfinity)
    return towardsZero || saturate ? top - 1 : top;
  return towardsZero || saturate ? infinity - 1 : infinity;
}

uint32_t largestFinite(Format format) {
  return encodeOverflow(format, true, true);
}

} // namespace

uint32_t encode(double value, Format format, Rounding rounding, bool saturate) {
  unsigned bits = format.exponent + format.mantissa;
  uint32_t sign = std::signbit(value) ? 1u << bits : 0;
  if (std::isnan(value)) {
    // The canonical NaN, which has all bits set.
    return (1u << bits) - 1;
  }
  bool down = rounding == Rounding::Down, up = rounding == Rounding::Up;
  bool towardsZero =
      rounding == Rounding::Zero || (down && !sign) || (up && sign);
  if (std::isinf(value))
    return sign | encodeOverflow(format, false, saturate);
  int bias = (1 << (format.exponent - 1)) - 1;
  int exponent = value == 0 ? 1 - bias : std::ilogb(value);
  if (exponent < 1 - bias)
    exponent = 1 - bias;
  double scaled = std::ldexp(value, int(format.mantissa) - exponent);
  double rounded = std::fabs(roundToInteger(scaled, rounding));
  // A carry out of the mantissa adds one to the exponent, as it should.
  auto mantissa = uint64_t(rounded);
  uint64_t encoded =
      (uint64_t(exponent + bias - 1) << format.mantissa) + mantissa;
  if (encoded > largestFinite(format))
    return sign | encodeOverflow(format, towardsZero, saturate);
  return sign | uint32_t(encoded);
}

double decode(uint32_t bits, Format format) {
  uint32_t mantissa = bits & ((1u << format.mantissa) - 1);
  uint32_t top = (1u << format.exponent) - 1;
  uint32_t exponent = (bits >> format.mantissa) & top;
  bool negative = (bits >> (format.exponent + format.mantissa)) & 1;
  int bias = (1 << (format.exponent - 1)) - 1;
  double value;
  if (exponent == top && format.hasInfinity)
    value = mantissa ? std::numeric_limits<double>::quiet_NaN()
                     : std::numeric_limits<double>::infinity();
  else if (exponent == top && mantissa == (1u << format.mantissa) - 1)
    value = std::numeric_limits<double>::quiet_NaN();
  else if (exponent == 0)
    value = std::ldexp(double(mantissa), 1 - bias - int(format.mantissa));
  else
    value = std::ldexp(double(mantissa + (1u << format.mantissa)),
                       int(exponent) - bias - int(format.mantissa));
  return negative ? -value : value;
}

} // namespace attnc::emulator
