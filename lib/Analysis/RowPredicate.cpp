//===- RowPredicate.cpp - a predicate over many keys at once --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tree of a predicate becomes a list of steps, operands first. Truth is 0
// or 1, so that `and` is a product.
//
//===----------------------------------------------------------------------===//

#include "RowPredicate.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using mlir::AffineBinaryOpExpr;
using mlir::AffineConstantExpr;
using mlir::AffineDimExpr;
using mlir::AffineExprKind;

namespace attnc {

constexpr unsigned kKeyDim = 3;
/// What a division costs that is no shift.
constexpr int64_t kDivisionCost = 8;

RowPredicate::RowPredicate(const MaskExpr &predicate, std::vector<bool> keyDims)
    : isKeyDim(std::move(keyDims)) {
  compile(predicate);
  results.assign(steps.size(), std::vector<int64_t>(chunkSize));
}

size_t RowPredicate::add(Step step) {
  bool isLeaf = step.kind == Kind::Constant || step.kind == Kind::Dim;
  if (step.kind == Kind::Dim)
    step.isPerKey = isKeyDim[size_t(step.value)];
  if (!isLeaf)
    step.isPerKey = steps[step.lhs].isPerKey || steps[step.rhs].isPerKey;
  if (step.isPerKey) {
    bool isDivision = step.kind == Kind::FloorDiv ||
                      step.kind == Kind::CeilDiv || step.kind == Kind::Mod;
    bool isShift =
        isDivision && llvm::isPowerOf2_64(uint64_t(steps[step.rhs].value));
    cost += isDivision && !isShift ? kDivisionCost : 1;
  }
  steps.push_back(step);
  return steps.size() - 1;
}

size_t RowPredicate::addConstant(int64_t value) {
  Step step;
  step.value = value;
  return add(step);
}

size_t RowPredicate::compile(AffineExpr expr) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return addConstant(constant.getValue());
  Step step;
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    step.kind = Kind::Dim;
    step.value = dim.getPosition();
    return add(step);
  }
  auto binary = cast<AffineBinaryOpExpr>(expr);
  step.lhs = compile(binary.getLHS());
  step.rhs = compile(binary.getRHS());
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    step.kind = Kind::Add;
    break;
  case AffineExprKind::Mul:
    step.kind = Kind::Mul;
    break;
  case AffineExprKind::FloorDiv:
    step.kind = Kind::FloorDiv;
    break;
  case AffineExprKind::CeilDiv:
    step.kind = Kind::CeilDiv;
    break;
  case AffineExprKind::Mod:
    step.kind = Kind::Mod;
    break;
  default:
    llvm_unreachable("symbols do not occur in expressions that became a set");
  }
  return add(step);
}

size_t RowPredicate::compile(const MaskExpr &expr) {
  Step step;
  if (expr.kind == MaskExpr::Kind::Compare) {
    step.kind = Kind::Compare;
    step.predicate = expr.predicate;
    step.lhs = compile(expr.lhs);
    step.rhs = compile(expr.rhs);
    return add(step);
  }
  if (expr.kind == MaskExpr::Kind::Not) {
    step.kind = Kind::Compare;
    step.lhs = compile(expr.children.front());
    step.rhs = addConstant(0);
    return add(step);
  }
  bool isAnd = expr.kind == MaskExpr::Kind::And;
  if (expr.children.empty())
    return addConstant(isAnd);
  size_t result = compile(expr.children.front());
  for (const MaskExpr &child : llvm::drop_begin(expr.children)) {
    step.kind = isAnd ? Kind::Mul : Kind::Add;
    step.lhs = result;
    step.rhs = compile(child);
    result = add(step);
  }
  if (isAnd || expr.children.size() == 1)
    return result;
  // How many alternatives hold; any will do.
  step.kind = Kind::Compare;
  step.predicate = ComparePredicate::ne;
  step.lhs = result;
  step.rhs = addConstant(0);
  return add(step);
}

