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
  void buildSequence();
  void buildInit();
  void buildUpdate(Value t);
  void buildOutput(Value t);
  void buildFinish();
  Value buildFeature(Value memory, Value t, Value d);

  ReferenceBuilder &b;
  ScanOp op;
  /// Memory. `state` and `normalizer` are those of one batch and head, `sums`
  /// is a row of `out` before it is normalized.
  Value query, key, value, initialState, initialNormalizer;
  Value out, finalState, finalNormalizer, state, normalizer, sums;
  /// Extents.
  Value batches, heads, length, dim, valueDim;
  /// Where the loops stand.
  Value batch, head;
};

void ScanLoops::allocate() {
  query = b.read(op.getQuery());
  key = b.read(op.getKey());
  value = b.read(op.getValue());
  if (Value initial = op.getInitialState())
    initialState = b.read(initial);
  if (Value initial = op.getInitialNormalizer())
    initialNormalizer = b.read(initial);
  batches = b.extent(query, 0), heads = b.extent(query, 1);
  length = b.extent(query, 2);
  dim = b.extent(query, 3), valueDim = b.extent(value, 3);

  auto memoryOf = [&](Value result, ArrayRef<Value> extents) {
    return b.allocate(cast<RankedTensorType>(result.getType()), extents);
  };
  out = memoryOf(op.getOut(), {batches, heads, length, valueDim});
  if (Value result = op.getFinalState())
    finalState = memoryOf(result, {batches, heads, dim, valueDim});
  if (Value result = op.getFinalNormalizer())
    finalNormalizer = memoryOf(result, {batches, heads, dim});
  state = b.allocateReals({dim, valueDim});
  sums = b.allocateReals(valueDim);
  if (op.getNormalize())
    normalizer = b.allocateReals(dim);
}

SmallVector<Value> ScanLoops::build() {
  allocate();
  b.loop(batches, [&](Value i) {
    batch = i;
    b.loop(heads, [&](Value j) {
      head = j;
      buildSequence();
    });
  });
  SmallVector<Value> results;
  for (Value result : {out, finalState, finalNormalizer})
    if (result)
      results.push_back(b.asTensor(result));
  return results;
}

void ScanLoops::buildSequence() {
  buildInit();
  b.loop(length, [&](Value t) {
    buildUpdate(t);
    buildOutput(t);
  });
  buildFinish();
}

/// S[-1] and z[-1].
void ScanLoops::buildInit() {
  b.loop(dim, [&](Value e) {
    b.loop(valueDim, [&](Value d) {
      Value initial = initialState ? b.load(initialState, {batch, head, e, d})
                                   : b.real(0.0);
      b.store(initial, state, {e, d});
    });
    if (!normalizer)
      return;
    Value initial = initialNormalizer
                        ? b.load(initialNormalizer, {batch, head, e})
                        : b.real(0.0);
    b.store(initial, normalizer, e);
  });
}

/// S[t] = a[t] S[t-1] + f(key[t]) value[t]^T, and z[t] likewise.
void ScanLoops::buildUpdate(Value t) {
  Value decay;
  if (!op.getDecay().empty())
    decay = math::ExpOp::create(
        b, inlineAsFloat64(b, op.getDecay(), {batch, head, t}));
  auto absorb = [&](Value term, Value memory, ValueRange indices) {
    Value carried = b.load(memory, indices);
    if (decay)
      carried = arith::MulFOp::create(b, decay, carried);
    b.store(arith::AddFOp::create(b, carried, term), memory, indices);
  };
  b.loop(dim, [&](Value e) {
    Value feature = buildFeature(key, t, e);
    b.loop(valueDim, [&](Value d) {
      Value element = b.load(value, {batch, head, t, d});
      absorb(arith::MulFOp::create(b, feature, element), state, {e, d});
    });
    if (normalizer)
      absorb(feature, normalizer, e);
  });
}

/// out[t] = f(query[t]) S[t], divided by f(query[t]) . z[t] if normalized.
void ScanLoops::buildOutput(Value t) {
  b.loop(valueDim, [&](Value d) { b.store(b.real(0.0), sums, d); });
  // The fold is of the divisor; a scan without one folds zeros.
  Value divisor = b.fold(dim, b.real(0.0), [&](Value e, Value sum) -> Value {
    Value feature = buildFeature(query, t, e);
    b.loop(valueDim, [&](Value d) {
      Value term = arith::MulFOp::create(b, feature, b.load(state, {e, d}));
      b.store(arith::AddFOp::create(b, b.load(sums, d), term), sums, d);
    });
    if (!normalizer)
      return sum;
    Value term = arith::MulFOp::create(b, feature, b.load(normalizer, e));
    return arith::AddFOp::create(b, sum, term);
  });
  b.loop(valueDim, [&](Value d) {
    Value result = b.load(sums, d);
    if (normalizer)
      result = arith::DivFOp::create(b, result, divisor);
    b.store(result, out, {batch, head, t, d});
  });
}

void ScanLoops::buildFinish() {
  if (!finalState && !finalNormalizer)
    return;
  b.loop(dim, [&](Value e) {
    if (finalState)
      b.loop(valueDim, [&](Value d) {
        b.store(b.load(state, {e, d}), finalState, {batch, head, e, d});
      });
    if (finalNormalizer)
      b.store(b.load(normalizer, e), finalNormalizer, {batch, head, e});
  });
}

/// f(memory[batch, head, t, d]).
Value ScanLoops::buildFeature(Value memory, Value t, Value d) {
  Value element = b.load(memory, {batch, head, t, d});
  if (op.getFeature().empty())
    return element;
  return inlineAsFloat64(b, op.getFeature(), element);
}

} // namespace

FailureOr<SmallVector<Value>> attnc::attn::buildReference(ReferenceBuilder &b,
                                                          ScanOp op) {
  if (failed(checkFloat64Region(op, op.getDecay(), "decay")) ||
      failed(checkFloat64Region(op, op.getFeature(), "feature")))
    return failure();
  return ScanLoops(b, op).build();
}
