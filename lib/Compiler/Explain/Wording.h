//===- Wording.h - numbers and facts in words -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows that the text and the page of `attnc explain` have in common.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_EXPLAIN_WORDING_H
#define ATTNC_LIB_COMPILER_EXPLAIN_WORDING_H

#include "Report.h"

namespace attnc {

/// "1 234 567".
std::string formatCount(int64_t count);

/// "46.9 %"; what is neither nothing nor all never reads 0 or 100 %.
std::string formatShare(double share);

/// "12.3 G" and the like, for a unit to follow.
std::string formatScaled(double value);

/// A label and what it labels.
struct Fact {
  std::string label, text;
};

/// Tiles, pairs and work in a few lines.
std::vector<Fact> getNumbers(const ExplainedMask &mask);

/// What the numbers need; nothing if they have it.
std::optional<Fact> describeNeeded(const ExplainedMask &mask);

/// "query_tile 384, key_tile 64, ...": the schedule of a part.
std::string describeSchedule(const ExplainedMask &mask, size_t part);

/// How a part finds its keys, and what that costs if it is not the only one.
std::vector<Fact> describePart(const ExplainedMask &mask, size_t part);

/// "batch 0, head 0: 4096 queries, 4096 keys".
std::string describeFrame(const PictureFrame &frame);

/// "q=1x8x4096x64 k=...".
std::string formatInputs(const ExplainReport &report);

/// "[0, 64) full, [896, 960) partial": the runs of a tile.
std::string formatRuns(ArrayRef<Run> runs);

StringRef getName(Coverage coverage);

/// The rows of tiles to list: the first `head` and the last `tail`, or all if
/// the rest would be a line or less.
struct ListedRows {
  size_t head, tail, left;
};
ListedRows chooseRows(size_t rows, size_t head, size_t tail);

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_EXPLAIN_WORDING_H
