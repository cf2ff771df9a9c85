//===- ScanReference.cpp - The definition of attn.scan --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The recurrence, one position after the other, with its state in float64:
// no chunks, no products of decays, no logarithms but the region's own.
//
//===----------------------------------------------------------------------===//

#include "ReferenceBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace attnc;
using namespace attnc::attn;
namespace arith = mlir::arith;
namespace math = mlir::math;

namespace {

/// The loops of one scan op.
class ScanLoops {
public:
  ScanLoops(ReferenceBuilder &b, ScanOp op) : b(b), op(op) {}
  SmallVector<Value> build();

private:
  void allocate();
  void buildSequences();
  Value buildEnd(Value begin);
  void buildSequence(Value begin, Value end);
  void buildInit();
  void buildDecay(Value t);
  void buildUpdate(Value t);
  void buildDifference(Value t);
  void buildOutput(Value t);
  void buildFinish();
  Value buildFeature(Value memory, Value t, Value d);
  Value buildValue(Value t, Value d);
  void buildProducts(Value memory, Value t);
  void onlyWithState(function_ref<void()> body);

  ReferenceBuilder &b;
  ScanOp op;
  /// Memory. `state` and `normalizer` are those of one batch and head, `sums`
  /// are products of a query or key with the state, `written` is what the state
  /// takes in: a row of value columns each.
  Value query, key, value, starts, initialState, initialNormalizer;
  Value out, finalState, finalNormalizer, state, normalizer, sums, written;
  /// Extents.
  Value batches, heads, length, dim, valueDim;
  /// Where the loops stand: `sequence` is the one whose state it is.
  Value sequence, batch, head, keyHead;
};

void ScanLoops::allocate() {
  query = b.read(op.getQuery());
  key = b.read(op.getKey());
  value = b.read(op.getValue());
  if (Value tensor = op.getStarts())
    starts = b.read(tensor);
  if (Value initial = op.getInitialState())
    initialState = b.read(initial);
  if (Value initial = op.getInitialNormalizer())
    initialNormalizer = b.read(initial);
  batches = b.extent(value, 0), heads = b.extent(value, 1);
  length = b.extent(query, 2);
  dim = b.extent(query, 3), valueDim = b.extent(value, 3);

  auto memoryOf = [&](Value result, ArrayRef<Value> extents) {
    return b.allocate(cast<RankedTensorType>(result.getType()), extents);
  };
  Value sequences = starts ? b.extent(starts, 0) : batches;
  out = memoryOf(op.getOut(), {batches, heads, length, valueDim});
  if (Value result = op.getFinalState())
    finalState = memoryOf(result, {sequences, heads, dim, valueDim});
  if (Value result = op.getFinalNormalizer())
    finalNormalizer = memoryOf(result, {sequences, heads, dim});
  state = b.allocateReals({dim, valueDim});
  sums = b.allocateReals(valueDim);
  written = b.allocateReals(valueDim);
  if (op.getNormalize())
    normalizer = b.allocateReals(dim);
}

SmallVector<Value> ScanLoops::build() {
  allocate();
  auto forEachHead = [&](function_ref<void()> body) {
    b.loop(heads, [&](Value h) {
      head = h;
      Value group = arith::DivUIOp::create(b, heads, b.extent(query, 1));
      keyHead = arith::DivUIOp::create(b, head, group);
      body();
    });
  };
  if (starts)
    forEachHead([&] { buildSequences(); });
  else
    b.loop(batches, [&](Value i) {
      batch = sequence = i;
      forEachHead([&] { buildSequence(b.index(0), length); });
    });
  SmallVector<Value> results;
  for (Value result : {out, finalState, finalNormalizer})
    if (result)
      results.push_back(b.asTensor(result));
  return results;
}

/// The sequences of one batch, each one up to the start of the next one.
void ScanLoops::buildSequences() {
  batch = b.index(0);
  Value count = arith::MaxUIOp::create(b, b.extent(starts, 0), b.index(1));
  b.fold(count, b.index(0), [&](Value s, Value begin) {
    sequence = s;
    Value end = buildEnd(begin);
    buildSequence(begin, end);
    return end;
  });
}

/// The start behind `sequence`, no less than `begin`; the last end is `length`.
Value ScanLoops::buildEnd(Value begin) {
  Value next = arith::AddIOp::create(b, sequence, b.index(1));
  Value hasNext = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, next,
                                        b.extent(starts, 0));
  Value at = arith::SelectOp::create(b, hasNext, next, b.index(0));
  auto branch = mlir::scf::IfOp::create(
      b, hasNext,
      [&](OpBuilder &, Location) {
        Value read = mlir::memref::LoadOp::create(b, starts, at);
        Value start = arith::IndexCastOp::create(b, b.getIndexType(), read);
        start = arith::MaxSIOp::create(b, start, begin);
        start = arith::MinSIOp::create(b, start, length);
        mlir::scf::YieldOp::create(b, start);
      },
      [&](OpBuilder &, Location) { mlir::scf::YieldOp::create(b, length); });
  return branch.getResult(0);
}

