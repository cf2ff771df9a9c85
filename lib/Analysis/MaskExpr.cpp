//===- MaskExpr.cpp - predicates over positions -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Construction, evaluation at a point and printing of the predicates declared
// in MaskExpr.h. Evaluation is the definition of what a mask means: the sets
// and the generated code are tested against it.
//
//===----------------------------------------------------------------------===//
#include "attnc/Analysis/MaskExpr.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using mlir::AffineBinaryOpExpr;
using mlir::AffineConstantExpr;
using mlir::AffineDimExpr;
using mlir::AffineExprKind;

namespace attnc {

//===----------------------------------------------------------------------===//
// Construction
//===----------------------------------------------------------------------===//

ComparePredicate negate(ComparePredicate predicate) {
  switch (predicate) {
  case ComparePredicate::eq:
    return ComparePredicate::ne;
  case ComparePredicate::ne:
    return ComparePredicate::eq;
  case ComparePredicate::lt:
    return ComparePredicate::ge;
  case ComparePredicate::le:
    return ComparePredicate::gt;
  case ComparePredicate::gt:
    return ComparePredicate::le;
  case ComparePredicate::ge:
    return ComparePredicate::lt;
  }
  llvm_unreachable("every predicate is handled above");
}

MaskExpr MaskExpr::conjunction(std::vector<MaskExpr> operands) {
  MaskExpr expr;
  expr.kind = Kind::And;
  expr.children = std::move(operands);
  return expr;
}

MaskExpr MaskExpr::disjunction(std::vector<MaskExpr> operands) {
  MaskExpr expr;
  expr.kind = Kind::Or;
  expr.children = std::move(operands);
  return expr;
}

MaskExpr MaskExpr::negation(MaskExpr operand) {
  MaskExpr expr;
  expr.kind = Kind::Not;
  expr.children.push_back(std::move(operand));
  return expr;
}

MaskExpr MaskExpr::compare(AffineExpr lhs, ComparePredicate predicate,
                           AffineExpr rhs) {
  MaskExpr expr;
  expr.kind = Kind::Compare;
  expr.lhs = lhs;
  expr.rhs = rhs;
  expr.predicate = predicate;
  return expr;
}

std::string MaskTerm::getName() const {
  std::string name = table;
  if (indices.empty())
    return name;
  static constexpr StringRef positions[] = {"b", "h", "q", "k"};
  llvm::raw_string_ostream os(name);
  os << '(';
  llvm::interleaveComma(indices, os, [&](AffineExpr index) {
    printAffine(os, index, positions);
  });
  os << ')';
  return name;
}

AffineExpr MaskTerms::get(const MaskTerm &term, MLIRContext *context) {
  auto *known = llvm::find(terms, term);
  unsigned position = known - terms.begin();
  if (known == terms.end())
    terms.push_back(term);
  return mlir::getAffineDimExpr(firstTermDim + position, context);
}

bool MaskExpr::operator==(const MaskExpr &other) const {
  return kind == other.kind && lhs == other.lhs && rhs == other.rhs &&
         predicate == other.predicate && children == other.children;
}

llvm::hash_code hash_value(const MaskExpr &expr) {
  return llvm::hash_combine(
      expr.kind, expr.lhs, expr.predicate, expr.rhs,
      llvm::hash_combine_range(expr.children.begin(), expr.children.end()));
}

bool Mask::operator==(const Mask &other) const {
  auto isSame = [](const MaskTerm &a, const MaskTerm &b) {
    return a == b && a.lowest == b.lowest && a.highest == b.highest;
  };
  return llvm::equal(terms.getTerms(), other.terms.getTerms(), isSame) &&
         predicate == other.predicate;
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

int64_t evaluateAffine(AffineExpr expr, ArrayRef<int64_t> values) {
  // Choosing a schedule evaluates very many: the kind is asked for once.
  AffineExprKind kind = expr.getKind();
  if (kind == AffineExprKind::Constant)
    return AffineConstantExpr(expr.getImpl()).getValue();
  if (kind == AffineExprKind::DimId)
    return values[AffineDimExpr(expr.getImpl()).getPosition()];
  AffineBinaryOpExpr binary(expr.getImpl());
  int64_t lhs = evaluateAffine(binary.getLHS(), values);
  int64_t rhs = evaluateAffine(binary.getRHS(), values);
  switch (kind) {
  case AffineExprKind::Add:
    return lhs + rhs;
  case AffineExprKind::Mul:
    return lhs * rhs;
  case AffineExprKind::FloorDiv:
    return llvm::divideFloorSigned(lhs, rhs);
  case AffineExprKind::CeilDiv:
    return llvm::divideCeilSigned(lhs, rhs);
  case AffineExprKind::Mod:
    return lhs - rhs * llvm::divideFloorSigned(lhs, rhs);
  default:
    llvm_unreachable("symbols do not occur in expressions that became a set");
  }
}

bool evaluateComparison(int64_t lhs, ComparePredicate predicate, int64_t rhs) {
  switch (predicate) {
  case ComparePredicate::eq:
    return lhs == rhs;
  case ComparePredicate::ne:
    return lhs != rhs;
  case ComparePredicate::lt:
    return lhs < rhs;
  case ComparePredicate::le:
    return lhs <= rhs;
  case ComparePredicate::gt:
    return lhs > rhs;
  case ComparePredicate::ge:
    return lhs >= rhs;
  }
  llvm_unreachable("every predicate is handled above");
}

bool MaskExpr::isFunctionOfDim(unsigned dim) const {
  if (kind == Kind::Compare)
    return lhs.isFunctionOfDim(dim) || rhs.isFunctionOfDim(dim);
  return llvm::any_of(children, [dim](const MaskExpr &child) {
    return child.isFunctionOfDim(dim);
  });
}

bool MaskExpr::evaluate(ArrayRef<int64_t> values) const {
  auto holds = [&](const MaskExpr &child) { return child.evaluate(values); };
  switch (kind) {
  case Kind::And:
    return llvm::all_of(children, holds);
  case Kind::Or:
    return llvm::any_of(children, holds);
  case Kind::Not:
    return !holds(children.front());
  case Kind::Compare:
    return evaluateComparison(evaluateAffine(lhs, values), predicate,
                              evaluateAffine(rhs, values));
  }
  llvm_unreachable("every kind of mask expression is handled above");
}

bool MaskExpr::evaluate(int64_t b, int64_t h, int64_t q, int64_t k) const {
  return evaluate({b, h, q, k});
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

static StringRef getSpelling(AffineExprKind kind) {
  switch (kind) {
  case AffineExprKind::Mul:
    return " * ";
  case AffineExprKind::FloorDiv:
    return " floordiv ";
  case AffineExprKind::CeilDiv:
    return " ceildiv ";
  case AffineExprKind::Mod:
    return " mod ";
  default:
    llvm_unreachable("not a multiplicative operator");
  }
}

/// Prints `expr` as a factor: sums in parentheses, and nested operators too, so
/// that no reader has to know the associativity of floordiv.
static void printFactor(raw_ostream &os, AffineExpr expr,
                        ArrayRef<StringRef> names) {
  bool isNested = isa<AffineBinaryOpExpr>(expr);
  os << (isNested ? "(" : "");
  printAffine(os, expr, names);
  os << (isNested ? ")" : "");
}

/// Prints " + expr", or " - ..." if `expr` starts with a minus.
static void printAddend(raw_ostream &os, AffineExpr expr,
                        ArrayRef<StringRef> names) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    if (constant.getValue() < 0) {
      // Negated as unsigned: the most negative number has no opposite.
      os << " - " << -static_cast<uint64_t>(constant.getValue());
      return;
    }
  }
  auto product = dyn_cast<AffineBinaryOpExpr>(expr);
  if (product && expr.getKind() == AffineExprKind::Mul) {
    auto factor = dyn_cast<AffineConstantExpr>(product.getRHS());
    if (factor && factor.getValue() < 0) {
      os << " - ";
      printFactor(os, product.getLHS(), names);
      if (factor.getValue() != -1)
        os << " * " << -static_cast<uint64_t>(factor.getValue());
      return;
    }
  }
  os << " + ";
  printAffine(os, expr, names);
}

void printAffine(raw_ostream &os, AffineExpr expr, ArrayRef<StringRef> names) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    os << constant.getValue();
    return;
  }
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    if (dim.getPosition() < names.size())
      os << names[dim.getPosition()];
    else
      os << 'd' << dim.getPosition();
    return;
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary) {
    expr.print(os);
    return;
  }
  if (expr.getKind() == AffineExprKind::Add) {
    printAffine(os, binary.getLHS(), names);
    printAddend(os, binary.getRHS(), names);
    return;
  }
  printFactor(os, binary.getLHS(), names);
  os << getSpelling(expr.getKind());
  printFactor(os, binary.getRHS(), names);
}

