//===- AttendCarry.cpp - softmax attention as a fold ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The carry of `attn.attend`: (m, l, o) per query row. m is the score, in
// powers of two, that exponentials are taken relative to; l their sum; o their
// weighted sum of values. `Dialect/Attn/IR/Carry.h` has the algebra.
//
// Two refinements over the textbook. Rescaling is lazy: m is only raised when a
// score exceeds it by more than 2^8, so o is rarely multiplied (the result is
// the same up to rounding, since m cancels; FlashAttention-4 does this too).
// And no finite number stands for minus infinity: a row that has seen no key
// has m = -inf, and is recognised at the end by l < 2^-60: the largest score of
// a row that saw one contributed 2^0 when m was set to it, and rescaling keeps
// l at about 1 or more relative to the new m.
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"
#include "attnc/Analysis/KeyRanges.h"
#include "attnc/Conversion/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace attnc::attn {
namespace {

using mlir::arith::CmpFPredicate;
using tile::ReduceKind;

/// Headroom of a score over m, in powers of two, before m is raised. Products
/// are at most 2^8 larger than with exact rescaling: far from overflow in f32.
constexpr double kRescaleThreshold = 8.0;

struct AttendCarry : CarryOpInterface::ExternalModel<AttendCarry, AttendOp> {
  /// Indices into `CarryContext::stationary`.
  enum Stationary { kQuery, kKeyHead };

  static ArrayRef<int64_t> shapeOf(Value tensor) {
    return cast<RankedTensorType>(tensor.getType()).getShape();
  }

  SmallVector<Value> buildGrid(Operation *operation, OpBuilder &builder) const {
    auto op = cast<AttendOp>(operation);
    Location loc = op.getLoc();
    SmallVector<Value> grid;
    for (int64_t axis = 0; axis < 3; ++axis)
      grid.push_back(
          mlir::tensor::DimOp::create(builder, loc, op.getQuery(), axis));
    auto schedule = op->getAttrOfType<ScheduleAttr>(kScheduleAttrName);
    Value rows = mlir::arith::ConstantIndexOp::create(builder, loc,
                                                      schedule.getQueryTile());
    grid[2] = mlir::arith::CeilDivUIOp::create(builder, loc, grid[2], rows);
    return grid;
  }

  SmallVector<int64_t> getCarryAxes(Operation *) const { return {0, 0, 0}; }

  CarryFootprint getFootprint(Operation *operation) const {
    auto op = cast<AttendOp>(operation);
    CarryFootprint footprint;
    footprint.hasRows = true;
    footprint.stationaryPerRow = shapeOf(op.getQuery())[3];
    footprint.carriedPerRow = shapeOf(op.getValue())[3];
    footprint.readPerKey = footprint.stationaryPerRow + footprint.carriedPerRow;
    return footprint;
  }

  void buildPrologue(Operation *operation, CarryContext &context) const {
    auto op = cast<AttendOp>(operation);
    TileBuilder b(context);
    Value query = context.inputs[0], key = context.inputs[1];
    Value queryLength = b.dim(query, 2);
    context.keyLength = b.dim(key, 2);
    Value row = mlir::arith::MulIOp::create(b, context.grid[2],
                                            b.index(context.queryTile));
    Value left = mlir::arith::SubIOp::create(b, queryLength, row);
    context.count =
        mlir::arith::MinSIOp::create(b, left, b.index(context.queryTile));
    // Bottom-right alignment: the last query is at the last key's position.
    Value offset =
        mlir::arith::SubIOp::create(b, context.keyLength, queryLength);
    context.first = mlir::arith::AddIOp::create(b, row, offset);

    int64_t dim = shapeOf(op.getQuery())[3];
    Value tile =
        b.load(query, {context.grid[0], context.grid[1], row, b.index(0)},
               {context.count, b.index(dim)}, {context.queryTile, dim});
    // Scaling the queries scales every score once. A score region sees the
    // natural score; without one the change to base two is free here.
    double scale = op.getEffectiveScale();
    if (op.getScore().empty())
      scale *= kLog2E;
    tile = b.mul(tile, b.constantLike(scale, tile));
    Value group =
        mlir::arith::DivUIOp::create(b, b.dim(query, 1), b.dim(key, 1));
    Value keyHead = mlir::arith::DivUIOp::create(b, context.grid[1], group);
    context.stationary = {tile, keyHead, row};
  }

