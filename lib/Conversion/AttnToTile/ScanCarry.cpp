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
// step is one position then, and its work that of the recurrence.
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

  SmallVector<int64_t> getCarryAxes(Operation *operation) const {
    if (cast<ScanOp>(operation).getNormalize())
      return {1, -1};
    return {1};
  }

  CarryFootprint getFootprint(Operation *operation) const {
    auto op = cast<ScanOp>(operation);
    CarryFootprint footprint;
    footprint.independentSize = valueDimOf(op);
    footprint.readPerKey = 2 * dimOf(op) + valueDimOf(op);
    if (op.getDecayRank() == 2)
      footprint.mostKeys = 1;
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
    if (op.getDecayRank() == 2)
      return buildElementStep(op, context, b, key, carry);
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

  static SmallVector<Value> buildElementStep(ScanOp op, CarryContext &context,
                                             TileBuilder &b, Value key,
                                             ValueRange carry) {
    ScanPlace place(op, context);
    Value state = carry[0];
    ArrayRef<int64_t> shape = b.shapeOf(state);
    TileAxis rowAxis = {dimOf(op), b.index(0), b.index(dimOf(op))};
    TileAxis columnAxis = getColumns(op, context, b);
    SmallVector<RegionArgument> where = {place.batch, place.head,
                                         place.getPosition(b, key)};
    auto load = [&](unsigned input, Value head, const TileAxis &axis) {
      return b.load(context.inputs[input], {place.batch, head, key, axis.base},
                    axis.extent, axis.size);
    };
    auto loadFeatures = [&](unsigned input) {
      Value row = load(input, place.keyHead, rowAxis);
      return b.broadcast(apply(b, op.getFeature(), row, {}, rowAxis, context),
                         0, shape);
    };
    Value query = loadFeatures(0), keys = loadFeatures(1);
    SmallVector<RegionArgument> elementOf = where;
    elementOf.push_back(RegionArgument::position(0));
    Value written = apply(b, op.getWrite(), load(2, place.head, columnAxis),
                          elementOf, columnAxis, context);

    SmallVector<RegionArgument> ofState = where;
    ofState.push_back(RegionArgument::position(0));
    ofState.push_back(RegionArgument::position(1));
    Value decay = applyToTiles(b, op.getDecay(), ofState, {rowAxis, columnAxis},
                               context.tables);
    decay = b.exp2(b.mul(decay, b.constantLike(kLog2E, decay)));
    Value next =
        b.add(b.mul(decay, state), b.mul(keys, b.broadcast(written, 1, shape)));
    Value out =
        b.reduce(ReduceKind::Add, b.mul(query, next), 0, rowAxis.extent);
    out = apply(b, op.getOutput(), out, elementOf, columnAxis, context);
    tile::StoreOp::create(
        b, out, context.outputs[0],
        ValueRange{place.batch, place.head, key, columnAxis.base},
        columnAxis.extent);
    return {next};
  }
};

} // namespace

void registerScanCarry(MLIRContext *context) {
  ScanOp::attachInterface<ScanCarry>(*context);
}

} // namespace attnc::attn
