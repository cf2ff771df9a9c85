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
  EXPECT_LE(*pairs.visited - *pairs.tested, allowed);
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
  int64_t byTiles = *draw(examples.causal(), frame).pairs.visited;
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

TEST_F(MaskPictureTest, PartsAddUp) {
  // Rows and columns of images of 8 by 6; the columns without the rows.
  AffineExpr q = examples.q, k = examples.k;
  MaskExpr row =
      examples.compare(q.floorDiv(6), ComparePredicate::eq, k.floorDiv(6));
  MaskExpr image =
      examples.compare(q.floorDiv(48), ComparePredicate::eq, k.floorDiv(48));
  MaskExpr column = MaskExamples::all(
      {image, examples.compare((q - k) % 6, ComparePredicate::eq, 0)});
  MaskExpr both = MaskExamples::any({row, column});
  PartSource rows, columns;
  rows.mask = Mask{row, {}};
  columns.mask = Mask{MaskExamples::all({column, MaskExamples::no(row)}), {}};
  columns.lattice = 6;
  for (PictureFrame frame : {PictureFrame{0, 0, 120, 120, 8, 4, 8},
                             PictureFrame{0, 0, 65, 145, 6, 4, 3},
                             PictureFrame{0, 0, 145, 65, 1, 9, 1},
                             PictureFrame{0, 0, 4, 115, 64, 16, 16}})
    for (int64_t stripRows : {1, 3}) {
      columns.stripRows = stripRows;
      MaskPicture picture = llvm::cantFail(
          MaskPicture::get(Mask{both, {}}, &context, frame, {rows, columns}));
      SCOPED_TRACE(std::to_string(frame.queryLength) + " queries, " +
                   std::to_string(frame.keyLength) + " keys, tiles of " +
                   std::to_string(frame.queryTile) + ", strips of " +
                   std::to_string(stripRows));
      expectWellFormed(picture);
      expectRunsAgree(picture, both);
      EXPECT_EQ(picture.rule.kind, "parts");
      ASSERT_EQ(picture.parts.size(), 2u);
      EXPECT_EQ(picture.parts[0].rule.kind, "closed-form");
      EXPECT_EQ(picture.parts[1].rule.kind, "residue-classes");
      EXPECT_EQ(*picture.parts[0].pairs.visited +
                    *picture.parts[1].pairs.visited,
                picture.pairs.visited);
      if (HasFailure())
        return;
    }
}

TEST_F(MaskPictureTest, ResidueClassesAreDense) {
  // Strips of one row visit what is allowed, also where lengths leave classes
  // of different lengths.
  MaskExpr dilated = MaskExamples::all(
      {examples.compare((examples.q - examples.k) % 7, ComparePredicate::eq, 0),
       examples.window(35, 14)});
  PartSource source;
  source.mask = Mask{dilated, {}};
  source.lattice = 7;
  source.stripRows = 1;
  for (auto [queries, keys] : std::vector<std::pair<int64_t, int64_t>>{
           {60, 60}, {31, 59}, {59, 31}, {3, 50}, {50, 3}}) {
    PictureFrame frame = {0, 0, queries, keys, 10, 4, 1};
    MaskPicture picture = llvm::cantFail(
        MaskPicture::get(source.mask, &context, frame, {source}));
    expectRunsAgree(picture, dilated);
    EXPECT_EQ(picture.pairs.visited, picture.pairs.allowed);
    EXPECT_EQ(picture.pairs.tested, 0);
    EXPECT_TRUE(picture.rule.isExact);
  }
}

TEST_F(MaskPictureTest, TablesAreRead) {
  // Documents of 5, 8 and 11 keys, and a window that arrives at run time.
  MaskTerms terms;
  MaskTerm ofQuery, ofKey, width;
  ofQuery.table = ofKey.table = "doc";
  ofQuery.indices.push_back(examples.q);
  ofKey.indices.push_back(examples.k);
  width.table = "w";
  Mask mask = {
      MaskExamples::all(
          {examples.compare(terms.get(ofQuery, &context), ComparePredicate::eq,
                            terms.get(ofKey, &context)),
           examples.compare(examples.q - examples.k, ComparePredicate::lt,
                            terms.get(width, &context))}),
      terms};
  auto doc = [](int64_t i) { return int64_t(i >= 5) + int64_t(i >= 13); };
  auto read = [&](const MaskTerm &term, int64_t, ArrayRef<int64_t> indices) {
    return term.table == "w" ? 4 : doc(indices[0]);
  };
  PictureFrame frame = {0, 0, 24, 24, 6, 4, 3};
  MaskPicture picture =
      llvm::cantFail(MaskPicture::get(mask, &context, frame, {}, read));
  expectWellFormed(picture);
  EXPECT_EQ(picture.set, "doc(q) == doc(k) and q - k < w");
  EXPECT_EQ(picture.rule.kind, "key-blocks");
  EXPECT_TRUE(picture.dependsOnPlane);
  int64_t allowed = 0;
  for (int64_t q = 0; q < 24; ++q)
    for (int64_t key = 0; key < 24; ++key) {
      bool isAllowed = doc(q) == doc(key) && q - key < 4;
      allowed += isAllowed;
      std::optional<bool> isFull = lookup(picture.rows[size_t(q / 6)], key);
      EXPECT_TRUE(isFull || !isAllowed) << q << ", " << key;
      EXPECT_TRUE(!isFull.value_or(false) || isAllowed) << q << ", " << key;
    }
  EXPECT_EQ(picture.pairs.allowed, allowed);
  EXPECT_GE(picture.pairs.visited, allowed);
}

TEST_F(MaskPictureTest, WithoutValuesThereAreNoCounts) {
  MaskTerms terms;
  MaskTerm width;
  width.table = "w";
  PartSource source;
  source.mask =
      Mask{examples.compare(examples.q - examples.k, ComparePredicate::lt,
                            terms.get(width, &context)),
           terms};
  source.isKnown = false;
  MaskPicture picture = llvm::cantFail(
      MaskPicture::get(source.mask, &context, {0, 0, 8, 8, 4, 4, 4}, {source}));
  EXPECT_FALSE(picture.isKnown);
  EXPECT_EQ(picture.rule.kind, "closed-form");
  EXPECT_EQ(picture.parts.front().set, "q - k < w");
  EXPECT_FALSE(picture.pairs.visited);
  EXPECT_FALSE(picture.pairs.allowed);
  EXPECT_FALSE(picture.pairs.getWaste());
  EXPECT_EQ(picture.rows.size(), 0u);
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
  // Every key of each of 2^15 queries would be looked at.
  int64_t n = int64_t(1) << 15;
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