  SmallVector<Value> buildInit(Operation *operation,
                               CarryContext &context) const {
    auto op = cast<AttendOp>(operation);
    TileBuilder b(context);
    double infinity = std::numeric_limits<double>::infinity();
    int64_t rows = context.queryTile;
    return {b.constant(-infinity, {rows}), b.constant(0, {rows}),
            b.constant(0, {rows, shapeOf(op.getValue())[3]})};
  }

  LogicalResult buildKeyRanges(Operation *operation, CarryContext &context,
                               Value first, Value count) const {
    auto op = cast<AttendOp>(operation);
    TileBuilder b(context);
    if (!op.getMask()) {
      Value zero = b.index(0), keys = context.keyLength;
      tile::VisitOp::create(b, zero, zero, keys, keys);
      return success();
    }
    llvm::Expected<MaskSet> mask =
        MaskSet::get(op.getMask()->getMask().predicate);
    if (!mask)
      return op.emitOpError(llvm::toString(mask.takeError()));
    KeyRanges ranges = KeyRanges::get(*mask, op.getContext());
    if (!ranges.isExact())
      op.emitRemark("keys are not skipped as exactly as the mask allows: ")
          << ranges.getReason();
    for (const KeyRangeValues &piece :
         emitKeyRanges(b, b.getLoc(), ranges.getPieces(), context.grid[0], context.grid[1],
                       first, count, context.keyLength))
      tile::VisitOp::create(b, piece.begin, piece.fullBegin, piece.fullEnd,
                            piece.end);
    return success();
  }

  SmallVector<Value> buildStep(Operation *operation, CarryContext &context,
                               Value key, Value count, ValueRange carry) const {
    auto op = cast<AttendOp>(operation);
    TileBuilder b(context);
    Value scores = buildScores(op, context, b, key, count);
    Value highest = b.reduce(ReduceKind::Max, scores, 1, count);
    SmallVector<Value> scaled = buildRescale(b, carry, highest);
    Value base = finiteBase(b, scaled[0]);
    Value weights =
        b.exp2(b.sub(scores, b.broadcast(base, 0, b.shapeOf(scores))));
    Value sum = b.add(scaled[1], b.reduce(ReduceKind::Add, weights, 1, count));
    int64_t valueDim = shapeOf(op.getValue())[3];
    Value values =
        b.load(context.inputs[2],
               {context.grid[0], context.stationary[kKeyHead], key, b.index(0)},
               {count, b.index(valueDim)}, {context.keyTile, valueDim});
    Value output = b.contract(weights, 1, values, 0, scaled[2], count);
    return {scaled[0], sum, output};
  }

  FailureOr<SmallVector<Value>> buildCombine(Operation *, CarryContext &context,
                                             ValueRange left,
                                             ValueRange right) const {
    TileBuilder b(context);
    Value highest = b.max(left[0], right[0]);
    Value base = finiteBase(b, highest);
    SmallVector<Value> merged = {highest};
    Value leftFactor = b.exp2(b.sub(left[0], base));
    Value rightFactor = b.exp2(b.sub(right[0], base));
    merged.push_back(
        b.add(b.mul(left[1], leftFactor), b.mul(right[1], rightFactor)));
    ArrayRef<int64_t> shape = b.shapeOf(left[2]);
    merged.push_back(
        b.add(b.mul(left[2], b.broadcast(leftFactor, 0, shape)),
              b.mul(right[2], b.broadcast(rightFactor, 0, shape))));
    return merged;
  }

