//===- AttnMasksTest.cpp - the general form of each mask pattern ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// That each pattern allows the positions that its documentation draws, and that
// combinators are the logical operations.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Attn/IR/Attn.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/MLIRContext.h"

#include "gtest/gtest.h"

using namespace attnc;
using namespace attnc::attn;

namespace {

class AttnMasksTest : public ::testing::Test {
protected:
  AttnMasksTest() { context.loadDialect<AttnDialect>(); }

  /// One row of the picture per query: `x` where the key is allowed.
  std::vector<std::string> draw(const std::string &mask, int64_t queries,
                                int64_t keys) {
    Attribute attribute =
        mlir::parseAttribute("#attn.mask<" + mask + ">", &context);
    std::vector<std::string> rows;
    if (!attribute)
      return rows;
    MaskTerms terms;
    MaskExpr predicate = cast<MaskAttrInterface>(attribute).expand(terms);
    for (int64_t q = 0; q < queries; ++q) {
      rows.emplace_back();
      for (int64_t k = 0; k < keys; ++k)
        rows.back() += predicate.evaluate(0, 0, q, k) ? 'x' : '.';
    }
    return rows;
  }

  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
};

using Rows = std::vector<std::string>;

TEST_F(AttnMasksTest, PatternsAreAsDrawn) {
  EXPECT_EQ(draw("causal", 4, 4), (Rows{"x...", "xx..", "xxx.", "xxxx"}));
  EXPECT_EQ(draw("window<1, 0>", 4, 4), (Rows{"x...", "xx..", ".xx.", "..xx"}));
  EXPECT_EQ(draw("window<1, 1>", 4, 4), (Rows{"xx..", "xxx.", ".xxx", "..xx"}));
  EXPECT_EQ(draw("window<0, 2>", 3, 5), (Rows{"xxx..", ".xxx.", "..xxx"}));
}

TEST_F(AttnMasksTest, LargestWindowIsEverything) {
  EXPECT_EQ(draw("window<1099511627776, 1099511627776>", 2, 3),
            (Rows{"xxx", "xxx"}));
}

TEST_F(AttnMasksTest, CombinatorsAreLogical) {
  EXPECT_EQ(draw("not causal", 3, 3), (Rows{".xx", "..x", "..."}));
  EXPECT_EQ(draw("causal and not \"k == 0\"", 3, 3),
            (Rows{"...", ".x.", ".xx"}));
  EXPECT_EQ(draw("window<0, 0> or \"k < 1\"", 3, 3),
            (Rows{"x..", "xx.", "x.x"}));
  // Without precedence this would be causal and (...).
  EXPECT_EQ(draw("causal and \"k > 0\" or \"k == 2\"", 3, 3),
            (Rows{"..x", ".xx", ".xx"}));
}

TEST_F(AttnMasksTest, NamesArePositionsInOrder) {
  Attribute attribute = mlir::parseAttribute(
      "#attn.mask<\"b + 2 * h + 4 * q + 8 * k == 15\">", &context);
  ASSERT_TRUE(attribute);
  MaskTerms terms;
    MaskExpr predicate = cast<MaskAttrInterface>(attribute).expand(terms);
  EXPECT_TRUE(predicate.evaluate(1, 1, 1, 1));
  EXPECT_TRUE(predicate.evaluate(15, 0, 0, 0));
  EXPECT_TRUE(predicate.evaluate(1, 7, 0, 0));
  EXPECT_TRUE(predicate.evaluate(3, 0, 3, 0));
  EXPECT_TRUE(predicate.evaluate(-1, 0, 0, 2));
  EXPECT_FALSE(predicate.evaluate(0, 0, 0, 15));
}

} // namespace
