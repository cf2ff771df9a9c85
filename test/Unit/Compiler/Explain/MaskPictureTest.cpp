//===- MaskPictureTest.cpp - runs of keys against enumeration -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every mask of the examples at lengths that no tile divides, that differ, and
// that are zero: what the runs and the counts say must agree with asking the
// predicate of each pair.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Explain/MaskPicture.h"

#include "../../Analysis/MaskExamples.h"
#include "attnc/Compiler/Failure.h"
#include "gtest/gtest.h"

using namespace attnc;
using test::MaskExamples;

namespace {

struct MaskPictureTest : ::testing::Test {
  mlir::MLIRContext context;
  MaskExamples examples{context};

  MaskPicture draw(const std::optional<MaskExpr> &mask,
                   const PictureFrame &frame) {
    std::optional<Mask> whole;
    if (mask)
      whole = Mask{*mask, {}};
    return llvm::cantFail(MaskPicture::get(whole, &context, frame));
  }

  std::string getError(const PictureFrame &frame) {
    auto picture = MaskPicture::get(std::nullopt, &context, frame);
    return picture ? "" : llvm::toString(picture.takeError());
  }

  /// Lengths, tiles and strips; tiles are whole strips.
  std::vector<PictureFrame> getFrames() {
    std::vector<PictureFrame> frames;
    for (auto [queries, keys] : std::vector<std::pair<int64_t, int64_t>>{
             {24, 24}, {13, 29}, {29, 13}, {1, 23}, {0, 9}, {9, 0}, {0, 0}})
      for (auto [tile, strip] : std::vector<std::pair<int64_t, int64_t>>{
               {1, 1}, {6, 3}, {8, 8}, {64, 16}})
        frames.push_back({/*batch=*/0, /*head=*/0, queries, keys, tile,
                          /*keyTile=*/4, strip});
    PictureFrame other = {/*batch=*/1, /*head=*/3, 24, 24, 6, 4, 2};
    frames.push_back(other);
    return frames;
  }
};

/// Whether the run of `row` that has `key` is full; nothing if none has it.
std::optional<bool> lookup(ArrayRef<Run> row, int64_t key) {
  for (const Run &run : row)
    if (run.begin <= key && key < run.end)
      return run.coverage == Coverage::Full;
  return std::nullopt;
}

void expectWellFormed(const MaskPicture &picture) {
  const PictureFrame &frame = picture.frame;
  ASSERT_EQ(int64_t(picture.rows.size()),
            (frame.queryLength + frame.queryTile - 1) / frame.queryTile);
  for (size_t i = 0; i < picture.rows.size(); ++i) {
    int64_t end = 0;
    std::optional<Coverage> before;
    for (const Run &run : picture.rows[i]) {
      EXPECT_LT(run.begin, run.end);
      EXPECT_GE(run.begin, end);
      EXPECT_FALSE(run.begin == end && before == run.coverage);
      end = run.end;
      before = run.coverage;
    }
    EXPECT_LE(end, frame.keyLength);
  }
}

/// The runs hold all that is allowed, and full ones nothing else.
void expectRunsAgree(const MaskPicture &picture, const MaskExpr &mask) {
  const PictureFrame &frame = picture.frame;
  int64_t allowed = 0;
  for (int64_t row = 0; row < frame.queryLength; ++row)
    for (int64_t key = 0; key < frame.keyLength; ++key) {
      bool isAllowed = mask.evaluate(frame.batch, frame.head,
                                     frame.getFirstPosition() + row, key);
      allowed += isAllowed;
      std::optional<bool> isFull =
          lookup(picture.rows[size_t(row / frame.queryTile)], key);
      EXPECT_TRUE(isFull || !isAllowed) << "query " << row << ", key " << key;
      EXPECT_TRUE(!isFull.value_or(false) || isAllowed)
          << "query " << row << ", key " << key;
    }
  const PairCounts &pairs = picture.pairs;
  EXPECT_EQ(pairs.allowed, allowed);
  EXPECT_GE(pairs.visited, allowed);
  EXPECT_LE(pairs.visited - pairs.tested, allowed);
  EXPECT_LE(pairs.visited, pairs.all);
}

} // namespace

TEST_F(MaskPictureTest, RunsAndCountsAgreeWithThePredicate) {
  for (const test::NamedMask &named : examples.getNamed())
    for (const PictureFrame &frame : getFrames()) {
      SCOPED_TRACE(named.name + ", " + std::to_string(frame.queryLength) +
                   " queries, " + std::to_string(frame.keyLength) +
                   " keys, tiles of " + std::to_string(frame.queryTile));
      MaskPicture picture = draw(named.mask, frame);
      expectWellFormed(picture);
      expectRunsAgree(picture, named.mask);
      if (HasFailure())
        return;
    }
}

TEST_F(MaskPictureTest, RandomMasksToo) {
  std::minstd_rand generator(7);
  unsigned drawn = 0;
  for (unsigned i = 0; i < 100; ++i) {
    MaskExpr mask = examples.getRandom(generator);
    PictureFrame frame = {0, 1, 17, 21, 6, 4, 2};
    auto picture = MaskPicture::get(Mask{mask, {}}, &context, frame);
    // Some random masks have more pieces than are analysed.
    if (!picture) {
      llvm::consumeError(picture.takeError());
      continue;
    }
    ++drawn;
    SCOPED_TRACE("mask " + std::to_string(i));
    expectWellFormed(*picture);
    expectRunsAgree(*picture, mask);
    if (HasFailure())
      return;
  }
  EXPECT_GT(drawn, 50u);
}

