//===- MaskPicture.h - what becomes of a mask, at given lengths -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The keys that each tile of queries visits, in runs, and what they add up to.
// Everything comes from the closed forms and loops that the kernels are made
// of, so the cost is that of the runs: no array of queries by keys exists.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_COMPILER_EXPLAIN_MASKPICTURE_H
#define ATTNC_COMPILER_EXPLAIN_MASKPICTURE_H

#include "attnc/Analysis/PairCount.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace attnc {

/// The part of an attention that is looked at: one batch and head, and how
/// queries and keys are divided. Query row i is at position
/// i + keyLength - queryLength.
struct PictureFrame {
  int64_t batch = 0, head = 0;
  int64_t queryLength = 0, keyLength = 0;
  /// Query rows and keys of a tile, at least 1.
  int64_t queryTile = 1, keyTile = 1;
  /// Query rows of a tile that look for their keys together, at least 1.
  int64_t stripRows = 1;

  QueryPlane getPlane() const {
    return QueryPlane::get(batch, head, queryLength, keyLength);
  }

  /// The position of the first query row.
  int64_t getFirstPosition() const { return keyLength - queryLength; }
};

/// What a run of keys, or a cell of a drawing, is to all its queries.
enum class Coverage : uint8_t {
  Partial, ///< visited under the predicate
  Full,    ///< visited without mask code
};

/// A run [begin, end), of keys or of cells.
struct Run {
  int64_t begin, end;
  Coverage coverage;

  bool operator==(const Run &other) const {
    return begin == other.begin && end == other.end &&
           coverage == other.coverage;
  }
};

/// Rows of runs, one after the other in memory. The runs of a row are not
/// empty, disjoint and sorted, and neighbours that touch differ in coverage.
class RunRows {
public:
  size_t size() const { return ends.size(); }
  ArrayRef<Run> operator[](size_t row) const {
    size_t begin = row == 0 ? 0 : ends[row - 1];
    return ArrayRef<Run>(runs).slice(begin, ends[row] - begin);
  }

  /// Appends a run to the row that is being built, if it is not empty. It
  /// begins no earlier than the last one ends.
  void addRun(Run run);
  /// Completes the row.
  void endRow() { ends.push_back(runs.size()); }

private:
  std::vector<Run> runs;
  std::vector<size_t> ends;
};

/// How the compiler finds the keys of a tile.
struct MaskRule {
  /// "no-mask", "empty", "closed-form", "key-rows", "query-runs", "key-blocks",
  /// "residue-classes", "enclosing" or "parts".
  std::string kind;
  /// One sentence.
  std::string text;
  /// Whether no key outside of the convex parts of the mask is visited.
  bool isExact = true;
  /// Why not.
  std::string reason;
};

/// Numbers of pairs of a query and a key.
struct PairCounts {
  int64_t all = 0;
  /// What kernels compute, and how much of that under the predicate; absent if
  /// the mask reads values that are not known.
  std::optional<int64_t> visited, tested;
  /// What the mask allows; absent, too, if counting it would take too long.
  std::optional<int64_t> allowed;

  /// The share of the visited pairs that the mask does not allow.
  std::optional<double> getWaste() const;
};

/// An attend that the compiler made of the one that is looked at.
struct PartSource {
  std::optional<Mask> mask;
  /// Only keys at a multiple of this from the query; 1 for all.
  int64_t lattice = 1;
  /// Query rows, of a residue class if there is a lattice, that look for their
  /// keys together; 0 for those of the frame.
  int64_t stripRows = 0;
  /// Whether the values that the mask reads are known.
  bool isKnown = true;
};

/// What becomes of it.
struct PartPicture {
  int64_t lattice = 1, stripRows = 1;
  /// The mask as a set, and the key ranges of a tile, for people.
  std::string set, keyRanges;
  MaskRule rule;
  PairCounts pairs;
};

/// What becomes of a mask.
struct MaskPicture {
  /// The most rows of tiles, and runs of keys, that a picture is made of.
  static constexpr int64_t maxRows = int64_t(1) << 22;
  /// What looking for keys may cost, in additions: some seconds.
  static constexpr int64_t maxCost = int64_t(1) << 33;

  PictureFrame frame;
  /// The mask as a set.
  std::string set;
  /// That of the only part, or of kind "parts".
  MaskRule rule;
  /// In the order in which they are computed; at least one.
  std::vector<PartPicture> parts;
  /// Whether the values that the mask reads are known: without them there are
  /// neither rows nor counts.
  bool isKnown = true;
  /// The keys of each query tile, in the order in which kernels go through
  /// them. Of a part with a lattice all keys are partial: each is visited by
  /// the rows of its residue class only.
  RunRows rows;
  PairCounts pairs;
  /// Whether other batches and heads may have other pictures.
  bool dependsOnPlane = false;

  /// Analyses a mask, or none, of which the compiler made `parts` (itself, if
  /// there are none). Fails if the mask is no set, if the picture is too large
  /// or if the number of pairs does not fit in 62 bits; the message says what
  /// to change.
  static llvm::Expected<MaskPicture> get(const std::optional<Mask> &mask,
                                         MLIRContext *context,
                                         const PictureFrame &frame,
                                         ArrayRef<PartSource> parts = {},
                                         TermValues values = nullptr);
};

} // namespace attnc

#endif // ATTNC_COMPILER_EXPLAIN_MASKPICTURE_H
