//===- ConvolveReference.cpp - The definition of attn.convolve ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One sum for each element, over positions of the value or of the state.
//
//===----------------------------------------------------------------------===//

#include "ReferenceBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace attnc;
using namespace attnc::attn;
namespace arith = mlir::arith;

namespace {

/// The loops of one convolution.
class ConvolveLoops {
public:
  ConvolveLoops(ReferenceBuilder &b, ConvolveOp op) : b(b), op(op) {}
  SmallVector<Value> build();

private:
  Value readPosition(Value t, Value d);
  void buildOutput(Value t, Value d);

  ReferenceBuilder &b;
  ConvolveOp op;
  Value value, weight, initialState, out, finalState;
  /// Rows of a state, and where the loops stand.
  Value rows, batch, head;
};

/// The element at position `t - rows`, of the state where that is negative.
Value ConvolveLoops::readPosition(Value t, Value d) {
  Value isBefore = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, t, rows);
  auto branch = mlir::scf::IfOp::create(
      b, isBefore,
      [&](OpBuilder &, Location) {
        Value element = initialState ? b.load(initialState, {batch, head, t, d})
                                     : b.real(0.0);
        mlir::scf::YieldOp::create(b, element);
      },
      [&](OpBuilder &, Location) {
        Value position = arith::SubIOp::create(b, t, rows);
        mlir::scf::YieldOp::create(b,
                                   b.load(value, {batch, head, position, d}));
      });
  return branch.getResult(0);
}

void ConvolveLoops::buildOutput(Value t, Value d) {
  Value taps = b.index(op.getTaps());
  Value sum = b.fold(taps, b.real(0.0), [&](Value tap, Value sum) -> Value {
    Value element = readPosition(arith::AddIOp::create(b, t, tap), d);
    Value term =
        arith::MulFOp::create(b, b.load(weight, {head, d, tap}), element);
    return arith::AddFOp::create(b, sum, term);
  });
  if (!op.getOutput().empty())
    sum = inlineAsFloat64(b, op.getOutput(), {batch, head, t, d, sum});
  b.store(sum, out, {batch, head, t, d});
}

SmallVector<Value> ConvolveLoops::build() {
  value = b.read(op.getValue());
  weight = b.read(op.getWeight());
  if (Value initial = op.getInitialState())
    initialState = b.read(initial);
  Value batches = b.extent(value, 0), heads = b.extent(value, 1);
  Value length = b.extent(value, 2), dim = b.extent(value, 3);
  rows = b.index(op.getTaps() - 1);
  out = b.allocate(op.getOut().getType(), {batches, heads, length, dim});
  if (Value result = op.getFinalState())
    finalState = b.allocate(cast<RankedTensorType>(result.getType()),
                            {batches, heads, rows, dim});
  b.loop(batches, [&](Value i) {
    b.loop(heads, [&](Value j) {
      batch = i, head = j;
      b.loop(dim, [&](Value d) {
        b.loop(length, [&](Value t) { buildOutput(t, d); });
        if (!finalState)
          return;
        b.loop(rows, [&](Value row) {
          Value t = arith::AddIOp::create(b, length, row);
          b.store(readPosition(t, d), finalState, {batch, head, row, d});
        });
      });
    });
  });
  SmallVector<Value> results = {b.asTensor(out)};
  if (finalState)
    results.push_back(b.asTensor(finalState));
  return results;
}

} // namespace

FailureOr<SmallVector<Value>> attnc::attn::buildReference(ReferenceBuilder &b,
                                                          ConvolveOp op) {
  if (failed(checkFloat64Region(op, op.getOutput(), "output")))
    return failure();
  return ConvolveLoops(b, op).build();
}
