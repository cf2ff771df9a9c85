//===- ReadElements.cpp - numbers of any element type as f32 --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// f16 and bf16 are what the target converts. Bytes are decoded here:
//
//   i8        sign-extended
//   i4        all of a word to each lane, its own half byte moved to the top of
//             it and back with sign
//   f8E5M2    the upper byte of an f16
//   f8E4M3FN  the bits of an f16 whose exponent is biased by 15 and not by 7,
//             so times 2^8: exact, subnormals included. All ones are NaN
//
//===----------------------------------------------------------------------===//

#include "ReadElements.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

namespace attnc::cpu {

namespace arith = mlir::arith;
using mlir::VectorType;

namespace {

class Decoder {
public:
  /// `count` is 0 for a scalar.
  Decoder(mlir::ImplicitLocOpBuilder &b, int64_t count) : b(b), count(count) {}

  Value decode(Value bytes, Type encoding, bool scaled) {
    if (isa<mlir::Float8E5M2Type>(encoding))
      return fromHalf(shiftLeft(widen(bytes, 16), 8, 16));
    if (isa<mlir::Float8E4M3FNType>(encoding))
      return decodeE4M3(bytes, scaled ? factorOf(encoding) : 1);
    return arith::SIToFPOp::create(b, typeOf(b.getF32Type()), bytes);
  }

  /// One half of a byte: the upper one if `isOdd`.
  Value decodeHalf(Value byte, Value isOdd) {
    Value wide = widen(byte, 32);
    Value upper = shiftLeft(wide, 24, 32), lower = shiftLeft(wide, 28, 32);
    return fromTop(arith::SelectOp::create(b, isOdd, upper, lower));
  }

  /// The halves of `bytes`, one a lane. A word has those of eight lanes, or of
  /// all if there are fewer: a broadcast of it and one shift by lane take the
  /// place of a shuffle, an extension and a choice between halves.
  Value decodeHalves(Value bytes) {
    int64_t perWord = std::clamp<int64_t>(count, 2, 8);
    int64_t words = llvm::divideCeil(count, perWord), copies = 8 / perWord;
    auto type = VectorType::get({words}, b.getIntegerType(4 * perWord));
    Value packed = mlir::vector::BitCastOp::create(b, type, bytes);
    SmallVector<int64_t> sources;
    SmallVector<int32_t> distances;
    for (int64_t lane = 0; lane < count; ++lane) {
      sources.append(copies, lane / perWord);
      distances.push_back(28 - 4 * (lane % perWord));
    }
    Value spread = mlir::vector::ShuffleOp::create(b, packed, packed, sources);
    auto lanes = VectorType::get({count}, b.getI32Type());
    spread = mlir::vector::BitCastOp::create(b, lanes, spread);
    Value places = arith::ConstantOp::create(
        b, mlir::DenseIntElementsAttr::get(lanes, distances));
    return fromTop(arith::ShLIOp::create(b, spread, places));
  }

private:
  Type typeOf(Type element) {
    return count == 0 ? element : Type(VectorType::get({count}, element));
  }
  Value constant(int64_t value, unsigned bits) {
    Type type = typeOf(b.getIntegerType(bits));
    auto attribute = b.getIntegerAttr(b.getIntegerType(bits), value);
    if (auto vector = dyn_cast<VectorType>(type))
      return arith::ConstantOp::create(
          b, mlir::DenseElementsAttr::get(vector, Attribute(attribute)));
    return arith::ConstantOp::create(b, attribute);
  }
  Value real(float value) {
    auto attribute = b.getF32FloatAttr(value);
    if (auto vector = dyn_cast<VectorType>(typeOf(b.getF32Type())))
      return arith::ConstantOp::create(
          b, mlir::DenseElementsAttr::get(vector, Attribute(attribute)));
    return arith::ConstantOp::create(b, attribute);
  }
  /// The signed number in the upper four of 32 bits.
  Value fromTop(Value top) {
    Value half = arith::ShRSIOp::create(b, top, constant(28, 32));
    return arith::SIToFPOp::create(b, typeOf(b.getF32Type()), half);
  }
  Value widen(Value bytes, unsigned bits) {
    return arith::ExtUIOp::create(b, typeOf(b.getIntegerType(bits)), bytes);
  }
  Value shiftLeft(Value value, int64_t by, unsigned bits) {
    return arith::ShLIOp::create(b, value, constant(by, bits));
  }
  Value fromHalf(Value bits) {
    Value half = arith::BitcastOp::create(b, typeOf(b.getF16Type()), bits);
    return arith::ExtFOp::create(b, typeOf(b.getF32Type()), half);
  }
  /// With sign the byte has its sign where an f16 has it, and once more below,
  /// where the exponent begins. That bit is cleared, and set again where adding
  /// one to the last bit of the seven others carries into it: then they are all
  /// ones, and so is the exponent.
  Value decodeE4M3(Value bytes, float factor) {
    Value wide = arith::ExtSIOp::create(b, typeOf(b.getIntegerType(16)), bytes);
    Value half = arith::AndIOp::create(b, shiftLeft(wide, 7, 16),
                                       constant(int16_t(0xbf80), 16));
    Value next = arith::AddIOp::create(b, half, constant(0x80, 16));
    Value isNaN = arith::AndIOp::create(b, next, constant(0x4000, 16));
    Value number = fromHalf(arith::OrIOp::create(b, half, isNaN));
    return factor == 1 ? number
                       : arith::MulFOp::create(b, number, real(factor));
  }

