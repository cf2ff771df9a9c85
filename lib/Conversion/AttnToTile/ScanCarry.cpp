//===- ScanCarry.cpp - a matrix state as a fold over chunks ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The carry of `attn.scan`: the state S and, with `normalize`, z. A step
// absorbs a chunk of positions with matrix products (the chunked form: Yang et
// al. 2023, section 3; Dao and Gu 2024, section 6). With c[i] the sum of log
// decays of the chunk up to and including i, and q, k after the feature map:
//
//     out[i] = sum_{j <= i} e^(c[i]-c[j]) (q[i].k[j]) v[j]  +  e^c[i] q[i] S
//     S'     = e^c[last] S  +  sum_j e^(c[last]-c[j]) k[j] v[j]^T
//
// The exponents are sums of the decays between two positions and are summed as
// such: as differences of c they would inherit its rounding errors, which after
// strong decays are larger than the difference (the segment sum of Dao and Gu
// 2024, listing 1). All are at most 0 for a decay, so none overflows.
//
// Value columns are independent of each other; everything that does not depend
// on them (products of queries and keys, decays) is shared between strips.
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"
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
    auto op = cast<ScanOp>(operation);
    SmallVector<Value> grid;
    for (int64_t axis = 0; axis < 2; ++axis)
      grid.push_back(mlir::tensor::DimOp::create(builder, op.getLoc(),
                                                 op.getQuery(), axis));
    return grid;
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
    return footprint;
  }

  void buildPrologue(Operation *, CarryContext &context) const {
    TileBuilder b(context);
    context.first = b.index(0);
    context.count = context.positions = b.index(1);
    context.keyLength = b.dim(context.inputs[0], 2);
  }

  SmallVector<Value> buildInit(Operation *operation,
                               CarryContext &context) const {
    auto op = cast<ScanOp>(operation);
    TileBuilder b(context);
    Value zero = b.index(0), batch = context.grid[0], head = context.grid[1];
    int64_t dim = dimOf(op), width = columns(op, context);
    unsigned input = 3;
    SmallVector<Value> carry = {b.constant(0, {dim, width})};
    if (op.getInitialState())
      carry[0] = b.load(context.inputs[input++], {batch, head, zero, zero},
                        {b.index(dim), b.index(valueDimOf(op))}, {dim, width});
    if (op.getNormalize()) {
      carry.push_back(b.constant(0, {dim}));
      if (op.getInitialNormalizer())
        carry[1] = b.load(context.inputs[input], {batch, head, zero},
                          {b.index(dim)}, {dim});
    }
    return carry;
  }

  FailureOr<SmallVector<Value>> buildTables(Operation *, OpBuilder &) const {
    return SmallVector<Value>();
  }

  SmallVector<double> estimateRowCosts(Operation *, ArrayRef<int64_t> lanes,
                                       VisitAnalysis &) const {
    return SmallVector<double>(lanes.size(), 0);
  }

  LogicalResult buildKeyRanges(Operation *, CarryContext &context, Value,
                               Value) const {
    TileBuilder b(context);
    Value zero = b.index(0), keys = context.keyLength;
    tile::VisitOp::create(b, zero, zero, keys, keys);
    return success();
  }

  SmallVector<Value> buildStep(Operation *operation, CarryContext &context,
                               Value key, Value count, ValueRange carry) const {
    auto op = cast<ScanOp>(operation);
    TileBuilder b(context);
    int64_t chunk = context.keyTile, dim = dimOf(op);
    Chunk c = buildChunk(op, context, b, key, count);

    // Within the chunk, then from the state before it.
    Value zeros = b.constant(0, {chunk, columns(op, context)});
    Value inner = b.contract(c.weights, 1, c.values, 0, zeros, count);
    Value out =
        b.contract(c.decayedQueries, 1, carry[0], 0, inner, b.index(dim));
    SmallVector<Value> next = {b.contract(
        c.decayedKeys, 0, c.values, 0, decayed(b, carry[0], c.total), count)};
    if (op.getNormalize()) {
      Value row = b.reduce(ReduceKind::Add, c.weights, 1, count);
      Value divisor =
          b.contract(c.decayedQueries, 1, carry[1], 0, row, b.index(dim));
      out = b.div(out, b.broadcast(divisor, 0, b.shapeOf(out)));
      next.push_back(b.add(decayed(b, carry[1], c.total),
                           b.reduce(ReduceKind::Add, c.decayedKeys, 0, count)));
    }
    tile::StoreOp::create(
        b, out, context.outputs[0],
        ValueRange{context.grid[0], context.grid[1], key, b.index(0)},
        ValueRange{count, b.index(valueDimOf(op))});
    return next;
  }

  FailureOr<SmallVector<Value>> buildCombine(Operation *operation,
                                             CarryContext &, ValueRange,
                                             ValueRange) const {
    return operation->emitOpError(
        "stores an output at every step and cannot be split along the "
        "sequence; use splits = 1");
  }

  void buildFinish(Operation *operation, CarryContext &context,
                   ValueRange carry) const {
    auto op = cast<ScanOp>(operation);
    TileBuilder b(context);
    Value zero = b.index(0), batch = context.grid[0], head = context.grid[1];
    Value dim = b.index(dimOf(op));
    unsigned output = 1;
    if (op.getFinalState())
      tile::StoreOp::create(b, carry[0], context.outputs[output++],
                            ValueRange{batch, head, zero, zero},
                            ValueRange{dim, b.index(valueDimOf(op))});
    if (op.getFinalNormalizer())
      tile::StoreOp::create(b, carry[1], context.outputs[output],
                            ValueRange{batch, head, zero}, dim);
  }