void ScanLoops::buildSequence(Value begin, Value end) {
  buildInit();
  Value count = arith::SubIOp::create(b, end, begin);
  b.loop(count, [&](Value i) {
    Value t = arith::AddIOp::create(b, begin, i);
    if (op.getReverse()) {
      Value behind = arith::SubIOp::create(b, end, i);
      t = arith::SubIOp::create(b, behind, b.index(1));
    }
    buildDecay(t);
    buildUpdate(t);
    buildOutput(t);
  });
  buildFinish();
}

/// What touches the caller's states, of which a call without starts has none.
void ScanLoops::onlyWithState(function_ref<void()> body) {
  if (!starts)
    return body();
  Value exists = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, sequence,
                                       b.extent(starts, 0));
  mlir::scf::IfOp::create(b, exists, [&](OpBuilder &, Location) {
    body();
    mlir::scf::YieldOp::create(b);
  });
}

/// S[-1] and z[-1].
void ScanLoops::buildInit() {
  b.loop(dim, [&](Value e) {
    b.loop(valueDim, [&](Value d) { b.store(b.real(0.0), state, {e, d}); });
    if (normalizer)
      b.store(b.real(0.0), normalizer, e);
  });
  if (!initialState && !initialNormalizer)
    return;
  onlyWithState([&] {
    b.loop(dim, [&](Value e) {
      if (initialState)
        b.loop(valueDim, [&](Value d) {
          b.store(b.load(initialState, {sequence, head, e, d}), state, {e, d});
        });
      if (initialNormalizer)
        b.store(b.load(initialNormalizer, {sequence, head, e}), normalizer, e);
    });
  });
}

/// S = a[t] S and z = a[t] z.
void ScanLoops::buildDecay(Value t) {
  if (op.getDecay().empty())
    return;
  // The factor is computed where all positions that it depends on are known.
  auto factor = [&](ValueRange positions) -> Value {
    SmallVector<Value> arguments = {batch, head, t};
    llvm::append_range(arguments, positions);
    return math::ExpOp::create(b, inlineAsFloat64(b, op.getDecay(), arguments));
  };
  auto decay = [&](Value by, Value memory, ValueRange indices) {
    b.store(arith::MulFOp::create(b, by, b.load(memory, indices)), memory,
            indices);
  };
  int64_t rank = op.getDecayRank();
  Value ofAll = rank == 0 ? factor({}) : Value();
  b.loop(dim, [&](Value e) {
    Value ofRow = rank == 1 ? factor({e}) : ofAll;
    b.loop(valueDim, [&](Value d) {
      decay(rank == 2 ? factor({e, d}) : ofRow, state, {e, d});
    });
    if (normalizer)
      decay(ofRow, normalizer, e);
  });
}