TEST_F(MaskPictureTest, RowsAreWhatTheFormulaSays) {
  // Two tiles of 4 queries behind 3 keys that were there before.
  MaskPicture picture =
      draw(examples.causal(), {0, 0, /*queryLength=*/8, /*keyLength=*/11,
                               /*queryTile=*/4, /*keyTile=*/4, 4});
  ASSERT_EQ(picture.rows.size(), 2u);
  EXPECT_EQ(picture.rows[0].vec(), (std::vector<attnc::Run>{
                                       {0, 4, Coverage::Full},
                                       {4, 7, Coverage::Partial},
                                   }));
  EXPECT_EQ(picture.rows[1].vec(), (std::vector<attnc::Run>{
                                       {0, 8, Coverage::Full},
                                       {8, 11, Coverage::Partial},
                                   }));
  EXPECT_EQ(picture.set, "k <= q");
  EXPECT_EQ(picture.rule.kind, "closed-form");
  EXPECT_EQ(picture.pairs.visited, 4 * 7 + 4 * 11);
  EXPECT_EQ(picture.pairs.tested, 4 * 3 + 4 * 3);
  EXPECT_EQ(picture.pairs.allowed, 4 + 5 + 6 + 7 + 8 + 9 + 10 + 11);
  EXPECT_DOUBLE_EQ(*picture.pairs.getWaste(), 12.0 / 72);
}

TEST_F(MaskPictureTest, StripsVisitLessThanTheirTile) {
  PictureFrame frame = {0, 0, 64, 64, 32, 16, 32};
  int64_t byTiles = draw(examples.causal(), frame).pairs.visited;
  frame.stripRows = 1;
  MaskPicture byRows = draw(examples.causal(), frame);
  EXPECT_EQ(byTiles, 32 * 32 + 32 * 64);
  EXPECT_EQ(byRows.pairs.visited, 64 * 65 / 2);
  EXPECT_EQ(byRows.pairs.tested, 0);
}

TEST_F(MaskPictureTest, RulesAreTold) {
  PictureFrame frame = {0, 0, 8, 8, 4, 4, 4};
  EXPECT_EQ(draw(std::nullopt, frame).rule.kind, "no-mask");
  EXPECT_EQ(draw(MaskExpr::disjunction({}), frame).rule.kind, "empty");
  MaskRule dilated = draw(examples.compare((examples.q - examples.k) % 4,
                                           ComparePredicate::eq, 0),
                          frame)
                         .rule;
  EXPECT_EQ(dilated.kind, "enclosing");
  EXPECT_FALSE(dilated.isExact);
  EXPECT_NE(dilated.reason.find("lattice"), std::string::npos);
}

TEST_F(MaskPictureTest, NoMaskIsOneFullRunARow) {
  MaskPicture picture = draw(std::nullopt, {0, 0, 5, 7, 2, 4, 1});
  ASSERT_EQ(picture.rows.size(), 3u);
  for (size_t i = 0; i < 3; ++i)
    EXPECT_EQ(picture.rows[i].vec(),
              (std::vector<attnc::Run>{{0, 7, Coverage::Full}}));
  EXPECT_EQ(picture.pairs.visited, 35);
  EXPECT_EQ(picture.pairs.allowed, 35);
  EXPECT_EQ(picture.pairs.tested, 0);
}

TEST_F(MaskPictureTest, LongMasksCostTheirRuns) {
  // 2^40 pairs. A mask of distances is counted along its diagonals, exactly.
  int64_t n = int64_t(1) << 20;
  MaskExpr dilated = MaskExamples::all(
      {examples.compare((examples.q - examples.k) % 8, ComparePredicate::eq, 0),
       examples.window(4095, 0)});
  MaskPicture picture = draw(dilated, {0, 0, n, n, 128, 128, 32});
  EXPECT_EQ(picture.rows.size(), size_t(n / 128));
  // Each query sees 512 keys but the first 4096.
  int64_t missing = 0;
  for (int64_t q = 0; q < 4096; ++q)
    missing += 512 - (q / 8 + 1);
  EXPECT_EQ(picture.pairs.allowed, n * 512 - missing);
}

TEST_F(MaskPictureTest, WhatCannotBeCountedInTimeIsLeftOut) {
  // Every key of each of 2^14 queries would be looked at.
  int64_t n = int64_t(1) << 14;
  MaskExpr columns =
      examples.compare(examples.q % 5, ComparePredicate::eq, examples.k % 7);
  MaskPicture picture = draw(columns, {0, 0, n, n, 128, 128, 32});
  EXPECT_EQ(picture.pairs.visited, n * n);
  EXPECT_FALSE(picture.pairs.allowed);
  EXPECT_FALSE(picture.pairs.getWaste());
}

TEST_F(MaskPictureTest, BatchesAndHeadsMatter) {
  PictureFrame frame = {0, 0, 8, 8, 4, 4, 4};
  MaskExpr mask =
      MaskExamples::any({examples.compare(examples.h, ComparePredicate::lt, 2),
                         examples.causal()});
  MaskPicture first = draw(mask, frame);
  frame.head = 2;
  MaskPicture other = draw(mask, frame);
  EXPECT_TRUE(first.dependsOnPlane);
  EXPECT_EQ(first.pairs.allowed, 64);
  EXPECT_EQ(other.pairs.allowed, 36);
  EXPECT_FALSE(draw(examples.causal(), frame).dependsOnPlane);
}

TEST_F(MaskPictureTest, RefusesWhatIsTooLarge) {
  EXPECT_EQ(getError({0, 0, int64_t(1) << 23, 8, 1, 8, 1}),
            "8388608 tiles of queries are more than the 4194304 that explain "
            "draws; give a larger --query-tile");
  int64_t n = int64_t(1) << 40;
  EXPECT_EQ(getError({0, 0, n, n, n, n, n}),
            "the pairs of a query and a key are too many to be counted in 64 "
            "bits; give shorter lengths with --dims");
}
