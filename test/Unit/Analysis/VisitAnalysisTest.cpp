//===- VisitAnalysisTest.cpp - key visits are found once ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The analysis that passes share: the same mask has the same visits, and only
// the same mask. What is found without proofs visits the same keys.
//
//===----------------------------------------------------------------------===//
#include "attnc/Analysis/VisitAnalysis.h"
#include "MaskCorpus.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace attnc;
using namespace attnc::test;

namespace {

class VisitAnalysisTest : public testing::Test {
protected:
  const KeyVisits *find(const Mask &mask) {
    return &llvm::cantFail(analysis.get(mask, &context));
  }

  MLIRContext context{MLIRContext::Threading::DISABLED};
  MaskCorpus corpus{context};
  VisitAnalysis analysis;
};

TEST_F(VisitAnalysisTest, MasksAreFoundOnce) {
  const KeyVisits *causal = find(corpus.parse("causal").mask);
  const KeyVisits *block = find(corpus.parse("block<4>").mask);
  EXPECT_NE(block, causal);
  for (StringRef pattern : {"window<3, 0>", "bigbird<4, 3, 1, 1, 3>"})
    find(corpus.parse(pattern).mask);
  EXPECT_EQ(find(corpus.parse("causal").mask), causal);
  EXPECT_EQ(find(corpus.parse("block<4>").mask), block);
}

/// Expressions alone do not tell masks apart: terms are dims in them.
TEST_F(VisitAnalysisTest, TermsTellMasksApart) {
  EXPECT_NE(find(corpus.parse("window<w, 0>").mask),
            find(corpus.parse("window<n, 0>").mask));
  // The residue is below 4 in one of them, and below 8 in the other.
  Mask mask = corpus.parse("\"k mod 8 == 3\"").mask;
  Mask other = reindexMask(mask, 4, &context);
  other.predicate = reindexMask(mask, 8, &context).predicate;
  EXPECT_NE(find(reindexMask(mask, 8, &context)), find(other));
}

TEST_F(VisitAnalysisTest, NothingInvalidatesIt) {
  const KeyVisits *causal = find(corpus.parse("causal").mask);
  EXPECT_FALSE(analysis.isInvalidated({}));
  EXPECT_EQ(find(corpus.parse("causal").mask), causal);
}

TEST_F(VisitAnalysisTest, RefusedMasksStayRefused) {
  Mask mask;
  std::vector<MaskExpr> alternatives;
  AffineExpr k = mlir::getAffineDimExpr(3, &context);
  for (int64_t i = 0; i < 400; ++i)
    alternatives.push_back(MaskExpr::compare(
        k, ComparePredicate::eq, mlir::getAffineConstantExpr(3 * i, &context)));
  mask.predicate = MaskExpr::disjunction(std::move(alternatives));
  for (unsigned i = 0; i < 2; ++i) {
    llvm::Expected<const KeyVisits &> visits = analysis.get(mask, &context);
    ASSERT_FALSE(bool(visits));
    EXPECT_NE(llvm::toString(visits.takeError()).find("union of more than 64"),
              std::string::npos);
  }
}

/// Without proofs the same keys are visited, all of them under the predicate.
TEST_F(VisitAnalysisTest, SameKeysWithoutFullParts) {
  for (StringRef pattern :
       {"causal", "longformer<4, 1>", "axial<2, 8, both>",
        "axial<2, 9, column>", "neighborhood2d<2, 8, 1>",
        "bigbird<4, 3, 1, 1, 3>", "dilated<3, 2>",
        "\"k >= start(q) and k < end(q)\"", "\"flag(h, k) == 1\""}) {
    MaskClaim claim = corpus.parse(pattern);
    KeyVisits rough =
        llvm::cantFail(KeyVisits::getWithoutFullParts(claim.mask, &context));
    for (int64_t first : {-3, 0, 5, 16, 37})
      for (int64_t count : {1, 8, 24}) {
        QueryTile tile;
        tile.first = first;
        tile.count = count;
        tile.keys = 48;
        auto read = [&](const MaskTerm &term, ArrayRef<int64_t> indices) {
          return claim.read(term, indices, tile.keys);
        };
        std::vector<bool> visited(48);
        for (KeySegment segment :
             makeSegments(find(claim.mask)->evaluate(tile, read)))
          for (int64_t k = segment.begin; k < segment.end; ++k)
            visited[size_t(k)] = true;
        int64_t numRough = 0;
        for (KeySegment segment : makeSegments(rough.evaluate(tile, read))) {
          EXPECT_TRUE(!segment.isFull || rough.getBlockTest()) << claim.name;
          for (int64_t k = segment.begin; k < segment.end; ++k, ++numRough)
            EXPECT_TRUE(visited[size_t(k)]) << claim.name << ", key " << k;
        }
        EXPECT_EQ(numRough, llvm::count(visited, true)) << claim.name;
      }
  }
}

} // namespace
