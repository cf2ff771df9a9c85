//===- ScanCarry.cpp - a matrix state as a fold over chunks ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The carry of `attn.scan`: the state S and, with `normalize`, z. A step
// absorbs a chunk of positions; with q, k and v after their regions, and the
// products of decays that ChunkDecay.h names,
//
//     out = lower(pairs(q, k)) v + before(q) S
//     S'  = state(S) + after(k)^T v
//
// The delta rule writes u in the place of v, which is what is left of v when
// the state and the chunk's earlier rows have been read with k (the WY form of
// Yang et al. 2024, "Parallelizing linear transformers with the delta rule"):
//
//     (1 + strictlyLower(beta pairs(k, k))) u = beta (v - before(k) S)
//
// With a decay of each element of the state no product of matrices is left; a
// step is one position then, and its work that of the recurrence. So it is
// where there are few positions:
//
//     S'  = a S + k^T v,  u in the place of v = beta (v - k a S)
//     out = q S'
//
// Value columns are independent of each other; everything that does not depend
// on them (products of queries and keys, decays) is shared between strips.
//
//===----------------------------------------------------------------------===//

#include "ChunkDecay.h"
#include "ScanPlace.h"
#include "attnc/Conversion/Passes.h"

namespace attnc::attn {
namespace {

using mlir::arith::CmpIPredicate;
using tile::ReduceKind;

struct ScanCarry : CarryOpInterface::ExternalModel<ScanCarry, ScanOp> {
  static int64_t dimOf(ScanOp op) {
    return op.getQuery().getType().getShape()[3];
  }
  static int64_t valueDimOf(ScanOp op) {
    return op.getValue().getType().getShape()[3];
  }
  /// Value columns of a tile: the value dim rounded up to whole strips.
  static int64_t columns(ScanOp op, const CarryContext &context) {
    return llvm::alignTo(valueDimOf(op), context.lanes);
  }

  SmallVector<Value> buildGrid(Operation *operation, OpBuilder &builder,
                               const KernelPlan &) const {
    return ScanPlace::buildGrid(cast<ScanOp>(operation), builder);
  }

  Value buildPositionCount(Operation *operation, OpBuilder &builder) const {
    return ScanPlace::buildPositionCount(cast<ScanOp>(operation), builder);
  }

  SmallVector<int64_t> getCarryAxes(Operation *operation) const {
    if (cast<ScanOp>(operation).getNormalize())
      return {1, -1};
    return {1};
  }

  CarryFootprint getFootprint(Operation *operation) const {
    auto op = cast<ScanOp>(operation);
    CarryFootprint footprint;
    footprint.independentSize = valueDimOf(op);
    footprint.carriedPerRow = dimOf(op);
    footprint.readPerKey = 2 * dimOf(op) + valueDimOf(op);
    if (op.getDecayRank() == 2)
      footprint.mostKeys = 1;
    footprint.isResumable = static_cast<bool>(op.getFinalState());
    return footprint;
  }

  FailureOr<SmallVector<Value>> buildTables(Operation *operation,
                                            OpBuilder &builder) const {
    return ScanPlace::buildTables(cast<ScanOp>(operation), builder);
  }

  void buildPrologue(Operation *operation, CarryContext &context) const {
    TileBuilder b(context);
    ScanPlace::buildPrologue(cast<ScanOp>(operation), context, b);
  }

  SmallVector<Value> buildInit(Operation *operation,
                               CarryContext &context) const {
    auto op = cast<ScanOp>(operation);
    TileBuilder b(context);
    ScanPlace place(op, context);
    int64_t dim = dimOf(op), width = columns(op, context);
    SmallVector<Value> carry = {b.constant(0, {dim, width})};
    unsigned input = op.getStarts() ? 4 : 3;
    if (op.getInitialState())
      carry[0] = place.loadState(b, context.inputs[input++],
                                 {dim, valueDimOf(op)}, {dim, width});
    if (op.getNormalize()) {
      carry.push_back(b.constant(0, {dim}));
      if (op.getInitialNormalizer())
        carry[1] = place.loadState(b, context.inputs[input], {dim}, {dim});
    }
    return carry;
  }

