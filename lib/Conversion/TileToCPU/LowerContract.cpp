//===- LowerContract.cpp - matrix products of tiles -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A contraction as a register block: `rows` rows times a strip of vectors are
// accumulated in registers while one axis is summed,
//
//     for c:  lane[v] = load lanes[c][v]          (vectors)
//             acc[r][v] += broadcast scalars[r][c] * lane[v]
//
// With 16 registers, 3 vectors and 4 rows: 12 accumulators, 3 lanes, 1 scalar.
// For operands of bf16 c counts pairs, and `*` is two products.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace attnc::cpu {

/// A contraction with its operands sorted by role.
struct KernelEmitter::ContractBlock {
  tile::ContractOp op;
  /// Axis of the result that runs along the lanes; the other one is the rows.
  int64_t laneAxis;
  /// Read as vectors, and as one scalar per row.
  Placement lanes, scalars;
  /// The contracted axis of each.
  int64_t lanesAxis, scalarsAxis;
  Placement target;
  /// Number of elements summed, and of rows.
  Value extent, rowExtent;
  /// The vectors of the strip being worked on.
  SmallVector<AxisIndex> chunks;
};

int64_t KernelEmitter::rowsPerBlock(int64_t vectors) const {
  int64_t rows = (registers - 1 - vectors) / vectors;
  return std::clamp<int64_t>(rows, 1, kLargestRowBlock);
}

/// The elements of `tile` with `laneAxis` innermost: where they are, if that is
/// so, or a copy.
Placement KernelEmitter::lanesOf(Value tile, int64_t laneAxis, Scope &scope) {
  materialize(tile, scope);
  const Placement placement = scope.placed.lookup(tile);
  bool isBuffer = placement.kind == Placement::Kind::Buffer;
  if (isBuffer && placement.laneAxis == laneAxis)
    return placement;
  if (!isBuffer && !axes.isShared(tile) && laneAxis == axes.of(tile))
    return placement;
  auto known = scope.transposed.find(tile);
  if (known != scope.transposed.end())
    return known->second;
  auto type = cast<RankedTensorType>(tile.getType());
  Placement target;
  target.laneAxis = laneAxis;
  target.memory =
      allocate({paddedRows(type.getDimSize(1 - laneAxis)),
                (int64_t)llvm::alignTo(type.getDimSize(laneAxis), width)});
  copyTransposed(tile, placement, target, scope);
  scope.transposed[tile] = target;
  return target;
}

/// Copies `from` to a buffer with the other axis innermost: squares of vectors
/// where there are whole ones along a row, single elements behind them.
void KernelEmitter::copyTransposed(Value tile, const Placement &from,
                                   const Placement &target, Scope &scope) {
  namespace arith = mlir::arith;
  Value rows = extentOf(tile, 0, scope), columns = extentOf(tile, 1, scope);
  auto copy = [&](Value row, Value column) {
    TileIndex index = {{row}, {column}};
    Value value = readTile(b, b.getLoc(), from, index, scope.strip, width);
    writeTile(b, b.getLoc(), target, index, scope.strip, value);
  };
  bool hasVectors = target.laneAxis == 0 && from.pairAxis < 0 &&
                    from.shiftAxis < 0 && !from.encoding;
  Value whole = hasVectors ? wholeVectors(columns) : constant(0);
  OpBuilder::InsertionGuard guard(b);
  if (hasVectors) {
    auto squares =
        mlir::scf::ForOp::create(b, constant(0), rows, constant(width));
    OpBuilder::InsertionGuard inner(b);
    b.setInsertionPointToStart(squares.getBody());
    Value first = squares.getInductionVar();
    Value last = arith::SubIOp::create(b, rows, constant(1));
    SmallVector<Value> at = rowsUpTo(last, first, width);
    auto loop =
        mlir::scf::ForOp::create(b, constant(0), whole, constant(width));
    b.setInsertionPointToStart(loop.getBody());
    Value column = loop.getInductionVar();
    SmallVector<Value> vectors;
    for (Value row : at)
      vectors.push_back(readTile(b, b.getLoc(), from,
                                 {{row}, {column, /*isVector=*/true}},
                                 scope.strip, width));
    for (auto [i, vector] : llvm::enumerate(transpose(vectors)))
      writeTile(b, b.getLoc(), target,
                {{first, /*isVector=*/true},
                 {arith::AddIOp::create(b, column, constant(i))}},
                scope.strip, vector);
  }
  auto rest = mlir::scf::ForOp::create(b, constant(0), rows, constant(1));
  b.setInsertionPointToStart(rest.getBody());
  auto elements = mlir::scf::ForOp::create(b, whole, columns, constant(1));
  b.setInsertionPointToStart(elements.getBody());
  copy(rest.getInductionVar(), elements.getInductionVar());
}

