//===- Lattice.cpp - the residue classes of a mask ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whether a part is a lattice is asked of its set, not of how it is written:
// `q mod 8 == k mod 8` is one, and so is `(q - k) mod 24 == 0` with 8.
//
//===----------------------------------------------------------------------===//
#include "attnc/Analysis/Lattice.h"
#include "attnc/Analysis/MaskSet.h"
#include "llvm/ADT/STLExtras.h"
#include <map>
#include <set>

namespace attnc {
namespace {

/// More alternatives than this are not told apart.
constexpr size_t kMaxAlternatives = 16;

/// A lattice of more residue classes has no sequences worth the name.
constexpr int64_t kMaxModulus = 1 << 20;

using Alternatives = std::vector<MaskExpr>;

/// The disjunction that `expr` is; empty if it has too many operands.
Alternatives getAlternatives(const MaskExpr &expr) {
  if (expr.kind == MaskExpr::Kind::Or) {
    Alternatives all;
    for (const MaskExpr &child : expr.children) {
      Alternatives some = getAlternatives(child);
      if (some.empty() || all.size() + some.size() > kMaxAlternatives)
        return {};
      llvm::append_range(all, some);
    }
    return all;
  }
  if (expr.kind != MaskExpr::Kind::And)
    return {expr};
  Alternatives products = {MaskExpr::conjunction({})};
  for (const MaskExpr &child : expr.children) {
    Alternatives factors = getAlternatives(child), next;
    if (factors.empty() || products.size() * factors.size() > kMaxAlternatives)
      return {};
    for (const MaskExpr &product : products)
      for (const MaskExpr &factor : factors) {
        next.push_back(product);
        next.back().children.push_back(factor);
      }
    products = std::move(next);
  }
  for (MaskExpr &product : products)
    if (product.children.size() == 1)
      product = MaskExpr(product.children.front());
  return products;
}

void collectModuli(AffineExpr expr, std::set<int64_t> &moduli) {
  auto binary = dyn_cast<mlir::AffineBinaryOpExpr>(expr);
  if (!binary)
    return;
  auto constant = dyn_cast<mlir::AffineConstantExpr>(binary.getRHS());
  if (expr.getKind() == mlir::AffineExprKind::Mod && constant &&
      constant.getValue() >= 2 && constant.getValue() <= kMaxModulus)
    moduli.insert(constant.getValue());
  collectModuli(binary.getLHS(), moduli);
  collectModuli(binary.getRHS(), moduli);
}

void collectModuli(const MaskExpr &expr, std::set<int64_t> &moduli) {
  if (expr.kind == MaskExpr::Kind::Compare) {
    collectModuli(expr.lhs, moduli);
    collectModuli(expr.rhs, moduli);
  }
  for (const MaskExpr &child : expr.children)
    collectModuli(child, moduli);
}

/// Whether it is known that no pair of `predicate` has q - k off the multiples
/// of `modulus`. One comparison of a conjunction that says so is enough, and
/// easier to decide: each division makes the set harder.
bool isLattice(const Mask &mask, const MaskExpr &predicate, int64_t modulus,
               MLIRContext *context) {
  if (predicate.kind == MaskExpr::Kind::And)
    return llvm::any_of(predicate.children, [&](const MaskExpr &child) {
      return isLattice(mask, child, modulus, context);
    });
  AffineExpr distance =
      mlir::getAffineDimExpr(2, context) - mlir::getAffineDimExpr(3, context);
  MaskExpr off = MaskExpr::compare(distance % modulus, ComparePredicate::ne,
                                   mlir::getAffineConstantExpr(0, context));
  llvm::Expected<MaskSet> set = MaskSet::get(
      Mask{MaskExpr::conjunction({predicate, std::move(off)}), mask.terms});
  if (set)
    return set->getAllowed().getNumDisjuncts() == 0;
  llvm::consumeError(set.takeError());
  return false;
}

} // namespace

std::vector<LatticePart> splitLattices(const Mask &mask, MLIRContext *context) {
  std::set<int64_t> moduli;
  collectModuli(mask.predicate, moduli);
  Alternatives alternatives;
  if (!moduli.empty())
    alternatives = getAlternatives(mask.predicate);
  std::map<int64_t, Alternatives> byModulus;
  for (MaskExpr &alternative : alternatives) {
    // The largest modulus leaves the fewest keys.
    auto modulus = llvm::find_if(llvm::reverse(moduli), [&](int64_t m) {
      return isLattice(mask, alternative, m, context);
    });
    byModulus[modulus == moduli.rend() ? 1 : *modulus].push_back(alternative);
  }
  if (byModulus.empty() || byModulus.rbegin()->first == 1)
    return {{1, mask.predicate}};
  if (byModulus.size() == 1)
    return {{byModulus.begin()->first, mask.predicate}};
  std::vector<LatticePart> parts;
  for (auto &[modulus, some] : byModulus)
    parts.push_back({modulus, some.size() == 1
                                  ? some.front()
                                  : MaskExpr::disjunction(std::move(some))});
  return parts;
}

std::vector<LatticePart> excludeEarlier(std::vector<LatticePart> parts) {
  std::vector<MaskExpr> seen;
  for (LatticePart &part : parts) {
    std::vector<MaskExpr> left = {part.predicate};
    for (const MaskExpr &other : seen)
      left.push_back(MaskExpr::negation(other));
    seen.push_back(std::move(part.predicate));
    part.predicate = left.size() == 1 ? MaskExpr(left.front())
                                      : MaskExpr::conjunction(std::move(left));
  }
  return parts;
}

} // namespace attnc
