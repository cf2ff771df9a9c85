//===- CacheReference.cpp - The definition of attn.read -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A cache written out as the tensor it stands for, number by number. The
// arithmetic of formats is that of their specifications: OCP 8-bit floating
// point (2023) for f8, two's complement for integers.
//
//===----------------------------------------------------------------------===//

#include "ReferenceBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include <limits>

using namespace attnc;
using namespace attnc::attn;
namespace arith = mlir::arith;

namespace {

/// The loops of one read.
class CacheLoops {
public:
  CacheLoops(ReferenceBuilder &b, ReadOp op)
      : b(b), op(op), source(op.getSource()), type(source.getCache().getType()),
        layout(type.getLayout()) {}
  Value build();

private:
  Value buildLength(Value batch);
  Value buildElement(ValueRange place, Value d);
  Value decodeFloat8(Value byte, int64_t mantissaBits, int64_t bias);
  Value buildFactor(Value numbers, ValueRange place, Value head, Value d);
  Value field(Value byte, int64_t shift, int64_t bits);

  ReferenceBuilder &b;
  ReadOp op;
  CacheOp source;
  KVType type;
  KVLayoutAttrInterface layout;
  Value data, table, lengths, scales, zeros, capacity;
};

Value CacheLoops::build() {
  auto read = [&](Value tensor) { return tensor ? b.read(tensor) : Value(); };
  data = read(source.getData()), table = read(source.getTable());
  lengths = read(source.getLengths());
  scales = read(source.getScales()), zeros = read(source.getZeros());
  std::optional<int64_t> tokens = layout.getBlockTokens();
  Value batches = b.extent(table ? table : data, 0);
  Value heads = b.index(type.getHeads()), dim = b.index(type.getDim());
  capacity = tokens ? b.index(*tokens) : b.extent(data, layout.getTokenAxis());
  if (table)
    capacity = arith::MulIOp::create(b, b.extent(table, 1), capacity);
  Value stream =
      b.allocate(op.getStream().getType(), {batches, heads, capacity, dim});
  b.loop(batches, [&](Value batch) {
    Value written = buildLength(batch), zero = b.index(0);
    Value length = arith::MinSIOp::create(b, written, capacity);
    Value gone = arith::MaxSIOp::create(
        b, arith::SubIOp::create(b, written, capacity), zero);
    b.loop(heads, [&](Value head) {
      b.loop(length, [&](Value row) {
        Value position = arith::AddIOp::create(b, row, gone);
        Value block = batch, slot = position;
        if (tokens)
          slot = arith::RemUIOp::create(b, position, b.index(*tokens));
        if (table) {
          Value number = arith::DivUIOp::create(b, position, b.index(*tokens));
          block = arith::IndexCastOp::create(
              b, b.getIndexType(),
              mlir::memref::LoadOp::create(b, table,
                                           ValueRange{batch, number}));
        }
        SmallVector<Value> place(3);
        place[0] = block;
        place[layout.getHeadAxis()] = head;
        place[layout.getTokenAxis()] = slot;
        b.loop(dim, [&](Value d) {
          Value number = buildElement(place, d);
          if (zeros)
            number = arith::SubFOp::create(b, number,
                                           buildFactor(zeros, place, head, d));
          if (scales)
            number = arith::MulFOp::create(b, number,
                                           buildFactor(scales, place, head, d));
          b.store(number, stream, {batch, head, row, d});
        });
      });
    });
  });
  return b.asTensor(stream);
}

/// The tokens written so far.
Value CacheLoops::buildLength(Value batch) {
  if (!lengths)
    return capacity;
  Value length = arith::IndexCastOp::create(
      b, b.getIndexType(), mlir::memref::LoadOp::create(b, lengths, batch));
  return arith::MaxSIOp::create(b, length, b.index(0));
}

Value CacheLoops::buildElement(ValueRange place, Value d) {
  SmallVector<Value> address(place.begin(), place.end());
  address.push_back(d);
  if (!type.isQuantised())
    return b.load(data, address);
  Type element = type.getElement(), f64 = b.getF64Type();
  Value two = b.index(2);
  if (element.isInteger(4))
    address.back() = arith::DivUIOp::create(b, d, two);
  Value byte = mlir::memref::LoadOp::create(b, data, address);
  if (isa<mlir::Float8E4M3FNType>(element))
    return decodeFloat8(byte, 3, 7);
  if (isa<mlir::Float8E5M2Type>(element))
    return decodeFloat8(byte, 2, 15);
  if (element.isInteger(8))
    return arith::SIToFPOp::create(b, f64, byte);
  // The low half, or the high one, in 0 to 15; from 8 on it is negative.
  Value isOdd =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ne,
                            arith::RemUIOp::create(b, d, two), b.index(0));
  Value half =
      arith::SelectOp::create(b, isOdd, field(byte, 4, 4), field(byte, 0, 4));
  Value number = arith::SIToFPOp::create(b, f64, half);
  Value isNegative =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, number, b.real(8.0));
  return arith::SelectOp::create(
      b, isNegative, arith::SubFOp::create(b, number, b.real(16.0)), number);
}

