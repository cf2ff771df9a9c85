//===- PairCount.h - numbers of pairs of a query and a key ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How many pairs a mask allows, and which keys are visited strip by strip, at
// given lengths: by the closed forms and loops of KeyVisits.h, and for parts
// that are lattices within each residue class of positions.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_ANALYSIS_PAIRCOUNT_H
#define ATTNC_ANALYSIS_PAIRCOUNT_H

#include "attnc/Analysis/KeyVisits.h"

namespace attnc {

/// The queries and keys of one batch and head, or those of one residue class
/// of their positions, in its coordinates.
struct QueryPlane {
  int64_t batch = 0, head = 0;
  /// The position of the first query; may be negative.
  int64_t first = 0;
  int64_t queries = 0, keys = 0;
  int64_t residue = 0;

  /// All queries of a batch and head: the last one is at the last key.
  static QueryPlane get(int64_t batch, int64_t head, int64_t queries,
                        int64_t keys) {
    return {batch, head, keys - queries, queries, keys, /*residue=*/0};
  }

  /// The first query row whose position leaves `residue`.
  int64_t getFirstRow(int64_t modulus, int64_t residue) const;
  /// The rows from there on, `modulus` apart, and the keys likewise.
  QueryPlane getResidueClass(int64_t modulus, int64_t residue) const;
};

/// The value of an element of a term's table, for a batch.
using TermValues = function_ref<int64_t(const MaskTerm &term, int64_t batch,
                                        ArrayRef<int64_t> indices)>;

/// A mask, or a part of one that is dense within residue classes, and how
/// strips of queries find their keys.
class MaskPart {
public:
  /// A `modulus` of 1 is no lattice. Fails as `KeyVisits::get` does.
  static llvm::Expected<MaskPart> get(const Mask &mask, int64_t modulus,
                                      MLIRContext *context);

  int64_t getModulus() const { return modulus; }
  /// In the coordinates of a residue class.
  const KeyVisits &getVisits() const { return visits; }
  const Mask &getMask() const { return visits.getSet().getMask(); }
  /// Whether residue classes of equal lengths and first positions are alike.
  bool hasAlikeClasses() const { return isAlike; }

  /// What looking for the keys of a strip of rows costs, in additions, and what
  /// each segment that is found costs more.
  int64_t getStripCost(const QueryPlane &plane, int64_t rows) const;
  int64_t getSegmentCost() const { return visits.getRows() ? 30000 : 3000; }

  /// A plane, and how many residue classes are like it.
  struct PlaneClass {
    QueryPlane plane;
    int64_t count;
  };
  /// The residue classes of a plane that have queries and keys; the plane
  /// itself without a lattice.
  std::vector<PlaneClass> getClasses(const QueryPlane &plane) const;

  /// Rows [row, row + rows) of a plane, and what they visit together.
  struct Strip {
    int64_t row, rows;
    ArrayRef<KeySegment> segments;
  };
  /// Goes through the strips of `rows` rows of a class until `visit` returns
  /// false.
  void forEachStrip(const QueryPlane &plane, int64_t rows, TermValues values,
                    function_ref<bool(const Strip &)> visit) const;

private:
  MaskPart(KeyVisits visits, int64_t modulus);

  KeyVisits visits;
  int64_t modulus;
  bool isAlike;
};

/// Counts what a mask allows.
class AllowedPairs {
public:
  /// What counting may cost, in additions: some seconds.
  static constexpr int64_t maxCost = int64_t(1) << 32;

  /// Of a mask, or with a `modulus` above 1 of its pairs whose positions differ
  /// by a multiple of it. Fails as `KeyVisits::get` does.
  static llvm::Expected<AllowedPairs> get(const Mask &mask, int64_t modulus,
                                          MLIRContext *context);

  /// Whether other batches (heads) may have other pairs.
  bool dependsOnBatch() const { return isPerBatch; }
  bool dependsOnHead() const { return isPerHead; }

  /// The pairs of one batch and head, exactly; nothing if finding out would
  /// cost more than is left of `cost`, which is reduced.
  std::optional<int64_t> count(const QueryPlane &plane, TermValues values,
                               int64_t &cost) const;

  /// The pairs of all batches and heads likewise.
  std::optional<double> countAll(int64_t batches, int64_t heads,
                                 int64_t queries, int64_t keys,
                                 TermValues values) const;

private:
  AllowedPairs(const Mask &mask, int64_t modulus)
      : mask(mask), modulus(modulus) {}

  Mask mask;
  int64_t modulus;
  /// Disjoint; together they are the mask.
  std::vector<MaskPart> parts;
  bool isPerBatch = false, isPerHead = false;
};

} // namespace attnc

#endif // ATTNC_ANALYSIS_PAIRCOUNT_H
