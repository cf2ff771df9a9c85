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
#include "mlir/Analysis/Presburger/Simplex.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <numeric>

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

/// Restricts the polyhedron of `flattener` to the points with `lhs predicate
/// rhs`, which is not `ne`.
llvm::Error addComparison(Flattener &flattener, AffineExpr lhs,
                          ComparePredicate predicate, AffineExpr rhs) {
  Expected<LinearForm> form = flattener.flattenComparison(lhs, predicate, rhs);
  if (!form)
    return form.takeError();
  if (predicate == ComparePredicate::eq)
    flattener.addEquality(*form);
  else
    flattener.addInequality(*form);
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Unions
//===----------------------------------------------------------------------===//

/// The intersection without disjuncts that have not even a rational point, if
/// there are several.
PresburgerSet intersectDisjuncts(const PresburgerSet &a,
                                 const PresburgerSet &b) {
  PresburgerSet result = PresburgerSet::getEmpty(a.getSpace());
  bool isOne = a.getNumDisjuncts() * b.getNumDisjuncts() == 1;
  for (const IntegerRelation &left : a.getAllDisjuncts())
    for (const IntegerRelation &right : b.getAllDisjuncts()) {
      IntegerRelation both = left.intersect(right);
      both.removeTrivialRedundancy();
      if (isOne || !Simplex(both).isEmpty())
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
  explicit SetBuilder(const SetLayout &layout) : layout(layout) {}

  Expected<PresburgerSet> build(const MaskExpr &expr, bool negated) {
    switch (expr.kind) {
    case MaskExpr::Kind::Not:
      return build(expr.children.front(), !negated);
    case MaskExpr::Kind::Compare:
      if (usesUnknown(expr.lhs) || usesUnknown(expr.rhs))
        return PresburgerSet::getUniverse(layout.space);
      return buildComparison(expr, negated);
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
  bool usesUnknown(AffineExpr expr) const {
    for (auto [dim, column] : llvm::enumerate(layout.columnOfDim))
      if (column == SetLayout::unknown && expr.isFunctionOfDim(dim))
        return true;
    return false;
  }

  /// One disjunct, or two for `ne`.
  Expected<PresburgerSet> buildComparison(const MaskExpr &expr, bool negated) {
    SmallVector<ComparePredicate, 2> predicates = {
        negated ? negate(expr.predicate) : expr.predicate};
    if (predicates.front() == ComparePredicate::ne)
      predicates = {ComparePredicate::lt, ComparePredicate::gt};
    PresburgerSet result = PresburgerSet::getEmpty(layout.space);
    for (ComparePredicate predicate : predicates) {
      Flattener flattener(layout);
      if (llvm::Error error =
              addComparison(flattener, expr.lhs, predicate, expr.rhs))
        return std::move(error);
      result.unionInPlace(flattener.takePolyhedron());
    }
    return result;
  }

  /// The polyhedron of those operands of a conjunction that are one, built at
  /// once; the others are added to `rest`.
  Expected<PresburgerSet> buildConvexPart(ArrayRef<MaskExpr> operands,
                                          bool negated,
                                          SmallVectorImpl<MaskExpr> &rest) {
    Flattener flattener(layout);
    for (const MaskExpr &operand : operands) {
      ComparePredicate predicate =
          negated ? negate(operand.predicate) : operand.predicate;
      if (operand.kind != MaskExpr::Kind::Compare ||
          predicate == ComparePredicate::ne) {
        rest.push_back(operand);
        continue;
      }
      if (usesUnknown(operand.lhs) || usesUnknown(operand.rhs))
        continue;
      if (llvm::Error error =
              addComparison(flattener, operand.lhs, predicate, operand.rhs))
        return std::move(error);
    }
    IntegerPolyhedron poly = flattener.takePolyhedron();
    poly.removeTrivialRedundancy();
    return PresburgerSet(poly);
  }

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
    if (operands.size() > 1)
      result = coalesceDisjuncts(result);
    return checkSize(std::move(result));
  }

  Expected<PresburgerSet> buildIntersection(ArrayRef<MaskExpr> operands,
                                            bool negated) {
    SmallVector<MaskExpr> rest;
    Expected<PresburgerSet> convex = buildConvexPart(operands, negated, rest);
    if (!convex)
      return convex;
    PresburgerSet result = std::move(*convex);
    for (const MaskExpr &operand : rest) {
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
                                        const SetLayout &layout) {
  return SetBuilder(layout).build(expr, /*negated=*/false);
}

//===----------------------------------------------------------------------===//
// Terms
//===----------------------------------------------------------------------===//

static constexpr unsigned queryDim = 2, keyDim = 3;

static bool usesDim(const MaskTerm &term, unsigned dim) {
  return llvm::any_of(term.indices, [dim](AffineExpr index) {
    return index.isFunctionOfDim(dim);
  });
}

/// The c if the term depends on q as q floordiv c only, else 1.
static int64_t getQueryDivisor(const MaskTerm &term) {
  int64_t divisor = 0;
  for (AffineExpr index : term.indices) {
    if (!index.isFunctionOfDim(queryDim))
      continue;
    auto quotient = dyn_cast<mlir::AffineBinaryOpExpr>(index);
    if (!quotient || index.getKind() != mlir::AffineExprKind::FloorDiv ||
        !isa<mlir::AffineDimExpr>(quotient.getLHS()))
      return 1;
    divisor = std::gcd(
        divisor, cast<mlir::AffineConstantExpr>(quotient.getRHS()).getValue());
  }
  return divisor;
}

TermRoles::TermRoles(const MaskTerms &terms) {
  for (const MaskTerm &term : terms.getTerms())
    if (usesDim(term, queryDim) && !usesDim(term, keyDim))
      runLength = std::gcd(runLength, getQueryDivisor(term));
  for (const MaskTerm &term : terms.getTerms())
    roles.push_back(usesDim(term, keyDim)      ? TermRole::key
                    : !usesDim(term, queryDim) ? TermRole::value
                    : runLength > 1            ? TermRole::run
                                               : TermRole::interval);
  if (runLength == 1)
    runLength = 0;
}

bool TermRoles::readPositions() const {
  return llvm::any_of(roles,
                      [](TermRole role) { return role != TermRole::value; });
}

/// Replaces p floordiv c and p mod c, for the position p that is dim `position`
/// and multiples c of `width`, by what they are within the row `row`.
static AffineExpr replaceRow(AffineExpr expr, unsigned position, int64_t width,
                             AffineExpr row) {
  auto binary = dyn_cast<mlir::AffineBinaryOpExpr>(expr);
  if (!binary)
    return expr;
  AffineExpr lhs = binary.getLHS(), rhs = binary.getRHS();
  auto dim = dyn_cast<mlir::AffineDimExpr>(lhs);
  auto divisor = dyn_cast<mlir::AffineConstantExpr>(rhs);
  if (dim && dim.getPosition() == position && divisor &&
      divisor.getValue() > 0 && divisor.getValue() % width == 0) {
    int64_t rows = divisor.getValue() / width;
    if (expr.getKind() == mlir::AffineExprKind::FloorDiv)
      return row.floorDiv(rows);
    if (expr.getKind() == mlir::AffineExprKind::Mod)
      return (row % rows) * width + (lhs - row * width);
  }
  return mlir::getAffineBinaryOpExpr(expr.getKind(),
                                     replaceRow(lhs, position, width, row),
                                     replaceRow(rhs, position, width, row));
}

static MaskExpr replaceRow(const MaskExpr &expr, unsigned position,
                           int64_t width, AffineExpr row) {
  MaskExpr result = expr;
  if (expr.kind == MaskExpr::Kind::Compare) {
    result.lhs = replaceRow(expr.lhs, position, width, row);
    result.rhs = replaceRow(expr.rhs, position, width, row);
  }
  for (MaskExpr &child : result.children)
    child = replaceRow(child, position, width, row);
  return result;
}

static MLIRContext *findContext(const MaskExpr &expr) {
  if (expr.kind == MaskExpr::Kind::Compare)
    return expr.lhs.getContext();
  for (const MaskExpr &child : expr.children)
    if (MLIRContext *context = findContext(child))
      return context;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// MaskSet
//===----------------------------------------------------------------------===//

MaskSet::MaskSet(const Mask &mask, int64_t rowWidth)
    : mask(mask), roles(mask.terms), rowWidth(rowWidth),
      runLength(std::gcd(roles.runLength, rowWidth)),
      allowed(PresburgerSet::getEmpty(PresburgerSpace::getSetSpace())) {
  for (auto [i, role] : llvm::enumerate(getRoles()))
    if (role == TermRole::value || role == TermRole::run)
      parameters.push_back({TileParameter::Kind::value, unsigned(i)});
  if (rowWidth) {
    parameters.push_back({TileParameter::Kind::keyRow});
    parameters.push_back({TileParameter::Kind::queryRow});
  }
  for (auto [i, role] : llvm::enumerate(getRoles()))
    if (role == TermRole::interval) {
      parameters.push_back({TileParameter::Kind::least, unsigned(i)});
      parameters.push_back({TileParameter::Kind::greatest, unsigned(i)});
    }
}

bool MaskSet::hasRole(TermRole role) const {
  return llvm::is_contained(getRoles(), role);
}

PresburgerSpace MaskSet::getSpace() const {
  unsigned numTermDims = llvm::count(getRoles(), TermRole::interval);
  return PresburgerSpace::getSetSpace(
      /*numDims=*/2 + numTermDims,
      /*numSymbols=*/2 + parameters.size() - 2 * numTermDims);
}

SmallVector<std::string> MaskSet::getParameterNames() const {
  SmallVector<std::string> names;
  for (const TileParameter &parameter : parameters) {
    if (parameter.kind == TileParameter::Kind::keyRow ||
        parameter.kind == TileParameter::Kind::queryRow) {
      bool isKey = parameter.kind == TileParameter::Kind::keyRow;
      names.push_back(isKey ? "row of keys" : "row of queries");
      continue;
    }
    std::string name = mask.terms.getTerms()[parameter.term].getName();
    if (parameter.kind == TileParameter::Kind::least)
      name = "least " + name;
    if (parameter.kind == TileParameter::Kind::greatest)
      name = "greatest " + name;
    names.push_back(name);
  }
  return names;
}

Expected<MaskSet> MaskSet::get(const Mask &mask, int64_t rowWidth) {
  MaskSet result(mask, rowWidth);
  PresburgerSpace space = result.getSpace();
  // d0 = b and d1 = h are the first symbols, d2 = q and d3 = k the first dims.
  unsigned firstSymbol = space.getNumDimVars();
  SmallVector<unsigned> columnOfDim = {firstSymbol, firstSymbol + 1, 0, 1};
  SmallVector<std::string> termNames;
  unsigned nextDim = 2, nextSymbol = firstSymbol + 2;
  for (auto [term, role] :
       llvm::zip_equal(mask.terms.getTerms(), result.getRoles())) {
    termNames.push_back(term.getName());
    columnOfDim.push_back(role == TermRole::key        ? SetLayout::unknown
                          : role == TermRole::interval ? nextDim++
                                                       : nextSymbol++);
  }
  MaskExpr predicate = mask.predicate;
  MLIRContext *context = findContext(predicate);
  for (unsigned position : {keyDim, queryDim}) {
    if (!rowWidth)
      break;
    AffineExpr row;
    if (context)
      row = mlir::getAffineDimExpr(columnOfDim.size(), context);
    columnOfDim.push_back(nextSymbol++);
    termNames.push_back(position == keyDim ? "row of keys" : "row of queries");
    if (context)
      predicate = replaceRow(predicate, position, rowWidth, row);
  }
  SmallVector<StringRef> names = {"b", "h", "q", "k"};
  llvm::append_range(names, termNames);
  SetLayout layout{space, columnOfDim, names};
  Expected<PresburgerSet> allowed = toPresburgerSet(predicate, layout);
  if (!allowed)
    return allowed.takeError();
  result.allowed = dropEmptyDisjuncts(*allowed);
  return std::move(result);
}

bool MaskSet::contains(int64_t b, int64_t h, int64_t q, int64_t k) const {
  assert(parameters.empty() && "the mask reads numbers at run time");
  return allowed.containsPoint({q, k, b, h});
}

} // namespace attnc
