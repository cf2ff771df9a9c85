//===- RegionToFloat64.cpp - A region of an attn op in float64 ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Score, where, decay and feature regions are written in f32. Here they are
// copied with every float as an f64, so that the oracle sees the formula and
// not its roundings. What the program rounds on purpose, by a cast to f16 or
// bf16, stays rounded.
//
//===----------------------------------------------------------------------===//

#include "ReferenceBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/CastInterfaces.h"

using namespace attnc;
using namespace attnc::attn;
namespace arith = mlir::arith;
namespace tensor = mlir::tensor;

/// Whether values of `type` are kept as they are or stood for by reals.
static bool isScalar(Type type) {
  return type.isIntOrIndex() || type.isF16() || type.isBF16() || type.isF32() ||
         type.isF64();
}

/// Whether a cast is the identity once its operand and result are reals.
static bool isIdentityInFloat64(Operation &op) {
  if (isa<arith::ExtFOp>(op))
    return true;
  return isa<arith::TruncFOp>(op) &&
         cast<FloatType>(op.getResult(0).getType()).getWidth() >= 32;
}

/// Whether the types of `op` are its meaning: a look-up in a table, a cast
/// that reinterprets bits, a cast that rounds to f16 or bf16.
static bool keepsItsTypes(Operation &op) {
  if (isa<tensor::ExtractOp, tensor::DimOp, arith::BitcastOp>(op))
    return true;
  auto result = op.getNumResults() == 1
                    ? dyn_cast<FloatType>(op.getResult(0).getType())
                    : FloatType();
  return isa<mlir::CastOpInterface>(op) && result && result.getWidth() < 32;
}

/// Fast-math flags permit deviations, of which the oracle makes no use.
static void dropFastMath(Operation *op) {
  auto fastMath = dyn_cast<arith::ArithFastMathInterface>(op);
  if (!fastMath)
    return;
  // Back to the default, which is a flag of its own for most ops and no
  // attribute at all for casts.
  op->removeAttr(fastMath.getFastMathAttrName());
  op->getName().populateDefaultProperties(op->getPropertiesStorage());
}

/// Copies `op` with reals for its floats.
static void cloneAsFloat64(ReferenceBuilder &b, Operation &op,
                           IRMapping &values) {
  Operation *clone = b.clone(op, values);
  dropFastMath(clone);
  for (mlir::OpResult result : clone->getResults())
    if (isa<FloatType>(result.getType()))
      result.setType(b.getF64Type());
}

static bool isWideInteger(Value value) {
  return value.getType().isIndex() || value.getType().isInteger(64);
}

/// Copies `op` with its own types, between conversions from and to reals.
static void cloneWithItsTypes(ReferenceBuilder &b, Operation &op,
                              IRMapping &values, Reads reads) {
  IRMapping narrow;
  for (Value operand : op.getOperands()) {
    Value value = values.lookupOrDefault(operand);
    // A number on its way to f16 or bf16 must not be rounded twice.
    if (isa<arith::TruncFOp>(op))
      value = b.roundToOdd(value);
    else if (auto type = dyn_cast<FloatType>(operand.getType()))
      value = b.truncate(value, type);
    narrow.map(operand, value);
  }
  bool readsMask = reads == Reads::ofMask && isa<tensor::ExtractOp>(op);
  if (readsMask)
    for (Value index : op.getOperands().drop_front())
      narrow.map(index,
                 arith::MaxSIOp::create(b, narrow.lookup(index), b.index(0)));
  Operation *clone = b.clone(op, narrow);
  dropFastMath(clone);
  Value copy = clone->getResult(0);
  if (readsMask && isWideInteger(copy))
    copy = b.clampToPositions(copy);
  else if (isa<FloatType>(copy.getType()))
    copy = b.extend(copy);
  values.map(op.getResult(0), copy);
}

static void inlineOperation(ReferenceBuilder &b, Operation &op,
                            IRMapping &values, Reads reads) {
  // Numbers from outside the region are floats of their own width.
  for (Value operand : op.getOperands())
    if (isa<FloatType>(operand.getType()) && !values.contains(operand))
      values.map(operand, b.extend(operand));
    else if (reads == Reads::ofMask && isWideInteger(operand) &&
             !values.contains(operand) &&
             !mlir::matchPattern(operand, mlir::m_Constant()))
      values.map(operand, b.clampToPositions(operand));

  auto constant = dyn_cast<arith::ConstantOp>(op);
  auto number = constant ? dyn_cast<mlir::FloatAttr>(constant.getValue())
                         : mlir::FloatAttr();
  if (number)
    values.map(constant.getResult(), b.real(number.getValueAsDouble()));
  else if (isIdentityInFloat64(op))
    values.map(op.getResult(0), values.lookup(op.getOperand(0)));
  else if (keepsItsTypes(op))
    cloneWithItsTypes(b, op, values, reads);
  else
    cloneAsFloat64(b, op, values);
}

LogicalResult attnc::attn::checkFloat64Region(Operation *op, Region &region,
                                              StringRef name) {
  for (Operation &inner : region.getOps()) {
    bool isTable = isa<tensor::ExtractOp, tensor::DimOp>(inner);
    SmallVector<Type> types(inner.getOperandTypes());
    llvm::append_range(types, inner.getResultTypes());
    for (Type type : types) {
      if (isScalar(type) || (isTable && isa<RankedTensorType>(type)))
        continue;
      return op->emitOpError()
             << "has a " << name << " region that computes with " << type
             << ": the reference knows index, integers, f16, bf16, f32 and "
                "f64, so convert to f32 before the op";
    }
  }
  return success();
}

Value attnc::attn::inlineAsFloat64(ReferenceBuilder &b, Region &region,
                                   ValueRange arguments, Reads reads) {
  Block &block = region.front();
  IRMapping values;
  values.map(block.getArguments(), arguments);
  for (Operation &op : block.without_terminator())
    inlineOperation(b, op, values, reads);
  Value result = cast<YieldOp>(block.getTerminator()).getResult();
  Value value = values.lookupOrDefault(result);
  // A yield of a number from outside has nothing else to extend it.
  return isa<FloatType>(result.getType()) ? b.extend(value) : value;
}