/// Some bits of a byte, as i32.
Value CacheLoops::field(Value byte, int64_t shift, int64_t bits) {
  Type i32 = b.getI32Type();
  Value wide = arith::ExtUIOp::create(b, i32, byte);
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(b, i32, value);
  };
  wide = arith::ShRUIOp::create(b, wide, constant(shift));
  return arith::AndIOp::create(b, wide, constant((1 << bits) - 1));
}

/// (-1)^s 2^(e - bias) (1 + m / 2^bits), or 2^(1 - bias) m / 2^bits for e = 0.
Value CacheLoops::decodeFloat8(Value byte, int64_t mantissaBits, int64_t bias) {
  int64_t exponentBits = 7 - mantissaBits;
  auto asReal = [&](Value bits) -> Value {
    return arith::SIToFPOp::create(b, b.getF64Type(), bits);
  };
  auto isEqual = [&](Value real, double value) -> Value {
    return arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, real,
                                 b.real(value));
  };
  Value exponent = asReal(field(byte, mantissaBits, exponentBits));
  Value mantissa = asReal(field(byte, 0, mantissaBits));
  Value isSubnormal = isEqual(exponent, 0.0);
  Value leading = arith::SelectOp::create(b, isSubnormal, b.real(0.0),
                                          b.real(double(1 << mantissaBits)));
  Value power = arith::SelectOp::create(b, isSubnormal, b.real(1.0), exponent);
  power = arith::SubFOp::create(b, power, b.real(double(bias + mantissaBits)));
  Value value =
      arith::MulFOp::create(b, arith::AddFOp::create(b, leading, mantissa),
                            mlir::math::Exp2Op::create(b, power));
  // E4M3FN has one NaN and no infinity, E5M2 has those of IEEE 754.
  double largest = double((1 << exponentBits) - 1);
  Value isLast = isEqual(exponent, largest);
  Value nan = b.real(std::numeric_limits<double>::quiet_NaN());
  if (mantissaBits == 3) {
    isLast = arith::AndIOp::create(b, isLast, isEqual(mantissa, 7.0));
    value = arith::SelectOp::create(b, isLast, nan, value);
  } else {
    Value special = arith::SelectOp::create(
        b, isEqual(mantissa, 0.0),
        b.real(std::numeric_limits<double>::infinity()), nan);
    value = arith::SelectOp::create(b, isLast, special, value);
  }
  Value isNegative = isEqual(asReal(field(byte, 7, 1)), 1.0);
  return arith::SelectOp::create(b, isNegative, arith::NegFOp::create(b, value),
                                 value);
}

/// The scale or zero point of a number.
Value CacheLoops::buildFactor(Value numbers, ValueRange place, Value head,
                              Value d) {
  KVScaleAttr scale = type.getScale();
  switch (scale.getGranularity()) {
  case ScaleGranularity::Tensor:
    return b.load(numbers, {});
  case ScaleGranularity::Channel:
    return b.load(numbers, {head, d});
  case ScaleGranularity::Token:
    return b.load(numbers, place);
  case ScaleGranularity::Group:
    break;
  }
  SmallVector<Value> address(place.begin(), place.end());
  address.push_back(arith::DivUIOp::create(b, d, b.index(scale.getGroup())));
  return b.load(numbers, address);
}

} // namespace

Value attn::buildReference(ReferenceBuilder &b, ReadOp op) {
  return CacheLoops(b, op).build();
}