  LogicalResult buildKeyRanges(Operation *operation, CarryContext &context,
                               Value, Value) const {
    TileBuilder b(context);
    ScanPlace place(cast<ScanOp>(operation), context);
    tile::VisitOp::create(b, place.begin, place.begin, place.end, place.end);
    return success();
  }

  SmallVector<Value> buildStep(Operation *operation, CarryContext &context,
                               Value key, Value count, ValueRange carry) const {
    auto op = cast<ScanOp>(operation);
    TileBuilder b(context);
    if (context.keyTile == 1)
      return buildPositionStep(op, context, b, key, count, carry);
    return buildChunkStep(op, context, b, key, count, carry);
  }

  FailureOr<SmallVector<Value>> buildCombine(Operation *operation,
                                             CarryContext &, ValueRange,
                                             ValueRange) const {
    return refuseSplits(operation);
  }

  void buildFinish(Operation *operation, CarryContext &context,
                   ValueRange carry) const {
    auto op = cast<ScanOp>(operation);
    TileBuilder b(context);
    ScanPlace place(op, context);
    unsigned output = 1;
    if (op.getFinalState())
      place.storeState(b, carry[0], context.outputs[output++],
                       {dimOf(op), valueDimOf(op)});
    if (op.getFinalNormalizer())
      place.storeState(b, carry[1], context.outputs[output], {dimOf(op)});
  }

private:
  /// Applies a region to `tile`, whose axes are `axes`; without one, nothing.
  static Value apply(TileBuilder &b, Region &region, Value tile,
                     ArrayRef<RegionArgument> positions,
                     ArrayRef<TileAxis> axes, const CarryContext &context) {
    if (region.empty())
      return tile;
    SmallVector<RegionArgument> arguments(positions);
    arguments.push_back(tile);
    return applyToTiles(b, region, arguments, axes, context.tables);
  }

  //===--------------------------------------------------------------------===//
  // A chunk of positions
  //===--------------------------------------------------------------------===//

  static SmallVector<Value> buildChunkStep(ScanOp op, CarryContext &context,
                                           TileBuilder &b, Value key,
                                           Value count, ValueRange carry) {
    ScanPlace place(op, context);
    int64_t chunk = context.keyTile, dim = dimOf(op);
    SmallVector<int64_t> square = {chunk, chunk};
    TileAxis positions = place.getPositions(b, key, count, chunk);
    TileAxis columnAxis = getColumns(op, context, b);
    SmallVector<RegionArgument> where = {place.batch, place.head,
                                         RegionArgument::position(0)};
    auto loadRows = [&](unsigned input, Value head, int64_t width,
                        int64_t capacity) {
      return b.load(context.inputs[input], {place.batch, head, key, b.index(0)},
                    {count, b.index(width)}, {chunk, capacity});
    };
    TileAxis rowAxis = {dim, b.index(0), b.index(dim)};
    auto loadFeatures = [&](unsigned input) {
      return apply(b, op.getFeature(), loadRows(input, place.keyHead, dim, dim),
                   {}, {positions, rowAxis}, context);
    };
    Value queries = loadFeatures(0), keys = loadFeatures(1);
    SmallVector<RegionArgument> elementOf = where;
    elementOf.push_back(RegionArgument::position(1));
    Value values =
        apply(b, op.getWrite(),
              loadRows(2, place.head, valueDimOf(op), columns(op, context)),
              elementOf, {positions, columnAxis}, context);
    std::unique_ptr<ChunkDecay> decay = makeChunkDecay(
        b, chunk, dim, count,
        buildLogarithms(op, context, b, where, {positions, rowAxis}));

    Value weights = decay->pairs(queries, keys);
    Value position = b.iota(b.index(0), chunk);
    Value isPast = mlir::arith::CmpIOp::create(
        b, CmpIPredicate::ule, b.broadcast(position, 1, square),
        b.broadcast(position, 0, square));
    weights = b.select(isPast, weights, b.constant(0, square));
    if (!op.getBeta().empty()) {
      Value beta =
          applyToTiles(b, op.getBeta(), where, positions, context.tables);
      values = buildWritten(b, *decay, keys, values, beta, carry[0], count);
    }

    // Within the chunk, then from the state before it.
    Value seen = decay->before(queries);
    Value out = b.contract(weights, 1, values, 0,
                           b.constant(0, b.shapeOf(values)), count);
    out = b.contract(seen, 1, carry[0], 0, out, b.index(dim));
    Value left = decay->after(keys);
    SmallVector<Value> next = {
        b.contract(left, 0, values, 0, decay->state(carry[0]), count)};
    if (op.getNormalize()) {
      Value row = b.reduce(ReduceKind::Add, weights, 1, count);
      Value divisor = b.contract(seen, 1, carry[1], 0, row, b.index(dim));
      out = b.div(out, b.broadcast(divisor, 0, b.shapeOf(out)));
      next.push_back(b.add(decay->state(carry[1]),
                           b.reduce(ReduceKind::Add, left, 0, count)));
    }
    out = apply(b, op.getOutput(), out, elementOf, {positions, columnAxis},
                context);
    tile::StoreOp::create(b, out, context.outputs[0],
                          ValueRange{place.batch, place.head, key, b.index(0)},
                          ValueRange{count, b.index(valueDimOf(op))});
    return next;
  }