  void buildFinish(Operation *operation, CarryContext &context,
                   ValueRange carry) const {
    auto op = cast<AttendOp>(operation);
    TileBuilder b(context);
    Value sum = carry[1];
    Value isEmpty = b.compare(CmpFPredicate::OLT, sum,
                              b.constantLike(std::ldexp(1.0, -60), sum));
    ArrayRef<int64_t> shape = b.shapeOf(carry[2]);
    Value inverse = b.div(b.constantLike(1, sum), sum);
    Value output =
        b.select(b.broadcast(isEmpty, 0, shape), b.constant(0, shape),
                 b.mul(carry[2], b.broadcast(inverse, 0, shape)));
    Value row = context.stationary.back();
    SmallVector<Value> offsets = {context.grid[0], context.grid[1], row};
    if (op.getLse()) {
      double infinity = std::numeric_limits<double>::infinity();
      Value natural = b.mul(carry[0], b.constantLike(kLn2, sum));
      Value lse = b.add(natural, mlir::math::LogOp::create(b, sum));
      lse = b.select(isEmpty, b.constantLike(-infinity, sum), lse);
      tile::StoreOp::create(b, lse, context.outputs[1], offsets, context.count);
    }
    offsets.push_back(b.index(0));
    tile::StoreOp::create(b, output, context.outputs[0], offsets,
                          ValueRange{context.count, b.index(shape[1])});
  }

private:
  /// Scores of the query tile against `count` keys, in powers of two, -inf
  /// where the mask forbids.
  static Value buildScores(AttendOp op, CarryContext &context, TileBuilder &b,
                           Value key, Value count) {
    int64_t dim = shapeOf(op.getKey())[3];
    SmallVector<int64_t> shape = {context.queryTile, context.keyTile};
    Value keys =
        b.load(context.inputs[1],
               {context.grid[0], context.stationary[kKeyHead], key, b.index(0)},
               {count, b.index(dim)}, {context.keyTile, dim});
    Value scores = b.contract(context.stationary[kQuery], 1, keys, 1,
                              b.constant(0, shape), b.index(dim));
    if (op.getScore().empty() && !op.getMask())
      return scores;
    Value queryPosition =
        b.broadcast(b.iota(context.first, context.queryTile), 0, shape);
    Value keyPosition = b.broadcast(b.iota(key, context.keyTile), 1, shape);
    if (!op.getScore().empty()) {
      scores = applyToTiles(b, op.getScore(),
                            {scores, context.grid[0], context.grid[1],
                             queryPosition, keyPosition},
                            shape, context.tables);
      scores = b.mul(scores, b.constant(kLog2E, shape));
    }
    if (op.getMask()) {
      double infinity = std::numeric_limits<double>::infinity();
      Value allowed = emitPredicate(
          b, b.getLoc(), op.getMask()->getMask().predicate,
          b.splat(context.grid[0], shape), b.splat(context.grid[1], shape),
          queryPosition, keyPosition);
      scores = tile::GuardOp::create(b, scores.getType(), allowed, scores,
                                     b.constant(-infinity, shape));
    }
    return scores;
  }

  /// The carry relative to a base that no score exceeds by more than the
  /// threshold.
  static SmallVector<Value> buildRescale(TileBuilder &b, ValueRange carry,
                                         Value highest) {
    Value limit = b.add(carry[0], b.constantLike(kRescaleThreshold, carry[0]));
    Value exceeds = b.compare(CmpFPredicate::OGT, highest, limit);
    Value need = tile::AnyOp::create(b, exceeds);
    auto branch = mlir::scf::IfOp::create(b, carry.getTypes(), need,
                                          /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    Value raised = b.max(carry[0], highest);
    Value factor = b.exp2(b.sub(carry[0], finiteBase(b, raised)));
    Value sum = b.mul(carry[1], factor);
    Value output = b.mul(carry[2], b.broadcast(factor, 0, b.shapeOf(carry[2])));
    mlir::scf::YieldOp::create(b, ValueRange{raised, sum, output});
    b.setInsertionPointToStart(branch.elseBlock());
    mlir::scf::YieldOp::create(b, carry);
    return branch.getResults();
  }

  /// `base`, or 0 where it is -inf: -inf - (-inf) would be NaN, -inf - 0 is the
  /// -inf that exp2 makes vanish.
  static Value finiteBase(TileBuilder &b, Value base) {
    double infinity = std::numeric_limits<double>::infinity();
    Value isNone =
        b.compare(CmpFPredicate::OEQ, base, b.constantLike(-infinity, base));
    return b.select(isNone, b.constantLike(0, base), base);
  }
};

} // namespace

void registerAttendCarry(MLIRContext *context) {
  AttendOp::attachInterface<AttendCarry>(*context);
}

} // namespace attnc::attn
