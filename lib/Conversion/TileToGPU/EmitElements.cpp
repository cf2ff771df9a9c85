//===- EmitElements.cpp - elementwise ops on fragments --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An elementwise op on tiles is the same op on each value that a thread has of
// them. Two things change: index arithmetic is done in 32 bits where positions
// fit, and functions are those that the GPU has.
//
//===----------------------------------------------------------------------===//

#include "FragmentEmitter.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace attnc;
using namespace attnc::gpu;
namespace arith = mlir::arith;
namespace math = mlir::math;

Fragment FragmentEmitter::evaluateElementwise(Operation *op, Axis axis,
                                              Scope &scope) {
  SmallVector<Fragment> operands;
  using Kind = Fragment::Kind;
  Kind kind = Kind::Splat;
  for (Value operand : op->getOperands()) {
    if (!isa<RankedTensorType>(operand.getType())) {
      operands.push_back(evaluateSplat(operand, scope));
      continue;
    }
    operands.push_back(evaluate(operand, axis, scope));
    Kind other = operands.back().kind;
    if (kind == Kind::Splat || kind == other)
      kind = other;
    else if (other != Kind::Splat)
      kind = Kind::Full;
  }
  Fragment result;
  result.kind = kind;
  matchIntegers(op, operands, result.isSmall);
  result.beyond = getBeyond(op, operands);
  int64_t count = getCount(kind, columnsOf(op->getResult(0)));
  for (int64_t i = 0; i < count; ++i) {
    SmallVector<Value> values;
    for (const Fragment &operand : operands)
      values.push_back(operand.get(i, kind));
    result.values.push_back(emitElement(op, values));
  }
  return result;
}

/// Gives integer operands of type index one width: 32 bits where no result can
/// be too large for them.
void FragmentEmitter::matchIntegers(Operation *op,
                                    MutableArrayRef<Fragment> operands,
                                    bool &isSmall) {
  auto isIndex = [](Value value) {
    return mlir::getElementTypeOrSelf(value.getType()).isIndex();
  };
  bool areSmall = true, areNarrow = true;
  for (auto [value, operand] : llvm::zip_equal(op->getOperands(), operands)) {
    if (!isIndex(value))
      continue;
    areSmall &= operand.isSmall;
    areNarrow &= operand.values[0].getType().isInteger(32);
  }
  bool keepsRange =
      isa<arith::CmpIOp, arith::SelectOp, arith::MinSIOp, arith::MaxSIOp,
          arith::MinUIOp, arith::MaxUIOp, arith::RemUIOp, arith::RemSIOp,
          arith::DivUIOp, arith::DivSIOp, arith::FloorDivSIOp,
          arith::IndexCastOp, arith::AndIOp, arith::OrIOp, arith::XOrIOp>(op);
  bool isSum = isa<arith::AddIOp, arith::SubIOp>(op);
  bool isNarrow = areNarrow && (keepsRange || (isSum && areSmall));
  isSmall = areSmall && (keepsRange || isSum);
  for (auto [value, operand] : llvm::zip_equal(op->getOperands(), operands)) {
    if (!isIndex(value))
      continue;
    for (Value &element : operand.values)
      element = b.cast(element, isNarrow ? b.getI32Type() : b.getI64Type());
  }
}

/// What elements beyond the last key become.
std::optional<double> FragmentEmitter::getBeyond(Operation *op,
                                                 ArrayRef<Fragment> operands) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::optional<double> first = operands[0].beyond;
  // Weights of keys that are not there: 2^(s c - m) for s = -inf and c > 0, as
  // m is finite.
  bool isNone = first == -infinity;
  if (isa<arith::SubFOp>(op) && isNone)
    return first;
  if (isa<math::FmaOp>(op) && isNone && operands[1].beyond.value_or(0) > 0)
    return first;
  if (isa<math::Exp2Op>(op) && isNone)
    return 0.0;
  if (isa<arith::TruncFOp>(op))
    return first;
  return std::nullopt;
}

Value FragmentEmitter::emitElement(Operation *op, ArrayRef<Value> operands) {
  Type type = mlir::getElementTypeOrSelf(op->getResult(0).getType());
  if (auto cast = dyn_cast<arith::IndexCastOp>(op)) {
    // Into an index and out of it: the width says itself.
    if (type.isIndex())
      return operands[0];
    return b.cast(operands[0], type);
  }
  if (type.isIndex())
    type = isa<arith::SelectOp>(op) ? operands[1].getType()
                                    : operands[0].getType();
  if (Value result = scalars.compute(op, operands, type))
    return result;
  refuse(op, kNoFunction);
  return operands[0];
}
