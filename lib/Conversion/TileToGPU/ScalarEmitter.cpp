//===- ScalarEmitter.cpp - the scalars of a kernel's body -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One op at a time; loops and branches with their bodies.
//
//===----------------------------------------------------------------------===//

#include "ScalarEmitter.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace attnc;
using namespace attnc::gpu;
namespace memref = mlir::memref;
namespace scf = mlir::scf;

bool ScalarEmitter::isScalar(Operation *op) {
  auto isNumber = [](Type type) { return type.isIntOrIndexOrFloat(); };
  return op->getNumRegions() == 0 &&
         llvm::all_of(op->getOperandTypes(), isNumber) &&
         llvm::all_of(op->getResultTypes(), isNumber);
}

bool ScalarEmitter::isArgument(Value memory) {
  auto argument = dyn_cast<mlir::BlockArgument>(memory);
  return argument && argument.getOwner() == &kernel.getBody().front();
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
  if (failed(emit(op, here, [](ArrayRef<Value>) {})))
    return {};
  return here.lookup(scalar);
}

Value ScalarEmitter::getAddress(Value view, ArrayRef<Value> indices) {
  auto type = cast<MemRefType>(view.getType());
  Value element = b.index(0);
  for (auto [axis, index] : llvm::enumerate(indices))
    element = b.add(element, b.mul(index, arguments.getStride(view, axis)));
  Value bytes = b.mul(element, b.index(type.getElementTypeBitWidth() / 8));
  return b.offset(arguments.getPointer(view), bytes);
}

LogicalResult ScalarEmitter::emit(Operation *op, IRMapping &known,
                                  VisitFn visit) {
  b.setLoc(op->getLoc());
  auto copyOf = [&](Value value) { return get(value, known); };
  if (isa<memref::DimOp, memref::LoadOp>(op) && !isArgument(op->getOperand(0)))
    return op->emitOpError("is of memory that is no argument of its kernel, "
                           "which has no code for a GPU yet; compile for cpu");
  if (auto dim = dyn_cast<memref::DimOp>(op)) {
    int64_t axis = dim.getConstantIndex().value_or(0);
    known.map(dim.getResult(), arguments.getSize(dim.getSource(), axis));
    return success();
  }
  if (auto load = dyn_cast<memref::LoadOp>(op)) {
    SmallVector<Value> indices(llvm::map_range(load.getIndices(), copyOf));
    Type type = load.getType();
    Value value = b.load(type, getAddress(load.getMemRef(), indices),
                         type.getIntOrFloatBitWidth() / 8);
    known.map(load.getResult(), value);
    return success();
  }
  if (auto visited = dyn_cast<tile::VisitOp>(op)) {
    SmallVector<Value> bounds(llvm::map_range(visited->getOperands(), copyOf));
    return visit(bounds), success();
  }
  if (isa<scf::ForOp>(op))
    return emitFor(op, known, visit);
  if (isa<scf::IfOp>(op))
    return emitIf(op, known, visit);
  if (!isScalar(op))
    return op->emitOpError("is not supported in kernels for a GPU");
  IRMapping operands;
  for (Value operand : op->getOperands())
    operands.map(operand, copyOf(operand));
  Operation *copy = b.clone(*op, operands);
  known.map(op->getResults(), copy->getResults());
  return success();
}

LogicalResult ScalarEmitter::emitBlock(Block &block, IRMapping &known,
                                       VisitFn visit) {
  for (Operation &op : block.without_terminator())
    if (failed(emit(&op, known, visit)))
      return failure();
  return success();
}

LogicalResult ScalarEmitter::emitFor(Operation *op, IRMapping &known,
                                     VisitFn visit) {
  auto loop = cast<scf::ForOp>(op);
  auto copyOf = [&](Value value) { return get(value, known); };
  SmallVector<Value> init(llvm::map_range(loop.getInitArgs(), copyOf));
  auto copy = scf::ForOp::create(b, copyOf(loop.getLowerBound()),
                                 copyOf(loop.getUpperBound()),
                                 copyOf(loop.getStep()), init);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(copy.getBody());
  IRMapping inner = known;
  inner.map(loop.getBody()->getArguments(), copy.getBody()->getArguments());
  if (failed(emitBlock(*loop.getBody(), inner, visit)))
    return failure();
  SmallVector<Value> yielded;
  for (Value value : loop.getYieldedValues())
    yielded.push_back(get(value, inner));
  if (!yielded.empty())
    scf::YieldOp::create(b, yielded);
  known.map(loop.getResults(), copy.getResults());
  return success();
}

LogicalResult ScalarEmitter::emitIf(Operation *op, IRMapping &known,
                                    VisitFn visit) {
  auto branch = cast<scf::IfOp>(op);
  bool hasElse = branch.elseBlock();
  auto copy = scf::IfOp::create(b, branch.getResultTypes(),
                                get(branch.getCondition(), known), hasElse);
  auto emitBranch = [&](Block *from, Block *to) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(to);
    IRMapping inner = known;
    if (failed(emitBlock(*from, inner, visit)))
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
