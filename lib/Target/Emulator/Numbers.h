//===- Numbers.h - the number formats of PTX --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The formats that C++ has no type for: f16, bf16, tf32, e4m3 and e5m2, and
// pairs of 16-bit floats. Everything rounds once, to nearest even unless told.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_TARGET_EMULATOR_NUMBERS_H
#define ATTNC_LIB_TARGET_EMULATOR_NUMBERS_H

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace attnc::emulator {

template <typename To, typename From>
To bitCast(From from) {
  static_assert(sizeof(To) == sizeof(From), "a bit cast keeps the size");
  To to;
  memcpy(&to, &from, sizeof(to));
  return to;
}

/// How a result is rounded: .rn, .rz, .rm, .rp and .rna (ties away from zero).
enum class Rounding : uint8_t { Nearest, Zero, Down, Up, NearestAway };

/// A binary format with a sign, `exponent` and `mantissa` bits.
struct Format {
  unsigned exponent, mantissa;
  /// Whether the top exponent holds infinities; e4m3 has only NaN there.
  bool hasInfinity;
};

constexpr Format f16Format{5, 10, true};
constexpr Format bf16Format{8, 7, true};
constexpr Format tf32Format{8, 10, true};
constexpr Format f32Format{8, 23, true};
constexpr Format e4m3Format{4, 3, false};
constexpr Format e5m2Format{5, 2, true};

/// The encoding of `value` rounded to `format`. With `saturate`, what is too
/// large becomes the largest finite number.
uint32_t encode(double value, Format format,
                Rounding rounding = Rounding::Nearest, bool saturate = false);

/// The number that `bits` encode.
double decode(uint32_t bits, Format format);

/// Half precision; arithmetic is done in float and rounded, which for one +, -,
/// * or / is the same as rounding the exact result.
struct Half {
  uint16_t bits = 0;

  Half() = default;
  explicit Half(float value)
      : bits(bitCast<uint16_t>(static_cast<_Float16>(value))) {}
  explicit Half(double value)
      : bits(bitCast<uint16_t>(static_cast<_Float16>(value))) {}
  operator float() const { return float(bitCast<_Float16>(bits)); }
};

/// bfloat16.
struct BFloat {
  uint16_t bits = 0;

  BFloat() = default;
  explicit BFloat(float value) {
    auto word = bitCast<uint32_t>(value);
    if ((word & 0x7fffffff) > 0x7f800000)
      bits = 0x7fff;
    else
      bits = uint16_t((word + 0x7fff + ((word >> 16) & 1)) >> 16);
  }
  explicit BFloat(double value) : bits(uint16_t(encode(value, bf16Format))) {}
  operator float() const { return bitCast<float>(uint32_t(bits) << 16); }
};

/// .f16x2 and .bf16x2: two numbers in 32 bits, the first in the low half.
template <typename Number>
struct Pair {
  Number low, high;
};

inline float flushSubnormal(float value) {
  auto word = bitCast<uint32_t>(value);
  return (word & 0x7f800000) ? value : bitCast<float>(word & 0x80000000);
}

/// The sum of two finite numbers rounded to odd: if it is not exact, the last
/// bit is set. Rounding that to a format with two bits less than double is
/// rounding the exact sum.
inline double sumToOdd(double a, double b) {
  double sum = a + b;
  if (!std::isfinite(sum))
    return sum;
  double part = sum - a;
  double lost = (a - (sum - part)) + (b - part);
  auto bits = bitCast<uint64_t>(sum);
  if (lost == 0 || (bits & 1))
    return sum;
  return bitCast<double>((lost > 0) == (sum > 0) ? bits + 1 : bits - 1);
}

/// The exact `value` to nearest with .ftz: as an H200 does it, what is less
/// than the least normal number when it is rounded to 24 bits is zero, also if
/// it is rounded to fewer bits there.
inline float roundAndFlush(double value) {
  // Where all 24 bits are kept.
  constexpr double up = 0x1p64, down = 0x1p-64;
  double rounded =
      std::fabs(value) < 1 ? double(float(value * up)) * down : value;
  bool isTiny = std::fabs(rounded) < double(std::numeric_limits<float>::min());
  return isTiny ? std::copysign(0.0f, float(value)) : float(value);
}

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_NUMBERS_H
