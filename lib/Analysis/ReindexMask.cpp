//===- ReindexMask.cpp - a mask within one residue class ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Substitutes positions by those within a residue class. What makes it worth it
// are the divisions: (m x + r) floordiv c is x floordiv (c / m) for a multiple
// c of m, because the residue r is below m, and likewise for mod.
//
//===----------------------------------------------------------------------===//
#include "attnc/Analysis/MaskExpr.h"
#include "llvm/ADT/STLExtras.h"

using mlir::AffineBinaryOpExpr;
using mlir::AffineConstantExpr;
using mlir::AffineDimExpr;
using mlir::AffineExprKind;

namespace attnc {
namespace {

class Substitution {
public:
  Substitution(int64_t modulus, unsigned numDims, MLIRContext *context)
      : modulus(modulus), numDims(numDims), context(context),
        residue(mlir::getAffineDimExpr(firstTermDim, context)) {}

  MaskExpr apply(const MaskExpr &expr) const {
    MaskExpr result = expr;
    if (expr.kind == MaskExpr::Kind::Compare) {
      result.lhs = apply(expr.lhs);
      result.rhs = apply(expr.rhs);
    }
    for (MaskExpr &child : result.children)
      child = apply(child);
    return result;
  }

  AffineExpr apply(AffineExpr expr) const {
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      return applyDim(dim.getPosition());
    auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
    if (!binary)
      return expr;
    AffineExpr lhs = apply(binary.getLHS()), rhs = apply(binary.getRHS());
    if (AffineExpr quotient = divide(expr.getKind(), lhs, rhs))
      return simplify(quotient);
    return simplify(mlir::getAffineBinaryOpExpr(expr.getKind(), lhs, rhs));
  }

private:
  AffineExpr applyDim(unsigned position) const {
    AffineExpr dim = mlir::getAffineDimExpr(position, context);
    if (position == 2 || position == 3)
      return dim * modulus + residue;
    // The residue is the first term now.
    return position < firstTermDim
               ? dim
               : mlir::getAffineDimExpr(position + 1, context);
  }

  AffineExpr simplify(AffineExpr expr) const {
    return mlir::simplifyAffineExpr(expr, numDims, /*numSymbols=*/0);
  }

  /// A division of m x or m x + r by a multiple of m; null for any other.
  AffineExpr divide(AffineExprKind kind, AffineExpr lhs, AffineExpr rhs) const {
    auto divisor = dyn_cast<AffineConstantExpr>(rhs);
    bool isDivision =
        kind == AffineExprKind::FloorDiv || kind == AffineExprKind::Mod;
    if (!isDivision || !divisor || divisor.getValue() % modulus != 0)
      return {};
    int64_t quotient = divisor.getValue() / modulus;
    for (AffineExpr rest : {mlir::getAffineConstantExpr(0, context), residue}) {
      AffineExpr multiple = simplify(lhs - rest);
      if (!multiple.isMultipleOf(modulus))
        continue;
      AffineExpr local = simplify(multiple.floorDiv(modulus));
      return kind == AffineExprKind::FloorDiv
                 ? local.floorDiv(quotient)
                 : (local % quotient) * modulus + rest;
    }
    return {};
  }

  int64_t modulus;
  unsigned numDims;
  MLIRContext *context;
  AffineExpr residue;
};

} // namespace

Mask reindexMask(const Mask &mask, int64_t modulus, MLIRContext *context) {
  ArrayRef<MaskTerm> terms = mask.terms.getTerms();
  Substitution substitution(modulus, firstTermDim + 1 + terms.size(), context);
  Mask result;
  MaskTerm residue;
  residue.table = residueTerm.str();
  residue.lowest = 0;
  residue.highest = modulus - 1;
  result.terms.get(residue, context);
  for (const MaskTerm &term : terms)
    result.terms.get(term, context);
  result.predicate = substitution.apply(mask.predicate);
  return result;
}

} // namespace attnc
