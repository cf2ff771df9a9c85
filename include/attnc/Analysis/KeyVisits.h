//===- KeyVisits.h - how a tile of queries finds its keys -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Key ranges in closed form (KeyRanges.h), and the three loops around them for
// masks that have no closed form as a whole: over rows of keys, over runs of
// queries, and over blocks of keys whose tables are summarised.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_ANALYSIS_KEYVISITS_H
#define ATTNC_ANALYSIS_KEYVISITS_H

#include "attnc/Analysis/KeyRanges.h"

namespace attnc {

// # From closed forms to a small program
//
// The idea in one sentence: what a mask needs a run-time loop for is always one
// of three things, and inside the loop the keys are closed forms again.
//
//   rows of keys     |k's row - q's row| <= 3, |k's column - q's column| <= 3
//   on
//                    an image of W columns: within one row of keys the division
//                    k floordiv W is a constant, and the keys are one range.
//                    for row in ...: visit [row W + c - 3, row W + c + 4)
//
//   runs of queries  k floordiv 64 == random(q floordiv 64): the rows of one
//                    block of queries share the number that is read.
//                    for run in ...: n = random(run); visit [64 n, 64 n + 64)
//
//   blocks of keys   doc(q) == doc(k): nothing is known of the table, but the
//                    least and the greatest entry of each block of 64 keys are
//                    found once, in one pass over the table.
//                    for block in ...: if [least, greatest] of the block meets
//                    [least, greatest] of the rows: visit the block
//
// All three may occur together. Ranges may overlap; who visits them makes
// sorted, disjoint segments of them. The loops are emitted by the conversion of
// attention to tiles, and run here for pictures and counts.

/// Decides for a tile of rows and a block of keys whether any (all) of their
/// pairs may see each other, by interval arithmetic: "any" may say yes and
/// "all" may say no where the truth is otherwise.
///
/// The dims are those of the mask's key ranges, then the first and the last key
/// of the block, then the least and the greatest value in the block of each
/// term with role key.
struct BlockTest {
  MaskExpr any, all;

  static BlockTest get(const MaskSet &mask, MLIRContext *context);
};

/// Reads one element of a term's table: `indices` are the values of its index
/// expressions.
using TermReader =
    function_ref<int64_t(const MaskTerm &term, ArrayRef<int64_t> indices)>;

/// The least and the greatest value in each block of keys, for each term of a
/// mask; empty for terms without role key.
using BlockSummaries = std::vector<std::vector<std::pair<int64_t, int64_t>>>;

/// How the keys of a tile of queries are found.
class KeyVisits {
public:
  /// Keys whose table entries are summarised by a least and a greatest value.
  static constexpr int64_t blockSize = 64;

  /// Fails as `MaskSet::get` does.
  static llvm::Expected<KeyVisits> get(const Mask &mask, MLIRContext *context);

  /// The same keys, found as if none of them could do without mask code: cheap,
  /// as nothing is proven, and good for weighing lattices, of which that is
  /// true.
  static llvm::Expected<KeyVisits> getWithoutFullParts(const Mask &mask,
                                                       MLIRContext *context);

  const MaskSet &getSet() const { return set; }
  /// The closed forms for the whole tile.
  const KeyRanges &getRanges() const { return ranges; }

  /// For masks with a structure of rows of keys, the closed forms of one row.
  /// Pieces of `getRanges` that are not exact are refined by them, and have no
  /// full part.
  struct Rows {
    MaskSet set;
    KeyRanges ranges;
  };
  const std::optional<Rows> &getRows() const { return rows; }

  /// For masks with tables of keys.
  const std::optional<BlockTest> &getBlockTest() const { return blockTest; }

  /// Whether keys are skipped exactly, apart from blocks of keys.
  bool isExact() const { return reason.empty(); }
  StringRef getReason() const { return reason; }

  /// Rows with equal q floordiv this are a run. 0 if there are none to tell
  /// apart.
  int64_t getRunLength() const;

  /// Whether a piece of `getRanges` holds for the rows of one run only.
  bool isPerRun(unsigned piece) const { return perRun[piece]; }

  /// What is known of blocks of keys before tiles are visited.
  BlockSummaries summarizeBlocks(int64_t batch, int64_t head, int64_t keys,
                                 TermReader read) const;

  /// The ranges that a tile visits; `tile.parameters` is ignored. Values of
  /// terms come from `read`. Without `summaries` they are made for the tile.
  SmallVector<KeyRange>
  evaluate(const QueryTile &tile, TermReader read,
           const BlockSummaries *summaries = nullptr) const;

private:
  explicit KeyVisits(MaskSet set) : set(std::move(set)) {}

  static llvm::Expected<KeyVisits> get(const Mask &mask, MLIRContext *context,
                                       bool hasFullParts);
  void findRows(MLIRContext *context, bool hasFullParts);
  bool findPerRun(const KeyPiece &piece) const;

  MaskSet set;
  KeyRanges ranges;
  std::optional<Rows> rows;
  std::optional<BlockTest> blockTest;
  /// Of each piece of the ranges.
  std::vector<bool> perRun;
  std::string reason;
};

/// A part of the keys that a tile visits, allowed to all of its rows or to be
/// tested.
struct KeySegment {
  int64_t begin, end;
  bool isFull;
};

/// Makes sorted, disjoint segments of ranges.
SmallVector<KeySegment> makeSegments(ArrayRef<KeyRange> ranges);

} // namespace attnc

#endif // ATTNC_ANALYSIS_KEYVISITS_H