/// The accumulator's buffer, where nothing else needs it; else a new one. What
/// it is computed from will do as well: a block reads its rows before it writes
/// them.
Placement KernelEmitter::accumulatorPlacement(tile::ContractOp op,
                                              Scope &scope) {
  Value accumulator = op.getAccumulator();
  auto placed = scope.placed.find(accumulator);
  if (placed == scope.placed.end())
    return accumulator.hasOneUse() && accumulator.getDefiningOp() &&
                   isElementwise(accumulator.getDefiningOp()) &&
                   !needsBuffer(accumulator)
               ? inPlaceOrTemporary(accumulator, scope)
               : allocateTemporary(op.getResult(), scope);
  bool isLastUse = llvm::all_of(accumulator.getUsers(), [&](Operation *user) {
    return user == op || (user->getBlock() == op->getBlock() &&
                          !isElementwise(user) && user->isBeforeInBlock(op));
  });
  bool isOwn =
      (accumulator.hasOneUse() || (isLastUse && isStepOf(accumulator, op))) &&
      placed->second.kind == Placement::Kind::Buffer &&
      placed->second.shiftAxis < 0;
  return isOwn ? placed->second : allocateTemporary(op.getResult(), scope);
}

void KernelEmitter::lowerContract(tile::ContractOp op, Scope &scope) {
  Value result = op.getResult();
  if (cast<RankedTensorType>(result.getType()).getRank() == 1)
    return lowerMatrixVector(op, scope);
  if (isDotProduct(op))
    return lowerDotProduct(op, scope);
  if (isWeightedSum(op))
    return lowerWeightedSum(op, scope);
  ContractBlock block;
  block.op = op;
  int64_t axis = axes.of(result);
  block.laneAxis = axis >= 0 ? axis : 1;
  bool lhsHasLanes = block.laneAxis == 0;
  Value lanes = lhsHasLanes ? op.getLhs() : op.getRhs();
  Value scalars = lhsHasLanes ? op.getRhs() : op.getLhs();
  block.lanesAxis = lhsHasLanes ? op.getLhsAxis() : op.getRhsAxis();
  block.scalarsAxis = lhsHasLanes ? op.getRhsAxis() : op.getLhsAxis();

  block.lanes = lanesOf(lanes, 1 - block.lanesAxis, scope);
  materialize(scalars, scope);
  block.scalars = scope.placed.lookup(scalars);
  block.extent = scalar(op.getExtent(), scope);
  block.rowExtent = extentOf(scalars, 1 - block.scalarsAxis, scope);

  block.target = accumulatorPlacement(op, scope);

  auto strip = [&](Scope &inner) {
    if (axis < 0)
      return contractLanes(block, inner);
    for (int64_t c = 0; c < vectorsIn(axes.getLanes()); ++c)
      block.chunks.push_back(chunkIndex(c));
    contractLanes(block, inner);
    block.chunks.clear();
  };
  if (axis >= 0)
    forEachStrip(scope, strip);
  else
    strip(scope);
  finishPending(scope);
  scope.placed[result] = block.target;
}

