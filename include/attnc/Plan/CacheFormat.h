//===- CacheFormat.h - how a KV cache stores a vector -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The unit of a KV cache is a vector: the key or the value of one token in one
// head. A format says what such a vector takes, with the scales that narrow
// types need.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_PLAN_CACHEFORMAT_H
#define ATTNC_PLAN_CACHEFORMAT_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <string>

namespace attnc::plan {

/// A type of numbers, of a cache or of weights.
enum class NumberType : uint8_t { F32, F16, BF16, F8, I8, I4 };

/// "f32", "f16", ...
llvm::StringRef getName(NumberType type);

/// The inverse of getName; none for any other string.
std::optional<NumberType> parseNumberType(llvm::StringRef name);

/// The names, with ", " between them.
std::string listNumberTypes();

unsigned getBitWidth(NumberType type);

/// What an element of a cache is, and which elements share a scale.
struct CacheFormat {
  /// With the scales that are usual: one for each vector with i8, one for 32
  /// elements with i4, none with others. They are f32, as those of `!attn.kv`.
  static CacheFormat get(NumberType type);

  NumberType type = NumberType::F16;
  /// How many elements share a scale: 0 if there are no scales, all elements of
  /// a vector if there are fewer than that.
  uint64_t elementsPerScale = 0;
  NumberType scaleType = NumberType::F32;
  /// Whether a number of the scale's type goes with each scale.
  bool hasZeroPoints = false;

  /// What a vector of `dim` elements takes; it begins at a whole byte.
  uint64_t getVectorBytes(uint64_t dim) const;

  /// Such as "i4, f32 scale for each 32 elements".
  std::string describe() const;
};

/// As many elements as no vector has: one scale for a vector.
inline constexpr uint64_t wholeVector = uint64_t(1) << 22;

} // namespace attnc::plan

#endif // ATTNC_PLAN_CACHEFORMAT_H
