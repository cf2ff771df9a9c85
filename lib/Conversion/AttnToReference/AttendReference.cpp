//===- AttendReference.cpp - The definition of attn.attend ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Softmax attention as a textbook writes it: for each query row the largest
// score, then the sum of exponentials, then the weighted sum of the values.
// The mask is evaluated position by position from its general form.
//
//===----------------------------------------------------------------------===//

#include "ReferenceBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/AffineExprVisitor.h"
#include "llvm/Support/ErrorHandling.h"
#include <limits>
#include <optional>

using namespace attnc;
using namespace attnc::attn;
namespace arith = mlir::arith;
namespace math = mlir::math;
namespace scf = mlir::scf;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Computes a quasi-affine expression of positions. The verifier of the mask
/// has seen to it that divisors are positive constants and that there are no
/// symbols.
class PositionArithmetic
    : public mlir::AffineExprVisitor<PositionArithmetic, Value> {
public:
  PositionArithmetic(ReferenceBuilder &b, ValueRange positions)
      : b(b), positions(positions) {}

  Value visitDimExpr(mlir::AffineDimExpr expr) {
    return positions[expr.getPosition()];
  }
  Value visitConstantExpr(mlir::AffineConstantExpr expr) {
    return b.index(expr.getValue());
  }
  Value visitAddExpr(mlir::AffineBinaryOpExpr expr) {
    auto [lhs, rhs] = visitOperands(expr);
    return arith::AddIOp::create(b, lhs, rhs);
  }
  Value visitMulExpr(mlir::AffineBinaryOpExpr expr) {
    auto [lhs, rhs] = visitOperands(expr);
    return arith::MulIOp::create(b, lhs, rhs);
  }
  Value visitModExpr(mlir::AffineBinaryOpExpr expr) {
    auto [lhs, rhs] = visitOperands(expr);
    return modulo(lhs, rhs);
  }
  Value visitFloorDivExpr(mlir::AffineBinaryOpExpr expr) {
    auto [lhs, rhs] = visitOperands(expr);
    return floorDivide(lhs, rhs);
  }
  Value visitCeilDivExpr(mlir::AffineBinaryOpExpr expr) {
    // ceil(a / c) = -floor(-a / c).
    auto [lhs, rhs] = visitOperands(expr);
    Value zero = b.index(0);
    Value negated = arith::SubIOp::create(b, zero, lhs);
    return arith::SubIOp::create(b, zero, floorDivide(negated, rhs));
  }

private:
  std::pair<Value, Value> visitOperands(mlir::AffineBinaryOpExpr expr) {
    Value lhs = visit(expr.getLHS());
    Value rhs = visit(expr.getRHS());
    return {lhs, rhs};
  }
  /// The remainder in [0, divisor): positions may be negative, and remsi has
  /// the sign of the dividend.
  Value modulo(Value dividend, Value divisor) {
    Value remainder = arith::RemSIOp::create(b, dividend, divisor);
    Value isNegative = arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                                             remainder, b.index(0));
    Value raised = arith::AddIOp::create(b, remainder, divisor);
    return arith::SelectOp::create(b, isNegative, raised, remainder);
  }
  Value floorDivide(Value dividend, Value divisor) {
    Value multiple =
        arith::SubIOp::create(b, dividend, modulo(dividend, divisor));
    return arith::DivSIOp::create(b, multiple, divisor);
  }

  ReferenceBuilder &b;
  ValueRange positions;
};

arith::CmpIPredicate toArith(ComparePredicate predicate) {
  switch (predicate) {
  case ComparePredicate::eq:
    return arith::CmpIPredicate::eq;
  case ComparePredicate::ne:
    return arith::CmpIPredicate::ne;
  case ComparePredicate::lt:
    return arith::CmpIPredicate::slt;
  case ComparePredicate::le:
    return arith::CmpIPredicate::sle;
  case ComparePredicate::gt:
    return arith::CmpIPredicate::sgt;
  case ComparePredicate::ge:
    return arith::CmpIPredicate::sge;
  }
  llvm_unreachable("a predicate without a comparison");
}

