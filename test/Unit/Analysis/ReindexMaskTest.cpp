//===- ReindexMaskTest.cpp - a mask within one residue class --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A reindexed mask is the original one at the positions of a class, and the
// keys that its tiles visit have the properties of any mask's.
//
//===----------------------------------------------------------------------===//
#include "MaskCorpus.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace attnc;
using namespace attnc::test;

namespace {

class ReindexMaskTest : public testing::Test {
protected:
  /// Evaluates the reindexed predicate where the original one is evaluated.
  void comparePredicates(const MaskClaim &claim) {
    constexpr int64_t keys = 24;
    Mask mask = claim.getReindexed(&context);
    for (int64_t b : {0, 1})
      for (int64_t h : {0, 2})
        for (int64_t q = 0; q < keys; ++q)
          for (int64_t k = 0; k < keys; ++k) {
            SmallVector<int64_t> values = {b, h, q, k};
            int64_t position[] = {b, h, q, k, claim.residue};
            for (const MaskTerm &term : mask.terms.getTerms()) {
              SmallVector<int64_t> indices;
              for (AffineExpr index : term.indices)
                indices.push_back(evaluateAffine(index, position));
              values.push_back(claim.read(term, indices, keys));
            }
            ASSERT_EQ(mask.predicate.evaluate(values),
                      claim.isAllowed(b, h, q, k, keys))
                << claim.name << ", class " << claim.residue << " of "
                << claim.modulus << ", q' = " << q << ", k' = " << k;
          }
  }

  /// Masks that read tables at q or k are not reindexed.
  static bool isReindexed(const MaskClaim &claim) {
    return llvm::all_of(TermRoles(claim.mask.terms).roles,
                        [](TermRole role) { return role == TermRole::value; });
  }

  void prove(MaskClaim claim, int64_t modulus, unsigned numTiles) {
    if (!isReindexed(claim))
      return;
    claim.modulus = modulus;
    for (int64_t residue : {int64_t(0), modulus / 2, modulus - 1}) {
      claim.residue = residue;
      comparePredicates(claim);
      EXPECT_EQ(proof.check(claim, numTiles), "");
      if (HasFatalFailure())
        return;
    }
  }

  /// Whether the class-local mask needs no test but at the ends of ranges.
  bool isExact(StringRef pattern, int64_t modulus) {
    MaskClaim claim = corpus.parse(pattern);
    claim.modulus = modulus;
    EXPECT_EQ(proof.check(claim, /*numTiles=*/4), "");
    return proof.getOutcome().isExact;
  }

  MLIRContext context{MLIRContext::Threading::DISABLED};
  MaskCorpus corpus{context};
  MaskProof proof{context};
};

TEST_F(ReindexMaskTest, PatternsOfTheLibrary) {
  for (StringRef pattern : MaskCorpus::getRepresentatives())
    for (int64_t modulus : {2, 3, 8})
      prove(corpus.parse(pattern), modulus, /*numTiles=*/8);
}

TEST_F(ReindexMaskTest, RandomPredicates) {
  for (unsigned seed = 0; seed < 40; ++seed)
    for (TermRole role : {TermRole::run, TermRole::key})
      for (int64_t modulus : {2, 3, 8})
        prove(corpus.getRandom(1000 + seed, role), modulus, /*numTiles=*/6);
}

/// Lattices are what reindexing is for: in the class of the lattice itself, its
/// keys are a range.
TEST_F(ReindexMaskTest, LatticesBecomeRanges) {
  EXPECT_FALSE(isExact("dilated<3, 4>", 1));
  EXPECT_TRUE(isExact("dilated<3, 4>", 4));
  EXPECT_TRUE(isExact("strided<8>", 8));
  EXPECT_TRUE(isExact("strided<8> and causal", 8));
  EXPECT_FALSE(isExact("axial<4, 6, column>", 1));
  EXPECT_TRUE(isExact("axial<4, 6, column>", 6));
  EXPECT_TRUE(isExact("axial<3, 9, column> and causal", 9));
  for (StringRef pattern : {"dilated<3, 4>", "strided<4>", "strided<12>"})
    prove(corpus.parse(pattern), 4, /*numTiles=*/40);
  for (StringRef pattern : {"axial<4, 6, column>", "axial<4, 6, both>",
                            "axial<4, 6, row>", "neighborhood2d<4, 6, 1>"})
    prove(corpus.parse(pattern), 6, /*numTiles=*/40);
}

/// The residue is the first term, and divisions by a multiple of the modulus
/// do not see it.
TEST_F(ReindexMaskTest, DivisionsByMultiplesLoseTheResidue) {
  Mask mask = reindexMask(
      corpus.parse("\"q floordiv 6 == k floordiv 6 and k mod 4 < 2\"").mask, 3,
      &context);
  ASSERT_EQ(mask.terms.getTerms().size(), 1u);
  EXPECT_TRUE(mask.terms.getTerms()[0].indices.empty());
  EXPECT_EQ(mask.terms.getTerms()[0].lowest, 0);
  EXPECT_EQ(mask.terms.getTerms()[0].highest, 2);
  std::string text;
  llvm::raw_string_ostream os(text);
  printPredicate(os, mask.predicate, {"b", "h", "q", "k", "r"});
  EXPECT_EQ(text.substr(0, text.find(" and ")), "q floordiv 2 == k floordiv 2");
  // 4 is no multiple of 3.
  EXPECT_TRUE(mask.predicate.children[1].lhs.isFunctionOfDim(firstTermDim));
}

} // namespace
