//===- KeyExtent.cpp - first and last key of a convex piece -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Projects a convex piece of a mask, restricted to a symbolic tile, on the key.
// What is left are bounds on the key whose other side is known per tile, which
// is the closed form, and conditions on the tile alone, which are the guards.
//
// Why not the symbolic lexicographic minimum of mlir::presburger, which solves
// the same problem in general? It answers by cases: two or three for a causal
// mask or a window, eight for a dilated one and fourteen for a block diagonal
// one, most of them with divisions of their own. The masks of attention nearly
// all allow elimination without loss, which yields one maximum and one minimum;
// for the rest an enclosure is as good, since a lattice leaves hardly a tile in
// its range unvisited. The general solver is the oracle of the unit test.
//
//===----------------------------------------------------------------------===//
#include "KeyExtent.h"
#include "Projection.h"
#include "mlir/Analysis/Presburger/IntegerRelation.h"
#include "llvm/ADT/STLExtras.h"
#include <optional>

using namespace mlir::presburger;

namespace attnc {
namespace {

/// Guards beyond this number are not worth evaluating for every tile.
constexpr unsigned maxGuards = 24;

/// `form >= 0`, with a positive leading coefficient and the constant alone on
/// the right.
std::optional<MaskExpr> toGuard(const Projection &projection, LinearForm form,
                                MLIRContext *context) {
  auto *leading = llvm::find_if(form.coefficients,
                                [](const DynamicAPInt &c) { return c != 0; });
  bool isNegated = leading != form.coefficients.end() && *leading < 0;
  LinearForm bound;
  bound.constant = isNegated ? form.constant : -form.constant;
  form.constant = 0;
  LinearForm terms;
  terms.addScaled(form, DynamicAPInt(isNegated ? -1 : 1));
  std::optional<AffineExpr> lhs = projection.toAffine(terms, context);
  std::optional<AffineExpr> rhs = projection.toAffine(bound, context);
  if (!lhs || !rhs)
    return std::nullopt;
  return MaskExpr::compare(
      *lhs, isNegated ? ComparePredicate::le : ComparePredicate::ge, *rhs);
}

/// Sorts what is left of a projection into bounds of the key and guards.
/// Returns false if one of them does not fit generated arithmetic.
bool collectBounds(Projection &projection, const TileProver &prover,
                   KeyExtent &extent) {
  MLIRContext *context = prover.getContext();
  std::vector<LinearForm> forms = projection.getInequalities();
  for (LinearForm &form : forms) {
    DynamicAPInt coefficient = form.getCoefficient(0);
    if (coefficient == 0) {
      std::optional<MaskExpr> guard =
          toGuard(projection, std::move(form), context);
      if (!guard || !prover.isRepresentable(*guard))
        return false;
      extent.guards.push_back(std::move(*guard));
      continue;
    }
    // c k + r >= 0 is k >= -floor(r / c); r - c k >= 0 is k < floor(r / c) + 1.
    form.coefficients[0] = 0;
    if (abs(coefficient) > 1)
      form = projection.floorDivide(std::move(form), abs(coefficient));
    LinearForm bound;
    bound.constant = coefficient > 0 ? 0 : 1;
    bound.addScaled(form, DynamicAPInt(coefficient > 0 ? -1 : 1));
    std::optional<AffineExpr> expr = projection.toAffine(bound, context);
    if (!expr || !prover.isRepresentable(*expr))
      return false;
    (coefficient > 0 ? extent.begins : extent.ends)
        .push_back(KeyExpr::affine(*expr));
  }
  return true;
}

} // namespace

IntegerPolyhedron restrictToTile(const MaskSet &mask,
                                 const IntegerRelation &disjunct) {
  IntegerPolyhedron tile(disjunct);
  unsigned numDims = tile.getNumDimVars();
  tile.insertVar(VarKind::Symbol, 2, 3);
  tile.appendVar(VarKind::Symbol, 2 * (numDims - 2));
  using Term = std::pair<unsigned, int64_t>;
  auto addInequality = [&](std::initializer_list<Term> terms,
                           int64_t constant) {
    SmallVector<int64_t> row(tile.getNumCols());
    for (auto [column, coefficient] : terms)
      row[column] = coefficient;
    row.back() = constant;
    tile.addInequality(row);
  };
  unsigned query = 0, key = 1, batch = numDims, head = batch + 1,
           first = batch + 2, count = batch + 3, keys = batch + 4,
           parameters = batch + 5;
  addInequality({{query, 1}, {first, -1}}, 0);
  addInequality({{query, -1}, {first, 1}, {count, 1}}, -1);
  addInequality({{key, 1}}, 0);
  addInequality({{key, -1}, {keys, 1}}, -1);
  addInequality({{batch, 1}}, 0);
  addInequality({{head, 1}}, 0);
  addInequality({{count, 1}}, -1);
  addInequality({{keys, 1}}, 0);
  unsigned termDim = 2;
  for (auto [i, parameter] : llvm::enumerate(mask.getParameters())) {
    unsigned column = parameters + i;
    switch (parameter.kind) {
    case TileParameter::Kind::keyRow: {
      int64_t width = mask.getRowWidth();
      addInequality({{key, 1}, {column, -width}}, 0);
      addInequality({{key, -1}, {column, width}}, width - 1);
      break;
    }
    case TileParameter::Kind::queryRow: {
      // All rows of the tile are in it.
      int64_t width = mask.getRowWidth();
      addInequality({{first, 1}, {column, -width}}, 0);
      addInequality({{first, -1}, {count, -1}, {column, width}}, width);
      break;
    }
    case TileParameter::Kind::value: {
      const MaskTerm &term = mask.getMask().terms.getTerms()[parameter.term];
      if (term.lowest > -maxPosition)
        addInequality({{column, 1}}, -term.lowest);
      if (term.highest < maxPosition)
        addInequality({{column, -1}}, term.highest);
      break;
    }
    case TileParameter::Kind::least:
      addInequality({{termDim, 1}, {column, -1}}, 0);
      break;
    case TileParameter::Kind::greatest:
      addInequality({{termDim++, -1}, {column, 1}}, 0);
      break;
    }
  }
  return tile;
}

KeyExtent projectOnKeys(const IntegerRelation &tile, const TileProver &prover) {
  Projection projection(tile);
  KeyExtent extent;
  if (!projection.run() || !collectBounds(projection, prover, extent))
    return {{prover.getZero()}, {prover.getKeys()}, {}, /*isExact=*/false};
  extent.isExact = projection.isExact();
  if (extent.guards.size() > maxGuards) {
    extent.guards.clear();
    extent.isExact = false;
  }
  return extent;
}

KeyExtent simplifyExtent(KeyExtent extent, const TileProver &prover) {
  extent.begins = prover.keepLargest(prover.getAllTiles(), extent.begins);
  extent.ends = prover.keepSmallest(prover.getAllTiles(), extent.ends);
  for (unsigned i = extent.guards.size(); i-- > 0;) {
    MaskExpr guard = extent.guards[i];
    extent.guards.erase(extent.guards.begin() + i);
    if (!prover.holdsWhere(prover.getAllTiles(), extent.isPresent(), guard))
      extent.guards.insert(extent.guards.begin() + i, guard);
  }
  return extent;
}

} // namespace attnc
