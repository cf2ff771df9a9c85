//===- PointEmitter.cpp - a tile kernel without products ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Threads whose row or column is not stored leave before they read anything.
//
//===----------------------------------------------------------------------===//

#include "PointEmitter.h"

using namespace attnc;
using namespace attnc::gpu;
using mlir::arith::CmpIPredicate;
namespace arith = mlir::arith;
namespace scf = mlir::scf;

/// Steps that are emitted together.
static constexpr int64_t kUnrolled = 8;

bool PointEmitter::takes(tile::KernelOp kernel) {
  return !kernel
              .walk([](tile::ContractOp) {
                return mlir::WalkResult::interrupt();
              })
              .wasInterrupted();
}

int64_t PointEmitter::getBlocks() const {
  return llvm::divideCeil(rows * columns, kThreads);
}

LogicalResult PointEmitter::analyse() {
  for (auto op : kernel.getBody().front().getOps<tile::FoldOp>()) {
    if (fold)
      return op.emitOpError("is the second one of its kernel, which has no "
                            "code for a GPU yet; use splits = 1");
    fold = op;
  }
  if (!fold)
    return kernel.emitOpError("has no fold, which has no code for a GPU yet; "
                              "compile for cpu");
  auto visits = fold.getRanges().front().getOps<tile::VisitOp>();
  bool isOne = llvm::range_size(visits) == 1;
  fold.getRanges().walk(
      [&](tile::VisitOp op) { isOne &= op->getParentOp() == fold; });
  bool isByOne = fold.getKeyTile() == 1;
  if (!isOne || !isByOne)
    return fold.emitOpError("has a step without a product, which has no code "
                            "for a GPU yet but for one range, key by key; "
                            "compile for cpu");
  for (auto store : kernel.getBody().front().getOps<tile::StoreOp>()) {
    ArrayRef<int64_t> shape = store.getTile().getType().getShape();
    rows = std::max(rows, shape[0]);
    if (shape.size() == 2)
      columns = std::max(columns, shape[1]);
  }
  return success();
}

/// Blocks of one point of the grid follow each other.
void PointEmitter::emitGridIndices() {
  Value rest = b.blockIndex();
  Value blocks = b.i32(getBlocks());
  Value part = b.createOrFold<arith::RemUIOp>(rest, blocks);
  rest = b.createOrFold<arith::DivUIOp>(rest, blocks);
  auto indices = kernel.getGridIndices();
  for (unsigned axis = indices.size(); axis-- > 0;) {
    Value index = rest;
    if (axis > 0) {
      Value size =
          b.cast(scalars.get(kernel.getGrid()[axis], known), b.getI32Type());
      index = b.createOrFold<arith::RemUIOp>(rest, size);
      rest = b.createOrFold<arith::DivUIOp>(rest, size);
    }
    known.map(indices[axis], b.cast(index, b.getIndexType()));
  }
  Value point = b.add(b.mul(part, b.i32(kThreads)), b.threadIndex());
  row = b.createOrFold<arith::DivUIOp>(point, b.i32(columns));
  column = b.createOrFold<arith::RemUIOp>(point, b.i32(columns));
  fragments.setPoint(row, column);
}

LogicalResult PointEmitter::emitScalars(Operation *from, Operation *until) {
  auto isTile = [](Type type) { return isa<RankedTensorType>(type); };
  for (Operation *op = from; op != until; op = op->getNextNode()) {
    if (llvm::any_of(op->getOperandTypes(), isTile) ||
        llvm::any_of(op->getResultTypes(), isTile) ||
        op->hasTrait<mlir::OpTrait::IsTerminator>())
      continue;
    if (failed(scalars.emit(op, known, {})))
      return failure();
  }
  return success();
}

/// Whether the thread has an element of what is stored. Numbers of rows are
/// those of the first column's threads.
Value PointEmitter::isInside(tile::StoreOp op, Scope &scope) {
  SmallVector<Value> places = {row, column};
  Value inside;
  auto require = [&](Value holds) {
    inside = inside ? b.bitAnd(inside, holds) : holds;
  };
  for (auto [axis, extent] : llvm::enumerate(op.getExtent())) {
    Value size = b.cast(scalars.get(extent, scope.scalars), b.getI32Type());
    require(b.compare(CmpIPredicate::slt, places[axis], size));
  }
  int64_t size = op.getTile().getType().getDimSize(0);
  if (size < rows)
    require(b.compare(CmpIPredicate::slt, row, b.i32(size)));
  if (op.getExtent().size() == 1)
    require(b.compare(CmpIPredicate::eq, column, b.i32(0)));
  return inside;
}