private:
  /// What a step needs of its chunk. Without decay `total` is null.
  struct Chunk {
    Value values;
    Value weights;        // [i, j]: decayed q[i].k[j] for j <= i, else 0
    Value decayedQueries; // e^c[i] q[i]
    Value decayedKeys;    // e^(c[last]-c[j]) k[j]
    Value total;          // c[last], in powers of two
  };

  static Chunk buildChunk(ScanOp op, CarryContext &context, TileBuilder &b,
                          Value key, Value count) {
    int64_t chunk = context.keyTile, dim = dimOf(op);
    SmallVector<Value> offsets = {context.grid[0], context.grid[1], key,
                                  b.index(0)};
    auto loadRows = [&](unsigned input, int64_t width, int64_t capacity) {
      return b.load(context.inputs[input], offsets, {count, b.index(width)},
                    {chunk, capacity});
    };
    Value queries = loadRows(0, dim, dim), keys = loadRows(1, dim, dim);
    if (!op.getFeature().empty()) {
      queries = applyToTiles(b, op.getFeature(), queries, {chunk, dim},
                             context.tables);
      keys =
          applyToTiles(b, op.getFeature(), keys, {chunk, dim}, context.tables);
    }
    Chunk result;
    result.values = loadRows(2, valueDimOf(op), columns(op, context));
    result.decayedQueries = queries;
    result.decayedKeys = keys;

    SmallVector<int64_t> square = {chunk, chunk};
    Value weights =
        b.contract(queries, 1, keys, 1, b.constant(0, square), b.index(dim));
    if (!op.getDecay().empty())
      weights = applyDecay(op, context, b, key, count, weights, result);
    Value position = b.iota(b.index(0), chunk);
    Value isPast = mlir::arith::CmpIOp::create(
        b, CmpIPredicate::ule, b.broadcast(position, 1, square),
        b.broadcast(position, 0, square));
    result.weights = b.select(isPast, weights, b.constant(0, square));
    return result;
  }

  /// Decays queries and keys of `result` and the weights between them.
  static Value applyDecay(ScanOp op, CarryContext &context, TileBuilder &b,
                          Value key, Value count, Value weights,
                          Chunk &result) {
    int64_t chunk = context.keyTile, dim = dimOf(op);
    Value decay =
        applyToTiles(b, op.getDecay(),
                     {context.grid[0], context.grid[1], b.iota(key, chunk)},
                     {chunk}, context.tables, {key, count});
    decay = b.mul(decay, b.constantLike(kLog2E, decay));
    result.total = b.reduce(ReduceKind::Add, decay, 0, count);
    SmallVector<int64_t> rows = {chunk, dim}, square = {chunk, chunk};
    // between[i, j]: the decays of positions j + 1 to i.
    Value position = b.iota(b.index(0), chunk);
    Value isLater = mlir::arith::CmpIOp::create(
        b, CmpIPredicate::ugt, b.broadcast(position, 0, square),
        b.broadcast(position, 1, square));
    Value later =
        b.select(isLater, b.broadcast(decay, 0, square), b.constant(0, square));
    Value between = tile::CumulativeSumOp::create(b, later);
    Value rest = b.reduce(ReduceKind::Add, later, 0, count);
    Value sums = tile::CumulativeSumOp::create(b, decay);
    result.decayedQueries =
        b.mul(result.decayedQueries, b.broadcast(b.exp2(sums), 0, rows));
    result.decayedKeys =
        b.mul(result.decayedKeys, b.broadcast(b.exp2(rest), 0, rows));
    return b.mul(weights, b.exp2(between));
  }

  /// `state` after a chunk whose log decays sum to `total`.
  static Value decayed(TileBuilder &b, Value state, Value total) {
    if (!total)
      return state;
    ArrayRef<int64_t> shape = b.shapeOf(state);
    return b.mul(state, b.exp2(b.splat(total, shape)));
  }
};

} // namespace

void registerScanCarry(MLIRContext *context) {
  ScanOp::attachInterface<ScanCarry>(*context);
}

} // namespace attnc::attn
