//===- ScalarEmitter.cpp - the scalars of a kernel's body -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One op at a time; loops and branches with their bodies.
//
//===----------------------------------------------------------------------===//

#include "ScalarEmitter.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace attnc;
using namespace attnc::gpu;
namespace arith = mlir::arith;
namespace math = mlir::math;
namespace memref = mlir::memref;
namespace scf = mlir::scf;

bool ScalarEmitter::isScalar(Operation *op) {
  auto isNumber = [](Type type) { return type.isIntOrIndexOrFloat(); };
  return op->getNumRegions() == 0 &&
         llvm::all_of(op->getOperandTypes(), isNumber) &&
         llvm::all_of(op->getResultTypes(), isNumber);
}

/// Bytes of an element in memory.
static unsigned getBytes(Type type) {
  return llvm::divideCeil(type.getIntOrFloatBitWidth(), 8);
}

Value ScalarEmitter::get(Value scalar, const IRMapping &known) {
  if (Value copy = known.lookupOrNull(scalar))
    return copy;
  Operation *op = scalar.getDefiningOp();
  if (op && op->hasTrait<mlir::OpTrait::ConstantLike>())
    return b.clone(*op)->getResult(0);
  if (!op || !kernel->isProperAncestor(op))
    return arguments.getScalar(scalar);
  // Copied where it is used; equal copies become one.
  IRMapping here = known;
  if (succeeded(emit(op, here, {})))
    return here.lookup(scalar);
  isRefused = true;
  return arith::ConstantOp::create(
      b, cast<mlir::TypedAttr>(b.getZeroAttr(scalar.getType())));
}

Value ScalarEmitter::getAddress(Value view, ArrayRef<Value> indices) {
  auto type = cast<MemRefType>(view.getType());
  Value element = b.index(0);
  for (auto [axis, index] : llvm::enumerate(indices))
    element = b.add(element, b.mul(index, arguments.getStride(view, axis)));
  Value bytes = b.mul(element, b.index(getBytes(type.getElementType())));
  return b.offset(arguments.getPointer(view), bytes);
}

LogicalResult ScalarEmitter::emit(Operation *op, IRMapping &known,
                                  const Hooks &hooks) {
  b.setLoc(op->getLoc());
  auto copyOf = [&](Value value) { return get(value, known); };
  if (isa<memref::DimOp, memref::LoadOp, memref::StoreOp>(op))
    return emitMemory(op, known);
  if (auto visited = dyn_cast<tile::VisitOp>(op)) {
    SmallVector<Value> bounds(llvm::map_range(visited->getOperands(), copyOf));
    return hooks.visit(bounds), success();
  }
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    FailureOr<bool> isEmitted = false;
    if (hooks.loop)
      isEmitted = hooks.loop(loop, known);
    if (failed(isEmitted) || *isEmitted)
      return isEmitted;
    return emitFor(loop, copyOf(loop.getLowerBound()), copyOf(loop.getStep()),
                   known, hooks);
  }
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return emitIf(branch, known, hooks);
  return emitScalar(op, known);
}

LogicalResult ScalarEmitter::emitMemory(Operation *op, IRMapping &known) {
  auto store = dyn_cast<memref::StoreOp>(op);
  Value memory = op->getOperand(store ? 1 : 0);
  auto memoryType = cast<MemRefType>(memory.getType());
  if (!arguments.isOfHost(memory) ||
      !memoryType.getElementType().isIntOrFloat())
    return op->emitOpError("is of memory that is no argument of its kernel, "
                           "which has no code for a GPU yet; compile for cpu");
  if (auto dim = dyn_cast<memref::DimOp>(op)) {
    int64_t axis = dim.getConstantIndex().value_or(0);
    known.map(dim.getResult(), arguments.getSize(memory, axis));
    return success();
  }
  Type type = memoryType.getElementType();
  SmallVector<Value> indices;
  for (Value index : op->getOperands().drop_front(store ? 2 : 1))
    indices.push_back(get(index, known));
  Value address = getAddress(memory, indices);
  if (store)
    b.store(get(store.getValue(), known), address, getBytes(type));
  else
    known.map(op->getResult(0), b.load(type, address, getBytes(type)));
  return success();
}

/// Arithmetic on floats of 16 bits is done in f32 and rounded.
LogicalResult ScalarEmitter::emitScalar(Operation *op, IRMapping &known) {
  auto isNarrow = [](Type type) {
    return isa<FloatType>(type) && type.getIntOrFloatBitWidth() == 16;
  };
  if (!isScalar(op) || op->getNumResults() != 1)
    return op->emitOpError("is not supported in kernels for a GPU");
  bool isWidened = !isa<arith::ExtFOp, arith::TruncFOp, arith::SelectOp,
                        arith::BitcastOp, arith::ConstantOp>(op);
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    Value value = get(operand, known);
    if (isWidened && isNarrow(value.getType()))
      value = arith::ExtFOp::create(b, b.getF32Type(), value);
    operands.push_back(value);
  }
  Type type = op->getResult(0).getType();
  bool isRounded = isWidened && isNarrow(type);
  Value result = compute(op, operands, isRounded ? b.getF32Type() : type);
  if (!result)
    return op->emitOpError(kNoFunction);
  if (isRounded)
    result = arith::TruncFOp::create(b, type, result);
  known.map(op->getResult(0), result);
  return success();
}

