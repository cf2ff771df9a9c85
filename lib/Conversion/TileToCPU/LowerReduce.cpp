//===- LowerReduce.cpp - reductions of tiles ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Across rows, a reduction is one accumulator for each vector; along the lanes,
// vectors first and their elements at the end.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace attnc::cpu {

using mlir::VectorType;

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

/// Combines two elements or vectors. The comparison keeps `sum` where `value`
/// is NaN, which is what one maxps does.
static Value combine(mlir::ImplicitLocOpBuilder &b, tile::ReduceKind kind,
                     Value sum, Value value) {
  if (kind == tile::ReduceKind::Add)
    // A product that may be fused with its sum is.
    return mlir::arith::AddFOp::create(
        b, sum, value,
        mlir::arith::FastMathFlagsAttr::get(
            b.getContext(), mlir::arith::FastMathFlags::contract));
  Value isLarger = mlir::arith::CmpFOp::create(
      b, mlir::arith::CmpFPredicate::OGT, value, sum);
  return mlir::arith::SelectOp::create(b, isLarger, value, sum);
}

/// The elements of a vector combined, halves of it first. A vector.reduction
/// goes from one lane to the next: its sum is in their order, and its maximum
/// minds NaN at each of them.
static Value combineLanes(mlir::ImplicitLocOpBuilder &b, tile::ReduceKind kind,
                          Value vector) {
  auto part = [&](int64_t begin, int64_t size) -> Value {
    int64_t stride = 1;
    return mlir::vector::ExtractStridedSliceOp::create(b, vector, begin, size,
                                                       stride);
  };
  int64_t lanes = cast<VectorType>(vector.getType()).getNumElements();
  for (; lanes > 1; lanes /= 2)
    vector = combine(b, kind, part(0, lanes / 2), part(lanes / 2, lanes / 2));
  return mlir::vector::ExtractOp::create(b, vector, int64_t(0));
}

/// Reduces along the lanes: `read` gives a vector or an element of one row.
Value KernelEmitter::reduceRow(tile::ReduceKind kind, Value extent,
                               function_ref<Value(const AxisIndex &)> read) {
  auto vectorType = VectorType::get({width}, b.getF32Type());
  Value whole = wholeVectors(extent);
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
  return reduce(whole, extent, 1, combineLanes(b, kind, vector));
}

