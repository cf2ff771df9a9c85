//===- RegionInteger.h - integers of a where region by cases ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The arithmetic that a where region may do without leaving what a mask can
// say: an integer is quasi-affine in each of a few cases, as |x| is x or -x.
// Each case knows an interval, so that what would wrap in 64 bits is noticed
// and what is never negative needs no cases.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_DIALECT_ATTN_TRANSFORMS_REGIONINTEGER_H
#define ATTNC_LIB_DIALECT_ATTN_TRANSFORMS_REGIONINTEGER_H

#include "attnc/Analysis/MaskExpr.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <optional>

namespace attnc::attn {

/// The value of an integer where `guard` holds, and its bounds there.
struct IntegerCase {
  MaskExpr guard;
  AffineExpr value;
  int64_t low, high;
};

/// An integer: exactly one guard holds at every position. No cases stand for
/// an integer that cannot be expressed.
using IntegerCases = SmallVector<IntegerCase, 1>;

/// `left and right`, without what is always true.
MaskExpr makeBoth(MaskExpr left, MaskExpr right);

IntegerCases makeConstant(int64_t value, MLIRContext *context);
/// The number that all cases are, if it is a constant.
std::optional<int64_t> getConstant(const IntegerCases &integer);
bool isNeverNegative(const IntegerCases &integer);

// Each returns no cases where the result could leave 64 bits, or has more than
// 16 cases.
IntegerCases add(const IntegerCases &left, const IntegerCases &right);
IntegerCases subtract(const IntegerCases &left, const IntegerCases &right);
IntegerCases multiply(const IntegerCases &integer, int64_t factor);
/// Rounds towards minus infinity; the remainder is from 0 to divisor - 1.
IntegerCases floorDivide(const IntegerCases &integer, int64_t divisor);
IntegerCases modulo(const IntegerCases &integer, int64_t divisor);
/// Rounds towards plus infinity.
IntegerCases ceilDivide(const IntegerCases &integer, int64_t divisor);
/// Rounds towards 0; the remainder has the sign of `integer`.
IntegerCases truncatingDivide(const IntegerCases &integer, int64_t divisor);
IntegerCases truncatingRemainder(const IntegerCases &integer, int64_t divisor);
IntegerCases minimum(const IntegerCases &left, const IntegerCases &right);
IntegerCases maximum(const IntegerCases &left, const IntegerCases &right);
IntegerCases absolute(const IntegerCases &integer);
IntegerCases select(const MaskExpr &condition, const IntegerCases &whenTrue,
                    const IntegerCases &whenFalse);

/// The comparison as that of 64-bit numbers, unsigned ones too; nothing where
/// it has too many cases.
std::optional<MaskExpr> compare(mlir::arith::CmpIPredicate predicate,
                                const IntegerCases &left,
                                const IntegerCases &right);

} // namespace attnc::attn

#endif // ATTNC_LIB_DIALECT_ATTN_TRANSFORMS_REGIONINTEGER_H
