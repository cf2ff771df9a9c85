//===- ChunkDecay.cpp - decay within a chunk of positions -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See ChunkDecay.h.
//
//===----------------------------------------------------------------------===//

#include "ChunkDecay.h"

namespace attnc::attn {
namespace {

using mlir::arith::CmpIPredicate;
using tile::ReduceKind;

/// One decay at each position. Exponents are sums of the decays between two
/// positions and are summed as such: as differences of running sums they would
/// inherit the rounding errors of those, which after strong decays are larger
/// than the difference (the segment sum of Dao and Gu 2024, listing 1).
class PositionDecay : public ChunkDecay {
public:
  PositionDecay(TileBuilder &b, int64_t chunk, int64_t dim, Value count,
                Value logarithms)
      : ChunkDecay(b, chunk, dim, count), logarithms(logarithms) {
    // later[i, j]: the decay of i where it is behind j.
    SmallVector<int64_t> square = {chunk, chunk};
    Value position = b.iota(b.index(0), chunk);
    Value isLater = mlir::arith::CmpIOp::create(
        b, CmpIPredicate::ugt, b.broadcast(position, 0, square),
        b.broadcast(position, 1, square));
    later = b.select(isLater, b.broadcast(logarithms, 0, square),
                     b.constant(0, square));
  }

  Value pairs(Value lhs, Value rhs) override {
    Value products = ChunkDecay::pairs(lhs, rhs);
    if (!between)
      between = tile::CumulativeSumOp::create(b, later);
    return b.mul(products, b.exp2(between));
  }
  Value before(Value rows) override {
    Value sums = tile::CumulativeSumOp::create(b, logarithms);
    return b.mul(rows, b.broadcast(b.exp2(sums), 0, b.shapeOf(rows)));
  }
  Value after(Value rows) override {
    Value rest = b.reduce(ReduceKind::Add, later, 0, count);
    return b.mul(rows, b.broadcast(b.exp2(rest), 0, b.shapeOf(rows)));
  }
  Value state(Value state) override {
    Value total = b.reduce(ReduceKind::Add, logarithms, 0, count);
    // As a row of the state: an exponential of each element would be as much
    // work as a product.
    ArrayRef<int64_t> shape = b.shapeOf(state);
    Value factors = b.exp2(b.splat(total, shape[0]));
    return b.mul(state,
                 shape.size() == 1 ? factors : b.broadcast(factors, 0, shape));
  }

private:
  Value logarithms, later, between;
};

/// One decay for each row of the state. Within the chunk products of it are
/// multiplied as such: a decay of zero forgets, and no quotients are needed.
/// That of the whole chunk is the exponential of a sum: it multiplies the state
/// once in each chunk, and what is rounded in a factor close to 1 would add up
/// over all the chunks that the state remembers.
class RowDecay : public ChunkDecay {
public:
  RowDecay(TileBuilder &b, int64_t chunk, int64_t dim, Value count,
           Value logarithms)
      : ChunkDecay(b, chunk, dim, count), logarithms(logarithms),
        factors(b.exp2(logarithms)) {}

  Value pairs(Value lhs, Value rhs) override {
    return tile::DecayedProductOp::create(b, b.tileType({chunk, chunk}), lhs,
                                          rhs, factors, count);
  }
  Value before(Value rows) override {
    if (!prefixes)
      prefixes = b.cumulativeProduct(factors, count, /*suffix=*/false);
    return b.mul(rows, prefixes);
  }
  Value after(Value rows) override {
    return b.mul(rows, b.cumulativeProduct(factors, count, /*suffix=*/true));
  }
  Value state(Value state) override {
    Value total = b.exp2(b.reduce(ReduceKind::Add, logarithms, 0, count));
    ArrayRef<int64_t> shape = b.shapeOf(state);
    return b.mul(state,
                 shape.size() == 1 ? total : b.broadcast(total, 0, shape));
  }

private:
  Value logarithms, factors, prefixes;
};

} // namespace

Value ChunkDecay::pairs(Value lhs, Value rhs) {
  return b.contract(lhs, 1, rhs, 1, b.constant(0, {chunk, chunk}),
                    b.index(dim));
}

std::unique_ptr<ChunkDecay> makeChunkDecay(TileBuilder &b, int64_t chunk,
                                           int64_t dim, Value count,
                                           Value logarithms) {
  if (!logarithms)
    return std::make_unique<ChunkDecay>(b, chunk, dim, count);
  if (b.shapeOf(logarithms).size() == 1)
    return std::make_unique<PositionDecay>(b, chunk, dim, count, logarithms);
  return std::make_unique<RowDecay>(b, chunk, dim, count, logarithms);
}

} // namespace attnc::attn
