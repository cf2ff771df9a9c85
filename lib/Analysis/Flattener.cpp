//===- Flattener.cpp - from expressions to linear forms ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One case per kind of affine expression. All three divisions are expressed by
// the one that rounds down.
//
//===----------------------------------------------------------------------===//
#include "Flattener.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir::presburger;
using llvm::Expected;

namespace attnc {

/// The bound on the magnitude of every intermediate value of generated code.
constexpr int64_t maxMagnitude = int64_t(1) << 62;

std::string Flattener::quote(AffineExpr expr) const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << '\'';
  printAffine(os, expr, layout.names);
  os << '\'';
  return text;
}

DynamicAPInt Flattener::getMagnitude(const LinearForm &form) const {
  DynamicAPInt magnitude = abs(form.constant);
  for (auto [i, coefficient] : llvm::enumerate(form.coefficients))
    magnitude += abs(coefficient) * bounds[i];
  return magnitude;
}

Expected<LinearForm> Flattener::checkMagnitude(LinearForm form,
                                               AffineExpr expr) {
  if (getMagnitude(form) > maxMagnitude)
    return makeError("expression ", quote(expr),
                     " can exceed 64 bits for positions up to 2^40; use "
                     "smaller constants");
  return form;
}

Expected<LinearForm> Flattener::flattenDim(unsigned position) {
  if (position >= layout.columnOfDim.size())
    return makeError("dim ", position, " is not a position; a mask has ",
                     layout.columnOfDim.size(), " of them");
  return LinearForm::column(layout.columnOfDim[position]);
}

Expected<LinearForm> Flattener::flattenProduct(mlir::AffineBinaryOpExpr expr) {
  Expected<LinearForm> lhs = flatten(expr.getLHS());
  if (!lhs)
    return lhs;
  Expected<LinearForm> rhs = flatten(expr.getRHS());
  if (!rhs)
    return rhs;
  if (!lhs->isConstant() && !rhs->isConstant())
    return makeError("expression ", quote(expr),
                     " multiplies two positions; one factor must be a literal");
  const LinearForm &factor = lhs->isConstant() ? *lhs : *rhs;
  LinearForm result;
  result.addScaled(lhs->isConstant() ? *rhs : *lhs, factor.constant);
  return checkMagnitude(std::move(result), expr);
}

unsigned Flattener::getQuotient(const LinearForm &dividend,
                                const DynamicAPInt &divisor) {
  unsigned numColumns = poly.getNumCols();
  SmallVector<DynamicAPInt> row = dividend.toRow(numColumns);
  for (const Quotient &known : quotients)
    if (known.divisor == divisor && known.dividend.toRow(numColumns) == row)
      return known.column;
  unsigned column = poly.addLocalFloorDiv(row, divisor);
  bounds.push_back(getMagnitude(dividend) / divisor + 1);
  quotients.push_back({dividend, divisor, column});
  return column;
}

/// The three divisions in terms of one: with f = floor,
/// ceil(x / c) = f((x + c - 1) / c) and x mod c = x - c * f(x / c).
Expected<LinearForm> Flattener::flattenDivision(mlir::AffineBinaryOpExpr expr) {
  auto constant = dyn_cast<mlir::AffineConstantExpr>(expr.getRHS());
  if (!constant || constant.getValue() <= 0)
    return makeError("expression ", quote(expr),
                     " divides by something other than a positive literal");
  DynamicAPInt divisor(constant.getValue());
  Expected<LinearForm> dividend = flatten(expr.getLHS());
  if (!dividend)
    return dividend;

  LinearForm numerator = *dividend;
  if (expr.getKind() == mlir::AffineExprKind::CeilDiv)
    numerator.constant += divisor - 1;
  LinearForm quotient = LinearForm::column(getQuotient(numerator, divisor));
  if (expr.getKind() != mlir::AffineExprKind::Mod)
    return checkMagnitude(std::move(quotient), expr);
  LinearForm remainder = *dividend;
  remainder.addScaled(quotient, -divisor);
  return checkMagnitude(std::move(remainder), expr);
}

Expected<LinearForm> Flattener::flatten(AffineExpr expr) {
  switch (expr.getKind()) {
  case mlir::AffineExprKind::Constant: {
    LinearForm form;
    // Not by assignment: DynamicAPInt is assignable from int only, silently.
    form.constant +=
        DynamicAPInt(cast<mlir::AffineConstantExpr>(expr).getValue());
    return checkMagnitude(std::move(form), expr);
  }
  case mlir::AffineExprKind::DimId:
    return flattenDim(cast<mlir::AffineDimExpr>(expr).getPosition());
  case mlir::AffineExprKind::SymbolId:
    return makeError("run-time parameters cannot appear in a mask that is "
                     "analysed at compile time; use a literal");
  case mlir::AffineExprKind::Add: {
    auto sum = cast<mlir::AffineBinaryOpExpr>(expr);
    Expected<LinearForm> lhs = flatten(sum.getLHS());
    if (!lhs)
      return lhs;
    Expected<LinearForm> rhs = flatten(sum.getRHS());
    if (!rhs)
      return rhs;
    lhs->addScaled(*rhs, DynamicAPInt(1));
    return checkMagnitude(std::move(*lhs), expr);
  }
  case mlir::AffineExprKind::Mul:
    return flattenProduct(cast<mlir::AffineBinaryOpExpr>(expr));
  case mlir::AffineExprKind::FloorDiv:
  case mlir::AffineExprKind::CeilDiv:
  case mlir::AffineExprKind::Mod:
    return flattenDivision(cast<mlir::AffineBinaryOpExpr>(expr));
  }
  llvm_unreachable("every kind of affine expression is handled above");
}

Expected<LinearForm> Flattener::flattenComparison(AffineExpr lhs,
                                                  ComparePredicate predicate,
                                                  AffineExpr rhs) {
  Expected<LinearForm> left = flatten(lhs);
  if (!left)
    return left;
  Expected<LinearForm> right = flatten(rhs);
  if (!right)
    return right;
  // factor * (lhs - rhs) + constant.
  auto difference = [&](int64_t factor, int64_t constant) {
    LinearForm form;
    form.addScaled(*left, DynamicAPInt(factor));
    form.addScaled(*right, DynamicAPInt(-factor));
    form.constant += constant;
    return form;
  };
  switch (predicate) {
  case ComparePredicate::eq:
  case ComparePredicate::ge:
    return difference(1, 0);
  case ComparePredicate::lt:
    return difference(-1, -1);
  case ComparePredicate::le:
    return difference(-1, 0);
  case ComparePredicate::gt:
    return difference(1, -1);
  case ComparePredicate::ne:
    break;
  }
  llvm_unreachable("what differs is in one of two polyhedra");
}

} // namespace attnc