  /// What the delta rule writes in the place of `values`.
  static Value buildWritten(TileBuilder &b, ChunkDecay &decay, Value keys,
                            Value values, Value beta, Value state,
                            Value count) {
    Value known = decay.pairs(keys, keys);
    known = b.mul(known, b.broadcast(beta, 0, b.shapeOf(known)));
    Value fromState = b.contract(decay.before(keys), 1, state, 0,
                                 b.constant(0, b.shapeOf(values)),
                                 b.index(b.shapeOf(keys)[1]));
    Value difference = b.mul(b.sub(values, fromState),
                             b.broadcast(beta, 0, b.shapeOf(values)));
    return tile::SolveOp::create(b, difference.getType(), known, difference,
                                 count);
  }

  /// The decays of a chunk as logarithms to the base 2, or null.
  static Value buildLogarithms(ScanOp op, CarryContext &context, TileBuilder &b,
                               ArrayRef<RegionArgument> where,
                               ArrayRef<TileAxis> axes) {
    if (op.getDecay().empty())
      return {};
    SmallVector<RegionArgument> arguments(where);
    if (op.getDecayRank() == 1)
      arguments.push_back(RegionArgument::position(1));
    Value decay =
        applyToTiles(b, op.getDecay(), arguments,
                     axes.take_front(1 + op.getDecayRank()), context.tables);
    return b.mul(decay, b.constantLike(kLog2E, decay));
  }

  static TileAxis getColumns(ScanOp op, const CarryContext &context,
                             TileBuilder &b) {
    return b.columns(valueDimOf(op), context.lanes);
  }

  //===--------------------------------------------------------------------===//
  // One position
  //===--------------------------------------------------------------------===//

  /// The position that a step absorbs, and the axes of the state. Regions are
  /// applied to tiles of one position, because vectors have the functions that
  /// scalars would have to call; but where a decay is of elements of the state,
  /// which has no third axis.
  struct Position {
    Position(ScanOp op, CarryContext &context, TileBuilder &b, Value key,
             Value count)
        : place(op, context), key(key),
          axis(place.getPositions(b, key, count, 1)),
          rows{dimOf(op), b.index(0), b.index(dimOf(op))},
          columns(getColumns(op, context, b)),
          where{place.batch, place.head, RegionArgument::position(0)},
          isAxis(op.getDecayRank() < 2) {
      if (!isAxis)
        where.back() = place.getPosition(b, key);
    }

    ScanPlace place;
    Value key;
    TileAxis axis, rows, columns;
    SmallVector<RegionArgument> where;
    /// Whether the position is the first axis of tiles.
    bool isAxis;
  };

