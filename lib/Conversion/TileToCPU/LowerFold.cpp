//===- LowerFold.cpp - the loop over keys ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A fold over one range of keys becomes a loop over blocks of keys, shared by
// all strips so that a block stays in cache while every strip of the tile
// absorbs it; within a block each strip visits exactly its own keys. Several
// ranges are the matter of LowerSegments.cpp.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace attnc::cpu {

using mlir::arith::CmpIPredicate;

namespace {

/// values[selector], for a selector within range.
Value choose(mlir::ImplicitLocOpBuilder &b, Value selector,
             ArrayRef<Value> values) {
  Value chosen = values[0];
  for (unsigned i = 1; i < values.size(); ++i) {
    Value at = mlir::arith::ConstantIndexOp::create(b, i);
    Value isHere =
        mlir::arith::CmpIOp::create(b, CmpIPredicate::eq, selector, at);
    chosen = mlir::arith::SelectOp::create(b, isHere, values[i], chosen);
  }
  return chosen;
}

/// Calls `body(selector, cursor)` for selector = 0 .. count-1, in a loop if
/// there are several; `body` returns the new cursor.
LogicalResult forEachRange(
    mlir::ImplicitLocOpBuilder &b, unsigned count, Value cursor,
    function_ref<FailureOr<Value>(Value selector, Value cursor)> body) {
  auto constant = [&](int64_t value) -> Value {
    return mlir::arith::ConstantIndexOp::create(b, value);
  };
  if (count == 1)
    return body(constant(0), cursor);
  auto loop = mlir::scf::ForOp::create(b, constant(0), constant(count),
                                       constant(1), cursor);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  FailureOr<Value> next =
      body(loop.getInductionVar(), loop.getRegionIterArgs()[0]);
  if (failed(next))
    return failure();
  mlir::scf::YieldOp::create(b, *next);
  return success();
}

bool hasGuards(tile::FoldOp op) {
  return op.getStep()
      .walk([](tile::GuardOp) { return mlir::WalkResult::interrupt(); })
      .wasInterrupted();
}

} // namespace

/// Strips that hold a valid row. Those of an axis that is not made of rows are
/// all in use.
Value KernelEmitter::activeStrips(Scope &scope) {
  if (endStrip)
    return endStrip;
  if (!rowFold)
    return constant(axes.getSize() / axes.getLanes());
  return mlir::arith::CeilDivSIOp::create(b, scalar(rowFold.getCount(), scope),
                                          constant(axes.getLanes()));
}

/// The only range of keys that the fold visits, or null if there are several.
tile::VisitOp KernelEmitter::getOnlyVisit(tile::FoldOp op) {
  SmallVector<tile::VisitOp> visits;
  op.getRanges().walk([&](tile::VisitOp visit) { visits.push_back(visit); });
  bool isOnly = visits.size() == 1 &&
                visits.front()->getBlock() == &op.getRanges().front();
  return isOnly ? visits.front() : tile::VisitOp();
}

/// The bounds of the only range of keys for `count` rows from `first` on.
SmallVector<Value> KernelEmitter::keyRange(tile::FoldOp op, Value first,
                                           Value count, Scope &scope) {
  Block &block = op.getRanges().front();
  IRMapping mapping = scope.scalars;
  mapping.map(block.getArgument(0), first);
  mapping.map(block.getArgument(1), count);
  SmallVector<Value> bounds;
  for (Operation &inner : block.without_terminator())
    if (auto visit = dyn_cast<tile::VisitOp>(inner))
      for (Value bound : visit->getOperands())
        bounds.push_back(mapping.lookupOrDefault(bound));
    else
      b.clone(inner, mapping);
  return bounds;
}

/// The first row of the current strip and the number of its rows.
std::pair<Value, Value> KernelEmitter::rowsOfStrip(tile::FoldOp op,
                                                   Scope &scope) {
  Value lanes = constant(axes.getLanes());
  Value start = mlir::arith::MulIOp::create(b, scope.strip, lanes);
  Value first =
      mlir::arith::AddIOp::create(b, scalar(op.getFirst(), scope), start);
  Value left =
      mlir::arith::SubIOp::create(b, scalar(op.getCount(), scope), start);
  return {first, mlir::arith::MinSIOp::create(b, left, lanes)};
}

