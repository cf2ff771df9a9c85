//===- LowerRecurrences.cpp - rows that follow from earlier ones ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Running products, decayed products and triangular systems. All go down the
// rows; what is kept in registers between two rows is a block of rows.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace attnc::cpu {

using mlir::VectorType;
namespace arith = mlir::arith;

static RankedTensorType tileType(Value tile) {
  return cast<RankedTensorType>(tile.getType());
}

Value KernelEmitter::splat(float value) {
  auto type = VectorType::get({width}, b.getF32Type());
  return arith::ConstantOp::create(b,
                                   mlir::DenseElementsAttr::get(type, value));
}

/// `vector` in the first `count` lanes, `otherwise` behind them.
Value KernelEmitter::firstLanes(int64_t count, Value vector, Value otherwise) {
  if (count >= width)
    return vector;
  if (count <= 0)
    return otherwise;
  auto type = VectorType::get({width}, b.getI1Type());
  Value mask = mlir::vector::ConstantMaskOp::create(
      b, type, b.getDenseI64ArrayAttr({count}));
  return arith::SelectOp::create(b, mask, vector, otherwise);
}

/// `count` rows from `first` on, none behind row `last`.
SmallVector<Value> KernelEmitter::rowsUpTo(Value last, Value first,
                                           int64_t count) {
  SmallVector<Value> rows;
  for (int64_t r = 0; r < count; ++r) {
    Value row = arith::AddIOp::create(b, first, constant(r));
    rows.push_back(arith::MinSIOp::create(b, row, last));
  }
  return rows;
}

/// Shares its operand's buffer, of which the axes have changed their names.
void KernelEmitter::lowerTranspose(tile::TransposeOp op, Scope &scope) {
  Value tile = op.getTile();
  Placement placement;
  if (axes.isShared(tile)) {
    placement = lanesOf(tile, /*laneAxis=*/0, scope);
  } else {
    materialize(tile, scope);
    placement = scope.placed.lookup(tile);
  }
  placement.laneAxis = 1 - placement.laneAxis;
  scope.placed[op.getResult()] = placement;
}

/// Element by element: what is read backwards is small.
LogicalResult KernelEmitter::lowerFlip(tile::FlipOp op, Scope &scope) {
  Value tile = op.getTile(), result = op.getResult();
  if (!axes.isShared(tile))
    return op.emitOpError("is of a tile that strips have parts of, which is "
                          "not supported on cpu; flip a shared tile");
  materialize(tile, scope);
  const Placement from = scope.placed.lookup(tile);
  Placement target = allocateTemporary(result, scope);
  Value last =
      arith::SubIOp::create(b, scalar(op.getExtent(), scope), constant(1));
  OpBuilder::InsertionGuard guard(b);
  TileIndex index;
  for (int64_t axis = 0; axis < tileType(tile).getRank(); ++axis) {
    auto loop = mlir::scf::ForOp::create(
        b, constant(0), extentOf(result, axis, scope), constant(1));
    b.setInsertionPointToStart(loop.getBody());
    index.push_back({loop.getInductionVar()});
  }
  TileIndex source = index;
  source.back().index = arith::SubIOp::create(b, last, index.back().index);
  Value element = readTile(b, b.getLoc(), from, source, scope.strip, width);
  writeTile(b, b.getLoc(), target, index, scope.strip, element);
  scope.placed[result] = target;
  return success();
}

LogicalResult
KernelEmitter::lowerCumulativeProduct(tile::CumulativeProductOp op,
                                      Scope &scope) {
  Value tile = op.getTile(), extent = scalar(op.getExtent(), scope);
  if (!axes.isShared(tile))
    return op.emitOpError("is of a tile that strips have parts of, which is "
                          "not supported on cpu; multiply a shared tile");
  Placement target = allocateTemporary(op.getResult(), scope);
  int64_t lanes = llvm::alignTo(tileType(tile).getDimSize(1), width);
  auto columns = mlir::scf::ForOp::create(b, constant(0), constant(lanes),
                                          constant(width));
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(columns.getBody());
    auto rows =
        mlir::scf::ForOp::create(b, constant(0), extent, constant(1), splat(1));
    b.setInsertionPointToStart(rows.getBody());
    Value row = rows.getInductionVar();
    if (op.getSuffix()) {
      Value last = arith::SubIOp::create(b, extent, constant(1));
      row = arith::SubIOp::create(b, last, row);
    }
    TileIndex index = {{row}, {columns.getInductionVar(), /*isVector=*/true}};
    Memo memo;
    Value product = rows.getRegionIterArgs()[0];
    Value next = arith::MulFOp::create(
        b, product, asVector(evaluate(tile, index, scope, memo)));
    writeTile(b, b.getLoc(), target, index, scope.strip,
              op.getSuffix() ? product : next);
    mlir::scf::YieldOp::create(b, next);
  }
  finishPending(scope);
  scope.placed[op.getResult()] = target;
  return success();
}

