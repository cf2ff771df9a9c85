//===- Quantise.cpp - numbers as elements of a cache ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// f8 is rounded on the bits of the f32: a number below the smallest normal one
// is a count of subnormal units; of another the mantissa is cut with a carry
// into the exponent, which is then biased anew.
//
//===----------------------------------------------------------------------===//

#include "Quantise.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinTypes.h"
#include <cmath>

namespace attnc::attn {

namespace arith = mlir::arith;

namespace {

/// The fields of an f8: bits of the mantissa, bias of the exponent, and the
/// bits of the greatest number.
struct Float8 {
  int64_t mantissaBits, bias, greatest;
};

Float8 getFloat8(Type element) {
  if (isa<mlir::Float8E4M3FNType>(element))
    return {3, 7, 0x7e};
  return {2, 15, 0x7b};
}

class Quantiser {
public:
  explicit Quantiser(mlir::ImplicitLocOpBuilder &b) : b(b) {}

  Value toInteger(Value number, ElementRange range) {
    Value rounded = mlir::math::RoundEvenOp::create(b, number);
    Value low = arith::MaximumFOp::create(b, rounded, real(range.least));
    Value clamped = arith::MinimumFOp::create(b, low, real(range.greatest));
    // The conversion of NaN is undefined.
    Value isNaN =
        arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, number, number);
    clamped = arith::SelectOp::create(b, isNaN, real(0), clamped);
    return arith::FPToSIOp::create(b, b.getI8Type(), clamped);
  }

  Value toFloat8(Value number, Float8 format, double greatest) {
    Type i32 = b.getI32Type();
    Value magnitude = arith::MinimumFOp::create(
        b, mlir::math::AbsFOp::create(b, number), real(greatest));
    Value small =
        arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, magnitude,
                              real(std::ldexp(1.0, int(1 - format.bias))));
    Value units = arith::MulFOp::create(
        b, magnitude,
        real(std::ldexp(1.0, int(format.mantissaBits + format.bias - 1))));
    Value safe = arith::SelectOp::create(b, small, units, real(0));
    Value subnormal = arith::FPToSIOp::create(
        b, i32, mlir::math::RoundEvenOp::create(b, safe));
    Value bits = arith::SelectOp::create(b, small, subnormal,
                                         roundNormal(magnitude, format));
    bits = arith::MinSIOp::create(b, bits, integer(format.greatest));
    Value isNaN =
        arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, number, number);
    bits = arith::SelectOp::create(b, isNaN, integer(0x7f), bits);
    Value sign = arith::ShRUIOp::create(
        b, arith::BitcastOp::create(b, i32, number), integer(24));
    sign = arith::AndIOp::create(b, sign, integer(0x80));
    bits = arith::OrIOp::create(b, bits, sign);
    return arith::TruncIOp::create(b, b.getI8Type(), bits);
  }

private:
  Value real(double value) {
    return arith::ConstantOp::create(b, b.getF32FloatAttr(float(value)));
  }
  Value integer(int64_t value) {
    return arith::ConstantOp::create(b, b.getI32IntegerAttr(int32_t(value)));
  }
  Value roundNormal(Value magnitude, Float8 format) {
    int64_t cut = 23 - format.mantissaBits;
    Value bits = arith::BitcastOp::create(b, b.getI32Type(), magnitude);
    Value last = arith::AndIOp::create(
        b, arith::ShRUIOp::create(b, bits, integer(cut)), integer(1));
    Value half = integer((int64_t(1) << (cut - 1)) - 1);
    bits = arith::AddIOp::create(b, bits, arith::AddIOp::create(b, half, last));
    bits = arith::ShRUIOp::create(b, bits, integer(cut));
    return arith::SubIOp::create(
        b, bits, integer((127 - format.bias) << format.mantissaBits));
  }

  mlir::ImplicitLocOpBuilder &b;
};

} // namespace

ElementRange getElementRange(Type element) {
  if (element.isInteger(8))
    return {-128, 127};
  if (element.isInteger(4))
    return {-8, 7};
  double greatest = isa<mlir::Float8E4M3FNType>(element) ? 448 : 57344;
  return {-greatest, greatest};
}

Value quantise(mlir::ImplicitLocOpBuilder &builder, Value number,
               Type element) {
  ElementRange range = getElementRange(element);
  Quantiser quantiser(builder);
  if (element.isSignlessInteger())
    return quantiser.toInteger(number, range);
  return quantiser.toFloat8(number, getFloat8(element), range.greatest);
}

} // namespace attnc::attn