  /// The recurrence itself: the state decays, takes the position in, and is
  /// read with the query.
  static SmallVector<Value> buildPositionStep(ScanOp op, CarryContext &context,
                                              TileBuilder &b, Value key,
                                              Value count, ValueRange carry) {
    Position at(op, context, b, key, count);
    auto load = [&](unsigned input, Value head, const TileAxis &axis) {
      return b.load(context.inputs[input],
                    {at.place.batch, head, key, axis.base}, axis.extent,
                    axis.size);
    };
    auto loadFeatures = [&](unsigned input) {
      return apply(b, op.getFeature(), load(input, at.place.keyHead, at.rows),
                   {}, at.rows, context);
    };
    Value query = loadFeatures(0), keys = loadFeatures(1);
    Value written = applyToColumns(
        op.getWrite(), load(2, at.place.head, at.columns), at, context, b);
    Value decay = buildDecay(op, context, b, at);
    if (!op.getBeta().empty()) {
      Value beta = only(
          b, applyToTiles(b, op.getBeta(), at.where, at.axis, context.tables));
      Value known = readState(b, decayed(b, decay, keys), carry[0]);
      written = b.mul(b.splat(beta, at.columns.size), b.sub(written, known));
    }

    ArrayRef<int64_t> shape = b.shapeOf(carry[0]);
    SmallVector<Value> next = {b.multiplyAdd(b.broadcast(keys, 0, shape),
                                             b.broadcast(written, 1, shape),
                                             decayed(b, decay, carry[0]))};
    Value out = readState(b, query, next[0]);
    if (op.getNormalize()) {
      next.push_back(b.add(decayed(b, decay, carry[1]), keys));
      Value divisor =
          b.reduce(ReduceKind::Add, b.mul(query, next[1]), 0, at.rows.extent);
      out = b.div(out, b.splat(divisor, at.columns.size));
    }
    out = applyToColumns(op.getOutput(), out, at, context, b);
    tile::StoreOp::create(
        b, out, context.outputs[0],
        ValueRange{at.place.batch, at.place.head, key, at.columns.base},
        at.columns.extent);
    return next;
  }

  /// The only row of a tile of one position, or its only element.
  static Value only(TileBuilder &b, Value tile) {
    return b.reduce(ReduceKind::Add, tile, 0, b.index(1));
  }

  /// Applies a region on elements of value or out to one row of them.
  static Value applyToColumns(Region &region, Value row, const Position &at,
                              const CarryContext &context, TileBuilder &b) {
    SmallVector<RegionArgument> elementOf = at.where;
    elementOf.push_back(RegionArgument::position(at.isAxis));
    if (region.empty() || !at.isAxis)
      return apply(b, region, row, elementOf, at.columns, context);
    Value tile = b.broadcast(row, 1, {1, at.columns.size});
    return only(
        b, apply(b, region, tile, elementOf, {at.axis, at.columns}, context));
  }

  /// The product of a row with the state: a sum over its rows.
  static Value readState(TileBuilder &b, Value row, Value state) {
    ArrayRef<int64_t> shape = b.shapeOf(state);
    return b.reduce(ReduceKind::Add,
                    b.contractible(b.broadcast(row, 0, shape), state), 0,
                    b.index(shape[0]));
  }

  /// What one position leaves of the state: a scalar, a tile of its rows or one
  /// of its elements; null if all of it.
  static Value buildDecay(ScanOp op, CarryContext &context, TileBuilder &b,
                          const Position &at) {
    if (op.getDecay().empty())
      return {};
    SmallVector<RegionArgument> arguments = at.where;
    SmallVector<TileAxis> axes;
    if (at.isAxis)
      axes.push_back(at.axis);
    for (int64_t i = 0, rank = op.getDecayRank(); i < rank; ++i) {
      arguments.push_back(RegionArgument::position(axes.size()));
      axes.push_back(i == 0 ? at.rows : at.columns);
    }
    Value decay =
        applyToTiles(b, op.getDecay(), arguments, axes, context.tables);
    decay = b.exp2(b.mul(decay, b.constantLike(kLog2E, decay)));
    return at.isAxis ? only(b, decay) : decay;
  }

  /// `tile`, the state or a tile of its rows, one position later.
  static Value decayed(TileBuilder &b, Value decay, Value tile) {
    if (!decay)
      return tile;
    ArrayRef<int64_t> shape = b.shapeOf(tile);
    auto type = dyn_cast<RankedTensorType>(decay.getType());
    if (!type)
      decay = b.splat(decay, shape);
    else if (type.getRank() < static_cast<int64_t>(shape.size()))
      decay = b.broadcast(decay, 0, shape);
    return b.mul(tile, decay);
  }
};

} // namespace

void registerScanCarry(MLIRContext *context) {
  ScanOp::attachInterface<ScanCarry>(*context);
}

} // namespace attnc::attn