/// A decayed product, with a vector of rows of rhs along the lanes.
struct KernelEmitter::DecayedBlock {
  Placement lhs, factors, target;
  /// What the rows along the lanes have become at the row before the block, one
  /// vector for each of their elements.
  Value decayed;
  Value dim, lastRow;
  /// The first of the rows along the lanes.
  AxisIndex lanes;
};

/// For each vector of rows j: zero at earlier rows i, the rows of the vector
/// itself, later rows.
LogicalResult KernelEmitter::lowerDecayedProduct(tile::DecayedProductOp op,
                                                 Scope &scope) {
  if (!axes.isShared(op.getResult()) || !axes.isShared(op.getLhs()))
    return op.emitOpError("is of tiles that strips have parts of, which is "
                          "not supported on cpu; multiply shared tiles");
  materialize(op.getLhs(), scope);
  materialize(op.getFactors(), scope);
  const Placement rhs = lanesOf(op.getRhs(), /*laneAxis=*/0, scope);
  DecayedBlock block;
  block.lhs = scope.placed.lookup(op.getLhs());
  block.factors = scope.placed.lookup(op.getFactors());
  block.target = allocateTemporary(op.getResult(), scope);
  block.decayed = allocate({tileType(op.getLhs()).getDimSize(1), width});
  block.dim = extentOf(op.getLhs(), 1, scope);
  Value extent = scalar(op.getExtent(), scope), zero = constant(0),
        one = constant(1);
  block.lastRow = arith::SubIOp::create(b, extent, one);

  auto groups = mlir::scf::ForOp::create(b, zero, extent, constant(width));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(groups.getBody());
  Value first = groups.getInductionVar();
  block.lanes = {first, /*isVector=*/true};
  auto forEach = [&](Value begin, Value end, int64_t step,
                     function_ref<void(Value)> body) {
    auto loop = mlir::scf::ForOp::create(b, begin, end, constant(step));
    OpBuilder::InsertionGuard inner(b);
    b.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar());
  };
  forEach(zero, first, 1, [&](Value row) {
    writeTile(b, b.getLoc(), block.target, {{row}, block.lanes}, scope.strip,
              splat(0));
  });
  forEach(zero, block.dim, 1, [&](Value e) {
    Value rows =
        readTile(b, b.getLoc(), rhs, {block.lanes, {e}}, scope.strip, width);
    mlir::vector::StoreOp::create(b, rows, block.decayed, ValueRange{e, zero});
  });
  int64_t own = 0;
  for (; own < width; own += kLargestRowBlock) {
    Value row = arith::AddIOp::create(b, first, constant(own));
    // At most once: whether the block has a row at all.
    Value end =
        arith::MinSIOp::create(b, extent, arith::AddIOp::create(b, row, one));
    forEach(row, end, 1, [&](Value at) { decayedRows(block, at, own, scope); });
  }
  forEach(arith::AddIOp::create(b, first, constant(own)), extent,
          kLargestRowBlock,
          [&](Value at) { decayedRows(block, at, /*own=*/width, scope); });
  scope.placed[op.getResult()] = block.target;
  return success();
}

