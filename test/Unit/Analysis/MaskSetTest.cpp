//===- MaskSetTest.cpp - masks as sets --------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The set and its complement agree with the predicate at every position of a
// small box, unions are as short as they can be, and what is not a set is
// refused in the user's words.
//
//===----------------------------------------------------------------------===//
#include "attnc/Analysis/MaskSet.h"
#include "MaskExamples.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace attnc;
using namespace attnc::test;

namespace {

class MaskSetTest : public testing::Test {
protected:
  MaskSet getSet(const MaskExpr &mask) {
    llvm::Expected<MaskSet> set = MaskSet::get(mask);
    if (!set) {
      ADD_FAILURE() << llvm::toString(set.takeError());
      return llvm::cantFail(MaskSet::get(MaskExpr::disjunction({})));
    }
    return std::move(*set);
  }

  /// The message with which `mask` is refused, or "accepted".
  std::string getError(const MaskExpr &mask) {
    llvm::Expected<MaskSet> set = MaskSet::get(mask);
    return set ? "accepted" : llvm::toString(set.takeError());
  }

  std::string print(const MaskExpr &mask) {
    std::string text;
    llvm::raw_string_ostream os(text);
    printPredicate(os, mask, {"b", "h", "q", "k"});
    return text;
  }

  /// Compares the set with the predicate in a box that has
  /// negative positions on both axes.
  void expectSameAsPredicate(const MaskExpr &mask, int64_t size) {
    MaskSet set = getSet(mask);
    for (int64_t h = 0; h < 3; ++h)
      for (int64_t q = -4; q < size; ++q)
        for (int64_t k = -4; k < size; ++k) {
          bool isAllowed = mask.evaluate(0, h, q, k);
          ASSERT_EQ(set.contains(0, h, q, k), isAllowed)
              << print(mask) << " at h = " << h << ", q = " << q
              << ", k = " << k;
        }
  }