/// The truth of `mask` at `positions`, (b, h, q, k) and the terms.
Value buildTruth(ReferenceBuilder &b, const MaskExpr &mask,
                 ValueRange positions) {
  if (mask.kind == MaskExpr::Kind::Compare) {
    PositionArithmetic arithmetic(b, positions);
    Value lhs = arithmetic.visit(mask.lhs);
    Value rhs = arithmetic.visit(mask.rhs);
    return arith::CmpIOp::create(b, toArith(mask.predicate), lhs, rhs);
  }
  // An empty conjunction is true, an empty disjunction false. `not a` is
  // `true xor a`.
  bool isOr = mask.kind == MaskExpr::Kind::Or;
  bool isNot = mask.kind == MaskExpr::Kind::Not;
  Value truth = arith::ConstantIntOp::create(b, b.getI1Type(), isOr ? 0 : 1);
  for (const MaskExpr &child : mask.children) {
    Value operand = buildTruth(b, child, positions);
    if (isNot)
      truth = arith::XOrIOp::create(b, truth, operand);
    else if (isOr)
      truth = arith::OrIOp::create(b, truth, operand);
    else
      truth = arith::AndIOp::create(b, truth, operand);
  }
  return truth;
}

/// The loops of one attend op.
class AttendLoops {
public:
  AttendLoops(ReferenceBuilder &b, AttendOp op)
      : b(b), op(op), mask(op.getEffectiveMask()) {}
  SmallVector<Value> build();

private:
  Value buildLength(Value lengths, Value most);
  void buildRow();
  Value buildScore(Value k);
  Value buildLargestScore();
  Value buildSumOfWeights(Value shift);
  Value buildInitialWeight(Value shift);
  void buildWeightedSum(Value shift);
  Value buildTerm(const MaskTerm &term, Value k);
  Value buildAllowed(Value k);
  bool isMasked() {
    return op.getMask() || op.getLattice() || !op.getWhere().empty();
  }
  Value whenAllowed(Value k, Value otherwise, function_ref<Value()> body);
  void whenAllowed(Value k, function_ref<void()> body);

  ReferenceBuilder &b;
  AttendOp op;
  Mask mask;
  /// Memory of the tables that are tensors, by operand.
  llvm::DenseMap<Value, Value> tables;
  /// Memory. `weights` holds, for one row, the scores and then their
  /// exponentials; `sums` the row of `out` before it is normalized.
  Value query, key, value, out, lse, weights, sums, initialOut, initialLse;
  /// Extents.
  Value dim, valueDim, keyLength, queryLength;
  /// Memory of the numbers of keys and queries of each sequence, or null.
  Value lengths, queryLengths;
  /// Where the loops stand: the row's index, and its position for mask and
  /// score region.
  Value batch, head, kvHead, row, position;
};

SmallVector<Value> AttendLoops::build() {
  query = b.read(op.getQuery());
  key = b.read(op.getKey());
  value = b.read(op.getValue());
  for (Value table : op.getTables())
    if (isa<RankedTensorType>(table.getType()))
      tables[table] = b.read(table);
  if (op.getInitialOut()) {
    initialOut = b.read(op.getInitialOut());
    initialLse = b.read(op.getInitialLse());
  }
  Value batches = b.extent(query, 0), heads = b.extent(query, 1);
  Value rows = b.extent(query, 2), kvHeads = b.extent(key, 1);
  dim = b.extent(query, 3), valueDim = b.extent(value, 3);
  Value capacity = b.extent(key, 2);
  if (op.getLengths())
    lengths = b.read(op.getLengths());
  if (op.getQueryLengths())
    queryLengths = b.read(op.getQueryLengths());
  out = b.allocate(cast<RankedTensorType>(op.getOut().getType()),
                   {batches, heads, rows, valueDim});
  if (op.getLse())
    lse = b.allocate(cast<RankedTensorType>(op.getLse().getType()),
                     {batches, heads, rows});
  weights = b.allocateReals(capacity);
  sums = b.allocateReals(valueDim);

  b.loop(batches, [&](Value i) {
    batch = i;
    keyLength = buildLength(lengths, capacity);
    queryLength = buildLength(queryLengths, rows);
    Value offset = arith::SubIOp::create(b, keyLength, queryLength);
    b.loop(heads, [&](Value j) {
      head = j;
      // head / (heads / kvHeads), without the division by zero that an op of
      // no heads would run into.
      kvHead = arith::DivUIOp::create(
          b, arith::MulIOp::create(b, head, kvHeads), heads);
      b.loop(rows, [&](Value i) {
        row = i;
        position = arith::AddIOp::create(b, row, offset);
        buildRow();
      });
    });
  });

  SmallVector<Value> results = {b.asTensor(out)};
  if (lse)
    results.push_back(b.asTensor(lse));
  return results;
}

