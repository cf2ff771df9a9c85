//===- StateSpaceReference.cpp - The definition of attn.state_space -------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One channel after the other, one position after the other. Parameters in
// continuous time are never made ones of a step: the bilinear method solves its
// equation at each position, with a matrix that is diagonal but for rank one.
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

struct Complex {
  Value re, im;
};

/// The loops of one op.
class StateSpaceLoops {
public:
  StateSpaceLoops(ReferenceBuilder &b, StateSpaceOp op) : b(b), op(op) {}
  SmallVector<Value> build();

private:
  void allocate();
  void buildChannel();
  void buildInit();
  void buildPosition(Value t);
  void buildStep(Value x);
  void buildHold(Value x);
  void buildBilinear(Value x);
  void buildFinish();

  Value add(Value x, Value y) { return arith::AddFOp::create(b, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, x, y); }
  Complex add(Complex x, Complex y) {
    return {add(x.re, y.re), add(x.im, y.im)};
  }
  Complex scale(Value x, Complex y) { return {mul(x, y.re), mul(x, y.im)}; }
  Complex mul(Complex x, Complex y) {
    return {sub(mul(x.re, y.re), mul(x.im, y.im)),
            add(mul(x.re, y.im), mul(x.im, y.re))};
  }
  Complex conjugate(Complex x) {
    return {x.re, arith::NegFOp::create(b, x.im)};
  }
  Complex inverse(Complex x) {
    Value square = add(mul(x.re, x.re), mul(x.im, x.im));
    return scale(div(b.real(1.0), square), conjugate(x));
  }

  /// Number `n` of a parameter of this channel, and of a state of it.
  Complex loadParameter(Value memory, Value n) {
    return {b.load(memory, {head, b.index(0), n, channel}),
            b.load(memory, {head, b.index(1), n, channel})};
  }
  Complex loadNumber(Value memory, Value n) {
    return {b.load(memory, {b.index(0), n}), b.load(memory, {b.index(1), n})};
  }
  void storeNumber(Complex number, Value memory, Value n) {
    b.store(number.re, memory, {b.index(0), n});
    b.store(number.im, memory, {b.index(1), n});
  }
  /// The sum of `term(n)` and of its conjugate over the state.
  Value sum(function_ref<Complex(Value)> term) {
    Value half = b.fold(states, b.real(0.0), [&](Value n, Value sum) -> Value {
      return add(sum, term(n).re);
    });
    return mul(b.real(2.0), half);
  }
  /// Q^* of what is in `memory`.
  Value project(Value memory) {
    return sum([&](Value n) {
      return mul(conjugate(loadParameter(q, n)), loadNumber(memory, n));
    });
  }

  ReferenceBuilder &b;
  StateSpaceOp op;
  /// Memory. `state` and `next` are one channel's.
  Value value, a, beta, c, p, q, step, initialState, out, finalState;
  Value state, next;
  /// Extents.
  Value batches, heads, length, dim, states;
  /// Where the loops stand.
  Value batch, head, channel;
};

void StateSpaceLoops::allocate() {
  value = b.read(op.getValue());
  a = b.read(op.getA());
  beta = b.read(op.getB());
  c = b.read(op.getC());
  if (op.hasLowRank()) {
    p = b.read(op.getLowRank()[0]);
    q = b.read(op.getLowRank()[1]);
  }
  if (Value tensor = op.getStep())
    step = b.read(tensor);
  if (Value tensor = op.getInitialState())
    initialState = b.read(tensor);
  batches = b.extent(value, 0), heads = b.extent(value, 1);
  length = b.extent(value, 2), dim = b.extent(value, 3);
  states = b.extent(a, 2);
  Value parts = b.index(2);
  out = b.allocate(op.getOut().getType(), {batches, heads, length, dim});
  if (Value result = op.getFinalState())
    finalState = b.allocate(cast<RankedTensorType>(result.getType()),
                            {batches, heads, parts, states, dim});
  state = b.allocateReals({parts, states});
  next = b.allocateReals({parts, states});
}

SmallVector<Value> StateSpaceLoops::build() {
  allocate();
  b.loop(batches, [&](Value i) {
    b.loop(heads, [&](Value j) {
      b.loop(dim, [&](Value d) {
        batch = i, head = j, channel = d;
        buildChannel();
      });
    });
  });
  SmallVector<Value> results = {b.asTensor(out)};
  if (finalState)
    results.push_back(b.asTensor(finalState));
  return results;
}

void StateSpaceLoops::buildChannel() {
  buildInit();
  b.loop(length, [&](Value t) { buildPosition(t); });
  if (finalState)
    buildFinish();
}

