//===- MaskSet.cpp - a mask is a set ----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From predicates to unions of integer polyhedra: comparisons of flattened
// expressions become polyhedra, connectives become unions and intersections,
// with negation pushed to the comparisons.
//
//===----------------------------------------------------------------------===//
#include "attnc/Analysis/MaskSet.h"
#include "Emptiness.h"
#include "Flattener.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir::presburger;
using llvm::Expected;

namespace attnc {
namespace {

/// Unions up to this size are coalesced; beyond it the quadratic number of
/// pairs is not worth the pieces saved.
constexpr unsigned maxCoalescedDisjuncts = 16;

/// Intermediate unions may exceed `MaskSet::maxDisjuncts` by this factor before
/// their empty members are dropped.
constexpr unsigned intermediateSlack = 4;

llvm::Error tooManyDisjuncts() {
  return makeError("the mask is a union of more than ", MaskSet::maxDisjuncts,
                   " convex pieces, which is more than is analysed at compile "
                   "time; use fewer alternatives under 'or' (and fewer '!=')");
}

/// The points with `lhs predicate rhs`. One disjunct, or two for `ne`.
Expected<PresburgerSet> buildComparison(AffineExpr lhs,
                                        ComparePredicate predicate,
                                        AffineExpr rhs,
                                        const SetLayout &layout) {
  Flattener flattener(layout);
  Expected<LinearForm> left = flattener.flatten(lhs);
  if (!left)
    return left.takeError();
  Expected<LinearForm> right = flattener.flatten(rhs);
  if (!right)
    return right.takeError();
  IntegerPolyhedron poly = flattener.takePolyhedron();

  // The row of factor * (lhs - rhs) + constant.
  auto difference = [&](int64_t factor, int64_t constant) {
    LinearForm form;
    form.addScaled(*left, DynamicAPInt(factor));
    form.addScaled(*right, DynamicAPInt(-factor));
    form.constant += constant;
    return form.toRow(poly.getNumCols());
  };
  auto withInequality = [&](ArrayRef<DynamicAPInt> row) {
    IntegerPolyhedron result = poly;
    result.addInequality(row);
    return PresburgerSet(result);
  };
  switch (predicate) {
  case ComparePredicate::eq:
    poly.addEquality(difference(1, 0));
    return PresburgerSet(poly);
  case ComparePredicate::ne:
    return withInequality(difference(-1, -1))
        .unionSet(withInequality(difference(1, -1)));
  case ComparePredicate::lt:
    return withInequality(difference(-1, -1));
  case ComparePredicate::le:
    return withInequality(difference(-1, 0));
  case ComparePredicate::gt:
    return withInequality(difference(1, -1));
  case ComparePredicate::ge:
    return withInequality(difference(1, 0));
  }
  llvm_unreachable("every predicate is handled above");
}

//===----------------------------------------------------------------------===//
// Unions
//===----------------------------------------------------------------------===//

/// The intersection without disjuncts that have not even a rational point.
PresburgerSet intersectDisjuncts(const PresburgerSet &a,
                                 const PresburgerSet &b) {
  PresburgerSet result = PresburgerSet::getEmpty(a.getSpace());
  for (const IntegerRelation &left : a.getAllDisjuncts())
    for (const IntegerRelation &right : b.getAllDisjuncts()) {
      IntegerRelation both = left.intersect(right);
      both.removeTrivialRedundancy();
      if (!Simplex(both).isEmpty())
        result.unionInPlace(both);
    }
  return result;
}

PresburgerSet dropEmptyDisjuncts(const PresburgerSet &set) {
  PresburgerSet result = PresburgerSet::getEmpty(set.getSpace());
  for (const IntegerRelation &disjunct : set.getAllDisjuncts())
    if (!isKnownEmpty(disjunct))
      result.unionInPlace(disjunct);
  return result;
}

/// All constraints of `poly` as rows `>= 0`.
SmallVector<SmallVector<DynamicAPInt>>
getInequalities(const IntegerRelation &poly) {
  SmallVector<SmallVector<DynamicAPInt>> rows;
  for (unsigned i = 0, e = poly.getNumInequalities(); i < e; ++i)
    rows.emplace_back(poly.getInequality(i));
  for (unsigned i = 0, e = poly.getNumEqualities(); i < e; ++i) {
    rows.emplace_back(poly.getEquality(i));
    rows.push_back(getNegatedCoeffs(poly.getEquality(i)));
  }
  return rows;
}

/// The constraints of `from` that every point of `other` satisfies, too.
void addSharedConstraints(const IntegerRelation &from,
                          const IntegerRelation &other, IntegerRelation &hull) {
  for (ArrayRef<DynamicAPInt> row : getInequalities(from)) {
    IntegerRelation violating = other;
    violating.addInequality(getComplementIneq(row));
    if (violating.isIntegerEmpty())
      hull.addInequality(row);
  }
}

/// The union of two polyhedra as one, if it is one: the constraints that hold
/// on both describe a superset of the union, which is the union exactly if
/// subtracting the two leaves nothing.
std::optional<IntegerRelation> mergePair(const IntegerRelation &a,
                                         const IntegerRelation &b) {
  // A division is only meaningful together with its defining constraints,
  // which the other disjunct does not have.
  if (a.getNumLocalVars() || b.getNumLocalVars())
    return std::nullopt;
  IntegerRelation hull(a.getSpace());
  addSharedConstraints(a, b, hull);
  addSharedConstraints(b, a, hull);
  PresburgerRelation both(a);
  both.unionInPlace(b);
  if (!PresburgerRelation(hull).subtract(both).isIntegerEmpty())
    return std::nullopt;
  hull.removeRedundantConstraints();
  return hull;
}

PresburgerSet mergeTouching(const PresburgerSet &set) {
  std::vector<IntegerRelation> disjuncts(set.getAllDisjuncts().begin(),
                                         set.getAllDisjuncts().end());
  for (unsigned i = 0; i < disjuncts.size(); ++i)
    for (unsigned j = i + 1; j < disjuncts.size();) {
      std::optional<IntegerRelation> merged =
          mergePair(disjuncts[i], disjuncts[j]);
      if (!merged) {
        ++j;
        continue;
      }
      disjuncts[i] = *merged;
      disjuncts.erase(disjuncts.begin() + j);
      // The grown disjunct may now touch one it did not touch before.
      j = i + 1;
    }
  PresburgerSet result = PresburgerSet::getEmpty(set.getSpace());
  for (const IntegerRelation &disjunct : disjuncts)
    result.unionInPlace(disjunct);
  return result;
}

/// Builds the set of a whole predicate.
class SetBuilder {
public:
  SetBuilder(const SetLayout &layout, bool isCoalesced)
      : layout(layout), isCoalesced(isCoalesced) {}