/// Along the lanes of a shared tile, row by row.
void KernelEmitter::reduceAlongLanes(tile::ReduceOp op, Scope &scope) {
  Value tile = op.getTile(), extent = scalar(op.getExtent(), scope);
  materialize(tile, scope);
  const Placement from = scope.placed.lookup(tile);
  if (cast<RankedTensorType>(tile.getType()).getRank() == 1) {
    Value sum = reduceRow(op.getKind(), extent, [&](const AxisIndex &lane) {
      return readTile(b, b.getLoc(), from, {lane}, scope.strip, width);
    });
    scope.scalars.map(op.getResult(), sum);
    return;
  }
  Placement target = allocateTemporary(op.getResult(), scope);
  auto rows = mlir::scf::ForOp::create(b, constant(0), extentOf(tile, 0, scope),
                                       constant(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(rows.getBody());
  Value row = rows.getInductionVar();
  Value sum = reduceRow(op.getKind(), extent, [&](const AxisIndex &lane) {
    return readTile(b, b.getLoc(), from, {AxisIndex{row}, lane}, scope.strip,
                    width);
  });
  writeTile(b, b.getLoc(), target, {AxisIndex{row}}, scope.strip, sum);
  scope.placed[op.getResult()] = target;
}

void KernelEmitter::lowerReduce(tile::ReduceOp op, Scope &scope) {
  Value tile = op.getTile();
  int64_t rank = cast<RankedTensorType>(tile.getType()).getRank();
  int64_t axis = op.getAxis();
  if (axes.isShared(tile) && axis == rank - 1)
    return reduceAlongLanes(op, scope);

  // Across rows: one accumulator for each vector of the result.
  Value extent = scalar(op.getExtent(), scope);
  auto vectorType = VectorType::get({width}, b.getF32Type());
  mlir::arith::TruncFOp rounding = roundingOf(op, scope);
  auto reduceVectors = [&](ArrayRef<AxisIndex> lanes, Scope &inner) {
    SmallVector<Value> init(lanes.size(),
                            identityOf(b, op.getKind(), vectorType));
    auto combineOne = [&](Value sum, Value value) {
      return combine(b, op.getKind(), sum, value);
    };
    if (rounding)
      return roundInPairs({rounding, pending[rounding.getResult()], extent,
                           SmallVector<AxisIndex>(lanes), combineOne},
                          init, inner);
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
    if (rounding)
      pending[rounding.getResult()] = inPlaceOrTemporary(rounding, scope);
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

/// Running sums of a shared tile: one element at a time for a rank-1 tile, one
/// vector at a time down the rows of a rank-2 tile.
LogicalResult KernelEmitter::lowerCumulativeSum(tile::CumulativeSumOp op,
                                                Scope &scope) {
  Value tile = op.getTile();
  auto type = cast<RankedTensorType>(tile.getType());
  if (!axes.isShared(tile) || op.getAxis() != 0)
    return op.emitOpError("runs along the lanes of the tile, which is not "
                          "supported on cpu; sum a shared tile along axis 0");
  Placement target = allocateTemporary(op.getResult(), scope);
  auto sumDown = [&](ArrayRef<AxisIndex> lane, Type sumType) {
    auto loop = mlir::scf::ForOp::create(
        b, constant(0), extentOf(tile, 0, scope), constant(1),
        identityOf(b, tile::ReduceKind::Add, sumType));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    TileIndex index = {{loop.getInductionVar()}};
    index.append(lane.begin(), lane.end());
    Memo memo;
    Value value = evaluate(tile, index, scope, memo);
    if (!lane.empty())
      value = asVector(value);
    Value sum =
        mlir::arith::AddFOp::create(b, loop.getRegionIterArgs()[0], value);
    writeTile(b, b.getLoc(), target, index, scope.strip, sum);
    mlir::scf::YieldOp::create(b, sum);
  };
  if (type.getRank() == 1) {
    sumDown({}, b.getF32Type());
  } else {
    auto lanes = mlir::scf::ForOp::create(
        b, constant(0), constant(llvm::alignTo(type.getDimSize(1), width)),
        constant(width));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(lanes.getBody());
    sumDown(AxisIndex{lanes.getInductionVar(), /*isVector=*/true},
            VectorType::get({width}, b.getF32Type()));
  }
  finishPending(scope);
  scope.placed[op.getResult()] = target;
  return success();
}

/// The vectors of a whole rank-1 tile of i1, false beyond its extent.
SmallVector<Value> KernelEmitter::evaluateValid(Value tile, Scope &scope) {
  auto type = cast<RankedTensorType>(tile.getType());
  Value extent = extentOf(tile, 0, scope);
  auto maskType = VectorType::get({width}, b.getI1Type());
  SmallVector<Value> vectors;
  for (int64_t chunk = 0; chunk < vectorsIn(type.getDimSize(0)); ++chunk) {
    Memo memo;
    Value vector = asVector(evaluate(tile, {chunkIndex(chunk)}, scope, memo));
    Value left =
        mlir::arith::SubIOp::create(b, extent, constant(chunk * width));
    Value valid = mlir::vector::CreateMaskOp::create(b, maskType, left);
    vectors.push_back(mlir::arith::AndIOp::create(b, vector, valid));
  }
  return vectors;
}

void KernelEmitter::lowerAny(tile::AnyOp op, Scope &scope) {
  SmallVector<Value> vectors = isUncut ? evaluateValid(op.getTile(), scope)
                                       : evaluateStrip(op.getTile(), scope);
  Value any = vectors[0];
  for (Value vector : ArrayRef(vectors).drop_front())
    any = mlir::arith::OrIOp::create(b, any, vector);
  Value result = mlir::vector::ReductionOp::create(
      b, mlir::vector::CombiningKind::OR, any);
  scope.scalars.map(op.getResult(), result);
}

} // namespace attnc::cpu
