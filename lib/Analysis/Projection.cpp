//===- Projection.cpp - eliminating everything but the key ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every step replaces a variable by what its bounds imply for the rest. The
// steps that lose nothing over the integers are told from those that do; a
// division by a constant is lossless as long as its dividend is known per tile.
//
//===----------------------------------------------------------------------===//
#include "Projection.h"
#include "llvm/ADT/STLExtras.h"
#include <limits>

using namespace mlir::presburger;

namespace attnc {

/// A projection with more constraints than this is given up: the number can
/// square with every variable eliminated.
constexpr unsigned maxConstraints = 200;

Projection::Projection(const IntegerRelation &tile)
    : numVariables(tile.getNumDimVars() + tile.getNumLocalVars()),
      numSymbols(tile.getNumSymbolVars()) {
  // Columns of `tile`: q, k and other dims, symbols, divisions.
  unsigned numDims = tile.getNumDimVars();
  SmallVector<unsigned> columns = {1, 0};
  for (unsigned i = 2; i < numDims; ++i)
    columns.push_back(i);
  for (unsigned i = 0; i < numSymbols; ++i)
    columns.push_back(numVariables + i);
  for (unsigned i = 0, e = tile.getNumLocalVars(); i < e; ++i)
    columns.push_back(numDims + i);
  auto toForm = [&](ArrayRef<DynamicAPInt> row) {
    LinearForm form;
    form.coefficients.resize(numVariables + numSymbols);
    for (auto [i, entry] : llvm::enumerate(row.drop_back()))
      form.coefficients[columns[i]] = entry;
    form.constant = row.back();
    return form;
  };
  for (unsigned i = 0, e = tile.getNumEqualities(); i < e; ++i)
    equalities.push_back(toForm(tile.getEquality(i)));
  for (unsigned i = 0, e = tile.getNumInequalities(); i < e; ++i)
    addInequality(toForm(tile.getInequality(i)));
  for (unsigned variable = 1; variable < numVariables; ++variable)
    pending.push_back(variable);
}

/// Adds `form >= 0` in lowest terms, unless it says nothing new.
void Projection::addInequality(LinearForm form) {
  DynamicAPInt divisor(0);
  for (const DynamicAPInt &coefficient : form.coefficients)
    divisor = gcd(divisor, abs(coefficient));
  if (divisor == 0 && form.constant >= 0)
    return;
  if (divisor > 1) {
    for (DynamicAPInt &coefficient : form.coefficients)
      coefficient /= divisor;
    form.constant = floorDiv(form.constant, divisor);
  }
  for (LinearForm &known : inequalities)
    if (known.hasCoefficientsOf(form)) {
      known.constant = std::min(known.constant, form.constant);
      return;
    }
  inequalities.push_back(std::move(form));
}

/// `form` without its term in `variable`.
LinearForm Projection::getRemainder(const LinearForm &form,
                                    unsigned variable) const {
  LinearForm result = form;
  if (variable < result.coefficients.size())
    result.coefficients[variable] = 0;
  return result;
}

/// `form floordiv divisor` for a form in symbols. Brought to one of many equal
/// notations, floor((x + c) / d) with a positive leading coefficient in x and
/// 0 <= c < d, so that the bounds of a block share their division.
LinearForm Projection::floorDivide(LinearForm form,
                                   const DynamicAPInt &divisor) {
  auto *leading = llvm::find_if(form.coefficients,
                                [](const DynamicAPInt &c) { return c != 0; });
  bool isNegated = leading != form.coefficients.end() && *leading < 0;
  if (isNegated) {
    // floor(x / d) = -ceil(-x / d) = -floor((-x + d - 1) / d).
    LinearForm opposite;
    opposite.addScaled(form, DynamicAPInt(-1));
    opposite.constant += divisor - 1;
    form = std::move(opposite);
  }
  LinearForm quotient;
  quotient.constant = floorDiv(form.constant, divisor);
  form.constant -= quotient.constant * divisor;
  quotient.addScaled(getDivisionColumn(form, divisor), DynamicAPInt(1));
  LinearForm result;
  result.addScaled(quotient, DynamicAPInt(isNegated ? -1 : 1));
  return result;
}

LinearForm Projection::getDivisionColumn(const LinearForm &dividend,
                                         const DynamicAPInt &divisor) {
  unsigned firstColumn = numVariables + numSymbols;
  for (auto [i, known] : llvm::enumerate(divisions))
    if (known.divisor == divisor &&
        known.dividend.constant == dividend.constant &&
        known.dividend.hasCoefficientsOf(dividend))
      return LinearForm::column(firstColumn + i);
  divisions.push_back({dividend, divisor});
  return LinearForm::column(firstColumn + divisions.size() - 1);
}

/// Uses an equality with coefficient 1 or -1 to replace a variable everywhere,
/// which is exact. Returns false if there is none.
bool Projection::substituteByEquality() {
  for (unsigned i = 0, e = equalities.size(); i < e; ++i) {
    LinearForm equality = equalities[i];
    auto *position = llvm::find_if(pending, [&](unsigned variable) {
      return abs(equality.getCoefficient(variable)) == 1;
    });
    if (position == pending.end())
      continue;
    unsigned variable = *position;
    pending.erase(position);
    equalities.erase(equalities.begin() + i);
    // With c = +-1: form - (coefficient * c) * equality has no variable left.
    auto substitute = [&](LinearForm &form) {
      form.addScaled(equality, -form.getCoefficient(variable) *
                                   equality.getCoefficient(variable));
    };
    llvm::for_each(equalities, substitute);
    std::vector<LinearForm> old = std::move(inequalities);
    inequalities.clear();
    for (LinearForm &form : old) {
      substitute(form);
      addInequality(std::move(form));
    }
    return true;
  }
  return false;
}

void Projection::splitEqualities() {
  for (const LinearForm &equality : equalities) {
    addInequality(equality);
    LinearForm opposite;
    opposite.addScaled(equality, DynamicAPInt(-1));
    addInequality(std::move(opposite));
  }
  equalities.clear();
}

/// What a x + l >= 0 and u - b x >= 0 (a, b > 0) say about everything else:
/// there is an integer x with ceil(-l / a) <= x <= floor(u / b), which is
///
///     a u + b l >= 0                      if a or b is 1;
///     u + b floor(l / a) >= 0             exactly, and linear if l is
///     symbolic; a floor(u / b) + l >= 0             likewise if u is.
///
/// Else a u + b l >= 0 is the condition for a rational x. It is the condition
/// for an integer one, too, wherever a u + b l >= (a - 1) (b - 1) [W. Pugh,
/// "The Omega test", CACM 35(8), 1992], in particular if the left side is a
/// constant like that: so it is for the two inequalities that define a
/// division.
Projection::Shadow Projection::getShadow(const LinearForm &lower,
                                         const LinearForm &upper,
                                         unsigned variable) const {
  Shadow shadow;
  shadow.a = lower.getCoefficient(variable);
  shadow.b = -upper.getCoefficient(variable);
  shadow.l = getRemainder(lower, variable);
  shadow.u = getRemainder(upper, variable);
  LinearForm rational;
  rational.addScaled(shadow.u, shadow.a);
  rational.addScaled(shadow.l, shadow.b);
  DynamicAPInt slack = (shadow.a - 1) * (shadow.b - 1);
  if (rational.isConstant() && rational.constant >= slack)
    shadow.kind = Shadow::Kind::Trivial;
  else if (slack == 0)
    shadow.kind = Shadow::Kind::Integer;
  else if (isSymbolic(shadow.l))
    shadow.kind = Shadow::Kind::DivideLower;
  else if (isSymbolic(shadow.u))
    shadow.kind = Shadow::Kind::DivideUpper;
  else
    shadow.kind = Shadow::Kind::Rational;
  shadow.rational = std::move(rational);
  return shadow;
}

void Projection::addShadow(Shadow shadow) {
  switch (shadow.kind) {
  case Shadow::Kind::Trivial:
    return;
  case Shadow::Kind::Rational:
    exact = false;
    [[fallthrough]];
  case Shadow::Kind::Integer:
    addInequality(std::move(shadow.rational));
    return;
  case Shadow::Kind::DivideLower:
    shadow.u.addScaled(floorDivide(std::move(shadow.l), shadow.a), shadow.b);
    addInequality(std::move(shadow.u));
    return;
  case Shadow::Kind::DivideUpper:
    shadow.l.addScaled(floorDivide(std::move(shadow.u), shadow.b), shadow.a);
    addInequality(std::move(shadow.l));
    return;
  }
}

unsigned Projection::countInexactShadows(unsigned variable) const {
  unsigned count = 0;
  for (const LinearForm &lower : inequalities)
    if (lower.getCoefficient(variable) > 0)
      for (const LinearForm &upper : inequalities)
        if (upper.getCoefficient(variable) < 0)
          count +=
              getShadow(lower, upper, variable).kind == Shadow::Kind::Rational;
  return count;
}

void Projection::eliminate(unsigned variable) {
  std::vector<LinearForm> lowers, uppers, old = std::move(inequalities);
  inequalities.clear();
  for (LinearForm &form : old) {
    DynamicAPInt coefficient = form.getCoefficient(variable);
    if (coefficient == 0)
      addInequality(std::move(form));
    else
      (coefficient > 0 ? lowers : uppers).push_back(std::move(form));
  }
  for (const LinearForm &lower : lowers)
    for (const LinearForm &upper : uppers)
      addShadow(getShadow(lower, upper, variable));
}

/// Variables that lose nothing go first: their shadows may be what makes the
/// next variable lossless.
bool Projection::run() {
  while (substituteByEquality())
    continue;
  splitEqualities();
  while (!pending.empty()) {
    auto *best = pending.begin();
    unsigned fewest = std::numeric_limits<unsigned>::max();
    for (auto *candidate = pending.begin(); candidate != pending.end();
         ++candidate) {
      unsigned count = countInexactShadows(*candidate);
      if (count < fewest) {
        fewest = count;
        best = candidate;
      }
    }
    eliminate(*best);
    pending.erase(best);
    if (inequalities.size() > maxConstraints)
      return false;
  }
  return true;
}

std::optional<AffineExpr> Projection::toAffine(const LinearForm &form,
                                               MLIRContext *context) const {
  auto toInt64 = [](const DynamicAPInt &value) -> std::optional<int64_t> {
    if (abs(value) > std::numeric_limits<int64_t>::max())
      return std::nullopt;
    return int64_t(value);
  };
  std::optional<int64_t> constant = toInt64(form.constant);
  if (!constant)
    return std::nullopt;
  AffineExpr sum = mlir::getAffineConstantExpr(0, context);
  for (auto [i, entry] : llvm::enumerate(form.coefficients)) {
    if (entry == 0)
      continue;
    std::optional<int64_t> coefficient = toInt64(entry);
    if (!coefficient)
      return std::nullopt;
    unsigned symbol = i - numVariables;
    if (symbol < numSymbols) {
      sum = sum + mlir::getAffineDimExpr(symbol, context) * *coefficient;
      continue;
    }
    const Division &division = divisions[symbol - numSymbols];
    std::optional<AffineExpr> dividend = toAffine(division.dividend, context);
    std::optional<int64_t> divisor = toInt64(division.divisor);
    if (!dividend || !divisor)
      return std::nullopt;
    sum = sum + dividend->floorDiv(*divisor) * *coefficient;
  }
  return mlir::simplifyAffineExpr(sum + *constant, numSymbols,
                                  /*numSymbols=*/0);
}

} // namespace attnc
