//===- BlockTest.cpp - a tile of queries against a block of keys ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Interval arithmetic on the predicate of a mask, done symbolically: the result
// is a predicate over the bounds of the tile and the block.
//
//===----------------------------------------------------------------------===//
#include "attnc/Analysis/KeyVisits.h"
#include "llvm/ADT/STLExtras.h"

namespace attnc {
namespace {

struct Interval {
  AffineExpr low, high;
};

class IntervalTruth {
public:
  IntervalTruth(const MaskSet &mask, MLIRContext *context) : context(context) {
    auto dim = [&](unsigned i) { return mlir::getAffineDimExpr(i, context); };
    auto symbol = [&](TileSymbol s) { return dim(static_cast<unsigned>(s)); };
    ArrayRef<TileParameter> parameters = mask.getParameters();
    unsigned firstParameter = getTileSymbolNames().size();
    unsigned next = firstParameter + parameters.size();
    AffineExpr b = symbol(TileSymbol::batch), h = symbol(TileSymbol::head);
    AffineExpr first = symbol(TileSymbol::first);
    dims = {{b, b},
            {h, h},
            {first, first + symbol(TileSymbol::count) - 1},
            {dim(next), dim(next + 1)}};
    next += 2;
    for (auto [term, role] : llvm::enumerate(mask.getRoles())) {
      if (role == TermRole::key) {
        dims.push_back({dim(next), dim(next + 1)});
        next += 2;
        continue;
      }
      auto *position =
          llvm::find_if(parameters, [term = term](const TileParameter &p) {
            return p.kind != TileParameter::Kind::keyRow && p.term == term;
          });
      unsigned low = firstParameter + (position - parameters.begin());
      bool isPair = role == TermRole::interval;
      dims.push_back({dim(low), dim(isPair ? low + 1 : low)});
    }
  }

  MaskExpr get(const MaskExpr &expr, bool negated, bool ofAll) {
    switch (expr.kind) {
    case MaskExpr::Kind::Not:
      return get(expr.children.front(), !negated, ofAll);
    case MaskExpr::Kind::Compare:
      return compare(bound(expr.lhs),
                     negated ? negate(expr.predicate) : expr.predicate,
                     bound(expr.rhs), ofAll);
    case MaskExpr::Kind::And:
    case MaskExpr::Kind::Or:
      break;
    }
    std::vector<MaskExpr> children;
    for (const MaskExpr &child : expr.children)
      children.push_back(get(child, negated, ofAll));
    return (expr.kind == MaskExpr::Kind::And) != negated
               ? MaskExpr::conjunction(std::move(children))
               : MaskExpr::disjunction(std::move(children));
  }

private:
  /// The least and the greatest value of a quasi-affine expression, or bounds
  /// of them.
  Interval bound(AffineExpr expr) {
    if (auto dim = dyn_cast<mlir::AffineDimExpr>(expr))
      return dims[dim.getPosition()];
    auto binary = dyn_cast<mlir::AffineBinaryOpExpr>(expr);
    if (!binary)
      return {expr, expr};
    Interval lhs = bound(binary.getLHS()), rhs = bound(binary.getRHS());
    auto constant = dyn_cast<mlir::AffineConstantExpr>(binary.getRHS());
    switch (expr.getKind()) {
    case mlir::AffineExprKind::Add:
      return {lhs.low + rhs.low, lhs.high + rhs.high};
    case mlir::AffineExprKind::Mul:
      if (!constant)
        std::swap(lhs, rhs);
      if (cast<mlir::AffineConstantExpr>(rhs.low).getValue() < 0)
        std::swap(lhs.low, lhs.high);
      return {lhs.low * rhs.low, lhs.high * rhs.low};
    case mlir::AffineExprKind::FloorDiv:
      return {lhs.low.floorDiv(rhs.low), lhs.high.floorDiv(rhs.low)};
    case mlir::AffineExprKind::CeilDiv:
      return {lhs.low.ceilDiv(rhs.low), lhs.high.ceilDiv(rhs.low)};
    default:
      break;
    }
    return {mlir::getAffineConstantExpr(0, context), rhs.low - 1};
  }

  MaskExpr compare(const Interval &a, ComparePredicate predicate,
                   const Interval &b, bool ofAll) {
    auto less = [](AffineExpr x, ComparePredicate p, AffineExpr y) {
      return MaskExpr::compare(x, p, y);
    };
    constexpr auto lt = ComparePredicate::lt, le = ComparePredicate::le;
    switch (predicate) {
    case ComparePredicate::lt:
    case ComparePredicate::le:
      return ofAll ? less(a.high, predicate, b.low)
                   : less(a.low, predicate, b.high);
    case ComparePredicate::gt:
      return compare(b, lt, a, ofAll);
    case ComparePredicate::ge:
      return compare(b, le, a, ofAll);
    case ComparePredicate::eq:
      // All are equal if both intervals are the same single number.
      return ofAll ? MaskExpr::conjunction(
                         {less(a.high, le, b.low), less(b.high, le, a.low)})
                   : MaskExpr::conjunction(
                         {less(a.low, le, b.high), less(b.low, le, a.high)});
    case ComparePredicate::ne:
      return MaskExpr::negation(
          compare(a, ComparePredicate::eq, b, /*ofAll=*/!ofAll));
    }
    llvm_unreachable("every predicate is handled above");
  }

  MLIRContext *context;
  /// Of each dim of the mask's expressions.
  SmallVector<Interval> dims;
};

} // namespace

BlockTest BlockTest::get(const MaskSet &mask, MLIRContext *context) {
  IntervalTruth truth(mask, context);
  return {truth.get(mask.getPredicate(), /*negated=*/false, /*ofAll=*/false),
          truth.get(mask.getPredicate(), /*negated=*/false, /*ofAll=*/true)};
}

} // namespace attnc
