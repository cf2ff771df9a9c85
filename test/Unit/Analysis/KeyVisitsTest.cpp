//===- KeyVisitsTest.cpp - masks mean what they say -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For the library's masks, pairs of them and random predicates: the set, the
// segments of keys that a tile visits and the emitted code agree with the
// predicate, by enumeration.
//
//===----------------------------------------------------------------------===//
#include "attnc/Analysis/KeyVisits.h"
#include "MaskCorpus.h"
#include "MaskShrinker.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace attnc;
using namespace attnc::test;

namespace {

class KeyVisitsTest : public testing::Test {
protected:
  /// What the masks of a test were to the analysis: a test of fallbacks only
  /// would prove nothing.
  struct Census {
    unsigned numMasks = 0, numRefused = 0, numExact = 0, numSplit = 0;
    unsigned numRows = 0, numBlocks = 0, numRuns = 0;
  };

  void prove(const MaskClaim &claim, unsigned numTiles) {
    std::string report = proof.check(claim, numTiles);
    EXPECT_EQ(report, "");
    const MaskProof::Outcome &outcome = proof.getOutcome();
    ++census.numMasks;
    census.numRefused += !outcome.refusal.empty();
    census.numExact += outcome.isExact;
    census.numSplit += outcome.numPieces > 1;
    census.numRows += outcome.hasRows;
    census.numBlocks += outcome.hasBlocks;
    census.numRuns += outcome.hasRuns;
    // A union of too many pieces is what the analysis may refuse.
    EXPECT_TRUE(outcome.refusal.empty() ||
                outcome.refusal.find("union of more than") != std::string::npos)
        << claim.name << ": " << outcome.refusal;
  }

  MLIRContext context{MLIRContext::Threading::DISABLED};
  MaskCorpus corpus{context};
  MaskProof proof{context};
  Census census;
};

TEST_F(KeyVisitsTest, PatternsOfTheLibrary) {
  for (StringRef pattern : MaskCorpus::getPatterns())
    for (unsigned seed : {1, 2, 3}) {
      MaskClaim claim = corpus.parse(pattern);
      claim.seed = seed;
      prove(claim, /*numTiles=*/60);
    }
  EXPECT_EQ(census.numRefused, 0u);
}

TEST_F(KeyVisitsTest, PairsOfPatterns) {
  ArrayRef<StringRef> patterns = MaskCorpus::getRepresentatives();
  for (auto [i, first] : llvm::enumerate(patterns))
    for (StringRef second : patterns.drop_front(i + 1))
      for (StringRef joint : {" and ", " or "}) {
        MaskClaim claim = corpus.parse((first + joint + second).str());
        claim.seed = i;
        prove(claim, /*numTiles=*/10);
      }
}

/// A block of keys is tested with the numbers of each run of rows, also where
/// the range of keys is the same for all of them.
TEST_F(KeyVisitsTest, TablesOfKeysWithRunsOfQueries) {
  for (StringRef pattern :
       {"(random_blocks<4, 1, 7> and \"flag(h, k) == 0\") or "
        "\"flag(h, k) == 1\"",
        "not (random_blocks<3, 2, 7> or \"flag(h, k) == 1\")"})
    for (unsigned seed : {1, 2, 3, 4}) {
      MaskClaim claim = corpus.parse(pattern);
      claim.seed = seed;
      prove(claim, /*numTiles=*/60);
    }
  AffineExpr q = mlir::getAffineDimExpr(2, &context);
  AffineExpr k = mlir::getAffineDimExpr(3, &context);
  MaskClaim claim;
  claim.name = "a number of the key below one of the run";
  AffineExpr ofKey = claim.mask.terms.get({"ids", {k}, {}}, &context);
  AffineExpr ofRun = claim.mask.terms.get({"r", {q.floorDiv(4)}, {}}, &context);
  claim.mask.predicate = MaskExpr::compare(ofKey, ComparePredicate::lt, ofRun);
  prove(claim, /*numTiles=*/60);
  EXPECT_EQ(census.numBlocks, census.numMasks);
  EXPECT_EQ(census.numRuns, census.numMasks);
}

TEST_F(KeyVisitsTest, RandomPredicates) {
  for (unsigned seed = 0; seed < 170; ++seed)
    for (TermRole role : {TermRole::interval, TermRole::run, TermRole::key})
      prove(corpus.getRandom(3 * seed + static_cast<unsigned>(role), role),
            /*numTiles=*/16);
  EXPECT_GT(census.numExact, census.numMasks / 3);
  EXPECT_GT(census.numSplit, census.numMasks / 8);
  EXPECT_GT(census.numRows, 10u);
  EXPECT_GT(census.numBlocks, 30u);
  EXPECT_GT(census.numRuns, 30u);
  EXPECT_LT(census.numRefused, census.numMasks / 20);
}

/// The counterexample that is reported is small: of a mask that is wrong in one
/// part, that part.
TEST_F(KeyVisitsTest, CounterexamplesAreSmall) {
  MaskClaim claim = corpus.parse(
      "window<9, 2> and \"k mod 3 != 1\" and global<12> or \"k == q - 12\"");
  QueryTile tile = {/*batch=*/1, /*head=*/2, /*first=*/9, /*count=*/8,
                    /*keys=*/40};
  // Stands for a property that fails where the tile sees key 5.
  auto seesKey = [](const MaskClaim &claim, const QueryTile &tile) {
    if (tile.keys <= 5)
      return false;
    for (int64_t q = tile.first; q < tile.first + tile.count; ++q)
      if (claim.isAllowed(tile.batch, tile.head, q, 5, tile.keys))
        return true;
    return false;
  };
  ASSERT_TRUE(seesKey(claim, tile));
  shrinkCounterexample(claim, tile, seesKey);
  EXPECT_EQ(tile.batch, 0);
  EXPECT_EQ(tile.head, 0);
  EXPECT_EQ(tile.first, 0);
  EXPECT_EQ(tile.count, 1);
  EXPECT_EQ(tile.keys, 6);
  EXPECT_EQ(claim.mask.predicate.kind, MaskExpr::Kind::And);
  EXPECT_TRUE(claim.mask.predicate.children.empty());
}

} // namespace