Value ScalarEmitter::compute(Operation *op, ArrayRef<Value> operands,
                             Type type) {
  if (op->getDialect()->getNamespace() == "math")
    return computeFunction(op, operands);
  if (isa<arith::MaxNumFOp>(op))
    return b.maximumNumber(operands[0], operands[1]);
  if (isa<arith::DivFOp>(op) && type.isF32() && division == Division::Near)
    return b.divide(operands[0], operands[1]);
  return b
      .create(op->getLoc(), op->getName().getIdentifier(), operands, type,
              op->getAttrs())
      ->getResult(0);
}

Value ScalarEmitter::computeFunction(Operation *op, ArrayRef<Value> operands) {
  auto isOfF32 = [](Value value) { return value.getType().isF32(); };
  if (!llvm::all_of(operands, isOfF32))
    return {};
  Value x = operands[0];
  auto times = [&](Value value, float factor) -> Value {
    return arith::MulFOp::create(b, value, b.f32(factor));
  };
  if (isa<math::Exp2Op>(op))
    return b.exp2(x);
  if (isa<math::ExpOp>(op))
    return b.exp2(times(x, llvm::numbers::log2ef));
  if (isa<math::Log2Op>(op))
    return b.log2(x);
  if (isa<math::LogOp>(op))
    return times(b.log2(x), llvm::numbers::ln2f);
  if (isa<math::TanhOp>(op)) {
    // 1 - 2 / (1 + e^2x): exact at both ends, and to 2^-22 of 1 between.
    Value power = b.exp2(times(x, 2 * llvm::numbers::log2ef));
    Value one = b.f32(1);
    Value sum = arith::AddFOp::create(b, power, one);
    return math::FmaOp::create(b, b.reciprocal(sum), b.f32(-2), one);
  }
  if (!isa<math::FmaOp, math::AbsFOp, math::SqrtOp, math::FloorOp, math::CeilOp,
           math::TruncOp, math::RoundEvenOp>(op))
    return {};
  return b
      .create(op->getLoc(), op->getName().getIdentifier(), operands,
              b.getF32Type(), op->getAttrs())
      ->getResult(0);
}

LogicalResult ScalarEmitter::emitBlock(Block &block, IRMapping &known,
                                       const Hooks &hooks) {
  for (Operation &op : block.without_terminator())
    if (failed(emit(&op, known, hooks)))
      return failure();
  return success();
}

LogicalResult ScalarEmitter::emitFor(scf::ForOp loop, Value lower, Value step,
                                     IRMapping &known, const Hooks &hooks) {
  auto copyOf = [&](Value value) { return get(value, known); };
  SmallVector<Value> init(llvm::map_range(loop.getInitArgs(), copyOf));
  auto copy =
      scf::ForOp::create(b, lower, copyOf(loop.getUpperBound()), step, init);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(copy.getBody());
  IRMapping inner = known;
  inner.map(loop.getBody()->getArguments(), copy.getBody()->getArguments());
  if (failed(emitBlock(*loop.getBody(), inner, hooks)))
    return failure();
  SmallVector<Value> yielded;
  for (Value value : loop.getYieldedValues())
    yielded.push_back(get(value, inner));
  if (!yielded.empty())
    scf::YieldOp::create(b, yielded);
  known.map(loop.getResults(), copy.getResults());
  return success();
}

LogicalResult ScalarEmitter::emitIf(scf::IfOp branch, IRMapping &known,
                                    const Hooks &hooks) {
  bool hasElse = branch.elseBlock();
  auto copy = scf::IfOp::create(b, branch.getResultTypes(),
                                get(branch.getCondition(), known), hasElse);
  auto emitBranch = [&](Block *from, Block *to) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(to);
    IRMapping inner = known;
    if (failed(emitBlock(*from, inner, hooks)))
      return failure();
    SmallVector<Value> yielded;
    for (Value value : from->getTerminator()->getOperands())
      yielded.push_back(get(value, inner));
    if (!yielded.empty())
      scf::YieldOp::create(b, yielded);
    return success();
  };
  if (failed(emitBranch(branch.thenBlock(), copy.thenBlock())) ||
      (hasElse && failed(emitBranch(branch.elseBlock(), copy.elseBlock()))))
    return failure();
  known.map(branch.getResults(), copy.getResults());
  return success();
}