/// What `lengths` says of the current sequence, from 0 to `most`.
Value AttendLoops::buildLength(Value lengths, Value most) {
  if (!lengths)
    return most;
  Value length = arith::IndexCastOp::create(
      b, b.getIndexType(), mlir::memref::LoadOp::create(b, lengths, batch));
  length = arith::MaxSIOp::create(b, length, b.index(0));
  return arith::MinSIOp::create(b, length, most);
}

void AttendLoops::buildRow() {
  Value zero = b.real(0.0), minusInfinity = b.real(-kInfinity);
  Value largest = buildLargestScore();
  if (queryLengths) {
    Value isQuery =
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, row, queryLength);
    largest = arith::SelectOp::create(b, isQuery, largest, minusInfinity);
  }
  // Without an allowed key nothing needs a shift. The same holds where the
  // score region made every score -inf: such a key weighs nothing.
  Value hasNone = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, largest,
                                        minusInfinity);
  Value shift = arith::SelectOp::create(b, hasNone, zero, largest);
  Value sum = buildSumOfWeights(shift);
  buildWeightedSum(shift);
  b.loop(valueDim, [&](Value d) {
    Value mean = arith::DivFOp::create(b, b.load(sums, d), sum);
    Value result = arith::SelectOp::create(b, hasNone, zero, mean);
    b.store(result, out, {batch, head, row, d});
  });
  // log(0) + 0 is -inf, exactly.
  if (lse) {
    Value result = arith::AddFOp::create(b, math::LogOp::create(b, sum), shift);
    b.store(arith::SelectOp::create(b, hasNone, minusInfinity, result), lse,
            {batch, head, row});
  }
}

Value AttendLoops::buildScore(Value k) {
  Value product = b.fold(dim, b.real(0.0), [&](Value d, Value sum) -> Value {
    Value left = b.load(query, {batch, head, row, d});
    Value right = b.load(key, {batch, kvHead, k, d});
    return arith::AddFOp::create(b, sum, arith::MulFOp::create(b, left, right));
  });
  Value score =
      arith::MulFOp::create(b, product, b.real(op.getEffectiveScale()));
  if (op.getScore().empty())
    return score;
  return inlineAsFloat64(b, op.getScore(), {score, batch, head, position, k});
}

/// The carry to start from counts as one more key: its score is its lse, its
/// value its output.
Value AttendLoops::buildLargestScore() {
  Value initial =
      initialLse ? b.load(initialLse, {batch, head, row}) : b.real(-kInfinity);
  return b.fold(keyLength, initial, [&](Value k, Value largest) {
    return whenAllowed(k, largest, [&]() -> Value {
      Value score = buildScore(k);
      b.store(score, weights, k);
      return arith::MaximumFOp::create(b, largest, score);
    });
  });
}

Value AttendLoops::buildInitialWeight(Value shift) {
  Value lse = b.load(initialLse, {batch, head, row});
  return math::ExpOp::create(b, arith::SubFOp::create(b, lse, shift));
}

Value AttendLoops::buildSumOfWeights(Value shift) {
  Value initial = initialLse ? buildInitialWeight(shift) : b.real(0.0);
  return b.fold(keyLength, initial, [&](Value k, Value sum) {
    return whenAllowed(k, sum, [&]() -> Value {
      Value shifted = arith::SubFOp::create(b, b.load(weights, k), shift);
      Value weight = math::ExpOp::create(b, shifted);
      b.store(weight, weights, k);
      return arith::AddFOp::create(b, sum, weight);
    });
  });
}

