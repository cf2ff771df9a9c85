//===- KeyExpr.cpp - functions of a query tile ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The closed forms in which the bounds of key ranges are stored: construction,
// evaluation for one tile, and printing.
//
//===----------------------------------------------------------------------===//
#include "attnc/Analysis/KeyRanges.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>

namespace attnc {

ArrayRef<StringRef> getTileSymbolNames() {
  static constexpr StringRef names[] = {"b", "h", "first", "count", "keys"};
  return names;
}

struct KeyExpr::Node {
  Kind kind;
  AffineExpr affine;
  MaskExpr condition;
  SmallVector<KeyExpr> operands;
};

KeyExpr KeyExpr::affine(AffineExpr expr) {
  return KeyExpr(
      std::make_shared<const Node>(Node{Kind::Affine, expr, {}, {}}));
}

KeyExpr KeyExpr::max(ArrayRef<KeyExpr> operands) {
  assert(!operands.empty() && "the maximum of nothing");
  if (operands.size() == 1)
    return operands.front();
  return KeyExpr(std::make_shared<const Node>(
      Node{Kind::Max, {}, {}, SmallVector<KeyExpr>(operands)}));
}

KeyExpr KeyExpr::min(ArrayRef<KeyExpr> operands) {
  assert(!operands.empty() && "the minimum of nothing");
  if (operands.size() == 1)
    return operands.front();
  return KeyExpr(std::make_shared<const Node>(
      Node{Kind::Min, {}, {}, SmallVector<KeyExpr>(operands)}));
}

KeyExpr KeyExpr::select(MaskExpr condition, KeyExpr ifTrue, KeyExpr ifFalse) {
  return KeyExpr(std::make_shared<const Node>(
      Node{Kind::Select,
           {},
           std::move(condition),
           {std::move(ifTrue), std::move(ifFalse)}}));
}

KeyExpr::Kind KeyExpr::getKind() const { return node->kind; }
AffineExpr KeyExpr::getAffine() const { return node->affine; }
ArrayRef<KeyExpr> KeyExpr::getOperands() const { return node->operands; }
const MaskExpr &KeyExpr::getCondition() const { return node->condition; }

int64_t KeyExpr::evaluate(ArrayRef<int64_t> values) const {
  auto evaluateOperand = [&](unsigned i) {
    return getOperands()[i].evaluate(values);
  };
  switch (getKind()) {
  case Kind::Affine:
    return evaluateAffine(getAffine(), values);
  case Kind::Select:
    return evaluateOperand(getCondition().evaluate(values) ? 0 : 1);
  case Kind::Max:
  case Kind::Min: {
    int64_t result = evaluateOperand(0);
    for (unsigned i = 1, e = getOperands().size(); i < e; ++i)
      result = getKind() == Kind::Max ? std::max(result, evaluateOperand(i))
                                      : std::min(result, evaluateOperand(i));
    return result;
  }
  }
  llvm_unreachable("every kind of function is handled above");
}

/// Whether `expr` or one of its operands, but for those in `seen`, depends on
/// `dim`; operands are shared.
static bool isFunctionOf(const KeyExpr &expr, unsigned dim,
                         llvm::SmallPtrSetImpl<const void *> &seen) {
  using Kind = KeyExpr::Kind;
  if (!seen.insert(expr.getIdentity()).second)
    return false;
  if (expr.getKind() == Kind::Affine)
    return expr.getAffine().isFunctionOfDim(dim);
  if (expr.getKind() == Kind::Select &&
      expr.getCondition().isFunctionOfDim(dim))
    return true;
  return llvm::any_of(expr.getOperands(), [&](const KeyExpr &operand) {
    return isFunctionOf(operand, dim, seen);
  });
}

bool KeyExpr::usesParameter(unsigned parameter) const {
  llvm::SmallPtrSet<const void *, 16> seen;
  return isFunctionOf(*this, getTileSymbolNames().size() + parameter, seen);
}

void KeyExpr::print(raw_ostream &os, ArrayRef<StringRef> names,
                    function_ref<StringRef(const KeyExpr &)> getName) const {
  auto printOperand = [&](const KeyExpr &operand) {
    StringRef name = getName(operand);
    if (name.empty())
      operand.print(os, names, getName);
    else
      os << name;
  };
  switch (getKind()) {
  case Kind::Affine:
    printAffine(os, getAffine(), names);
    return;
  case Kind::Select:
    os << "if ";
    printPredicate(os, getCondition(), names);
    os << " then ";
    printOperand(getOperands()[0]);
    os << " else ";
    printOperand(getOperands()[1]);
    return;
  case Kind::Max:
  case Kind::Min:
    os << (getKind() == Kind::Max ? "max(" : "min(");
    llvm::interleaveComma(getOperands(), os, printOperand);
    os << ')';
    return;
  }
  llvm_unreachable("every kind of function is handled above");
}

} // namespace attnc