namespace {

/// Calls `body` with the comparison as a function of two numbers, so that a
/// loop has only the one it needs.
template <typename Body>
void withComparison(ComparePredicate predicate, Body body) {
  switch (predicate) {
  case ComparePredicate::eq:
    return body([](int64_t a, int64_t b) { return int64_t(a == b); });
  case ComparePredicate::ne:
    return body([](int64_t a, int64_t b) { return int64_t(a != b); });
  case ComparePredicate::lt:
    return body([](int64_t a, int64_t b) { return int64_t(a < b); });
  case ComparePredicate::le:
    return body([](int64_t a, int64_t b) { return int64_t(a <= b); });
  case ComparePredicate::gt:
    return body([](int64_t a, int64_t b) { return int64_t(a > b); });
  case ComparePredicate::ge:
    return body([](int64_t a, int64_t b) { return int64_t(a >= b); });
  }
}

} // namespace

void RowPredicate::compute(size_t number, ArrayRef<int64_t> values,
                           ArrayRef<const int64_t *> columns, int64_t begin,
                           size_t size) {
  const Step &step = steps[number];
  int64_t *result = results[number].data();
  const int64_t *lhs = results[step.lhs].data();
  const int64_t *rhs = results[step.rhs].data();
  auto apply = [&](auto function) {
    for (size_t i = 0; i < size; ++i)
      result[i] = function(lhs[i], rhs[i]);
  };
  auto divide = [&](auto shift, auto general) {
    // Divisors are positive constants.
    auto divisor = uint64_t(rhs[0]);
    if (!llvm::isPowerOf2_64(divisor))
      return apply(general);
    unsigned bits = llvm::Log2_64(divisor);
    for (size_t i = 0; i < size; ++i)
      result[i] = shift(lhs[i], bits);
  };
  switch (step.kind) {
  case Kind::Constant:
    std::fill_n(result, size, step.value);
    return;
  case Kind::Dim:
    if (!step.isPerKey)
      std::fill_n(result, size, values[size_t(step.value)]);
    else if (step.value == kKeyDim)
      std::iota(result, result + size, begin);
    else
      std::copy_n(columns[size_t(step.value)] + begin, size, result);
    return;
  case Kind::Add:
    return apply([](int64_t a, int64_t b) { return a + b; });
  case Kind::Mul:
    return apply([](int64_t a, int64_t b) { return a * b; });
  case Kind::FloorDiv:
    return divide(
        [](int64_t a, unsigned bits) { return a >> bits; },
        [](int64_t a, int64_t b) { return llvm::divideFloorSigned(a, b); });
  case Kind::CeilDiv:
    return divide(
        [](int64_t a, unsigned bits) { return -(-a >> bits); },
        [](int64_t a, int64_t b) { return llvm::divideCeilSigned(a, b); });
  case Kind::Mod:
    return divide(
        [](int64_t a, unsigned bits) { return a & ((int64_t(1) << bits) - 1); },
        [](int64_t a, int64_t b) {
          int64_t rest = a % b;
          return rest < 0 ? rest + b : rest;
        });
  case Kind::Compare:
    return withComparison(step.predicate, apply);
  }
}

int64_t RowPredicate::count(ArrayRef<int64_t> values,
                            ArrayRef<const int64_t *> columns, int64_t begin,
                            int64_t end) {
  size_t widest = size_t(std::min<int64_t>(end - begin, chunkSize));
  for (size_t i = 0; i < steps.size(); ++i)
    if (!steps[i].isPerKey)
      compute(i, values, columns, begin, widest);
  if (!steps.back().isPerKey)
    return results.back()[0] ? end - begin : 0;
  int64_t allowed = 0;
  for (int64_t key = begin; key < end; key += chunkSize) {
    size_t size = size_t(std::min<int64_t>(end - key, chunkSize));
    for (size_t i = 0; i < steps.size(); ++i)
      if (steps[i].isPerKey)
        compute(i, values, columns, key, size);
    allowed = std::accumulate(results.back().begin(),
                              results.back().begin() + long(size), allowed);
  }
  return allowed;
}

} // namespace attnc
