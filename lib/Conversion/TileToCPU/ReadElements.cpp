//===- ReadElements.cpp - numbers of any element type as f32 --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// f16 and bf16 are what the target converts. Bytes are decoded here:
//
//   i8        sign-extended
//   i4        each byte twice, its halves moved to the top and back with sign
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
#include <limits>

namespace attnc::cpu {

namespace arith = mlir::arith;
using mlir::VectorType;

namespace {

class Decoder {
public:
  /// `count` is 0 for a scalar.
  Decoder(mlir::ImplicitLocOpBuilder &b, int64_t count) : b(b), count(count) {}

  Value decode(Value bytes, Type encoding) {
    if (isa<mlir::Float8E5M2Type>(encoding))
      return fromHalf(shiftLeft(widen(bytes, 16), 8, 16));
    if (isa<mlir::Float8E4M3FNType>(encoding))
      return decodeE4M3(widen(bytes, 16));
    return arith::SIToFPOp::create(b, typeOf(b.getF32Type()), bytes);
  }

  /// The halves of bytes, of which each lane has its own: those of odd lanes
  /// are the upper ones.
  Value decodeHalves(Value bytes, Value isOdd) {
    Value wide = widen(bytes, 32);
    Value upper = shiftLeft(wide, 24, 32), lower = shiftLeft(wide, 28, 32);
    Value top = arith::SelectOp::create(b, isOdd, upper, lower);
    Value half = arith::ShRSIOp::create(b, top, constant(28, 32));
    return arith::SIToFPOp::create(b, typeOf(b.getF32Type()), half);
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
  Value decodeE4M3(Value bits) {
    Value magnitude = arith::AndIOp::create(b, bits, constant(0x7f, 16));
    Value sign = arith::AndIOp::create(b, bits, constant(0x80, 16));
    Value half = arith::OrIOp::create(b, shiftLeft(magnitude, 7, 16),
                                      shiftLeft(sign, 8, 16));
    Value value = arith::MulFOp::create(b, fromHalf(half), real(256.0f));
    Value isNaN = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, magnitude,
                                        constant(0x7f, 16));
    return arith::SelectOp::create(
        b, isNaN, real(std::numeric_limits<float>::quiet_NaN()), value);
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
    return Decoder(b, 0).decodeHalves(load(b, memory, address, 0), isOdd);
  }
  SmallVector<int64_t> twice;
  SmallVector<bool> odd;
  for (int64_t lane = 0; lane < count; ++lane) {
    twice.push_back(lane / 2);
    odd.push_back(lane % 2 == 1);
  }
  // A vector begins at an even column.
  Value bytes = load(b, memory, address, std::max<int64_t>(count / 2, 1));
  bytes = mlir::vector::ShuffleOp::create(b, bytes, bytes, twice);
  Value isOdd = arith::ConstantOp::create(b, b.getBoolVectorAttr(odd));
  return Decoder(b, count).decodeHalves(bytes, isOdd);
}

} // namespace

Value readElements(mlir::ImplicitLocOpBuilder &b, Value memory,
                   ArrayRef<Value> address, int64_t count, Type encoding) {
  if (!encoding)
    return widenFloat(b, load(b, memory, address, count), count);
  if (encoding.isInteger(4))
    return readHalves(b, memory, SmallVector<Value>(address), count);
  return Decoder(b, count).decode(load(b, memory, address, count), encoding);
}

} // namespace attnc::cpu