  mlir::MLIRContext context;
  MaskExamples examples{context};
  AffineExpr b = examples.b, h = examples.h, q = examples.q, k = examples.k;
  using P = ComparePredicate;
};

TEST_F(MaskSetTest, NamedMasksAreTheirPredicates) {
  for (const NamedMask &named : examples.getNamed()) {
    SCOPED_TRACE(named.name);
    expectSameAsPredicate(named.mask, 14);
  }
}

TEST_F(MaskSetTest, RandomMasksAreTheirPredicates) {
  constexpr unsigned seed = 20240501;
  std::minstd_rand generator(seed);
  for (unsigned i = 0; i < 60; ++i) {
    MaskExpr mask = examples.getRandom(generator);
    SCOPED_TRACE("seed " + std::to_string(seed) + ", mask " +
                 std::to_string(i));
    expectSameAsPredicate(mask, 8);
  }
}

TEST_F(MaskSetTest, DivisionRoundsDownForNegativePositions) {
  EXPECT_EQ(evaluateAffine(q.floorDiv(4), {0, 0, -1, 0}), -1);
  EXPECT_EQ(evaluateAffine(q.ceilDiv(4), {0, 0, -3, 0}), 0);
  EXPECT_EQ(evaluateAffine(q % 4, {0, 0, -1, 0}), 3);
  EXPECT_TRUE(examples.compare(q % 4, P::eq, 3).evaluate(0, 0, -1, 0));
}

TEST_F(MaskSetTest, ConvexUnionsAreOneDisjunct) {
  auto countDisjuncts = [&](const MaskExpr &mask) {
    return getSet(mask).getAllowed().getNumDisjuncts();
  };
  EXPECT_EQ(countDisjuncts(
                examples.any({examples.window(64, 0), examples.window(0, 64)})),
            1u);
  EXPECT_EQ(countDisjuncts(examples.any({examples.compare(k, P::le, q),
                                         examples.compare(k, P::gt, q)})),
            1u);
  EXPECT_EQ(countDisjuncts(examples.any({examples.compare(k, P::lt, 4),
                                         examples.compare(k, P::eq, 4),
                                         examples.compare(k, P::eq, 5)})),
            1u);
  // These do not touch: key 4 is missing.
  EXPECT_EQ(countDisjuncts(examples.any({examples.compare(k, P::lt, 4),
                                         examples.compare(k, P::gt, 4)})),
            2u);
}

TEST_F(MaskSetTest, ContradictionsHaveNoDisjuncts) {
  MaskSet set =
      getSet(examples.all({examples.compare(k * 2, P::ge, q * 2 + 1),
                           examples.compare(k * 2, P::le, q * 2 + 1)}));
  EXPECT_EQ(set.getAllowed().getNumDisjuncts(), 0u);
}

TEST_F(MaskSetTest, ProductsOfPositionsAreRefused) {
  EXPECT_EQ(getError(examples.compare(k, P::lt, q * q)),
            "expression 'q * q' multiplies two positions; one factor must be a "
            "literal");
}

TEST_F(MaskSetTest, DivisorsMustBePositiveLiterals) {
  EXPECT_EQ(getError(examples.compare(k, P::lt, q.floorDiv(h))),
            "expression 'q floordiv h' divides by something other than a "
            "positive literal");
  EXPECT_EQ(getError(examples.compare(k, P::lt, q % h)),
            "expression 'q mod h' divides by something other than a positive "
            "literal");
  EXPECT_EQ(getError(examples.compare(k, P::lt, q.floorDiv(-3))),
            "expression 'q floordiv -3' divides by something other than a "
            "positive literal");
}

TEST_F(MaskSetTest, SymbolsAreRefused) {
  EXPECT_EQ(getError(examples.compare(q - k, P::lt,
                                      mlir::getAffineSymbolExpr(0, &context))),
            "run-time parameters cannot appear in a mask that is analysed at "
            "compile time; use a literal");
}

TEST_F(MaskSetTest, UnknownDimsAreRefused) {
  EXPECT_EQ(
      getError(examples.compare(mlir::getAffineDimExpr(4, &context), P::lt, 2)),
      "dim 4 is not a position; a mask has 4 of them");
}

TEST_F(MaskSetTest, CoefficientsBeyond64BitsAreRefused) {
  EXPECT_EQ(getError(examples.compare(q * (int64_t(1) << 23), P::lt, k)),
            "expression 'q * 8388608' can exceed 64 bits for positions up to "
            "2^40; use smaller constants");
  EXPECT_EQ(getError(examples.compare(q * (int64_t(1) << 20), P::lt, k)),
            "accepted");
  EXPECT_EQ(
      getError(examples.compare(q, P::lt, std::numeric_limits<int64_t>::max())),
      "expression '9223372036854775807' can exceed 64 bits for positions "
      "up to 2^40; use smaller constants");
}

/// Constants that do not fit 32 bits reach the set unharmed.
TEST_F(MaskSetTest, LargeConstantsAreKept) {
  MaskExpr mask = examples.compare(q - k, P::lt, (int64_t(1) << 35) + 5);
  MaskSet set = getSet(mask);
  int64_t far = int64_t(1) << 35;
  EXPECT_TRUE(set.contains(0, 0, far + 10, 6));
  EXPECT_FALSE(set.contains(0, 0, far + 10, 5));
}

TEST_F(MaskSetTest, TheNumberOfDisjunctsIsBounded) {
  auto points = [&](int64_t count) {
    std::vector<MaskExpr> operands;
    for (int64_t i = 0; i < count; ++i)
      operands.push_back(examples.compare(k, P::eq, 2 * i));
    return examples.any(std::move(operands));
  };
  EXPECT_EQ(getError(points(64)), "accepted");
  EXPECT_EQ(getError(points(65)),
            "the mask is a union of more than 64 convex pieces, which is more "
            "than is analysed at compile time; use fewer alternatives under "
            "'or' (and fewer '!=')");
  EXPECT_EQ(getError(examples.no(points(65))).substr(0, 23),
            "the mask is a union of ");
}

TEST_F(MaskSetTest, PredicatesPrintAsTheyAreWritten) {
  EXPECT_EQ(print(examples.all({examples.compare(k, P::le, q),
                                examples.compare(q - k, P::lt, 4)})),
            "k <= q and q - k < 4");
  EXPECT_EQ(
      print(examples.any(
          {examples.compare(h, P::ne, 0),
           examples.all({examples.compare(q.floorDiv(8), P::eq, k.floorDiv(8)),
                         examples.no(examples.compare((q - k) % 4, P::ge,
                                                      k * 3 - 5))})})),
      "h != 0 or (q floordiv 8 == k floordiv 8 and not ((q - k) mod 4 >= "
      "k * 3 - 5))");
  EXPECT_EQ(print(examples.all({})), "true");
  EXPECT_EQ(print(examples.any({})), "false");
}

} // namespace
