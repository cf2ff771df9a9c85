//===- RegionInteger.cpp - integers of a where region by cases ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See RegionInteger.h.
//
//===----------------------------------------------------------------------===//

#include "RegionInteger.h"

#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"

using namespace attnc;
using namespace attnc::attn;
using mlir::arith::CmpIPredicate;

namespace {

constexpr size_t kMaxCases = 16;

/// A value and its bounds, of one case.
struct Bounded {
  AffineExpr value;
  int64_t low, high;
};

AffineExpr makeConstantExpr(int64_t value, AffineExpr like) {
  return mlir::getAffineConstantExpr(value, like.getContext());
}

/// `operation` on each case; nothing where it fails.
IntegerCases
map(const IntegerCases &integer,
    function_ref<std::optional<Bounded>(const IntegerCase &)> operation) {
  IntegerCases results;
  for (const IntegerCase &of : integer) {
    std::optional<Bounded> result = operation(of);
    if (!result)
      return {};
    results.push_back({of.guard, result->value, result->low, result->high});
  }
  return results;
}

/// `operation` on each pair of cases; nothing where it fails.
IntegerCases map(const IntegerCases &left, const IntegerCases &right,
                 function_ref<std::optional<Bounded>(const IntegerCase &,
                                                     const IntegerCase &)>
                     operation) {
  IntegerCases results;
  for (const IntegerCase &l : left)
    for (const IntegerCase &r : right) {
      std::optional<Bounded> result = operation(l, r);
      if (!result || results.size() == kMaxCases)
        return {};
      results.push_back({makeBoth(l.guard, r.guard), result->value, result->low,
                         result->high});
    }
  return results;
}

/// The cases with those that can have either sign divided into two.
IntegerCases splitSigns(const IntegerCases &integer) {
  IntegerCases results;
  for (const IntegerCase &of : integer) {
    if (of.low >= 0 || of.high < 0) {
      results.push_back(of);
      continue;
    }
    AffineExpr zero = makeConstantExpr(0, of.value);
    auto guard = [&](ComparePredicate predicate) {
      return makeBoth(of.guard, MaskExpr::compare(of.value, predicate, zero));
    };
    results.push_back({guard(ComparePredicate::ge), of.value, 0, of.high});
    results.push_back({guard(ComparePredicate::lt), of.value, of.low, -1});
  }
  return results.size() > kMaxCases ? IntegerCases() : results;
}

/// The quotient or remainder, rounded towards 0: of a negative number it is
/// that of its absolute value, with the other sign.
IntegerCases divideTowardsZero(
    const IntegerCases &integer,
    function_ref<IntegerCases(const IntegerCases &)> ofNonNegative) {
  IntegerCases results;
  for (const IntegerCase &of : splitSigns(integer)) {
    IntegerCases one = {of};
    if (of.low < 0)
      one = multiply(one, -1);
    one = ofNonNegative(one);
    if (of.low < 0)
      one = multiply(one, -1);
    if (one.empty())
      return {};
    results.push_back(one.front());
  }
  return results;
}

ComparePredicate getSigned(CmpIPredicate predicate) {
  switch (predicate) {
  case CmpIPredicate::eq:
    return ComparePredicate::eq;
  case CmpIPredicate::ne:
    return ComparePredicate::ne;
  case CmpIPredicate::slt:
  case CmpIPredicate::ult:
    return ComparePredicate::lt;
  case CmpIPredicate::sle:
  case CmpIPredicate::ule:
    return ComparePredicate::le;
  case CmpIPredicate::sgt:
  case CmpIPredicate::ugt:
    return ComparePredicate::gt;
  case CmpIPredicate::sge:
  case CmpIPredicate::uge:
    return ComparePredicate::ge;
  }
  llvm_unreachable("every predicate is handled above");
}

bool isUnsigned(CmpIPredicate predicate) {
  return predicate == CmpIPredicate::ult || predicate == CmpIPredicate::ule ||
         predicate == CmpIPredicate::ugt || predicate == CmpIPredicate::uge;
}

} // namespace

