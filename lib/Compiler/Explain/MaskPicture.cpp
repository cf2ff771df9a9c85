//===- MaskPicture.cpp - what becomes of a mask, at given lengths ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Evaluates the key ranges of a mask for every tile. This file is the only part
// of `attnc explain` that knows how the compiler analyses masks: `computeRows`
// gives the runs of all tiles, `describeRule` says how they were found.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Explain/MaskPicture.h"

#include "Distances.h"
#include "attnc/Analysis/KeyRanges.h"
#include "attnc/Compiler/Failure.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>

using namespace attnc;

namespace {

/// The analysis of a mask; nothing for no mask.
struct AnalysedMask {
  std::optional<MaskSet> set;
  std::optional<KeyRanges> ranges;
};

llvm::Expected<AnalysedMask> analyse(const std::optional<Mask> &mask,
                                     MLIRContext *context) {
  AnalysedMask analysed;
  if (!mask)
    return analysed;
  llvm::Expected<MaskSet> set = MaskSet::get(mask->predicate);
  if (!set)
    return set.takeError();
  analysed.ranges = KeyRanges::get(*set, context);
  analysed.set = std::move(*set);
  return analysed;
}

/// How the ranges were found.
MaskRule describeRule(const AnalysedMask &mask) {
  if (!mask.ranges)
    return {"no-mask", "no mask: every tile visits all keys", true, ""};
  if (mask.ranges->getPieces().empty())
    return {"empty", "empty: the mask allows nothing, and nothing is visited",
            true, ""};
  if (mask.ranges->isExact())
    return {"closed-form",
            "closed form, exact: the first and the last key of each part of "
            "the mask are functions of the tile",
            true, ""};
  std::string reason = mask.ranges->getReason().str();
  return {"enclosing", "closed form that encloses the mask: " + reason, false,
          reason};
}

/// The runs of one tile, as kernels go through its ranges: sorted by begin,
/// never back, so that a key that two ranges have belongs to the first.
void addTile(RunRows &rows, SmallVectorImpl<KeyRange> &ranges) {
  // Ranges that begin together keep their order, as they do in kernels.
  for (auto range = ranges.begin(); range != ranges.end(); ++range)
    std::rotate(std::upper_bound(ranges.begin(), range, *range,
                                 [](const KeyRange &a, const KeyRange &b) {
                                   return a.begin < b.begin;
                                 }),
                range, range + 1);
  int64_t next = 0;
  auto visit = [&](int64_t begin, int64_t end, Coverage coverage) {
    rows.addRun({std::max(begin, next), end, coverage});
    next = std::max(next, end);
  };
  for (const KeyRange &range : ranges) {
    visit(range.begin, range.fullBegin, Coverage::Partial);
    visit(range.fullBegin, range.fullEnd, Coverage::Full);
    visit(range.fullEnd, range.end, Coverage::Partial);
  }
  rows.endRow();
}

/// The runs of keys of all tiles of `tileRows` query rows, the last of which
/// may have fewer.
RunRows computeRows(const AnalysedMask &mask, const PictureFrame &frame,
                    int64_t tileRows) {
  RunRows rows;
  for (int64_t row = 0; row < frame.queryLength; row += tileRows) {
    QueryTile tile;
    tile.batch = frame.batch;
    tile.head = frame.head;
    tile.first = frame.getFirstPosition() + row;
    tile.count = std::min(tileRows, frame.queryLength - row);
    tile.keys = frame.keyLength;
    SmallVector<KeyRange> ranges = {{0, 0, tile.keys, tile.keys}};
    if (mask.ranges)
      ranges = mask.ranges->evaluate(tile);
    addTile(rows, ranges);
  }
  return rows;
}

/// The pairs that are visited, from the ranges of strips. Strips are parts of
/// tiles: see PictureFrame::stripRows.
void countVisited(const RunRows &strips, const PictureFrame &frame,
                  PairCounts &counts) {
  for (size_t i = 0; i < strips.size(); ++i) {
    int64_t row = int64_t(i) * frame.stripRows;
    int64_t height = std::min(frame.stripRows, frame.queryLength - row);
    for (const Run &run : strips[i]) {
      int64_t pairs = (run.end - run.begin) * height;
      counts.visited += pairs;
      if (run.coverage == Coverage::Partial)
        counts.tested += pairs;
    }
  }
}

/// The pairs that are allowed: by distance, or row by row. A row is a tile of
/// one query, whose full part counts whole; of the rest the predicate decides.
std::optional<int64_t> countAllowed(const AnalysedMask &mask,
                                    const PictureFrame &frame, int64_t &steps) {
  if (!mask.set)
    return frame.queryLength * frame.keyLength;
  steps = frame.queryLength;
  if (frame.queryLength + frame.keyLength <= MaskPicture::maxRows)
    if (auto allowed = countByDistance(mask.set->getPredicate(), frame))
      return allowed;
  if (steps > MaskPicture::maxRows)
    return std::nullopt;
  RunRows rows = computeRows(mask, frame, /*tileRows=*/1);
  int64_t allowed = 0;
  for (size_t i = 0; i < rows.size(); ++i)
    for (const Run &run : rows[i])
      (run.coverage == Coverage::Full ? allowed : steps) += run.end - run.begin;
  if (steps > MaskPicture::maxCountingSteps)
    return std::nullopt;
  for (size_t i = 0; i < rows.size(); ++i)
    for (const Run &run : rows[i])
      if (run.coverage == Coverage::Partial)
        for (int64_t key = run.begin; key < run.end; ++key)
          allowed +=
              mask.set->contains(frame.batch, frame.head,
                                 frame.getFirstPosition() + int64_t(i), key);
  return allowed;
}

bool isPerPlane(const MaskExpr &mask) {
  if (mask.kind != MaskExpr::Kind::Compare)
    return llvm::any_of(
        mask.children, [](const MaskExpr &child) { return isPerPlane(child); });
  return llvm::any_of(ArrayRef<unsigned>{0, 1}, [&](unsigned dim) {
    return mask.lhs.isFunctionOfDim(dim) || mask.rhs.isFunctionOfDim(dim);
  });
}

/// Whether the mask asks for the batch or the head, or for a table, which may.
bool isPerPlane(const Mask &mask) {
  return !mask.terms.empty() || isPerPlane(mask.predicate);
}

/// "k <= q", with the tables that the mask reads under their names.
std::string printSet(const Mask &mask) {
  SmallVector<StringRef> names = {"b", "h", "q", "k"};
  for (const MaskTerm &term : mask.terms.getTerms())
    names.push_back(term.table);
  std::string text;
  llvm::raw_string_ostream stream(text);
  printPredicate(stream, mask.predicate, names);
  return text;
}

llvm::Error checkFrame(const PictureFrame &frame) {
  // That many rows of a few runs are some hundred megabytes.
  int64_t rows = llvm::divideCeilSigned(frame.queryLength, frame.queryTile);
  if (rows > MaskPicture::maxRows)
    return fail(ExitCode::ResourceLimit,
                Twine(rows) + " tiles of queries are more than the " +
                    Twine(MaskPicture::maxRows) +
                    " that explain draws; give a larger --query-tile");
  int64_t pairs;
  if (llvm::MulOverflow(frame.queryLength, frame.keyLength, pairs) ||
      pairs > int64_t(1) << 62)
    return fail(ExitCode::ResourceLimit,
                "the pairs of a query and a key are too many to be counted in "
                "64 bits; give shorter lengths with --dims");
  return llvm::Error::success();
}

} // namespace

