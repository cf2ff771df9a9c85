//===- Formats.h - small floating-point formats -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Decoding and rounding from the definition of the formats.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_TEST_CONFORMANCE_FORMATS_H
#define ATTNC_TEST_CONFORMANCE_FORMATS_H

#include <cfenv>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace conformance {

struct FloatFormat {
  int mantissa, minExponent;
  double largest;
  int bits;
};

inline const FloatFormat halfFormat{10, -14, 65504, 16};
inline const FloatFormat bfloatFormat{7, -126, 3.3895313892515355e38, 16};
inline const FloatFormat e4m3Format{3, -6, 448, 8};
inline const FloatFormat e5m2Format{2, -14, 57344, 8};

inline float asFloat(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}
inline uint32_t asBits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}

/// The value of an encoding.
inline double decodeFloat(uint32_t bits, const FloatFormat &format) {
  int exponentBits = format.bits - 1 - format.mantissa;
  uint32_t fraction = bits & ((1u << format.mantissa) - 1);
  int exponent = int(bits >> format.mantissa) & ((1 << exponentBits) - 1);
  double sign = bits >> (format.bits - 1) & 1 ? -1 : 1;
  double value =
      std::ldexp(double(fraction), format.minExponent - format.mantissa);
  if (exponent)
    value = std::ldexp(1 + std::ldexp(double(fraction), -format.mantissa),
                       exponent - 1 + format.minExponent);
  if (value > format.largest) {
    bool isInfinity = !fraction && format.mantissa != 3;
    value = isInfinity ? HUGE_VAL : NAN;
  }
  return sign * value;
}

enum class Round { Nearest, Zero };
enum class Overflow { Infinity, Saturate };

/// The number of the format that `value` becomes.
inline double roundFloat(double value, const FloatFormat &format,
                         Round round = Round::Nearest,
                         Overflow overflow = Overflow::Infinity) {
  if (value == 0 || value != value)
    return value;
  double limit = overflow == Overflow::Saturate || round == Round::Zero
                     ? format.largest
                     : HUGE_VAL;
  if (std::isinf(value))
    return std::copysign(overflow == Overflow::Saturate ? limit : HUGE_VAL,
                         value);
  int exponent;
  std::frexp(value, &exponent);
  --exponent;
  exponent = exponent < format.minExponent ? format.minExponent : exponent;
  double unit = std::ldexp(1.0, exponent - format.mantissa);
  double scaled = value / unit;
  double rounded =
      (round == Round::Zero ? std::trunc(scaled) : std::nearbyint(scaled)) *
      unit;
  if (std::fabs(rounded) > format.largest)
    return std::copysign(limit, value);
  return std::copysign(rounded, value);
}

/// a * b + c towards zero, the last bit set if that is not exact: so it rounds
/// to a shorter format as the exact result does.
inline double fusedToOdd(double a, double b, double c) {
  volatile double x = a, y = b, z = c;
  std::fesetround(FE_TOWARDZERO);
  std::feclearexcept(FE_INEXACT);
  volatile double result = std::fma(x, y, z);
  bool isExact = !std::fetestexcept(FE_INEXACT);
  std::fesetround(FE_TONEAREST);
  double value = result;
  uint64_t bits;
  memcpy(&bits, &value, sizeof(bits));
  bits |= !isExact;
  memcpy(&value, &bits, sizeof(bits));
  return value;
}

/// To single precision; what is less than the least normal number is zero,
/// after it is rounded to the 24 bits that it would have with a larger
/// exponent.
inline float roundedOrZero(double value) {
  float shifted = float(std::ldexp(value, 80));
  bool isTiny = std::fabs(shifted) < std::ldexp(1.0, -46);
  return isTiny ? std::copysign(0.0f, float(value)) : float(value);
}

/// Equal, both NaN, or within the tolerance; zeros of either sign differ.
inline bool agrees(double actual, double expected, double relative = 0,
                   double absolute = 0) {
  if (expected != expected)
    return actual != actual;
  if (std::isinf(expected) || (!relative && !absolute))
    return actual == expected && std::signbit(actual) == std::signbit(expected);
  return std::fabs(actual - expected) <=
         relative * std::fabs(expected) + absolute;
}

} // namespace conformance

#endif // ATTNC_TEST_CONFORMANCE_FORMATS_H
