//===- ReferenceBuilder.cpp - Scalar float64 loops over memory ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops are plain scf.for and memory plain memrefs. No operation is marked as
// reorderable, so the order of the additions is the order they are written in.
//
//===----------------------------------------------------------------------===//

#include "ReferenceBuilder.h"

#include "attnc/Analysis/MaskSet.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace attnc;
using namespace attnc::attn;
namespace arith = mlir::arith;
namespace bufferization = mlir::bufferization;
namespace math = mlir::math;
namespace memref = mlir::memref;
namespace scf = mlir::scf;

Value ReferenceBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(*this, value);
}

Value ReferenceBuilder::real(double value) {
  return arith::ConstantOp::create(*this, getF64FloatAttr(value));
}

Value ReferenceBuilder::read(Value tensor) {
  // Any strides and offset, so that memory which the caller laid out is cast
  // rather than copied when the conversion is folded away.
  auto type =
      cast<MemRefType>(bufferization::getMemRefTypeWithFullyDynamicLayout(
          cast<RankedTensorType>(tensor.getType())));
  return bufferization::ToBufferOp::create(*this, type, tensor,
                                           /*read_only=*/true);
}

Value ReferenceBuilder::allocate(RankedTensorType type,
                                 ArrayRef<Value> extents) {
  SmallVector<Value> dynamic;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (type.isDynamicDim(axis))
      dynamic.push_back(extents[axis]);
  return memref::AllocOp::create(
      *this, MemRefType::get(type.getShape(), type.getElementType()), dynamic);
}

Value ReferenceBuilder::allocateReals(ArrayRef<Value> extents) {
  SmallVector<int64_t> shape(extents.size(), mlir::ShapedType::kDynamic);
  return memref::AllocOp::create(*this, MemRefType::get(shape, getF64Type()),
                                 extents);
}

Value ReferenceBuilder::asTensor(Value memory) {
  auto type = cast<MemRefType>(memory.getType());
  return bufferization::ToTensorOp::create(
      *this, RankedTensorType::get(type.getShape(), type.getElementType()),
      memory, /*restrict=*/true, /*writable=*/true);
}

Value ReferenceBuilder::extent(Value memory, int64_t axis) {
  return createOrFold<memref::DimOp>(memory, axis);
}

Value ReferenceBuilder::load(Value memory, ValueRange indices) {
  return extend(memref::LoadOp::create(*this, memory, indices));
}

void ReferenceBuilder::store(Value real, Value memory, ValueRange indices) {
  auto type =
      cast<FloatType>(cast<MemRefType>(memory.getType()).getElementType());
  memref::StoreOp::create(*this, truncate(real, type), memory, indices);
}

Value ReferenceBuilder::extend(Value number) {
  // By way of f32: a conversion between bf16 and f64 is a call into a run-time
  // library that few systems have.
  if (cast<FloatType>(number.getType()).getWidth() < 32)
    number = arith::ExtFOp::create(*this, getF32Type(), number);
  if (number.getType().isF64())
    return number;
  return arith::ExtFOp::create(*this, getF64Type(), number);
}

Value ReferenceBuilder::truncate(Value real, FloatType type) {
  if (type.isF64())
    return real;
  if (type.isF32())
    return arith::TruncFOp::create(*this, type, real);
  return arith::TruncFOp::create(*this, type, roundToOdd(real));
}

Value ReferenceBuilder::clampToPositions(Value integer) {
  auto constant = [&](int64_t value) -> Value {
    mlir::TypedAttr attr = getIntegerAttr(integer.getType(), value);
    return arith::ConstantOp::create(*this, attr);
  };
  Value low = arith::MaxSIOp::create(*this, integer, constant(-maxPosition));
  return arith::MinSIOp::create(*this, low, constant(maxPosition));
}

Value ReferenceBuilder::roundToOdd(Value real) {
  // Boldo and Melquiond, "Emulation of FMA and correctly rounded sums: proved
  // algorithms using rounding to odd", 2008. `nearest` is one of the two f32
  // neighbours of `real`; if it is inexact and its last bit is even, the odd
  // one is the other neighbour, one step of the bit pattern away. The pattern
  // grows with the magnitude on either side of zero and up to infinity, whose
  // odd neighbour is the largest finite number. NaN compares as exact.
  Type i32 = getI32Type();
  Value nearest = arith::TruncFOp::create(*this, getF32Type(), real);
  Value widened = extend(nearest);
  Value isInexact =
      arith::CmpFOp::create(*this, arith::CmpFPredicate::ONE, widened, real);
  Value bits = arith::BitcastOp::create(*this, i32, nearest);
  Value one = arith::ConstantIntOp::create(*this, i32, 1);
  Value lastBit = arith::AndIOp::create(*this, bits, one);
  Value isEven =
      arith::CmpIOp::create(*this, arith::CmpIPredicate::ne, lastBit, one);
  Value reached = math::AbsFOp::create(*this, widened);
  Value wanted = math::AbsFOp::create(*this, real);
  Value isTooLarge =
      arith::CmpFOp::create(*this, arith::CmpFPredicate::OGT, reached, wanted);
  Value minusOne = arith::ConstantIntOp::create(*this, i32, -1);
  Value step = arith::SelectOp::create(*this, isTooLarge, minusOne, one);
  Value other = arith::AddIOp::create(*this, bits, step);
  Value isOther = arith::AndIOp::create(*this, isInexact, isEven);
  Value odd = arith::SelectOp::create(*this, isOther, other, bits);
  return arith::BitcastOp::create(*this, getF32Type(), odd);
}

void ReferenceBuilder::loop(Value count, function_ref<void(Value)> body) {
  Value first = index(0), step = index(1);
  scf::ForOp::create(*this, first, count, step, ValueRange(),
                     [&](OpBuilder &, Location, Value i, ValueRange) {
                       body(i);
                       scf::YieldOp::create(*this);
                     });
}

Value ReferenceBuilder::fold(Value count, Value init,
                             function_ref<Value(Value, Value)> body) {
  Value first = index(0), step = index(1);
  auto loop = scf::ForOp::create(
      *this, first, count, step, init,
      [&](OpBuilder &, Location, Value i, ValueRange carried) {
        scf::YieldOp::create(*this, body(i, carried.front()));
      });
  return loop.getResult(0);
}
