//===- DecodeWords.cpp - numbers of any element type as f32 ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A conversion of integers to f32 takes a GPU four times as long as arithmetic,
// so none is used. All of what follows is exact.
//
//   i8, i4    With its sign bit flipped a code v of n bits is v + 2^(n-1), not
//             negative. Where it lies, from bit p on, it is put into a float of
//             the exponent for which bit p counts 1: 2^(23-p) + v + 2^(n-1).
//             One subtraction leaves v. From bit 23 on there are no such bits:
//             the upper half of a word is moved down, once.
//   f8E5M2    the upper byte of an f16.
//   f8E4M3FN  the bits of an f16 whose exponent is biased by 15 and not by 7,
//             so times 2^8, subnormals included. All ones are NaN: adding one
//             to the last bit of the seven carries into the f16's first
//             exponent bit, which then is set.
//
// f8 are decoded two at a time, those of odd and those of even bytes of a word.
//
//===----------------------------------------------------------------------===//

#include "DecodeWords.h"
#include <cmath>

using namespace attnc;
using namespace attnc::gpu;
namespace LLVM = mlir::LLVM;
namespace arith = mlir::arith;

static constexpr int64_t kWordBits = 32, kHalfBits = 16, kMantissaBits = 23;

int64_t gpu::getStoredBits(Type type) { return type.getIntOrFloatBitWidth(); }

static Value asFloat(PtxBuilder &b, Value bits) {
  return LLVM::BitcastOp::create(b, b.getF32Type(), bits);
}

static Value shiftLeft(PtxBuilder &b, Value word, int64_t bits) {
  return b.createOrFold<arith::ShLIOp>(word, b.i32(bits));
}

/// 32 bits of a pattern, as the constant of that sign.
static Value pattern(PtxBuilder &b, uint32_t bits) {
  return b.i32(static_cast<int32_t>(bits));
}

static void decodeIntegers(PtxBuilder &b, Value word, int64_t bits,
                           SmallVector<Value> &numbers) {
  uint32_t mask = (1u << bits) - 1, signs = 0;
  for (int64_t place = 0; place < kWordBits; place += bits)
    signs |= 1u << (place + bits - 1);
  Value low = b.bitXor(word, pattern(b, signs));
  Value high = b.shiftRight(low, kHalfBits);
  for (int64_t place = 0; place < kWordBits; place += bits) {
    bool isLow = place + bits <= kMantissaBits;
    int64_t at = isLow ? place : place - kHalfBits;
    constexpr int64_t bias = 127;
    auto exponent = static_cast<uint32_t>(bias + kMantissaBits - at);
    Value number = b.andOr(isLow ? low : high, pattern(b, mask << at),
                           pattern(b, exponent << kMantissaBits));
    double base = std::ldexp(1.0, int(kMantissaBits - at)) +
                  std::ldexp(1.0, int(bits - 1));
    numbers.push_back(
        arith::SubFOp::create(b, asFloat(b, number), b.f32(float(base))));
  }
}

/// The two f16 of a word, as f32.
static std::pair<Value, Value> splitHalves(PtxBuilder &b, Value word) {
  auto type = mlir::VectorType::get({2}, b.getF16Type());
  Value pair = LLVM::BitcastOp::create(b, type, word);
  auto half = [&](int64_t number) -> Value {
    Value element = LLVM::ExtractElementOp::create(b, pair, b.i32(number));
    return arith::ExtFOp::create(b, b.getF32Type(), element);
  };
  return {half(0), half(1)};
}

/// The f8 in the upper bytes of both halves of a word.
static std::pair<Value, Value> decodeUpperBytes(PtxBuilder &b, Value word,
                                                bool hasFourExponentBits) {
  Value bytes = b.bitAnd(word, pattern(b, 0xff00ff00));
  if (!hasFourExponentBits)
    return splitHalves(b, bytes);
  Value magnitudes = b.shiftRight(b.bitAnd(bytes, pattern(b, 0x7f007f00)), 1);
  Value halves = b.andOr(bytes, pattern(b, 0x80008000), magnitudes);
  Value carried = b.add(magnitudes, pattern(b, 0x00800080));
  halves = b.andOr(carried, pattern(b, 0x40004000), halves);
  auto [low, high] = splitHalves(b, halves);
  auto scale = [&](Value number) -> Value {
    return arith::MulFOp::create(b, number, b.f32(256));
  };
  return {scale(low), scale(high)};
}

static void decodeFloats8(PtxBuilder &b, Value word, bool hasFourExponentBits,
                          SmallVector<Value> &numbers) {
  auto even = decodeUpperBytes(b, shiftLeft(b, word, 8), hasFourExponentBits);
  auto odd = decodeUpperBytes(b, word, hasFourExponentBits);
  numbers.append({even.first, odd.first, even.second, odd.second});
}

SmallVector<Value> gpu::decodeWords(PtxBuilder &b, ArrayRef<Value> words,
                                    Type type) {
  SmallVector<Value> numbers;
  for (Value word : words) {
    if (type.isInteger()) {
      decodeIntegers(b, word, getStoredBits(type), numbers);
    } else if (type.isF32()) {
      numbers.push_back(asFloat(b, word));
    } else if (type.isBF16()) {
      numbers.push_back(asFloat(b, shiftLeft(b, word, kHalfBits)));
      numbers.push_back(asFloat(b, b.bitAnd(word, pattern(b, 0xffff0000))));
    } else if (type.isF16()) {
      auto [low, high] = splitHalves(b, word);
      numbers.append({low, high});
    } else {
      decodeFloats8(b, word, isa<mlir::Float8E4M3FNType>(type), numbers);
    }
  }
  return numbers;
}
