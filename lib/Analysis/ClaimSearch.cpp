//===- ClaimSearch.cpp - where a claim about tiles holds ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is certain is taken first, then one choice after the other.
//
//===----------------------------------------------------------------------===//
#include "ClaimSearch.h"
#include "Emptiness.h"
#include "mlir/Analysis/Presburger/Simplex.h"
#include "mlir/Analysis/Presburger/Utils.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir::presburger;

namespace attnc {

/// A search with more steps is given up.
static constexpr unsigned maxSteps = 4 * MaskSet::maxDisjuncts;

//===----------------------------------------------------------------------===//
// ComparisonTable
//===----------------------------------------------------------------------===//

ComparisonTable::ComparisonTable(IntegerPolyhedron universe,
                                 ArrayRef<StringRef> names)
    : universe(std::move(universe)), names(names),
      columnOfDim(llvm::to_vector(llvm::seq<unsigned>(0, names.size()))),
      layout{this->universe.getSpace(), columnOfDim, this->names},
      flattener(layout) {}

std::optional<unsigned> ComparisonTable::find(AffineExpr lhs,
                                              ComparePredicate predicate,
                                              AffineExpr rhs) {
  auto [place, isNew] = known.try_emplace(
      Key{{lhs, rhs}, static_cast<unsigned>(predicate)}, std::nullopt);
  if (!isNew)
    return place->second;
  llvm::Expected<LinearForm> form =
      flattener.flattenComparison(lhs, predicate, rhs);
  if (!form) {
    llvm::consumeError(form.takeError());
    return std::nullopt;
  }
  comparisons.push_back({std::move(*form), predicate == ComparePredicate::eq});
  place->second = comparisons.size() - 1;
  return place->second;
}

/// Marks the divisions in `form`, and those in their dividends.
void ComparisonTable::markQuotients(const LinearForm &form,
                                    SmallVectorImpl<bool> &isUsed) const {
  for (unsigned i = names.size(), e = form.coefficients.size(); i < e; ++i) {
    unsigned quotient = i - names.size();
    if (form.coefficients[i] == 0 || isUsed[quotient])
      continue;
    isUsed[quotient] = true;
    markQuotients(flattener.getQuotients()[quotient].dividend, isUsed);
  }
}

SmallVector<unsigned>
ComparisonTable::getColumns(ArrayRef<unsigned> used) const {
  unsigned numQuotients = flattener.getQuotients().size();
  SmallVector<bool> isUsed(numQuotients, false);
  for (unsigned comparison : used)
    markQuotients(comparisons[comparison].form, isUsed);
  SmallVector<unsigned> columns(columnOfDim);
  unsigned next = columns.size();
  for (bool isPresent : isUsed)
    columns.push_back(isPresent ? next++ : ~0u);
  columns.push_back(next);
  return columns;
}

ComparisonTable::Row ComparisonTable::toRow(const LinearForm &form,
                                            ArrayRef<unsigned> columns) const {
  Row row(columns.back() + 1);
  for (auto [i, coefficient] : llvm::enumerate(form.coefficients))
    if (coefficient != 0)
      row[columns[i]] = coefficient;
  row.back() = form.constant;
  return row;
}

ComparisonTable::Row ComparisonTable::getRow(unsigned comparison,
                                             ArrayRef<unsigned> columns) const {
  return toRow(comparisons[comparison].form, columns);
}

IntegerPolyhedron
ComparisonTable::buildUniverse(ArrayRef<unsigned> columns) const {
  IntegerPolyhedron result = universe;
  unsigned firstLocal = names.size();
  result.insertVar(VarKind::Local, 0, columns.back() - firstLocal);
  for (auto [i, quotient] : llvm::enumerate(flattener.getQuotients())) {
    unsigned column = columns[firstLocal + i];
    if (column == ~0u)
      continue;
    Row dividend = toRow(quotient.dividend, columns);
    result.addInequality(getDivLowerBound(dividend, quotient.divisor, column));
    result.addInequality(getDivUpperBound(dividend, quotient.divisor, column));
  }
  return result;
}

IntegerPolyhedron ComparisonTable::build(ArrayRef<unsigned> used) const {
  SmallVector<unsigned> columns = getColumns(used);
  IntegerPolyhedron result = buildUniverse(columns);
  for (unsigned comparison : used) {
    Row row = getRow(comparison, columns);
    if (comparisons[comparison].isEquality)
      result.addEquality(row);
    else
      result.addInequality(row);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// ClaimSearch
//===----------------------------------------------------------------------===//

/// Where a search is.
struct ClaimSearch::State {
  State(const IntegerPolyhedron &universe, SmallVector<unsigned> columns)
      : simplex(universe), columns(std::move(columns)) {}

  Simplex simplex;
  /// Of the simplex.
  SmallVector<unsigned> columns;
  Conjunction taken;
};

std::optional<ClaimSearch::Node>
ClaimSearch::convert(const MaskExpr &claim, bool negated,
                     SmallVectorImpl<unsigned> &comparisons) {
  if (claim.kind == MaskExpr::Kind::Not)
    return convert(claim.children.front(), !negated, comparisons);
  bool isOr = (claim.kind == MaskExpr::Kind::Or) != negated;
  if (claim.kind != MaskExpr::Kind::Compare) {
    Node node{isOr ? Node::Kind::Or : Node::Kind::And};
    for (const MaskExpr &operand : claim.children) {
      std::optional<Node> child = convert(operand, negated, comparisons);
      if (!child)
        return std::nullopt;
      node.children.push_back(std::move(*child));
    }
    return node;
  }
  SmallVector<ComparePredicate, 2> predicates = {
      negated ? negate(claim.predicate) : claim.predicate};
  if (predicates.front() == ComparePredicate::ne)
    predicates = {ComparePredicate::lt, ComparePredicate::gt};
  Node node{Node::Kind::Or};
  for (ComparePredicate predicate : predicates) {
    std::optional<unsigned> number =
        table.find(claim.lhs, predicate, claim.rhs);
    if (!number)
      return std::nullopt;
    comparisons.push_back(*number);
    node.children.push_back({Node::Kind::Comparison, *number});
  }
  return node;
}

/// Restricts the simplex. False if nothing is left of it.
bool ClaimSearch::take(unsigned comparison) {
  if (llvm::is_contained(state->taken, comparison))
    return true;
  state->taken.push_back(comparison);
  ComparisonTable::Row row = table.getRow(comparison, state->columns);
  if (table.isEquality(comparison))
    state->simplex.addEquality(row);
  else
    state->simplex.addInequality(row);
  return !state->simplex.isEmpty();
}

/// Takes what all of `open` need; where there is a choice, it is added to
/// `choices`.
bool ClaimSearch::takeAll(SmallVector<const Node *> open,
                          SmallVectorImpl<const Node *> &choices) {
  while (!open.empty()) {
    const Node *node = open.pop_back_val();
    if (node->kind == Node::Kind::Comparison) {
      if (!take(node->comparison))
        return false;
    } else if (node->kind == Node::Kind::And || node->children.size() == 1) {
      for (const Node &child : llvm::reverse(node->children))
        open.push_back(&child);
    } else {
      choices.push_back(node);
    }
  }
  // What is taken may be one of the alternatives; the others are part of it.
  llvm::erase_if(choices, [&](const Node *choice) {
    return llvm::any_of(choice->children, [&](const Node &child) {
      return child.kind == Node::Kind::Comparison &&
             llvm::is_contained(state->taken, child.comparison);
    });
  });
  return true;
}

/// Returns false to end the search.
bool ClaimSearch::search(SmallVector<const Node *> open) {
  if (++numSteps > maxSteps)
    return false;
  unsigned snapshot = state->simplex.getSnapshot();
  size_t numTaken = state->taken.size();
  SmallVector<const Node *> choices;
  bool goesOn = true;
  if (takeAll(std::move(open), choices)) {
    if (choices.empty()) {
      goesOn = visit(state->taken);
    } else {
      SmallVector<const Node *> rest(ArrayRef(choices).drop_front());
      for (const Node &child : choices.front()->children) {
        rest.push_back(&child);
        goesOn = search(rest);
        rest.pop_back();
        if (!goesOn)
          break;
      }
    }
  }
  state->simplex.rollback(snapshot);
  state->taken.resize(numTaken);
  return goesOn;
}

bool ClaimSearch::run(const MaskExpr &claim, bool negated,
                      function_ref<bool(const Conjunction &)> visitPart) {
  SmallVector<unsigned> comparisons(within.begin(), within.end());
  std::optional<Node> node = convert(claim, negated, comparisons);
  if (!node)
    return false;
  SmallVector<unsigned> columns = table.getColumns(comparisons);
  State initial(table.buildUniverse(columns), columns);
  state = &initial;
  visit = visitPart;
  numSteps = 0;
  for (unsigned comparison : within)
    if (!take(comparison))
      return true;
  search({&*node});
  return numSteps <= maxSteps;
}

bool ClaimSearch::isKnownEmptyPart() const {
  return !state->simplex.getSamplePointIfIntegral() &&
         isKnownEmpty(table.build(state->taken));
}

} // namespace attnc