/// All rows of the strip, or, for a shared tile, of each group of vectors.
void KernelEmitter::contractLanes(ContractBlock &block, Scope &scope) {
  OpBuilder::InsertionGuard guard(b);
  if (block.chunks.empty()) {
    auto type = cast<RankedTensorType>(block.op.getResult().getType());
    int64_t vectors = vectorsIn(type.getDimSize(block.laneAxis));
    // The largest group that divides the lanes evenly, to leave no remainder.
    int64_t group = vectors % 3 == 0 ? 3 : vectors % 2 == 0 ? 2 : 1;
    auto loop = mlir::scf::ForOp::create(
        b, constant(0), constant(vectors * width), constant(group * width));
    b.setInsertionPointToStart(loop.getBody());
    for (int64_t c = 0; c < group; ++c)
      block.chunks.push_back(
          {mlir::arith::AddIOp::create(b, loop.getInductionVar(),
                                       constant(c * width)),
           /*isVector=*/true, c});
  }
  int64_t rows = rowsPerBlock(block.chunks.size());
  mlir::IntegerAttr known;
  if (!mlir::matchPattern(block.rowExtent, mlir::m_Constant(&known))) {
    // Rows beyond the extent are written to the padding of the buffer.
    auto loop = mlir::scf::ForOp::create(b, constant(0), block.rowExtent,
                                         constant(rows));
    b.setInsertionPointToStart(loop.getBody());
    return contractRows(block, loop.getInductionVar(), rows, scope);
  }
  int64_t extent = known.getInt(), whole = extent - extent % rows;
  if (whole > 0) {
    auto loop = mlir::scf::ForOp::create(b, constant(0), constant(whole),
                                         constant(rows));
    OpBuilder::InsertionGuard inLoop(b);
    b.setInsertionPointToStart(loop.getBody());
    contractRows(block, loop.getInductionVar(), rows, scope);
  }
  if (whole < extent)
    contractRows(block, constant(whole), extent - whole, scope);
}

void KernelEmitter::contractRows(const ContractBlock &block, Value row,
                                 int64_t rows, Scope &scope) {
  auto indexOf = [&](Value at, const AxisIndex &chunk) {
    TileIndex index(2);
    index[block.laneAxis] = chunk;
    index[1 - block.laneAxis] = {at};
    return index;
  };
  Value accumulator = tile::ContractOp(block.op).getAccumulator();
  mlir::IntegerAttr known;
  bool mayOverrun =
      !mlir::matchPattern(block.rowExtent, mlir::m_Constant(&known));
  SmallVector<Value> rowIndices, scalarRows, init;
  for (int64_t r = 0; r < rows; ++r) {
    Value at = r == 0 ? row : mlir::arith::AddIOp::create(b, row, constant(r));
    rowIndices.push_back(at);
    // Memory ends at the extent; a buffer has room for whole blocks.
    if (mayOverrun && block.scalars.kind == Placement::Kind::View) {
      Value last = mlir::arith::SubIOp::create(b, block.rowExtent, constant(1));
      at = mlir::arith::MinSIOp::create(b, at, last);
    }
    scalarRows.push_back(at);
    for (const AxisIndex &chunk : block.chunks) {
      Memo memo;
      init.push_back(asVector(evaluate(
          accumulator, indexOf(rowIndices.back(), chunk), scope, memo)));
    }
  }
  SmallVector<Value> sums = sumProducts(block, scalarRows, init, scope);
  for (int64_t r = 0; r < rows; ++r)
    for (auto [v, chunk] : llvm::enumerate(block.chunks))
      writeTile(b, b.getLoc(), block.target, indexOf(rowIndices[r], chunk),
                scope.strip, sums[r * block.chunks.size() + v]);
}

