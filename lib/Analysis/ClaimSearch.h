//===- ClaimSearch.h - where a claim about tiles holds ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Claims are deep: bounds of keys are maxima, minima and conditionals of each
// other. To multiply one out into a union of polyhedra, and to intersect unions
// with each other, makes most of the polyhedra in vain, because they turn out
// empty. Here a claim is searched: one simplex takes a comparison after the
// other, and gives those back that led nowhere.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_ANALYSIS_CLAIMSEARCH_H
#define ATTNC_LIB_ANALYSIS_CLAIMSEARCH_H

#include "Flattener.h"
#include "llvm/ADT/DenseMap.h"

namespace attnc {

/// A convex set: the points of a universe that satisfy all of some comparisons,
/// which are numbers of a `ComparisonTable`.
using Conjunction = SmallVector<unsigned, 8>;

/// Linear forms of comparisons, each found once, over a universe without dims
/// whose symbols are the dims of the expressions.
class ComparisonTable {
public:
  ComparisonTable(mlir::presburger::IntegerPolyhedron universe,
                  ArrayRef<StringRef> names);
  ComparisonTable(const ComparisonTable &) = delete;

  /// The number of a comparison, which is not `ne`, or nothing if generated
  /// 64-bit arithmetic cannot follow.
  std::optional<unsigned> find(AffineExpr lhs, ComparePredicate predicate,
                               AffineExpr rhs);

  /// The points that satisfy all of `comparisons`, with the divisions of these
  /// as variables.
  mlir::presburger::IntegerPolyhedron
  build(ArrayRef<unsigned> comparisons) const;

  /// All points, with the variables that have `columns`.
  mlir::presburger::IntegerPolyhedron
  buildUniverse(ArrayRef<unsigned> columns) const;

  /// The constraint of a comparison in the columns of `build(comparisons)`,
  /// where it is one of these.
  using Row = SmallVector<LinearForm::Integer>;
  Row getRow(unsigned comparison, ArrayRef<unsigned> columns) const;
  bool isEquality(unsigned comparison) const {
    return comparisons[comparison].isEquality;
  }
  /// The columns there of all columns here; the last is the constant's.
  SmallVector<unsigned> getColumns(ArrayRef<unsigned> comparisons) const;

private:
  struct Comparison {
    LinearForm form;
    bool isEquality;
  };
  Row toRow(const LinearForm &form, ArrayRef<unsigned> columns) const;
  void markQuotients(const LinearForm &form,
                     SmallVectorImpl<bool> &isUsed) const;

  mlir::presburger::IntegerPolyhedron universe;
  SmallVector<StringRef> names;
  SmallVector<unsigned> columnOfDim;
  SetLayout layout;
  Flattener flattener;
  std::vector<Comparison> comparisons;
  using Key = std::pair<std::pair<AffineExpr, AffineExpr>, unsigned>;
  llvm::DenseMap<Key, std::optional<unsigned>> known;
};

/// The convex parts of `within` for which `claim` holds (does not, if
/// `negated`), without those that have not even a rational point.
class ClaimSearch {
public:
  ClaimSearch(ComparisonTable &table, const Conjunction &within)
      : table(table), within(within) {}

  /// Calls `visit` for each part, until it returns false. Returns false if the
  /// claim is too complex: it cannot be written down, or there are too many
  /// parts.
  bool run(const MaskExpr &claim, bool negated,
           function_ref<bool(const Conjunction &)> visit);

  /// Whether the part that is visited is known to have no integer point.
  bool isKnownEmptyPart() const;
  /// The steps of the search.
  unsigned getNumSteps() const { return numSteps; }

private:
  /// A claim in negation normal form.
  struct Node {
    enum class Kind { Comparison, And, Or };
    Kind kind;
    unsigned comparison = 0;
    std::vector<Node> children = {};
  };
  std::optional<Node> convert(const MaskExpr &claim, bool negated,
                              SmallVectorImpl<unsigned> &comparisons);
  bool search(SmallVector<const Node *> open);
  bool takeAll(SmallVector<const Node *> open,
               SmallVectorImpl<const Node *> &choices);
  bool take(unsigned comparison);

  ComparisonTable &table;
  const Conjunction &within;
  function_ref<bool(const Conjunction &)> visit;
  struct State;
  State *state = nullptr;
  unsigned numSteps = 0;
};

} // namespace attnc

#endif // ATTNC_LIB_ANALYSIS_CLAIMSEARCH_H