/// A loop over blocks of the keys [begin, end).
LogicalResult KernelEmitter::forEachBlock(
    tile::FoldOp op, Value begin, Value end,
    function_ref<LogicalResult(Value key, Value keys)> body) {
  Value step = constant(op.getKeyTile());
  auto loop = mlir::scf::ForOp::create(b, begin, end, step);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value key = loop.getInductionVar();
  if (op.getKeyTile() == 1)
    return body(key, step);
  Value left = mlir::arith::SubIOp::create(b, end, key);
  return body(key, mlir::arith::MinSIOp::create(b, left, step));
}

LogicalResult KernelEmitter::lowerFold(tile::FoldOp op, Scope &scope) {
  SmallVector<Placement> carry;
  for (Value init : op.getInit()) {
    unsigned i = carry.size();
    Value argument = op.getCarry()[i];
    std::optional<Placement> memory = placeCarryInMemory(op, i, scope);
    carry.push_back(memory ? *memory
                           : allocateFor(argument, /*hasStrips=*/true));
    if (!memory || !isReadByFirstStep(init))
      store(init, argument, carry.back(), scope);
  }
  LogicalResult visited = success();
  if (isUncut) {
    visited = lowerUncutFold(op, carry, scope);
  } else if (getOnlyVisit(op)) {
    // An instance without rows has strips of none; its ranges are those of one.
    Value count = mlir::arith::MaxSIOp::create(b, scalar(op.getCount(), scope),
                                               constant(1));
    SmallVector<Value> bounds =
        keyRange(op, scalar(op.getFirst(), scope), count, scope);
    moveUnfolded(op, bounds.front(), bounds.back(), scope);
    visited = forEachBlock(
        op, bounds.front(), bounds.back(), [&](Value key, Value keys) {
          return lowerBlockOfKeys(op, bounds, key, keys, carry, scope);
        });
  } else {
    visited = lowerSegments(op, carry, scope);
  }
  if (failed(visited))
    return failure();
  for (auto [result, placement] : llvm::zip_equal(op.getResults(), carry))
    scope.placed[result] = placement;
  return success();
}

/// A fold without an independent axis: its parts of keys without and with
/// guards follow each other.
LogicalResult KernelEmitter::lowerUncutFold(tile::FoldOp op,
                                            ArrayRef<Placement> carry,
                                            Scope &scope) {
  if (!getOnlyVisit(op))
    return lowerSegments(op, carry, scope);
  SmallVector<Value> bounds = keyRange(op, scalar(op.getFirst(), scope),
                                       scalar(op.getCount(), scope), scope);
  Value yes = mlir::arith::ConstantIntOp::create(b, 1, 1);
  if (!hasGuards(op))
    return lowerUncutRange(op, bounds[0], bounds[3], yes, carry, scope);
  Value no = mlir::arith::ConstantIntOp::create(b, 0, 1);
  auto part = [&](Value selector, Value cursor) -> FailureOr<Value> {
    Value begin = choose(b, selector, ArrayRef(bounds).drop_back());
    Value end = choose(b, selector, ArrayRef(bounds).drop_front());
    Value isFull = choose(b, selector, {no, yes, no});
    if (failed(lowerUncutRange(op, begin, end, isFull, carry, scope)))
      return failure();
    return cursor;
  };
  return forEachRange(b, 3, bounds[0], part);
}

/// The steps over the keys [begin, end).
LogicalResult KernelEmitter::lowerUncutRange(tile::FoldOp op, Value begin,
                                             Value end, Value isFull,
                                             ArrayRef<Placement> carry,
                                             Scope &scope) {
  return forEachBlock(op, begin, end, [&](Value key, Value keys) {
    return lowerClassifiedStep(op, isFull, key, key, keys, carry, scope);
  });
}

/// Asks for rows of memory that a later step moves, a part in each strip. A
/// fold of rows moves each key for many of them, and has no use for it.
void KernelEmitter::askForNext(tile::FoldOp op, Value key, Scope &scope) {
  if (op.getRowsFollowAxis())
    return;
  for (Operation &inner : op.getStep().front()) {
    if (auto load = dyn_cast<tile::LoadOp>(inner))
      askForRows(op, load, key, /*isWrite=*/false, scope);
    if (auto store = dyn_cast<tile::StoreOp>(inner))
      askForRows(op, store, key, /*isWrite=*/true, scope);
  }
}

