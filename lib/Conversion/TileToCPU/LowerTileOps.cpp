//===- LowerTileOps.cpp - one op on tiles at a time -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Moves, reductions and branches on tiles. Elementwise ops are not here: they are
// computed where they are read (KernelEmitter.cpp).
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

namespace attnc::cpu {

using mlir::VectorType;

static bool isTile(Value value) { return isa<RankedTensorType>(value.getType()); }

/// True if `op` works on tiles that every strip shares, and on scalars.
static bool isShared(Operation *op, const IndependentAxis &axes) {
  auto shared = [&](Value value) { return !isTile(value) || axes.isShared(value); };
  return llvm::all_of(op->getOperands(), shared) &&
         llvm::all_of(op->getResults(), shared);
}

static bool touchesTiles(Operation *op) {
  return llvm::any_of(op->getOperands(), isTile) ||
         llvm::any_of(op->getResults(), isTile);
}

/// Emits the ops of `block`. With `sharedOnly`, only those that do not depend on
/// the strip; without, inside a strip, only those that were not emitted then.
LogicalResult KernelEmitter::lowerBlock(Block &block, Scope &scope,
                                        bool sharedOnly) {
  llvm::DenseSet<Value> skipped;
  for (Operation &op : block.without_terminator()) {
    bool dependsOnSkipped = llvm::any_of(
        op.getOperands(), [&](Value value) { return skipped.contains(value); });
    bool onTiles = touchesTiles(&op);
    bool shared = isShared(&op, axes);
    bool skip = sharedOnly ? dependsOnSkipped || !shared
                           : scope.strip && onTiles && shared && !isElementwise(&op);
    if (skip) {
      if (sharedOnly)
        skipped.insert(op.result_begin(), op.result_end());
      continue;
    }
    b.setLoc(op.getLoc());
    root = &op;
    if (failed(lowerOp(&op, scope)))
      return failure();
  }
  return success();
}

LogicalResult KernelEmitter::lowerOp(Operation *op, Scope &scope) {
  if (auto load = dyn_cast<tile::LoadOp>(op))
    return lowerLoad(load, scope), success();
  if (auto store = dyn_cast<tile::StoreOp>(op))
    return lowerStore(store, scope), success();
  if (auto contract = dyn_cast<tile::ContractOp>(op))
    return lowerContract(contract, scope), success();
  if (auto reduce = dyn_cast<tile::ReduceOp>(op))
    return lowerReduce(reduce, scope), success();
  if (auto sum = dyn_cast<tile::CumulativeSumOp>(op))
    return lowerCumulativeSum(sum, scope), success();
  if (auto any = dyn_cast<tile::AnyOp>(op))
    return lowerAny(any, scope), success();
  if (auto fold = dyn_cast<tile::FoldOp>(op))
    return lowerFold(fold, scope);
  if (auto branch = dyn_cast<mlir::scf::IfOp>(op))
    return lowerIf(branch, scope);
  if (touchesTiles(op)) {
    // Elementwise: computed where it is read, unless all strips share it.
    Value result = op->getResult(0);
    if (axes.isShared(result) && !scope.strip && needsBuffer(result))
      materialize(result, scope);
    return success();
  }
  if (op->getNumRegions() > 0)
    return op->emitOpError("is not supported inside a tile kernel; move it in "
                           "front of the sequence op");
  b.clone(*op, scope.scalars);
  return success();
}

//===----------------------------------------------------------------------===//
// Loads
//===----------------------------------------------------------------------===//

/// True if contractions read `tile` one scalar at a time and nothing else reads
/// it: then f32 memory can be read in place.
static bool isReadByScalars(Value tile, const IndependentAxis &axes) {
  return llvm::all_of(tile.getUses(), [&](mlir::OpOperand &use) {
    auto contract = dyn_cast<tile::ContractOp>(use.getOwner());
    if (!contract || use.getOperandNumber() > 1)
      return false;
    int64_t axis = axes.of(contract.getResult());
    int64_t laneSide = axis >= 0 ? axis : 1;
    return use.getOperandNumber() != laneSide;
  });
}

void KernelEmitter::lowerLoad(tile::LoadOp op, Scope &scope) {
  Value tile = op.getTile();
  int64_t axis = axes.of(tile);
  auto type = cast<RankedTensorType>(tile.getType());
  if (axis < 0 && op.getMemory().getType().getElementType().isF32() &&
      type.getRank() == 2 && isReadByScalars(tile, axes)) {
    Placement view;
    view.kind = Placement::Kind::View;
    view.memory = scalar(op.getMemory(), scope);
    for (Value offset : op.getOffsets())
      view.offsets.push_back(scalar(offset, scope));
    scope.placed[tile] = view;
    return;
  }
  Placement target = allocateTemporary(tile, scope);
  if (axis < 0)
    loadRows(op, target, constant(0), type.getShape().back(), scope);
  else
    forEachStrip(scope, [&](Scope &inner) {
      if (axis == 0)
        return loadTransposed(op, target, inner);
      Value first = mlir::arith::MulIOp::create(b, inner.strip,
                                                constant(axes.getLanes()));
      loadRows(op, target, first, axes.getLanes(), inner);
    });
  scope.placed[tile] = target;
}

/// Address in memory of the element `index` of the tile that `op` moves.
template <typename OpT>
static SmallVector<Value> memoryAddress(mlir::ImplicitLocOpBuilder &b, OpT op,
                                        ArrayRef<Value> index,
                                        const IRMapping &scalars) {
  SmallVector<Value> address;
  for (Value offset : op.getOffsets())
    address.push_back(scalars.lookupOrDefault(offset));
  for (auto [at, value] : llvm::enumerate(index)) {
    Value &slot = address[address.size() - index.size() + at];
    slot = mlir::arith::AddIOp::create(b, slot, value);
  }
  return address;
}

/// Widens f16 and bf16 to f32.
static Value toF32(mlir::ImplicitLocOpBuilder &b, Value value) {
  Type element = mlir::getElementTypeOrSelf(value.getType());
  if (element.isF32())
    return value;
  Type wide = b.getF32Type();
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    wide = VectorType::get(vector.getShape(), wide);
  return mlir::arith::ExtFOp::create(b, wide, value);
}

/// Rounds f32 to `element`.
static Value fromF32(mlir::ImplicitLocOpBuilder &b, Value value, Type element) {
  if (element.isF32())
    return value;
  Type narrow = element;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    narrow = VectorType::get(vector.getShape(), element);
  return mlir::arith::TruncFOp::create(b, narrow, value);
}

/// Copies rows of `lanes` elements from lane `firstLane` on: vectors where whole
/// vectors are valid, single elements at the end. Never reads past the extent.
void KernelEmitter::loadRows(tile::LoadOp op, const Placement &target,
                             Value firstLane, int64_t lanes, Scope &scope) {
  auto type = cast<RankedTensorType>(op.getTile().getType());
  int64_t rank = type.getRank();
  Value memory = scalar(op.getMemory(), scope);
  Type element = op.getMemory().getType().getElementType();
  Value valid = mlir::arith::SubIOp::create(
      b, scalar(op.getExtent().back(), scope), firstLane);
  valid = mlir::arith::MinSIOp::create(b, valid, constant(lanes));
  Value whole = mlir::arith::MulIOp::create(
      b, mlir::arith::DivSIOp::create(b, valid, constant(width)),
      constant(width));
  auto copyRow = [&](Value row) {
    auto copy = [&](Value begin, Value end, int64_t step) {
      auto loop = mlir::scf::ForOp::create(b, begin, end, constant(step));
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      Value lane = loop.getInductionVar();
      Value column = mlir::arith::AddIOp::create(b, firstLane, lane);
      SmallVector<Value> index = {column};
      TileIndex to = {{lane, /*isVector=*/step > 1}};
      if (row) {
        index.insert(index.begin(), row);
        to.insert(to.begin(), AxisIndex{row});
      }
      SmallVector<Value> address = memoryAddress(b, op, index, scope.scalars);
      Value value;
      if (step > 1)
        value = mlir::vector::LoadOp::create(
            b, VectorType::get({width}, element), memory, address);
      else
        value = mlir::memref::LoadOp::create(b, memory, address);
      writeTile(b, b.getLoc(), target, to, scope.strip, toF32(b, value));
    };
    copy(constant(0), whole, width);
    copy(whole, valid, 1);
  };
  if (rank == 1)
    return copyRow({});
  auto loop = mlir::scf::ForOp::create(
      b, constant(0), scalar(op.getExtent()[0], scope), constant(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  copyRow(loop.getInductionVar());
}

/// Copies a strip of rows so that they become lanes. Lanes beyond the extent
/// repeat the last valid row: their results are never stored.
void KernelEmitter::loadTransposed(tile::LoadOp op, const Placement &target,
                                   Scope &scope) {
  auto type = cast<RankedTensorType>(op.getTile().getType());
  Value memory = scalar(op.getMemory(), scope);
  Value last = mlir::arith::SubIOp::create(
      b, scalar(op.getExtent()[0], scope), constant(1));
  Value start = mlir::arith::MulIOp::create(b, scope.strip,
                                            constant(axes.getLanes()));
  auto lanes = mlir::scf::ForOp::create(b, constant(0),
                                        constant(axes.getLanes()), constant(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(lanes.getBody());
  Value lane = lanes.getInductionVar();
  Value row = mlir::arith::AddIOp::create(b, start, lane);
  row = mlir::arith::MinSIOp::create(b, row, last);
  auto copy = [&](ArrayRef<Value> from, TileIndex to) {
    SmallVector<Value> address = memoryAddress(b, op, from, scope.scalars);
    Value value = mlir::memref::LoadOp::create(b, memory, address);
    writeTile(b, b.getLoc(), target, to, scope.strip, toF32(b, value));
  };
  if (type.getRank() == 1)
    return copy(row, {{lane}});
  auto columns = mlir::scf::ForOp::create(
      b, constant(0), scalar(op.getExtent()[1], scope), constant(1));
  b.setInsertionPointToStart(columns.getBody());
  Value column = columns.getInductionVar();
  copy({row, column}, {{lane}, {column}});
}

//===----------------------------------------------------------------------===//
// Stores
//===----------------------------------------------------------------------===//

void KernelEmitter::lowerStore(tile::StoreOp op, Scope &scope) {
  Value tile = op.getTile();
  if (axes.isShared(tile) || axes.of(tile) == 0) {
    // Through a buffer: its elements are stored one at a time.
    materialize(tile, scope);
  }
  if (axes.isShared(tile))
    return storeStrip(op, scope);
  forEachStrip(scope, [&](Scope &inner) {
    if (axes.of(tile) == 0)
      return storeStrip(op, inner);
    Value first = mlir::arith::MulIOp::create(b, inner.strip,
                                              constant(axes.getLanes()));
    Value valid = mlir::arith::SubIOp::create(
        b, scalar(op.getExtent().back(), inner), first);
    forEachVector(tile, inner, [&](const TileIndex &index, Scope &at) {
      Memo memo;
      Value vector = asVector(evaluate(tile, index, at, memo));
      Value lane = index.back().index;
      storeRow(op, index, vector, mlir::arith::AddIOp::create(b, first, lane),
               mlir::arith::SubIOp::create(b, valid, lane), at);
    });
    finishPending(inner);
  });
}

/// Stores the valid elements of a placed tile, of the current strip if it has the
/// independent axis, one by one.
void KernelEmitter::storeStrip(tile::StoreOp op, Scope &scope) {
  Value tile = op.getTile();
  auto type = cast<RankedTensorType>(tile.getType());
  const Placement placement = scope.placed.lookup(tile);
  Value memory = scalar(op.getMemory(), scope);
  Type element = op.getMemory().getType().getElementType();
  OpBuilder::InsertionGuard guard(b);
  SmallVector<Value> from, to;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    Value end = scalar(op.getExtent()[axis], scope), start;
    if (axis == axes.of(tile)) {
      start = mlir::arith::MulIOp::create(b, scope.strip,
                                          constant(axes.getLanes()));
      end = mlir::arith::SubIOp::create(b, end, start);
      end = mlir::arith::MinSIOp::create(b, end, constant(axes.getLanes()));
    }
    auto loop = mlir::scf::ForOp::create(b, constant(0), end, constant(1));
    b.setInsertionPointToStart(loop.getBody());
    Value index = loop.getInductionVar();
    from.push_back(index);
    to.push_back(start ? mlir::arith::AddIOp::create(b, start, index) : index);
  }
  TileIndex index;
  for (Value at : from)
    index.push_back({at});
  Value value = readTile(b, b.getLoc(), placement, index, scope.strip, width);
  mlir::memref::StoreOp::create(b, fromF32(b, value, element), memory,
                                memoryAddress(b, op, to, scope.scalars));
}

/// Stores one vector that runs along a row of memory: whole where it fits, its
/// first elements where it does not.
void KernelEmitter::storeRow(tile::StoreOp op, const TileIndex &index,
                             Value vector, Value memoryLane, Value lanesLeft,
                             Scope &scope) {
  Value memory = scalar(op.getMemory(), scope);
  vector = fromF32(b, vector, op.getMemory().getType().getElementType());
  SmallVector<Value> at = {memoryLane};
  if (index.size() == 2)
    at.insert(at.begin(), index[0].index);
  Value fits = mlir::arith::CmpIOp::create(b, mlir::arith::CmpIPredicate::sge,
                                           lanesLeft, constant(width));
  auto branch = mlir::scf::IfOp::create(b, fits, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  mlir::vector::StoreOp::create(b, vector, memory,
                                memoryAddress(b, op, at, scope.scalars));
  b.setInsertionPointToStart(branch.elseBlock());
  auto loop = mlir::scf::ForOp::create(b, constant(0), lanesLeft, constant(1));
  b.setInsertionPointToStart(loop.getBody());
  Value lane = loop.getInductionVar();
  Value element = mlir::vector::ExtractOp::create(b, vector,
                                                  mlir::OpFoldResult(lane));
  at.back() = mlir::arith::AddIOp::create(b, memoryLane, lane);
  mlir::memref::StoreOp::create(b, element, memory,
                                memoryAddress(b, op, at, scope.scalars));
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

static Value identityOf(mlir::ImplicitLocOpBuilder &b, tile::ReduceKind kind,
                        Type type) {
  float value = kind == tile::ReduceKind::Add
                    ? 0.0f
                    : -std::numeric_limits<float>::infinity();
  mlir::TypedAttr attribute = b.getF32FloatAttr(value);
  if (auto vector = dyn_cast<VectorType>(type))
    attribute = mlir::DenseElementsAttr::get(vector, value);
  return mlir::arith::ConstantOp::create(b, attribute);
}

/// Combines two elements or vectors. The comparison keeps `sum` where `value` is
/// NaN, which is what one maxps does.
static Value combine(mlir::ImplicitLocOpBuilder &b, tile::ReduceKind kind,
                     Value sum, Value value) {
  if (kind == tile::ReduceKind::Add)
    return mlir::arith::AddFOp::create(b, sum, value);
  Value isLarger = mlir::arith::CmpFOp::create(
      b, mlir::arith::CmpFPredicate::OGT, value, sum);
  return mlir::arith::SelectOp::create(b, isLarger, value, sum);
}

/// Reduces along the lanes: `read` gives a vector or an element of one row.
Value KernelEmitter::reduceRow(tile::ReduceKind kind, Value extent,
                               function_ref<Value(const AxisIndex &)> read) {
  auto vectorType = VectorType::get({width}, b.getF32Type());
  Value whole = mlir::arith::MulIOp::create(
      b, mlir::arith::DivSIOp::create(b, extent, constant(width)),
      constant(width));
  auto reduce = [&](Value begin, Value end, int64_t step, Value init) {
    auto loop = mlir::scf::ForOp::create(b, begin, end, constant(step), init);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value value = read({loop.getInductionVar(), /*isVector=*/step > 1});
    mlir::scf::YieldOp::create(
        b, combine(b, kind, loop.getRegionIterArgs()[0], value));
    return loop.getResult(0);
  };
  Value vector =
      reduce(constant(0), whole, width, identityOf(b, kind, vectorType));
  auto horizontal = kind == tile::ReduceKind::Add
                        ? mlir::vector::CombiningKind::ADD
                        : mlir::vector::CombiningKind::MAXNUMF;
  Value sum = mlir::vector::ReductionOp::create(b, horizontal, vector);
  return reduce(whole, extent, 1, sum);
}

void KernelEmitter::lowerReduce(tile::ReduceOp op, Scope &scope) {
  Value tile = op.getTile();
  int64_t rank = cast<RankedTensorType>(tile.getType()).getRank();
  Value extent = scalar(op.getExtent(), scope);
  int64_t axis = op.getAxis();
  if (axes.isShared(tile) && axis == rank - 1) {
    // Along the lanes of a shared tile, row by row.
    materialize(tile, scope);
    const Placement from = scope.placed.lookup(tile);
    if (rank == 1) {
      Value sum = reduceRow(op.getKind(), extent, [&](const AxisIndex &lane) {
        return readTile(b, b.getLoc(), from, {lane}, scope.strip, width);
      });
      scope.scalars.map(op.getResult(), sum);
      return;
    }
    Placement target = allocateTemporary(op.getResult(), scope);
    auto rows = mlir::scf::ForOp::create(b, constant(0),
                                         extentOf(tile, 0, scope), constant(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(rows.getBody());
    Value row = rows.getInductionVar();
    Value sum = reduceRow(op.getKind(), extent, [&](const AxisIndex &lane) {
      return readTile(b, b.getLoc(), from, {AxisIndex{row}, lane}, scope.strip,
                      width);
    });
    writeTile(b, b.getLoc(), target, {AxisIndex{row}}, scope.strip, sum);
    scope.placed[op.getResult()] = target;
    return;
  }

  // Across rows: one accumulator for each vector of the result.
  auto vectorType = VectorType::get({width}, b.getF32Type());
  auto reduceVectors = [&](ArrayRef<AxisIndex> lanes, Scope &inner) {
    SmallVector<Value> init(lanes.size(),
                            identityOf(b, op.getKind(), vectorType));
    auto loop =
        mlir::scf::ForOp::create(b, constant(0), extent, constant(1), init);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> sums;
    for (auto [lane, sum] : llvm::zip(lanes, loop.getRegionIterArgs())) {
      TileIndex index(2);
      index[axis] = {loop.getInductionVar()};
      index[1 - axis] = lane;
      Memo memo;
      Value value = asVector(evaluate(tile, index, inner, memo));
      sums.push_back(combine(b, op.getKind(), sum, value));
    }
    mlir::scf::YieldOp::create(b, sums);
    return SmallVector<Value>(loop.getResults());
  };
  Value result = op.getResult();
  if (scope.strip) {
    SmallVector<AxisIndex> lanes;
    for (int64_t c = 0; c < vectorsIn(axes.getLanes()); ++c)
      lanes.push_back(chunkIndex(c));
    Placement registers;
    registers.kind = Placement::Kind::Registers;
    registers.registers = reduceVectors(lanes, scope);
    finishPending(scope);
    scope.placed[result] = registers;
    return;
  }
  Placement target = allocateTemporary(result, scope);
  forEachVector(result, scope, [&](const TileIndex &index, Scope &inner) {
    SmallVector<Value> sum = reduceVectors(index[0], inner);
    writeTile(b, b.getLoc(), target, index, inner.strip, sum[0]);
  });
  finishPending(scope);
  scope.placed[result] = target;
}

void KernelEmitter::lowerCumulativeSum(tile::CumulativeSumOp op, Scope &scope) {
  Value tile = op.getTile();
  materialize(tile, scope);
  const Placement from = scope.placed.lookup(tile);
  Placement target = allocateTemporary(op.getResult(), scope);
  int64_t size = cast<RankedTensorType>(tile.getType()).getDimSize(0);
  auto loop = mlir::scf::ForOp::create(
      b, constant(0), constant(size), constant(1),
      identityOf(b, tile::ReduceKind::Add, b.getF32Type()));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  TileIndex index = {{loop.getInductionVar()}};
  Value value = readTile(b, b.getLoc(), from, index, scope.strip, width);
  Value sum =
      mlir::arith::AddFOp::create(b, loop.getRegionIterArgs()[0], value);
  writeTile(b, b.getLoc(), target, index, scope.strip, sum);
  mlir::scf::YieldOp::create(b, sum);
  scope.placed[op.getResult()] = target;
}

void KernelEmitter::lowerAny(tile::AnyOp op, Scope &scope) {
  SmallVector<Value> vectors = evaluateStrip(op.getTile(), scope);
  Value any = vectors[0];
  for (Value vector : ArrayRef(vectors).drop_front())
    any = mlir::arith::OrIOp::create(b, any, vector);
  Value result = mlir::vector::ReductionOp::create(
      b, mlir::vector::CombiningKind::OR, any);
  scope.scalars.map(op.getResult(), result);
}

//===----------------------------------------------------------------------===//
// Branches
//===----------------------------------------------------------------------===//

/// Where a rank-2 result of `op` goes: the buffer that the else branch passes on,
/// if only this op reads it, so that skipping the work copies nothing.
Placement KernelEmitter::ifResultPlacement(mlir::scf::IfOp op, unsigned result,
                                           Scope &scope) {
  Value passed = op.elseYield().getOperand(result);
  auto placed = scope.placed.find(passed);
  bool isOwn = llvm::all_of(passed.getUsers(), [&](Operation *user) {
    return op->isProperAncestor(user);
  });
  if (placed != scope.placed.end() && isOwn &&
      placed->second.kind == Placement::Kind::Buffer)
    return placed->second;
  return allocateTemporary(op.getResult(result), scope);
}

LogicalResult KernelEmitter::lowerIf(mlir::scf::IfOp op, Scope &scope) {
  if (!scope.strip || !op.elseBlock())
    return op.emitOpError("on tiles is supported in a fold's step only, with "
                          "both branches");
  SmallVector<Type> types;
  SmallVector<Placement> targets(op.getNumResults());
  for (auto [i, result] : llvm::enumerate(op.getResults())) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!type)
      return op.emitOpError("yields a scalar next to tiles, which is not "
                            "supported");
    if (type.getRank() == 2) {
      targets[i] = ifResultPlacement(op, i, scope);
      continue;
    }
    targets[i].kind = Placement::Kind::Registers;
    types.append(vectorsIn(axes.getLanes()),
                 VectorType::get({width}, b.getF32Type()));
  }
  auto branch = mlir::scf::IfOp::create(
      b, types, scalar(op.getCondition(), scope), /*withElseRegion=*/true);
  Operation *outerRoot = root;
  if (failed(lowerBranch(op, *op.thenBlock(), branch.thenBlock(), targets,
                         scope)) ||
      failed(lowerBranch(op, *op.elseBlock(), branch.elseBlock(), targets,
                         scope)))
    return failure();
  root = outerRoot;
  auto values = branch.getResults();
  for (auto [target, result] : llvm::zip_equal(targets, op.getResults())) {
    if (target.kind == Placement::Kind::Registers) {
      int64_t count = vectorsIn(axes.getLanes());
      target.registers = SmallVector<Value>(values.take_front(count));
      values = values.drop_front(count);
    }
    scope.placed[result] = target;
  }
  return success();
}

/// Emits one branch: rank-1 results are yielded, rank-2 results computed into
/// their targets.
LogicalResult KernelEmitter::lowerBranch(mlir::scf::IfOp op, Block &source,
                                         Block *target,
                                         ArrayRef<Placement> results,
                                         Scope scope) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(target);
  if (failed(lowerBlock(source, scope, /*sharedOnly=*/false)))
    return failure();
  Operation *yield = source.getTerminator();
  root = yield;
  SmallVector<Value> yielded;
  for (auto [placement, value] : llvm::zip(results, yield->getOperands()))
    if (placement.kind == Placement::Kind::Registers)
      llvm::append_range(yielded, evaluateStrip(value, scope));
  for (auto [placement, value, result] :
       llvm::zip(results, yield->getOperands(), op.getResults())) {
    if (placement.kind == Placement::Kind::Registers)
      continue;
    auto placed = scope.placed.find(value);
    bool isThere = placed != scope.placed.end() &&
                   placed->second.memory == placement.memory;
    if (!isThere)
      store(value, result, placement, scope);
  }
  mlir::scf::YieldOp::create(b, yielded);
  return success();
}

} // namespace attnc::cpu
