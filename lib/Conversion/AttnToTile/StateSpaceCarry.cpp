//===- StateSpaceCarry.cpp - a complex state of each channel as a fold ----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The carry of `attn.state_space`: the real and the imaginary parts of the
// state, a row of columns for each number. What a step multiplies with is the
// same at all positions, and made once for each instance; parameters in
// continuous time become those of a step there.
//
//     h'  = h + ((A - 1) h - P (Q^* h) + B x)
//     out = o(2 Re(C . h'))
//
// A of a long memory is close to 1, and rounding it would change how long it
// is: what is kept is A - 1, which is made without a difference of what is
// nearly equal.
//
// Columns are channels and do not depend on each other: an instance has as many
// as a strip, so that its state and what that is multiplied with stay close to
// the processor for all positions.
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"
#include "attnc/Conversion/Passes.h"

namespace attnc::attn {
namespace {

namespace arith = mlir::arith;
namespace math = mlir::math;

/// Tiles of one shape, or one row of columns.
struct Complex {
  Value re, im;
};

/// Arithmetic on complex tiles.
class ComplexBuilder {
public:
  explicit ComplexBuilder(TileBuilder &b) : b(b) {}

  Complex add(Complex x, Complex y) {
    return {b.add(x.re, y.re), b.add(x.im, y.im)};
  }
  Complex sub(Complex x, Complex y) {
    return {b.sub(x.re, y.re), b.sub(x.im, y.im)};
  }
  Complex scale(Value x, Complex y) { return {b.mul(x, y.re), b.mul(x, y.im)}; }
  Complex conjugate(Complex x) { return {x.re, negate(x.im)}; }
  /// x y.
  Complex mul(Complex x, Complex y) {
    return {realOfProduct(x, y),
            b.multiplyAdd(x.re, y.im, b.contractible(x.im, y.re))};
  }
  /// x y + z.
  Complex multiplyAdd(Complex x, Complex y, Complex z) {
    Value re = b.multiplyAdd(x.re, y.re, z.re);
    Value im = b.multiplyAdd(x.re, y.im, z.im);
    return {b.multiplyAdd(negate(x.im), y.im, re),
            b.multiplyAdd(x.im, y.re, im)};
  }
  Value realOfProduct(Complex x, Complex y) {
    return b.multiplyAdd(negate(x.im), y.im, b.contractible(x.re, y.re));
  }
  Complex inverse(Complex x) {
    Value square = b.add(b.mul(x.re, x.re), b.mul(x.im, x.im));
    return scale(b.div(b.constantLike(1, square), square), conjugate(x));
  }
  Value negate(Value x) { return arith::NegFOp::create(b, x); }

private:
  TileBuilder &b;
};

/// What a step multiplies with, in the order of the stationary tiles. What is
/// read with C and Q is doubled: each number stands for two.
struct StepParameters {
  /// a is A - 1.
  Complex a, b, c, p, q;
};

struct StateSpaceCarry
    : CarryOpInterface::ExternalModel<StateSpaceCarry, StateSpaceOp> {
  static int64_t dimOf(StateSpaceOp op) {
    return op.getValue().getType().getShape()[3];
  }
  /// The columns of an instance.
  static TileAxis getColumns(StateSpaceOp op, const CarryContext &context,
                             TileBuilder &b) {
    Value lanes = b.index(context.lanes);
    Value base = arith::MulIOp::create(b, context.grid[2], lanes);
    Value left = arith::SubIOp::create(b, b.index(dimOf(op)), base);
    return {context.lanes, base, arith::MinSIOp::create(b, left, lanes)};
  }
  static TileAxis getNumbers(StateSpaceOp op, TileBuilder &b) {
    int64_t size = op.getStateSize();
    return {size, b.index(0), b.index(size)};
  }

  SmallVector<Value> buildGrid(Operation *operation, OpBuilder &builder,
                               const KernelPlan &plan) const {
    auto op = cast<StateSpaceOp>(operation);
    SmallVector<Value> grid;
    for (int64_t axis : {0, 1})
      grid.push_back(mlir::tensor::DimOp::create(builder, op.getLoc(),
                                                 op.getValue(), axis));
    int64_t strips = llvm::divideCeil(dimOf(op), plan.lanes);
    grid.push_back(
        arith::ConstantIndexOp::create(builder, op.getLoc(), strips));
    return grid;
  }

  SmallVector<int64_t> getCarryAxes(Operation *) const { return {1, 1}; }

  CarryFootprint getFootprint(Operation *operation) const {
    auto op = cast<StateSpaceOp>(operation);
    CarryFootprint footprint;
    footprint.independentSize = dimOf(op);
    footprint.readPerKey = dimOf(op);
    // A, B, C, and P and Q; real and imaginary parts.
    footprint.stationaryPerRow =
        2 * op.getStateSize() * (op.hasLowRank() ? 5 : 3);
    footprint.carriedPerRow = 2 * op.getStateSize();
    footprint.mostKeys = 1;
    return footprint;
  }

  void buildPrologue(Operation *operation, CarryContext &context) const {
    auto op = cast<StateSpaceOp>(operation);
    TileBuilder b(context);
    startWithoutRows(context, b);
    StepParameters step = buildParameters(op, context, b);
    Value two = b.constantLike(2, step.c.re);
    ComplexBuilder complex(b);
    step.c = complex.scale(two, step.c);
    SmallVector<Complex> kept = {step.a, step.b, step.c};
    if (op.hasLowRank()) {
      step.q = complex.scale(two, step.q);
      kept.append({step.p, step.q});
    }
    for (Complex parameter : kept)
      context.stationary.append({parameter.re, parameter.im});
  }

  SmallVector<Value> buildInit(Operation *operation,
                               CarryContext &context) const {
    auto op = cast<StateSpaceOp>(operation);
    TileBuilder b(context);
    TileAxis columns = getColumns(op, context, b), numbers = getNumbers(op, b);
    SmallVector<Value> carry;
    for (int64_t part : {0, 1})
      carry.push_back(op.getInitialState()
                          ? b.load(context.inputs.back(),
                                   {context.grid[0], context.grid[1],
                                    b.index(part), numbers.base, columns.base},
                                   {numbers.extent, columns.extent},
                                   {numbers.size, columns.size})
                          : b.constant(0, {numbers.size, columns.size}));
    return carry;
  }

  LogicalResult buildKeyRanges(Operation *, CarryContext &context, Value,
                               Value) const {
    visitAllKeys(context);
    return success();
  }

  SmallVector<Value> buildStep(Operation *operation, CarryContext &context,
                               Value key, Value, ValueRange carry) const {
    auto op = cast<StateSpaceOp>(operation);
    TileBuilder b(context);
    ComplexBuilder complex(b);
    TileAxis columns = getColumns(op, context, b), numbers = getNumbers(op, b);
    ArrayRef<int64_t> shape = b.shapeOf(carry[0]);
    SmallVector<Value> where = {context.grid[0], context.grid[1], key,
                                columns.base};
    auto parameter = [&](unsigned index) -> Complex {
      return {context.stationary[2 * index], context.stationary[2 * index + 1]};
    };
    auto sum = [&](Value tile) {
      return b.reduce(tile::ReduceKind::Add, tile, 0, numbers.extent);
    };
    Value x = b.broadcast(
        b.load(context.inputs[0], where, columns.extent, columns.size), 1,
        shape);
    Complex state = {carry[0], carry[1]};
    Complex taken = {b.contractible(parameter(1).re, x),
                     b.contractible(parameter(1).im, x)};
    if (op.hasLowRank()) {
      Complex q = parameter(4);
      Value projected =
          sum(complex.realOfProduct({q.re, complex.negate(q.im)}, state));
      projected = b.broadcast(complex.negate(projected), 1, shape);
      taken = {b.multiplyAdd(parameter(3).re, projected, taken.re),
               b.multiplyAdd(parameter(3).im, projected, taken.im)};
    }
    state = complex.add(state, complex.multiplyAdd(parameter(0), state, taken));
    Value out = sum(complex.realOfProduct(parameter(2), state));
    if (!op.getOutput().empty())
      out = applyToTiles(b, op.getOutput(),
                         {context.grid[0], context.grid[1], key,
                          RegionArgument::position(0), out},
                         columns, context.tables);
    tile::StoreOp::create(b, out, context.outputs[0], where, columns.extent);
    return {state.re, state.im};
  }

  FailureOr<SmallVector<Value>> buildCombine(Operation *operation,
                                             CarryContext &, ValueRange,
                                             ValueRange) const {
    return refuseSplits(operation);
  }

  void buildFinish(Operation *operation, CarryContext &context,
                   ValueRange carry) const {
    auto op = cast<StateSpaceOp>(operation);
    if (!op.getFinalState())
      return;
    TileBuilder b(context);
    TileAxis columns = getColumns(op, context, b), numbers = getNumbers(op, b);
    for (auto [part, tile] : llvm::enumerate(carry))
      tile::StoreOp::create(b, tile, context.outputs[1],
                            ValueRange{context.grid[0], context.grid[1],
                                       b.index(part), numbers.base,
                                       columns.base},
                            ValueRange{numbers.extent, columns.extent});
  }

private:
  //===--------------------------------------------------------------------===//
  // Parameters
  //===--------------------------------------------------------------------===//

  /// The parameters of a step, of all channels of the instance's head.
  static StepParameters buildParameters(StateSpaceOp op, CarryContext &context,
                                        TileBuilder &b) {
    TileAxis columns = getColumns(op, context, b), numbers = getNumbers(op, b);
    auto load = [&](unsigned input) -> Complex {
      auto part = [&](int64_t index) {
        return b.load(
            context.inputs[input],
            {context.grid[1], b.index(index), numbers.base, columns.base},
            {numbers.extent, columns.extent}, {numbers.size, columns.size});
      };
      return {part(0), part(1)};
    };
    StepParameters parameters = {load(1), load(2), load(3), {}, {}};
    unsigned input = 4;
    if (op.hasLowRank()) {
      parameters.p = load(input++);
      parameters.q = load(input++);
    }
    if (!op.getStep()) {
      Value one = b.constantLike(1, parameters.a.re);
      parameters.a.re = b.sub(parameters.a.re, one);
      return parameters;
    }
    Value dt = b.load(context.inputs[input], {context.grid[1], columns.base},
                      columns.extent, columns.size);
    dt = b.broadcast(dt, 1, {numbers.size, columns.size});
    if (*op.getDiscretization() == Discretization::ZOH)
      hold(b, dt, parameters);
    else
      makeBilinear(b, dt, numbers, parameters);
    return parameters;
  }

  /// A = exp(dt a), B = (exp(dt a) - 1) / a b, without the difference of what
  /// is nearly equal: with x + i y = dt a,
  ///
  ///     exp(x + i y) - 1 = expm1(x) cos(y) - 2 sin(y/2)^2 + i exp(x) sin(y).
  static void hold(TileBuilder &b, Value dt, StepParameters &parameters) {
    ComplexBuilder complex(b);
    Complex rate = parameters.a;
    Complex scaled = complex.scale(dt, rate);
    auto sine = [&](Value angle) -> Value {
      return math::SinOp::create(b, angle);
    };
    Value size = math::ExpOp::create(b, scaled.re);
    Value cosine = math::CosOp::create(b, scaled.im);
    Complex growth;
    growth.im = b.mul(size, sine(scaled.im));
    Value ofHalf = sine(b.mul(scaled.im, b.constantLike(0.5, dt)));
    growth.re = b.sub(b.mul(math::ExpM1Op::create(b, scaled.re), cosine),
                      b.mul(b.constantLike(2, dt), b.mul(ofHalf, ofHalf)));
    parameters.a = growth;
    growth = complex.mul(growth, complex.inverse(rate));
    // The limit at a rate of zero.
    Value zero = b.constantLike(0, dt);
    Value square = b.add(b.mul(rate.re, rate.re), b.mul(rate.im, rate.im));
    Value isZero = b.compare(arith::CmpFPredicate::OEQ, square, zero);
    growth = {b.select(isZero, dt, growth.re),
              b.select(isZero, zero, growth.im)};
    parameters.b = complex.mul(growth, parameters.b);
  }

  /// See the table of AttnStateSpaceOps.td, where fractions are extended by dt
  /// so that a step of zero divides by nothing: A - 1 is 2 dt a / (2 - dt a).
  static void makeBilinear(TileBuilder &b, Value dt, const TileAxis &numbers,
                           StepParameters &parameters) {
    ComplexBuilder complex(b);
    auto sum = [&](Complex x, Complex y) {
      Value half = b.reduce(tile::ReduceKind::Add,
                            complex.realOfProduct(complex.conjugate(x), y), 0,
                            numbers.extent);
      return b.mul(b.constantLike(2, half), half);
    };
    auto perNumber = [&](Value row) {
      return b.broadcast(row, 1, b.shapeOf(dt));
    };
    Complex two = {b.constantLike(2, dt), b.constantLike(0, dt)};
    Complex scaled = complex.scale(dt, parameters.a);
    Complex inverse = complex.inverse(complex.sub(two, scaled));
    Complex d = complex.scale(dt, inverse);
    parameters.a = complex.scale(two.re, complex.mul(scaled, inverse));
    parameters.b = complex.mul(d, parameters.b);
    if (parameters.p.re) {
      Complex &p = parameters.p, &q = parameters.q;
      p = complex.mul(d, p);
      Value divisor = sum(q, p);
      divisor = b.add(b.constantLike(1, divisor), divisor);
      Value one = b.constantLike(1, divisor);
      p = complex.scale(perNumber(b.div(one, divisor)), p);
      parameters.b = complex.sub(
          parameters.b, complex.scale(perNumber(sum(q, parameters.b)), p));
      q = complex.scale(b.constantLike(4, dt),
                        complex.mul(complex.conjugate(inverse), q));
    }
    parameters.b = complex.scale(two.re, parameters.b);
  }
};

} // namespace

void registerStateSpaceCarry(MLIRContext *context) {
  StateSpaceOp::attachInterface<StateSpaceCarry>(*context);
}

} // namespace attnc::attn