void RunRows::addRun(Run run) {
  if (run.begin >= run.end)
    return;
  bool isFirst = runs.size() == (ends.empty() ? 0 : ends.back());
  if (!isFirst && runs.back().end == run.begin &&
      runs.back().coverage == run.coverage)
    runs.back().end = run.end;
  else
    runs.push_back(run);
}

std::optional<double> PairCounts::getWaste() const {
  if (!allowed)
    return std::nullopt;
  return visited == 0 ? 0.0 : double(visited - *allowed) / double(visited);
}

llvm::Expected<MaskPicture> MaskPicture::get(const std::optional<Mask> &mask,
                                             MLIRContext *context,
                                             const PictureFrame &frame) {
  if (llvm::Error error = checkFrame(frame))
    return std::move(error);
  llvm::Expected<AnalysedMask> analysed = analyse(mask, context);
  if (!analysed)
    return analysed.takeError();
  MaskPicture picture;
  picture.frame = frame;
  picture.set = mask ? printSet(*mask) : "true";
  if (analysed->ranges) {
    llvm::raw_string_ostream stream(picture.keyRanges);
    analysed->ranges->print(stream);
  }
  picture.rule = describeRule(*analysed);
  picture.rows = computeRows(*analysed, frame, frame.queryTile);
  picture.pairs.all = frame.queryLength * frame.keyLength;
  countVisited(computeRows(*analysed, frame, frame.stripRows), frame,
               picture.pairs);
  picture.pairs.allowed = countAllowed(*analysed, frame, picture.countingSteps);
  picture.dependsOnPlane = mask && isPerPlane(*mask);
  return picture;
}