MaskExpr attn::makeBoth(MaskExpr left, MaskExpr right) {
  std::vector<MaskExpr> operands;
  for (MaskExpr *operand : {&left, &right})
    if (operand->kind == MaskExpr::Kind::And)
      operands.insert(operands.end(), operand->children.begin(),
                      operand->children.end());
    else
      operands.push_back(std::move(*operand));
  if (operands.size() == 1)
    return operands.front();
  return MaskExpr::conjunction(std::move(operands));
}

IntegerCases attn::makeConstant(int64_t value, MLIRContext *context) {
  return {{MaskExpr::truth(true), mlir::getAffineConstantExpr(value, context),
           value, value}};
}

std::optional<int64_t> attn::getConstant(const IntegerCases &integer) {
  if (integer.size() != 1 || integer.front().low != integer.front().high)
    return std::nullopt;
  return integer.front().low;
}

bool attn::isNeverNegative(const IntegerCases &integer) {
  return llvm::all_of(integer,
                      [](const IntegerCase &of) { return of.low >= 0; });
}

IntegerCases attn::add(const IntegerCases &left, const IntegerCases &right) {
  auto operation = [](const IntegerCase &l,
                      const IntegerCase &r) -> std::optional<Bounded> {
    std::optional<int64_t> low = llvm::checkedAdd(l.low, r.low);
    std::optional<int64_t> high = llvm::checkedAdd(l.high, r.high);
    if (!low || !high)
      return std::nullopt;
    return Bounded{l.value + r.value, *low, *high};
  };
  return map(left, right, operation);
}

IntegerCases attn::subtract(const IntegerCases &left,
                            const IntegerCases &right) {
  return add(left, multiply(right, -1));
}

IntegerCases attn::multiply(const IntegerCases &integer, int64_t factor) {
  return map(integer, [&](const IntegerCase &of) -> std::optional<Bounded> {
    std::optional<int64_t> low = llvm::checkedMul(of.low, factor);
    std::optional<int64_t> high = llvm::checkedMul(of.high, factor);
    if (!low || !high)
      return std::nullopt;
    return Bounded{of.value * factor, std::min(*low, *high),
                   std::max(*low, *high)};
  });
}

IntegerCases attn::floorDivide(const IntegerCases &integer, int64_t divisor) {
  return map(integer, [&](const IntegerCase &of) -> std::optional<Bounded> {
    return Bounded{of.value.floorDiv(divisor),
                   llvm::divideFloorSigned(of.low, divisor),
                   llvm::divideFloorSigned(of.high, divisor)};
  });
}

IntegerCases attn::modulo(const IntegerCases &integer, int64_t divisor) {
  return map(integer, [&](const IntegerCase &of) -> std::optional<Bounded> {
    if (of.low >= 0 && of.high < divisor)
      return Bounded{of.value, of.low, of.high};
    return Bounded{of.value % divisor, 0, divisor - 1};
  });
}

IntegerCases attn::ceilDivide(const IntegerCases &integer, int64_t divisor) {
  // ceil(x / c) = floor((x + c - 1) / c)
  AffineExpr like = integer.front().value;
  return floorDivide(add(integer, makeConstant(divisor - 1, like.getContext())),
                     divisor);
}

IntegerCases attn::truncatingDivide(const IntegerCases &integer,
                                    int64_t divisor) {
  return divideTowardsZero(integer, [&](const IntegerCases &nonNegative) {
    return floorDivide(nonNegative, divisor);
  });
}

IntegerCases attn::truncatingRemainder(const IntegerCases &integer,
                                       int64_t divisor) {
  return divideTowardsZero(integer, [&](const IntegerCases &nonNegative) {
    return modulo(nonNegative, divisor);
  });
}