void AttendLoops::buildWeightedSum(Value shift) {
  Value weight = initialLse ? buildInitialWeight(shift) : Value();
  b.loop(valueDim, [&](Value d) {
    Value start = b.real(0.0);
    if (initialLse)
      start = arith::MulFOp::create(b, weight,
                                    b.load(initialOut, {batch, head, row, d}));
    b.store(start, sums, d);
  });
  b.loop(keyLength, [&](Value k) {
    whenAllowed(k, [&] {
      Value weight = b.load(weights, k);
      b.loop(valueDim, [&](Value d) {
        Value term = arith::MulFOp::create(
            b, weight, b.load(value, {batch, kvHead, k, d}));
        b.store(arith::AddFOp::create(b, b.load(sums, d), term), sums, d);
      });
    });
  });
}

/// The number that the mask reads for the current row and the key `k`. A row
/// before position 0 reads as position 0.
Value AttendLoops::buildTerm(const MaskTerm &term, Value k) {
  Value zero = b.index(0);
  Value q = arith::MaxSIOp::create(b, position, zero);
  Value positions[] = {batch, head, q, k};
  PositionArithmetic arithmetic(b, positions);
  SmallVector<Value> indices;
  for (AffineExpr index : term.indices)
    indices.push_back(arithmetic.visit(index));
  if (term.source)
    return cast<MaskAttrInterface>(term.source)
        .buildTableValue(b, b.getLoc(), term.table, indices.front(), keyLength,
                         op.getTable(term.operand));
  Value number = op.getTable(term.table);
  if (Value memory = tables.lookup(number)) {
    int64_t rank = cast<MemRefType>(memory.getType()).getRank();
    if (rank > static_cast<int64_t>(indices.size()))
      indices.insert(indices.begin(), batch);
    number = arith::IndexCastOp::create(
        b, b.getIndexType(), mlir::memref::LoadOp::create(b, memory, indices));
  }
  return b.clampToPositions(number);
}

/// Whether the current row may see the key `k`.
Value AttendLoops::buildAllowed(Value k) {
  SmallVector<Value> positions = {batch, head, position, k};
  for (const MaskTerm &term : mask.terms.getTerms())
    positions.push_back(buildTerm(term, k));
  Value allowed = buildTruth(b, mask.predicate, positions);
  if (!op.getWhere().empty()) {
    Value yielded = inlineAsFloat64(b, op.getWhere(),
                                    {batch, head, position, k}, Reads::ofMask);
    allowed = arith::AndIOp::create(b, allowed, yielded);
  }
  if (!op.getLattice())
    return allowed;
  Value distance = arith::SubIOp::create(b, position, k);
  Value rest = arith::RemSIOp::create(b, distance, b.index(*op.getLattice()));
  Value isMultiple =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, rest, b.index(0));
  return arith::AndIOp::create(b, allowed, isMultiple);
}

/// The value of `body` where the mask allows the key `k`, else `otherwise`.
Value AttendLoops::whenAllowed(Value k, Value otherwise,
                               function_ref<Value()> body) {
  if (!isMasked())
    return body();
  auto choice = scf::IfOp::create(
      b, buildAllowed(k),
      [&](OpBuilder &, Location) { scf::YieldOp::create(b, body()); },
      [&](OpBuilder &, Location) { scf::YieldOp::create(b, otherwise); });
  return choice.getResult(0);
}

/// `body` where the mask allows the key `k`.
void AttendLoops::whenAllowed(Value k, function_ref<void()> body) {
  if (!isMasked())
    return body();
  scf::IfOp::create(b, buildAllowed(k), [&](OpBuilder &, Location) {
    body();
    scf::YieldOp::create(b);
  });
}

} // namespace

FailureOr<SmallVector<Value>> attnc::attn::buildReference(ReferenceBuilder &b,
                                                          AttendOp op) {
  if (failed(checkFloat64Region(op, op.getScore(), "score")) ||
      failed(checkFloat64Region(op, op.getWhere(), "where")))
    return failure();
  return AttendLoops(b, op).build();
}
