//===- MaskProof.h - what is derived from a mask, against it ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Checks everything that is derived from a predicate (its set, the keys that
// tiles visit, the emitted code) against the predicate, evaluated position by
// position. What fails is made as small as it can be before it is printed.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_TEST_UNIT_ANALYSIS_MASKPROOF_H
#define ATTNC_TEST_UNIT_ANALYSIS_MASKPROOF_H

#include "attnc/Analysis/KeyVisits.h"
#include <random>
#include <string>

namespace attnc::test {

/// A mask to be proved, and what it reads.
struct MaskClaim {
  std::string name;
  Mask mask;
  /// With a modulus above 1 the claim is about the reindexed mask, in the
  /// positions of the class of `residue`.
  int64_t modulus = 1, residue = 0;
  /// Determines the contents of tables.
  unsigned seed = 1;

  /// The predicate in the coordinates that tiles have.
  Mask getReindexed(MLIRContext *context) const;
  /// The keys of all classes, where a class has `keys`.
  int64_t getTotalKeys(int64_t keys) const { return keys * modulus; }

  /// What the op binds to `table` at `indices`. A row before position 0 reads
  /// as position 0, whatever the class.
  int64_t read(const MaskTerm &term, ArrayRef<int64_t> indices,
               int64_t keys) const;
  /// The definition: whether query q may see key k, both positions of a class,
  /// of which there are `keys`.
  bool isAllowed(int64_t b, int64_t h, int64_t q, int64_t k,
                 int64_t keys) const;
};

class MaskProof {
public:
  explicit MaskProof(MLIRContext &context);

  /// Analyses the mask and checks its set, the emitted code, and `numTiles`
  /// random tiles. Returns a report on a smallest counterexample, or "".
  std::string check(const MaskClaim &claim, unsigned numTiles);

  /// What the last mask was to the analysis.
  struct Outcome {
    /// Why it was refused, or "".
    std::string refusal;
    bool isExact = false;
    unsigned numPieces = 0;
    bool hasRows = false, hasBlocks = false, hasRuns = false;
    double milliseconds = 0;
  };
  const Outcome &getOutcome() const { return outcome; }

private:
  using Failure = std::string;

  Failure checkSet(const MaskClaim &claim, const KeyVisits &visits);
  Failure checkEmittedPredicate(const MaskClaim &claim);
  Failure checkEmittedRanges(const MaskSet &set, const KeyRanges &ranges);
  Failure checkTile(const MaskClaim &claim, const KeyVisits &visits,
                    const QueryTile &tile);
  Failure checkTile(const MaskClaim &claim, const QueryTile &tile);
  /// Greedily simplifies mask and tile while the tile fails.
  std::string shrink(MaskClaim claim, QueryTile tile);
  std::string describe(const MaskClaim &claim) const;

  QueryTile getRandomTile(const MaskClaim &claim, bool hasBlocks);

  MLIRContext &context;
  std::minstd_rand generator{5};
  Outcome outcome;
};

} // namespace attnc::test

#endif // ATTNC_TEST_UNIT_ANALYSIS_MASKPROOF_H
