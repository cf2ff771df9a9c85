//===- MaskShrinker.cpp - the smallest mask that still fails --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One step at a time: the first simplification after which the failure is still
// there is kept, and the search starts over.
//
//===----------------------------------------------------------------------===//
#include "MaskShrinker.h"
#include "llvm/ADT/STLExtras.h"

using namespace attnc;
using namespace attnc::test;

/// A failure that takes longer to simplify is shown as it is.
static constexpr unsigned maxAttempts = 600;

static std::vector<AffineExpr> getSimplerExprs(AffineExpr expr) {
  std::vector<AffineExpr> simpler;
  if (auto constant = dyn_cast<mlir::AffineConstantExpr>(expr)) {
    int64_t value = constant.getValue();
    for (int64_t smaller :
         {int64_t(0), value / 2, value > 0 ? value - 1 : value + 1})
      if (std::abs(smaller) < std::abs(value))
        simpler.push_back(
            mlir::getAffineConstantExpr(smaller, expr.getContext()));
    return simpler;
  }
  auto binary = dyn_cast<mlir::AffineBinaryOpExpr>(expr);
  if (!binary)
    return simpler;
  AffineExpr lhs = binary.getLHS(), rhs = binary.getRHS();
  simpler.push_back(lhs);
  bool isSum = expr.getKind() == mlir::AffineExprKind::Add;
  if (isSum)
    simpler.push_back(rhs);
  for (AffineExpr part : getSimplerExprs(lhs))
    simpler.push_back(mlir::getAffineBinaryOpExpr(expr.getKind(), part, rhs));
  for (AffineExpr part : getSimplerExprs(rhs)) {
    // Nothing is divided by 0.
    auto constant = dyn_cast<mlir::AffineConstantExpr>(part);
    if (isSum || (constant && constant.getValue() > 0))
      simpler.push_back(mlir::getAffineBinaryOpExpr(expr.getKind(), lhs, part));
  }
  return simpler;
}

static std::vector<MaskExpr> getSimplerMasks(const MaskExpr &mask) {
  std::vector<MaskExpr> simpler;
  auto replace = [&](auto &&change) {
    simpler.push_back(mask);
    change(simpler.back());
  };
  if (mask.kind == MaskExpr::Kind::Compare) {
    simpler = {MaskExpr::conjunction({}), MaskExpr::disjunction({})};
    for (AffineExpr expr : getSimplerExprs(mask.lhs))
      replace([&](MaskExpr &copy) { copy.lhs = expr; });
    for (AffineExpr expr : getSimplerExprs(mask.rhs))
      replace([&](MaskExpr &copy) { copy.rhs = expr; });
    return simpler;
  }
  for (const MaskExpr &child : mask.children)
    simpler.push_back(child);
  for (size_t i = 0; i < mask.children.size(); ++i) {
    if (mask.kind != MaskExpr::Kind::Not)
      replace([&](MaskExpr &copy) {
        copy.children.erase(copy.children.begin() + i);
      });
    for (const MaskExpr &part : getSimplerMasks(mask.children[i]))
      replace([&](MaskExpr &copy) { copy.children[i] = part; });
  }
  return simpler;
}

static std::vector<QueryTile> getSimplerTiles(const QueryTile &tile) {
  std::vector<QueryTile> simpler;
  auto reduce = [&](int64_t QueryTile::*number, int64_t least) {
    int64_t value = tile.*number;
    for (int64_t smaller : {least, value / 2, value - 1, value + 1})
      if (smaller >= least && std::abs(smaller) < std::abs(value)) {
        simpler.push_back(tile);
        simpler.back().*number = smaller;
      }
  };
  reduce(&QueryTile::batch, 0);
  reduce(&QueryTile::head, 0);
  reduce(&QueryTile::count, 1);
  reduce(&QueryTile::keys, 0);
  reduce(&QueryTile::first, tile.first < 0 ? tile.first : 0);
  return simpler;
}

void attnc::test::shrinkCounterexample(
    MaskClaim &claim, QueryTile &tile,
    function_ref<bool(const MaskClaim &, const QueryTile &)> fails) {
  unsigned attempts = 0;
  bool isProgress = true;
  while (isProgress && attempts < maxAttempts) {
    isProgress = false;
    for (const QueryTile &smaller : getSimplerTiles(tile))
      if (++attempts < maxAttempts && fails(claim, smaller)) {
        tile = smaller;
        isProgress = true;
        break;
      }
    for (const MaskExpr &smaller : getSimplerMasks(claim.mask.predicate)) {
      MaskClaim candidate = claim;
      candidate.mask.predicate = smaller;
      if (++attempts < maxAttempts && fails(candidate, tile)) {
        claim = candidate;
        isProgress = true;
        break;
      }
    }
  }
}