  Expected<PresburgerSet> build(const MaskExpr &expr, bool negated) {
    switch (expr.kind) {
    case MaskExpr::Kind::Not:
      return build(expr.children.front(), !negated);
    case MaskExpr::Kind::Compare:
      return buildComparison(expr.lhs,
                             negated ? negate(expr.predicate) : expr.predicate,
                             expr.rhs, layout);
    case MaskExpr::Kind::And:
      return negated ? buildUnion(expr.children, negated)
                     : buildIntersection(expr.children, negated);
    case MaskExpr::Kind::Or:
      return negated ? buildIntersection(expr.children, negated)
                     : buildUnion(expr.children, negated);
    }
    llvm_unreachable("every kind of mask expression is handled above");
  }

private:
  Expected<PresburgerSet> buildUnion(ArrayRef<MaskExpr> operands,
                                     bool negated) {
    PresburgerSet result = PresburgerSet::getEmpty(layout.space);
    for (const MaskExpr &operand : operands) {
      Expected<PresburgerSet> set = build(operand, negated);
      if (!set)
        return set;
      result.unionInPlace(*set);
      if (result.getNumDisjuncts() > intermediateSlack * MaskSet::maxDisjuncts)
        return tooManyDisjuncts();
    }
    if (isCoalesced && operands.size() > 1)
      result = coalesceDisjuncts(result);
    return checkSize(std::move(result));
  }

  Expected<PresburgerSet> buildIntersection(ArrayRef<MaskExpr> operands,
                                            bool negated) {
    if (operands.empty())
      return PresburgerSet::getUniverse(layout.space);
    Expected<PresburgerSet> first = build(operands.front(), negated);
    if (!first)
      return first;
    PresburgerSet result = std::move(*first);
    for (const MaskExpr &operand : operands.drop_front()) {
      Expected<PresburgerSet> set = build(operand, negated);
      if (!set)
        return set;
      if (result.getNumDisjuncts() * set->getNumDisjuncts() >
          intermediateSlack * MaskSet::maxDisjuncts)
        return tooManyDisjuncts();
      result = intersectDisjuncts(result, *set);
    }
    return checkSize(std::move(result));
  }

  static Expected<PresburgerSet> checkSize(PresburgerSet set) {
    if (set.getNumDisjuncts() > MaskSet::maxDisjuncts)
      return tooManyDisjuncts();
    return set;
  }

  const SetLayout &layout;
  bool isCoalesced;
};

} // namespace

PresburgerSet coalesceDisjuncts(const PresburgerSet &set) {
  PresburgerSet result = dropEmptyDisjuncts(set);
  if (result.getNumDisjuncts() < 2 ||
      result.getNumDisjuncts() > maxCoalescedDisjuncts)
    return result;
  return mergeTouching(result.coalesce());
}

Expected<PresburgerSet> toPresburgerSet(const MaskExpr &expr,
                                        const SetLayout &layout, bool negated,
                                        bool isCoalesced) {
  return SetBuilder(layout, isCoalesced).build(expr, negated);
}

PresburgerSpace MaskSet::getSpace() {
  return PresburgerSpace::getSetSpace(/*numDims=*/2, /*numSymbols=*/2);
}

Expected<MaskSet> MaskSet::get(const MaskExpr &mask) {
  // d0 = b and d1 = h are the symbols, d2 = q and d3 = k the dims before them.
  static constexpr unsigned columnOfDim[] = {2, 3, 0, 1};
  static constexpr StringRef names[] = {"b", "h", "q", "k"};
  SetLayout layout{getSpace(), columnOfDim, names};
  Expected<PresburgerSet> allowed = toPresburgerSet(mask, layout);
  if (!allowed)
    return allowed.takeError();
  *allowed = dropEmptyDisjuncts(*allowed);
  std::optional<PresburgerSet> forbidden;
  if (Expected<PresburgerSet> set =
          toPresburgerSet(mask, layout, /*negated=*/true))
    forbidden = dropEmptyDisjuncts(*set);
  else
    // The expressions are the ones that were fine above, so this can only be
    // the size, and a mask without a complement is still useful.
    llvm::consumeError(set.takeError());
  return MaskSet(mask, std::move(*allowed), std::move(forbidden));
}

bool MaskSet::contains(int64_t b, int64_t h, int64_t q, int64_t k) const {
  return allowed.containsPoint({q, k, b, h});
}

} // namespace attnc
