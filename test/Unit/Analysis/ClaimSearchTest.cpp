//===- ClaimSearchTest.cpp - where a claim about tiles holds --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parts of a claim, within a convex set and its complement, are compared
// with the claim's value at each point of a box.
//
//===----------------------------------------------------------------------===//

#include "../../../lib/Analysis/ClaimSearch.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace attnc;
using mlir::presburger::IntegerPolyhedron;
using mlir::presburger::PresburgerSpace;

namespace {

class ClaimSearchTest : public testing::Test {
protected:
  mlir::MLIRContext context;
  AffineExpr x = mlir::getAffineDimExpr(0, &context);
  AffineExpr y = mlir::getAffineDimExpr(1, &context);
  AffineExpr constant(int64_t value) {
    return mlir::getAffineConstantExpr(value, &context);
  }
  static MaskExpr le(AffineExpr a, AffineExpr b) {
    return MaskExpr::compare(a, ComparePredicate::le, b);
  }

  /// That each point of the box is in some part exactly where it should be.
  void expectParts(const Conjunction &within, const MaskExpr &claim,
                   bool negated) {
    ClaimSearch search(table, within);
    std::vector<IntegerPolyhedron> parts;
    ASSERT_TRUE(search.run(claim, negated, [&](const Conjunction &part) {
      parts.push_back(table.build(part));
      return true;
    }));
    IntegerPolyhedron inside = table.build(within);
    for (int64_t i = -9; i <= 9; ++i)
      for (int64_t j = -9; j <= 9; ++j) {
        bool isInPart = llvm::any_of(parts, [&](const IntegerPolyhedron &part) {
          return part.containsPointNoLocal({i, j}).has_value();
        });
        bool isExpected = inside.containsPointNoLocal({i, j}).has_value() &&
                          claim.evaluate({i, j}) != negated;
        EXPECT_EQ(isInPart, isExpected) << i << ", " << j;
      }
  }

  ComparisonTable table{
      IntegerPolyhedron(PresburgerSpace::getSetSpace(/*numDims=*/0,
                                                     /*numSymbols=*/2)),
      {"x", "y"}};
};

TEST_F(ClaimSearchTest, PartsAreWhereTheClaimHolds) {
  MaskExpr isEqual =
      MaskExpr::compare(x.floorDiv(4), ComparePredicate::eq, y.floorDiv(4));
  MaskExpr isNear =
      MaskExpr::conjunction({le(x, y + 2), le(y, x), le(constant(-3), x)});
  for (const MaskExpr &claim :
       {isEqual, isNear, MaskExpr::disjunction({isEqual, isNear}),
        MaskExpr::conjunction({MaskExpr::negation(isEqual), isNear}),
        MaskExpr::conjunction({MaskExpr::disjunction({isEqual, le(x, y % 3)}),
                               MaskExpr::disjunction({isNear, le(y, x % 5)})}),
        MaskExpr::truth(true), MaskExpr::truth(false)})
    for (bool negated : {false, true}) {
      expectParts({}, claim, negated);
      std::optional<unsigned> bound =
          table.find(x.floorDiv(2), ComparePredicate::le, y);
      ASSERT_TRUE(bound);
      expectParts({*bound}, claim, negated);
    }
}

TEST_F(ClaimSearchTest, PartsWithoutIntegersAreKnownToBeEmpty) {
  // There is a rational x, and no integer.
  MaskExpr claim = MaskExpr::conjunction(
      {le(constant(1), x * 3 - y * 3), le(x * 3 - y * 3, constant(2))});
  Conjunction all;
  ClaimSearch search(table, all);
  unsigned numParts = 0;
  EXPECT_TRUE(search.run(claim, /*negated=*/false, [&](const Conjunction &) {
    ++numParts;
    EXPECT_TRUE(search.isKnownEmptyPart());
    return true;
  }));
  EXPECT_EQ(numParts, 1u);
}

TEST_F(ClaimSearchTest, EndsWhereTheVisitorSaysSo) {
  MaskExpr claim = MaskExpr::compare(x, ComparePredicate::ne, y);
  Conjunction all;
  ClaimSearch search(table, all);
  unsigned numParts = 0;
  EXPECT_TRUE(search.run(claim, /*negated=*/false, [&](const Conjunction &) {
    EXPECT_FALSE(search.isKnownEmptyPart());
    ++numParts;
    return false;
  }));
  EXPECT_EQ(numParts, 1u);
}

TEST_F(ClaimSearchTest, GivesUpOnWhatIsTooComplex) {
  // The 441 parts that 20 lines and 20 across them leave of a plane.
  std::vector<MaskExpr> claims;
  for (int64_t i = 0; i < 20; ++i)
    for (AffineExpr axis : {x, y})
      claims.push_back(
          MaskExpr::compare(axis, ComparePredicate::ne, constant(4 * i)));
  Conjunction all;
  auto goOn = [](const Conjunction &) { return true; };
  EXPECT_FALSE(
      ClaimSearch(table, all).run(MaskExpr::conjunction(claims), false, goOn));
  // It can exceed 64 bits.
  MaskExpr product = le(x * (int64_t(1) << 50), constant(4));
  EXPECT_FALSE(ClaimSearch(table, all).run(product, false, goOn));
}

} // namespace