/// Rows from `row` on, of which the first is `own` rows behind the first one
/// along the lanes; or all are behind all of those.
void KernelEmitter::decayedRows(const DecayedBlock &block, Value row,
                                int64_t own, Scope &scope) {
  SmallVector<Value> rows = rowsUpTo(block.lastRow, row, kLargestRowBlock);
  auto type = VectorType::get({width}, b.getF32Type());
  SmallVector<Value> init(kLargestRowBlock, splat(0));
  auto loop =
      mlir::scf::ForOp::create(b, constant(0), block.dim, constant(1), init);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value e = loop.getInductionVar(), zero = constant(0);
    auto factorOf = [&](const Placement &placement, Value at) {
      return asVector(
          readTile(b, b.getLoc(), placement, {{at}, {e}}, scope.strip, width));
    };
    Value decayed = mlir::vector::LoadOp::create(b, type, block.decayed,
                                                 ValueRange{e, zero});
    SmallVector<Value> sums;
    for (auto [r, at] : llvm::enumerate(rows)) {
      // A row begins to decay behind itself.
      if (own + (int64_t)r > 0)
        decayed = arith::MulFOp::create(
            b, decayed,
            firstLanes(own + r, factorOf(block.factors, at), splat(1)));
      sums.push_back(mlir::vector::FMAOp::create(
          b, factorOf(block.lhs, at), decayed, loop.getRegionIterArgs()[r]));
    }
    mlir::vector::StoreOp::create(b, decayed, block.decayed,
                                  ValueRange{e, zero});
    mlir::scf::YieldOp::create(b, sums);
  }
  for (int64_t r = 0; r < kLargestRowBlock; ++r) {
    Value at = arith::AddIOp::create(b, row, constant(r));
    writeTile(b, b.getLoc(), block.target, {{at}, block.lanes}, scope.strip,
              firstLanes(own + r + 1, loop.getResult(r), splat(0)));
  }
}

/// A block of rows takes away what it knows of all earlier rows, as a product
/// does; then row after row what is left of its own.
LogicalResult KernelEmitter::lowerSolve(tile::SolveOp op, Scope &scope) {
  Value result = op.getResult(), rhs = op.getRhs();
  if (axes.of(result) != 1 || !axes.isShared(op.getLhs()))
    return op.emitOpError("is of columns that are not independent, which is "
                          "not supported on cpu");
  materialize(op.getLhs(), scope);
  const Placement lhs = scope.placed.lookup(op.getLhs());
  Placement target = allocateTemporary(result, scope);
  Value extent = scalar(op.getExtent(), scope);
  Value last = arith::SubIOp::create(b, extent, constant(1));
  int64_t vectors = vectorsIn(axes.getLanes()), rows = rowsPerBlock(vectors);
  auto factor = [&](Value row, Value column) {
    Value known =
        readTile(b, b.getLoc(), lhs, {{row}, {column}}, scope.strip, width);
    return asVector(arith::NegFOp::create(b, known));
  };
  auto solveRows = [&](Value first, Scope &inner) {
    SmallVector<Value> at = rowsUpTo(last, first, rows), sums;
    for (Value row : at)
      for (int64_t v = 0; v < vectors; ++v) {
        Memo memo;
        sums.push_back(
            asVector(evaluate(rhs, {{row}, chunkIndex(v)}, inner, memo)));
      }
    auto loop =
        mlir::scf::ForOp::create(b, constant(0), first, constant(1), sums);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      Value column = loop.getInductionVar();
      SmallVector<Value> known, next;
      for (int64_t v = 0; v < vectors; ++v)
        known.push_back(readTile(b, b.getLoc(), target,
                                 {{column}, chunkIndex(v)}, inner.strip,
                                 width));
      for (auto [r, row] : llvm::enumerate(at)) {
        Value by = factor(row, column);
        for (int64_t v = 0; v < vectors; ++v)
          next.push_back(mlir::vector::FMAOp::create(
              b, by, known[v], loop.getRegionIterArgs()[r * vectors + v]));
      }
      mlir::scf::YieldOp::create(b, next);
    }
    sums = loop.getResults();
    for (int64_t r = 1; r < rows; ++r)
      for (int64_t s = 0; s < r; ++s) {
        Value by = factor(at[r], at[s]);
        for (int64_t v = 0; v < vectors; ++v)
          sums[r * vectors + v] = mlir::vector::FMAOp::create(
              b, by, sums[s * vectors + v], sums[r * vectors + v]);
      }
    for (int64_t r = 0; r < rows; ++r) {
      Value row = arith::AddIOp::create(b, first, constant(r));
      for (int64_t v = 0; v < vectors; ++v)
        writeTile(b, b.getLoc(), target, {{row}, chunkIndex(v)}, inner.strip,
                  sums[r * vectors + v]);
    }
  };
  forEachStrip(scope, [&](Scope &inner) {
    auto loop =
        mlir::scf::ForOp::create(b, constant(0), extent, constant(rows));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    solveRows(loop.getInductionVar(), inner);
  });
  finishPending(scope);
  scope.placed[result] = target;
  return success();
}

} // namespace attnc::cpu
