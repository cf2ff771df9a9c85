//===- MaskCorpus.h - masks to prove things about ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The library's patterns with small parameters, and random predicates that read
// numbers and tables.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_TEST_UNIT_ANALYSIS_MASKCORPUS_H
#define ATTNC_TEST_UNIT_ANALYSIS_MASKCORPUS_H

#include "MaskProof.h"

namespace attnc::test {

class MaskCorpus {
public:
  explicit MaskCorpus(MLIRContext &context);

  /// Each pattern with several parameters, as it is written in a program.
  static ArrayRef<StringRef> getPatterns();
  /// Each pattern once, and tables as a user's predicate reads them.
  static ArrayRef<StringRef> getRepresentatives();

  /// The mask that is written as `text`.
  MaskClaim parse(StringRef text);

  /// A predicate with at most three levels of connectives, which may read
  /// numbers, tables of queries and either tables of runs of queries or tables
  /// of keys.
  MaskClaim getRandom(unsigned seed, TermRole role);

private:
  MaskExpr getRandomPredicate(MaskTerms &terms, unsigned depth);
  MaskExpr getRandomComparison(MaskTerms &terms);
  AffineExpr getRandomTerm(MaskTerms &terms);
  AffineExpr getRandomRead(MaskTerms &terms);
  int64_t draw(int64_t from, int64_t to) {
    return from + static_cast<int64_t>(generator() % (to - from + 1));
  }
  AffineExpr constant(int64_t value) {
    return mlir::getAffineConstantExpr(value, &context);
  }

  MLIRContext &context;
  std::minstd_rand generator;
  /// What the current mask reads.
  TermRole role = TermRole::value;
  AffineExpr b, h, q, k;
};

} // namespace attnc::test

#endif // ATTNC_TEST_UNIT_ANALYSIS_MASKCORPUS_H