/// Adds all products of the block to `init`.
SmallVector<Value> KernelEmitter::sumProducts(const ContractBlock &block,
                                              ArrayRef<Value> rows,
                                              ArrayRef<Value> init,
                                              Scope &scope) {
  namespace arith = mlir::arith;
  if (block.scalars.pairAxis < 0)
    return addProducts(block, constant(0), block.extent, rows, init,
                       /*isHalf=*/false, scope);
  Value elements =
      arith::AddIOp::create(b, leftOut(block.scalars), block.extent);
  Value pairs = arith::CeilDivUIOp::create(b, elements, constant(2));
  if (block.scalars.kind == Placement::Kind::Buffer)
    return addProducts(block, constant(0), pairs, rows, init, /*isHalf=*/false,
                       scope);
  // What follows the last element in memory is not part of the tile.
  Value whole = arith::DivUIOp::create(b, elements, constant(2));
  SmallVector<Value> sums = addProducts(block, constant(0), whole, rows, init,
                                        /*isHalf=*/false, scope);
  return addProducts(block, whole, pairs, rows, sums, /*isHalf=*/true, scope);
}

/// Adds the products, or pairs of them, from `begin` to `end` along the
/// contracted axis. With `isHalf` the scalars are pairs without a second one.
SmallVector<Value> KernelEmitter::addProducts(const ContractBlock &block,
                                              Value begin, Value end,
                                              ArrayRef<Value> rows,
                                              ArrayRef<Value> sums, bool isHalf,
                                              Scope &scope) {
  auto loop = mlir::scf::ForOp::create(b, begin, end, constant(1), sums);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value c = loop.getInductionVar();
  SmallVector<Value> lanes, next;
  for (const AxisIndex &chunk : block.chunks) {
    TileIndex index(2);
    index[block.lanesAxis] = {c};
    index[1 - block.lanesAxis] = chunk;
    lanes.push_back(
        readTile(b, b.getLoc(), block.lanes, index, scope.strip, width));
  }
  for (auto [r, at] : llvm::enumerate(rows)) {
    TileIndex index(2);
    index[block.scalarsAxis] = {c};
    index[1 - block.scalarsAxis] = {at};
    Value factor = isHalf ? loadHalf(block.scalars.memory,
                                     addressOf(b, b.getLoc(), block.scalars,
                                               index, scope.strip))
                          : readTile(b, b.getLoc(), block.scalars, index,
                                     scope.strip, width);
    factor = asVector(factor);
    for (auto [v, lane] : llvm::enumerate(lanes)) {
      Value sum = loop.getRegionIterArgs()[r * lanes.size() + v];
      next.push_back(block.scalars.pairAxis < 0
                         ? mlir::vector::FMAOp::create(b, factor, lane, sum)
                         : addPairProducts(sum, factor, lane));
    }
  }
  mlir::scf::YieldOp::create(b, next);
  return loop.getResults();
}

/// Product with a rank-1 tile, both shared by all strips: one dot product a
/// row.
void KernelEmitter::lowerMatrixVector(tile::ContractOp op, Scope &scope) {
  Value matrix = op.getLhs(), vector = op.getRhs();
  materialize(matrix, scope);
  materialize(vector, scope);
  const Placement rows = scope.placed.lookup(matrix);
  const Placement factors = scope.placed.lookup(vector);
  Placement target = allocateTemporary(op.getResult(), scope);
  int64_t rowAxis = 1 - op.getLhsAxis();
  auto loop = mlir::scf::ForOp::create(
      b, constant(0), extentOf(matrix, rowAxis, scope), constant(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  AxisIndex row = {loop.getInductionVar()};
  auto product = [&](const AxisIndex &at) -> Value {
    TileIndex index(2);
    index[rowAxis] = row;
    index[1 - rowAxis] = at;
    Value element = readTile(b, b.getLoc(), rows, index, scope.strip, width);
    Value factor = readTile(b, b.getLoc(), factors, {at}, scope.strip, width);
    return mlir::arith::MulFOp::create(b, element, factor);
  };
  Value sum =
      reduceRow(tile::ReduceKind::Add, scalar(op.getExtent(), scope), product);
  Memo memo;
  Value init = evaluate(op.getAccumulator(), {row}, scope, memo);
  writeTile(b, b.getLoc(), target, {row}, scope.strip,
            mlir::arith::AddFOp::create(b, init, sum));
  scope.placed[op.getResult()] = target;
}

} // namespace attnc::cpu