/// The rows of a step that `move` moves a step, or a few keys, later.
template <typename OpT>
void KernelEmitter::askForRows(tile::FoldOp op, OpT move, Value key,
                               bool isWrite, Scope &scope) {
  namespace arith = mlir::arith;
  constexpr int64_t mostLines = 16, nearest = 4;
  MemRefType type = move.getMemory().getType();
  auto offsets = move.getOffsets();
  auto axis = llvm::find(offsets, op.getKey()) - offsets.begin();
  int64_t columns = type.getShape().back();
  if (axis + 1 >= type.getRank() || mlir::ShapedType::isDynamic(columns) ||
      !move.getGather().empty())
    return;
  NextRows next;
  next.setRow(columns, type.getElementTypeBitWidth());
  next.isWrite = isWrite;
  if (next.lines > mostLines)
    return;
  next.placement.kind = Placement::Kind::View;
  next.placement.memory = scalar(move.getMemory(), scope);
  for (Value offset : offsets)
    next.placement.offsets.push_back(scalar(offset, scope));
  int64_t rows = op.getKeyTile(), strips = axes.getSize() / axes.getLanes();
  Value share = constant(llvm::divideCeil(rows, strips));
  Value begin = arith::MulIOp::create(b, scope.strip, share);
  Value end = arith::AddIOp::create(b, begin, share);
  auto loop = mlir::scf::ForOp::create(
      b, begin, arith::MinSIOp::create(b, end, constant(rows)), constant(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value ahead = arith::AddIOp::create(b, loop.getInductionVar(),
                                      constant(std::max(rows, nearest)));
  next.placement.offsets[axis] = arith::AddIOp::create(b, key, ahead);
  prefetch(next, constant(0), constant(0), next.lines);
}

/// One block of keys: what all strips share, then every strip.
LogicalResult KernelEmitter::lowerBlockOfKeys(tile::FoldOp op,
                                              ValueRange bounds, Value key,
                                              Value keys,
                                              ArrayRef<Placement> carry,
                                              Scope scope) {
  if (failed(lowerSharedPart(op, key, keys, carry, scope)))
    return failure();
  LogicalResult result = success();
  forEachStrip(scope, [&](Scope &inner) {
    askForNext(op, key, inner);
    result = lowerStrip(op, bounds, key, keys, carry, inner);
  });
  if (failed(result))
    return failure();
  root = op.getStep().front().getTerminator();
  return storeCarry(op, carry, /*shared=*/true, scope);
}

/// What the step does with a block of keys that does not depend on the strip.
LogicalResult KernelEmitter::lowerSharedPart(tile::FoldOp op, Value key,
                                             Value keys,
                                             ArrayRef<Placement> carry,
                                             Scope &scope) {
  scope.scalars.map(op.getKey(), key);
  scope.scalars.map(op.getKeys(), keys);
  for (auto [argument, placement] : llvm::zip_equal(op.getCarry(), carry))
    if (axes.isShared(argument))
      scope.placed[argument] = placement;
  return lowerBlock(op.getStep().front(), scope, /*sharedOnly=*/true);
}

/// The keys of a block that one strip visits: its left boundary, its full range
/// and its right boundary.
LogicalResult KernelEmitter::lowerStrip(tile::FoldOp op, ValueRange tileBounds,
                                        Value key, Value keys,
                                        ArrayRef<Placement> carry,
                                        Scope &scope) {
  bool guarded = hasGuards(op);
  if (!guarded && !op.getRowsFollowAxis())
    return lowerStep(op, key, key, keys, carry, scope);
  SmallVector<Value> bounds(tileBounds);
  if (op.getRowsFollowAxis()) {
    auto [first, rows] = rowsOfStrip(op, scope);
    bounds = keyRange(op, first, rows, scope);
  }
  // Without guards a range is one part; with them it is cut in three.
  SmallVector<Value> begins, ends, isFull;
  auto addPart = [&](Value begin, Value end, bool full) {
    begins.push_back(begin);
    ends.push_back(end);
    isFull.push_back(mlir::arith::ConstantIntOp::create(b, full, 1));
  };
  if (guarded) {
    addPart(bounds[0], bounds[1], false);
    addPart(bounds[1], bounds[2], true);
    addPart(bounds[2], bounds[3], false);
  } else {
    addPart(bounds[0], bounds[3], true);
  }
  Value blockEnd = mlir::arith::AddIOp::create(b, key, keys);
  auto visit = [&](Value selector, Value cursor) -> FailureOr<Value> {
    Value begin =
        mlir::arith::MaxSIOp::create(b, choose(b, selector, begins), cursor);
    Value end =
        mlir::arith::MinSIOp::create(b, choose(b, selector, ends), blockEnd);
    Value isNonEmpty =
        mlir::arith::CmpIOp::create(b, CmpIPredicate::slt, begin, end);
    auto branch = mlir::scf::IfOp::create(b, isNonEmpty);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      Value count = mlir::arith::SubIOp::create(b, end, begin);
      if (failed(lowerClassifiedStep(op, choose(b, selector, isFull), key,
                                     begin, count, carry, scope)))
        return failure();
    }
    return Value(mlir::arith::MaxSIOp::create(b, cursor, end));
  };
  return forEachRange(b, begins.size(), key, visit);
}

/// One step of one strip, with guards unless `isFull`, an i1.
LogicalResult KernelEmitter::lowerClassifiedStep(tile::FoldOp op, Value isFull,
                                                 Value blockKey, Value key,
                                                 Value keys,
                                                 ArrayRef<Placement> carry,
                                                 Scope &scope) {
  Scope inner = scope;
  inner.isFull = isFull;
  return lowerStep(op, blockKey, key, keys, carry, std::move(inner));
}

/// One step of one strip over `keys` keys from `key` on, of the block that
/// starts at `blockKey`.
LogicalResult KernelEmitter::lowerStep(tile::FoldOp op, Value blockKey,
                                       Value key, Value keys,
                                       ArrayRef<Placement> carry, Scope scope) {
  scope.scalars.map(op.getKey(), key);
  scope.scalars.map(op.getKeys(), keys);
  if (op.getRowsFollowAxis()) {
    Value shift = mlir::arith::SubIOp::create(b, key, blockKey);
    for (auto &[tile, placement] : scope.placed)
      if (axes.isShared(tile))
        if (int64_t axis = keyAxisOf(tile); axis >= 0) {
          placement.shiftAxis = axis;
          placement.shift = shift;
        }
  }
  for (auto [argument, placement] : llvm::zip_equal(op.getCarry(), carry)) {
    if (axes.isShared(argument) && !isUncut)
      continue;
    auto kept = inMemory.find(argument);
    scope.placed[argument] =
        kept == inMemory.end() ? placement : placeAtStep(kept->second, key);
    if (isUncut || cast<RankedTensorType>(argument.getType()).getRank() == 2)
      continue;
    Placement registers;
    registers.kind = Placement::Kind::Registers;
    registers.registers = evaluateStrip(argument, scope);
    scope.placed[argument] = registers;
  }
  Block &step = op.getStep().front();
  if (failed(lowerBlock(step, scope, /*sharedOnly=*/false)))
    return failure();
  root = step.getTerminator();
  return storeCarry(op, carry, /*shared=*/isUncut, scope);
}

/// Writes the components of the new carry that all strips share, or the others.
LogicalResult KernelEmitter::storeCarry(tile::FoldOp op,
                                        ArrayRef<Placement> carry, bool shared,
                                        Scope &scope) {
  auto yield = cast<tile::YieldOp>(op.getStep().front().getTerminator());
  for (auto [i, value] : llvm::enumerate(yield.getValues())) {
    Value argument = op.getCarry()[i];
    if (axes.isShared(argument) != shared || value == argument)
      continue;
    auto placed = scope.placed.find(value);
    bool isInPlace = placed != scope.placed.end() &&
                     placed->second.memory == carry[i].memory &&
                     placed->second.kind == carry[i].kind;
    if (isInPlace)
      continue;
    // Vectors of a step's rows were read into registers when it began.
    bool isRead = placed != scope.placed.end() &&
                  placed->second.kind == Placement::Kind::Registers;
    if (isa<mlir::BlockArgument>(value) && !isRead)
      return op.emitOpError("exchanges components of its carry in one step, "
                            "which is not supported on cpu");
    store(value, argument, carry[i], scope);
  }
  return success();
}

} // namespace attnc::cpu