/// S = S + f(key[t]) written^T, and z likewise.
void ScanLoops::buildUpdate(Value t) {
  b.loop(valueDim, [&](Value d) { b.store(buildValue(t, d), written, d); });
  if (op.getTransition() == Transition::Delta)
    buildDifference(t);
  auto absorb = [&](Value term, Value memory, ValueRange indices) {
    b.store(arith::AddFOp::create(b, b.load(memory, indices), term), memory,
            indices);
  };
  b.loop(dim, [&](Value e) {
    Value feature = buildFeature(key, t, e);
    b.loop(valueDim, [&](Value d) {
      absorb(arith::MulFOp::create(b, feature, b.load(written, d)), state,
             {e, d});
    });
    if (normalizer)
      absorb(feature, normalizer, e);
  });
}

/// written = beta (written - S^T f(key[t])).
void ScanLoops::buildDifference(Value t) {
  Value beta = inlineAsFloat64(b, op.getBeta(), {batch, head, t});
  buildProducts(key, t);
  b.loop(valueDim, [&](Value d) {
    Value difference =
        arith::SubFOp::create(b, b.load(written, d), b.load(sums, d));
    b.store(arith::MulFOp::create(b, beta, difference), written, d);
  });
}

/// out[t] = f(query[t]) S[t], divided by f(query[t]) . z[t] if normalized.
void ScanLoops::buildOutput(Value t) {
  buildProducts(query, t);
  Value divisor;
  if (normalizer)
    divisor = b.fold(dim, b.real(0.0), [&](Value e, Value sum) -> Value {
      Value term = arith::MulFOp::create(b, buildFeature(query, t, e),
                                         b.load(normalizer, e));
      return arith::AddFOp::create(b, sum, term);
    });
  b.loop(valueDim, [&](Value d) {
    Value result = b.load(sums, d);
    if (divisor)
      result = arith::DivFOp::create(b, result, divisor);
    if (!op.getOutput().empty())
      result = inlineAsFloat64(b, op.getOutput(), {batch, head, t, d, result});
    b.store(result, out, {batch, head, t, d});
  });
}

void ScanLoops::buildFinish() {
  if (!finalState && !finalNormalizer)
    return;
  onlyWithState([&] {
    b.loop(dim, [&](Value e) {
      if (finalState)
        b.loop(valueDim, [&](Value d) {
          b.store(b.load(state, {e, d}), finalState, {sequence, head, e, d});
        });
      if (finalNormalizer)
        b.store(b.load(normalizer, e), finalNormalizer, {sequence, head, e});
    });
  });
}

/// sums = S^T f(memory[t]), of queries or keys.
void ScanLoops::buildProducts(Value memory, Value t) {
  b.loop(valueDim, [&](Value d) { b.store(b.real(0.0), sums, d); });
  b.loop(dim, [&](Value e) {
    Value feature = buildFeature(memory, t, e);
    b.loop(valueDim, [&](Value d) {
      Value term = arith::MulFOp::create(b, feature, b.load(state, {e, d}));
      b.store(arith::AddFOp::create(b, b.load(sums, d), term), sums, d);
    });
  });
}

/// f(memory[batch, head, t, d]), of queries or keys.
Value ScanLoops::buildFeature(Value memory, Value t, Value d) {
  Value element = b.load(memory, {batch, keyHead, t, d});
  if (op.getFeature().empty())
    return element;
  return inlineAsFloat64(b, op.getFeature(), element);
}

/// w(value[batch, head, t, d]).
Value ScanLoops::buildValue(Value t, Value d) {
  Value element = b.load(value, {batch, head, t, d});
  if (op.getWrite().empty())
    return element;
  return inlineAsFloat64(b, op.getWrite(), {batch, head, t, d, element});
}

} // namespace

FailureOr<SmallVector<Value>> attnc::attn::buildReference(ReferenceBuilder &b,
                                                          ScanOp op) {
  const std::pair<Region *, StringRef> regions[] = {
      {&op.getDecay(), "decay"},
      {&op.getBeta(), "beta"},
      {&op.getFeature(), "feature"},
      {&op.getWrite(), "write"},
      {&op.getOutput(), "output"}};
  for (auto [region, name] : regions)
    if (failed(checkFloat64Region(op, *region, name)))
      return failure();
  return ScanLoops(b, op).build();
}