static StringRef getSpelling(ComparePredicate predicate) {
  switch (predicate) {
  case ComparePredicate::eq:
    return " == ";
  case ComparePredicate::ne:
    return " != ";
  case ComparePredicate::lt:
    return " < ";
  case ComparePredicate::le:
    return " <= ";
  case ComparePredicate::gt:
    return " > ";
  case ComparePredicate::ge:
    return " >= ";
  }
  llvm_unreachable("every predicate is handled above");
}

void printPredicate(raw_ostream &os, const MaskExpr &expr,
                    ArrayRef<StringRef> names) {
  switch (expr.kind) {
  case MaskExpr::Kind::Compare:
    printAffine(os, expr.lhs, names);
    os << getSpelling(expr.predicate);
    printAffine(os, expr.rhs, names);
    return;
  case MaskExpr::Kind::Not:
    os << "not (";
    printPredicate(os, expr.children.front(), names);
    os << ')';
    return;
  case MaskExpr::Kind::And:
  case MaskExpr::Kind::Or:
    break;
  }
  bool isAnd = expr.kind == MaskExpr::Kind::And;
  if (expr.children.empty()) {
    os << (isAnd ? "true" : "false");
    return;
  }
  llvm::interleave(
      expr.children,
      [&](const MaskExpr &child) {
        bool isNested = child.kind == MaskExpr::Kind::And ||
                        child.kind == MaskExpr::Kind::Or;
        os << (isNested ? "(" : "");
        printPredicate(os, child, names);
        os << (isNested ? ")" : "");
      },
      [&] { os << (isAnd ? " and " : " or "); });
}

void printPredicate(raw_ostream &os, const MaskExpr &expr,
                    const MaskTerms &terms) {
  SmallVector<std::string> termNames;
  for (const MaskTerm &term : terms.getTerms())
    termNames.push_back(term.getName());
  SmallVector<StringRef> names = {"b", "h", "q", "k"};
  names.append(termNames.begin(), termNames.end());
  printPredicate(os, expr, names);
}

} // namespace attnc