/// The lesser or the greater of two integers.
static IntegerCases choose(const IntegerCases &left, const IntegerCases &right,
                           bool isLesser) {
  IntegerCases results;
  for (const IntegerCase &l : left)
    for (const IntegerCase &r : right) {
      MaskExpr guard = makeBoth(l.guard, r.guard);
      auto take = [&](const IntegerCase &of, MaskExpr where) {
        int64_t low =
            isLesser ? std::min(l.low, r.low) : std::max(l.low, r.low);
        int64_t high =
            isLesser ? std::min(l.high, r.high) : std::max(l.high, r.high);
        results.push_back({std::move(where), of.value, std::max(of.low, low),
                           std::min(of.high, high)});
      };
      const IntegerCase &below = isLesser ? l : r, &above = isLesser ? r : l;
      if (below.high <= above.low) {
        take(l, guard);
      } else if (above.high <= below.low) {
        take(r, guard);
      } else {
        auto where = [&](ComparePredicate predicate) {
          return makeBoth(
              guard, MaskExpr::compare(below.value, predicate, above.value));
        };
        take(l, where(ComparePredicate::le));
        take(r, where(ComparePredicate::gt));
      }
    }
  return results.size() > kMaxCases ? IntegerCases() : results;
}

IntegerCases attn::minimum(const IntegerCases &left,
                           const IntegerCases &right) {
  return choose(left, right, /*isLesser=*/true);
}

IntegerCases attn::maximum(const IntegerCases &left,
                           const IntegerCases &right) {
  return choose(left, right, /*isLesser=*/false);
}

IntegerCases attn::absolute(const IntegerCases &integer) {
  IntegerCases results = splitSigns(integer);
  for (IntegerCase &of : results) {
    if (of.low >= 0)
      continue;
    IntegerCases negated = multiply({of}, -1);
    if (negated.empty())
      return {};
    of = negated.front();
  }
  return results;
}

IntegerCases attn::select(const MaskExpr &condition,
                          const IntegerCases &whenTrue,
                          const IntegerCases &whenFalse) {
  IntegerCases results;
  for (const IntegerCase &of : whenTrue)
    results.push_back(
        {makeBoth(condition, of.guard), of.value, of.low, of.high});
  for (const IntegerCase &of : whenFalse)
    results.push_back({makeBoth(MaskExpr::negation(condition), of.guard),
                       of.value, of.low, of.high});
  return results.size() > kMaxCases ? IntegerCases() : results;
}

std::optional<MaskExpr> attn::compare(CmpIPredicate predicate,
                                      const IntegerCases &left,
                                      const IntegerCases &right) {
  // As unsigned numbers, negative ones are beyond all others.
  bool bySign = isUnsigned(predicate) &&
                !(isNeverNegative(left) && isNeverNegative(right));
  ComparePredicate ofSigned = getSigned(predicate);
  bool isLess =
      ofSigned == ComparePredicate::lt || ofSigned == ComparePredicate::le;
  std::vector<MaskExpr> alternatives;
  IntegerCases lefts = bySign ? splitSigns(left) : left;
  IntegerCases rights = bySign ? splitSigns(right) : right;
  if (lefts.empty() || rights.empty())
    return std::nullopt;
  for (const IntegerCase &l : lefts)
    for (const IntegerCase &r : rights) {
      MaskExpr guard = makeBoth(l.guard, r.guard);
      bool leftIsNegative = l.low < 0, rightIsNegative = r.low < 0;
      if (!bySign || leftIsNegative == rightIsNegative)
        alternatives.push_back(makeBoth(
            std::move(guard), MaskExpr::compare(l.value, ofSigned, r.value)));
      else if (rightIsNegative == isLess)
        alternatives.push_back(std::move(guard));
    }
  if (alternatives.size() == 1)
    return alternatives.front();
  return MaskExpr::disjunction(std::move(alternatives));
}