  mlir::ImplicitLocOpBuilder &b;
  int64_t count;
};

Value load(mlir::ImplicitLocOpBuilder &b, Value memory, ValueRange address,
           int64_t count) {
  Type element = cast<MemRefType>(memory.getType()).getElementType();
  if (count == 0)
    return mlir::memref::LoadOp::create(b, memory, address);
  return mlir::vector::LoadOp::create(b, VectorType::get({count}, element),
                                      memory, address);
}

Value widenFloat(mlir::ImplicitLocOpBuilder &b, Value value, int64_t count) {
  Type wide = b.getF32Type();
  if (mlir::getElementTypeOrSelf(value.getType()) == wide)
    return value;
  if (count > 0)
    wide = VectorType::get({count}, wide);
  return arith::ExtFOp::create(b, wide, value);
}

/// Two numbers to a byte.
Value readHalves(mlir::ImplicitLocOpBuilder &b, Value memory,
                 SmallVector<Value> address, int64_t count) {
  Value two = arith::ConstantIndexOp::create(b, 2);
  Value column = address.back();
  address.back() = arith::DivUIOp::create(b, column, two);
  if (count == 0) {
    Value rest = arith::RemUIOp::create(b, column, two);
    Value isOdd = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, rest,
                                        arith::ConstantIndexOp::create(b, 0));
    return Decoder(b, 0).decodeHalf(load(b, memory, address, 0), isOdd);
  }
  // A vector begins at an even column.
  int64_t bytes = std::max<int64_t>(count / 2, 1);
  return Decoder(b, count).decodeHalves(load(b, memory, address, bytes));
}

} // namespace

Value readElements(mlir::ImplicitLocOpBuilder &b, Value memory,
                   ArrayRef<Value> address, int64_t count, Type encoding,
                   bool scaled) {
  if (!encoding)
    return widenFloat(b, load(b, memory, address, count), count);
  if (encoding.isInteger(4))
    return readHalves(b, memory, SmallVector<Value>(address), count);
  return Decoder(b, count).decode(load(b, memory, address, count), encoding,
                                  scaled);
}

float factorOf(Type encoding) {
  return llvm::isa_and_present<mlir::Float8E4M3FNType>(encoding) ? 256.0f
                                                                 : 1.0f;
}

} // namespace attnc::cpu
