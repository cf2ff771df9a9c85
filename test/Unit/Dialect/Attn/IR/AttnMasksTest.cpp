//===- AttnMasksTest.cpp - predicates and combinators ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// That combinators are the logical operations, and which position a name in a
// predicate stands for. The named patterns are tested in AttnMaskLibraryTest.
//
//===----------------------------------------------------------------------===//

#include "MaskPictures.h"

using namespace attnc;
using namespace attnc::attn;

namespace {

using AttnMasksTest = MaskPictures;

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