void PointEmitter::emitStore(tile::StoreOp op, Scope &scope) {
  auto branch = scf::IfOp::create(b, isInside(op, scope),
                                  /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  Value value = fragments.evaluateRows(op.getTile(), scope).front();
  SmallVector<Value> place;
  for (Value offset : op.getOffsets())
    place.push_back(scalars.get(offset, scope.scalars));
  fragments.addGathered(op.getGather(), op.getGatherAxes(), place, scope);
  auto add = [&](size_t axis, Value index) {
    place[axis] = b.add(place[axis], b.cast(index, b.getIndexType()));
  };
  size_t rank = op.getTile().getType().getRank();
  if (rank == 2)
    add(place.size() - 1, column);
  if (op.getGather().empty())
    add(place.size() - rank, row);
  Type type = cast<MemRefType>(op.getMemory().getType()).getElementType();
  if (!type.isF32())
    value = arith::TruncFOp::create(b, type, value);
  b.store(value, scalars.getAddress(op.getMemory(), place),
          type.getIntOrFloatBitWidth() / 8);
}

SmallVector<Value> PointEmitter::emitStep(Value number, ArrayRef<Value> carry) {
  Scope scope;
  scope.scalars = known;
  scope.scalars.map(fold.getKey(), number);
  scope.scalars.map(fold.getKeys(), b.index(1));
  for (auto [argument, value] : llvm::zip_equal(fold.getCarry(), carry))
    fragments.setRows(argument, value, scope);
  SmallVector<Value> next;
  for (Value value : fold.getStep().front().getTerminator()->getOperands())
    next.push_back(fragments.evaluateRows(value, scope).front());
  return next;
}

FailureOr<SmallVector<Value>> PointEmitter::emitFold() {
  IRMapping outside = known;
  known.map(fold.getRanges().getArguments(),
            SmallVector<Value>{scalars.get(fold.getFirst(), outside),
                               scalars.get(fold.getCount(), outside)});
  Value begin, end;
  auto keep = [&](ArrayRef<Value> bounds) {
    begin = bounds.front();
    end = bounds.back();
  };
  if (failed(scalars.emitBlock(fold.getRanges().front(), known, {keep})))
    return failure();
  Scope scope;
  scope.scalars = known;
  SmallVector<Value> carry;
  for (Value value : fold.getInit())
    carry.push_back(fragments.evaluateRows(value, scope).front());
  Value count = b.maximum(b.sub(end, begin), b.index(0));
  Value rest = b.createOrFold<arith::RemUIOp>(count, b.index(kUnrolled));
  Value middle = b.sub(b.add(begin, count), rest);
  for (int64_t steps : {kUnrolled, int64_t(1)}) {
    bool isFirst = steps > 1;
    auto loop = scf::ForOp::create(b, isFirst ? begin : middle,
                                   isFirst ? middle : b.add(middle, rest),
                                   b.index(steps), carry);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> inside(loop.getRegionIterArgs());
    for (int64_t step = 0; step < steps; ++step)
      inside = emitStep(b.add(loop.getInductionVar(), b.index(step)), inside);
    scf::YieldOp::create(b, inside);
    carry = SmallVector<Value>(loop.getResults());
  }
  return carry;
}

LogicalResult PointEmitter::emit() {
  Block &body = kernel.getBody().front();
  emitGridIndices();
  if (failed(emitScalars(&body.front(), fold)) ||
      failed(emitScalars(fold->getNextNode(), nullptr)))
    return failure();
  Scope scope;
  scope.scalars = known;
  Value isUsed;
  for (auto store : body.getOps<tile::StoreOp>()) {
    Value inside = isInside(store, scope);
    isUsed = isUsed ? b.bitOr(isUsed, inside) : inside;
  }
  auto branch = scf::IfOp::create(b, isUsed ? isUsed : b.getFalse(),
                                  /*withElseRegion=*/false);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    FailureOr<SmallVector<Value>> carry = emitFold();
    if (failed(carry))
      return failure();
    for (auto [result, value] : llvm::zip_equal(fold.getResults(), *carry))
      fragments.setRows(result, value, scope);
    for (auto store : body.getOps<tile::StoreOp>()) {
      b.setLoc(store.getLoc());
      Scope inner = scope;
      emitStore(store, inner);
    }
  }
  mlir::LLVM::ReturnOp::create(b, ValueRange());
  return failure(fragments.hasFailed() || scalars.hasFailed());
}
