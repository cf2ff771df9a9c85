//===- MaskExamples.h - masks to test with ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The masks that the unit tests of the analysis share: the patterns of the
// literature by name, and random predicates from a seed.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_TEST_UNIT_ANALYSIS_MASKEXAMPLES_H
#define ATTNC_TEST_UNIT_ANALYSIS_MASKEXAMPLES_H

#include "attnc/Analysis/MaskSet.h"
#include "mlir/IR/MLIRContext.h"
#include <random>
#include <string>
#include <vector>

namespace attnc::test {

struct NamedMask {
  std::string name;
  MaskExpr mask;
  /// The number of pieces its ranges have, at most.
  unsigned numPieces = 1;
  /// Whether first and last keys are found exactly.
  bool isExact = true;
};

/// Builds masks over the positions b, h, q and k.
class MaskExamples {
public:
  using Predicate = ComparePredicate;

  explicit MaskExamples(mlir::MLIRContext &context)
      : context(context), b(mlir::getAffineDimExpr(0, &context)),
        h(mlir::getAffineDimExpr(1, &context)),
        q(mlir::getAffineDimExpr(2, &context)),
        k(mlir::getAffineDimExpr(3, &context)) {}

  AffineExpr constant(int64_t value) const {
    return mlir::getAffineConstantExpr(value, &context);
  }
  MaskExpr compare(AffineExpr lhs, Predicate predicate, AffineExpr rhs) const {
    return MaskExpr::compare(lhs, predicate, rhs);
  }
  MaskExpr compare(AffineExpr lhs, Predicate predicate, int64_t rhs) const {
    return MaskExpr::compare(lhs, predicate, constant(rhs));
  }
  static MaskExpr all(std::vector<MaskExpr> operands) {
    return MaskExpr::conjunction(std::move(operands));
  }
  static MaskExpr any(std::vector<MaskExpr> operands) {
    return MaskExpr::disjunction(std::move(operands));
  }
  static MaskExpr no(MaskExpr operand) {
    return MaskExpr::negation(std::move(operand));
  }

  MaskExpr causal() const { return compare(k, Predicate::le, q); }
  MaskExpr window(int64_t left, int64_t right) const {
    return all({compare(q - k, Predicate::le, left),
                compare(k - q, Predicate::le, right)});
  }

  std::vector<NamedMask> getNamed() const;

  /// A predicate with at most three levels of connectives.
  MaskExpr getRandom(std::minstd_rand &generator, unsigned depth = 3) const;

  mlir::MLIRContext &context;
  AffineExpr b, h, q, k;

private:
  MaskExpr getRandomComparison(std::minstd_rand &generator) const;
};

} // namespace attnc::test

#endif // ATTNC_TEST_UNIT_ANALYSIS_MASKEXAMPLES_H