void StateSpaceLoops::buildInit() {
  b.loop(b.index(2), [&](Value part) {
    b.loop(states, [&](Value n) {
      Value number = b.real(0.0);
      if (initialState)
        number = b.load(initialState, {batch, head, part, n, channel});
      b.store(number, state, {part, n});
    });
  });
}

void StateSpaceLoops::buildFinish() {
  b.loop(b.index(2), [&](Value part) {
    b.loop(states, [&](Value n) {
      b.store(b.load(state, {part, n}), finalState,
              {batch, head, part, n, channel});
    });
  });
}

void StateSpaceLoops::buildPosition(Value t) {
  Value x = b.load(value, {batch, head, t, channel});
  if (!op.getDiscretization())
    buildStep(x);
  else if (*op.getDiscretization() == Discretization::ZOH)
    buildHold(x);
  else
    buildBilinear(x);
  Value y = sum(
      [&](Value n) { return mul(loadParameter(c, n), loadNumber(state, n)); });
  if (!op.getOutput().empty())
    y = inlineAsFloat64(b, op.getOutput(), {batch, head, t, channel, y});
  b.store(y, out, {batch, head, t, channel});
}

/// h = a h - p (q^* h) + b x.
void StateSpaceLoops::buildStep(Value x) {
  Value projected = p ? arith::NegFOp::create(b, project(state)) : Value();
  b.loop(states, [&](Value n) {
    Complex h = add(mul(loadParameter(a, n), loadNumber(state, n)),
                    scale(x, loadParameter(beta, n)));
    if (p)
      h = add(h, scale(projected, loadParameter(p, n)));
    storeNumber(h, state, n);
  });
}

/// The solution of dh/dt = a h + b x over a step during which x does not
/// change.
void StateSpaceLoops::buildHold(Value x) {
  Value dt = b.load(step, {head, channel});
  b.loop(states, [&](Value n) {
    Complex rate = loadParameter(a, n);
    Value size = math::ExpOp::create(b, mul(dt, rate.re));
    Value angle = mul(dt, rate.im);
    Complex factor = {mul(size, math::CosOp::create(b, angle)),
                      mul(size, math::SinOp::create(b, angle))};
    Complex growth = {sub(factor.re, b.real(1.0)), factor.im};
    growth = mul(growth, inverse(rate));
    // The limit at a rate of zero.
    Value square = add(mul(rate.re, rate.re), mul(rate.im, rate.im));
    Value isZero = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, square,
                                         b.real(0.0));
    growth = {arith::SelectOp::create(b, isZero, dt, growth.re),
              arith::SelectOp::create(b, isZero, b.real(0.0), growth.im)};
    Complex taken = scale(x, mul(growth, loadParameter(beta, n)));
    storeNumber(add(mul(factor, loadNumber(state, n)), taken), state, n);
  });
}

/// (1 - dt/2 M) h' = (1 + dt/2 M) h + dt b x, with M = diag(a) - p q^*.
void StateSpaceLoops::buildBilinear(Value x) {
  Value dt = b.load(step, {head, channel});
  Value half = mul(b.real(0.5), dt);
  auto getInverse = [&](Value n) {
    Complex scaled = scale(half, loadParameter(a, n));
    return inverse(
        {sub(b.real(1.0), scaled.re), arith::NegFOp::create(b, scaled.im)});
  };
  Value projected = p ? mul(half, project(state)) : Value();
  b.loop(states, [&](Value n) {
    Complex h = loadNumber(state, n);
    Complex right = add(h, mul(scale(half, loadParameter(a, n)), h));
    right = add(right, scale(mul(dt, x), loadParameter(beta, n)));
    if (p)
      right = add(right, scale(arith::NegFOp::create(b, projected),
                               loadParameter(p, n)));
    storeNumber(mul(getInverse(n), right), next, n);
  });
  // Sherman and Morrison's formula for what the rank adds to the diagonal.
  Value correction;
  if (p) {
    Value feedback = sum([&](Value n) {
      return mul(conjugate(loadParameter(q, n)),
                 mul(getInverse(n), loadParameter(p, n)));
    });
    Value divisor = add(b.real(1.0), mul(half, feedback));
    correction =
        arith::NegFOp::create(b, div(mul(half, project(next)), divisor));
  }
  b.loop(states, [&](Value n) {
    Complex h = loadNumber(next, n);
    if (p)
      h = add(h, scale(correction, mul(getInverse(n), loadParameter(p, n))));
    storeNumber(h, state, n);
  });
}

} // namespace

FailureOr<SmallVector<Value>> attnc::attn::buildReference(ReferenceBuilder &b,
                                                          StateSpaceOp op) {
  if (failed(checkFloat64Region(op, op.getOutput(), "output")))
    return failure();
  return StateSpaceLoops(b, op).build();
}
