//===- TileProver.h - facts about all query tiles ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Decides claims such as "this bound never exceeds that one" for every query
// tile at once. A claim about a tile is a predicate over its symbols, hence a
// set, like a mask: it holds if the set of tiles that violate it is empty. The
// derivation of key ranges uses it to leave out clamps and guards.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_ANALYSIS_TILEPROVER_H
#define ATTNC_LIB_ANALYSIS_TILEPROVER_H

#include "ClaimSearch.h"
#include "attnc/Analysis/KeyRanges.h"
#include "llvm/ADT/DenseMap.h"
#include <array>
#include <bitset>
#include <unordered_map>

namespace attnc {

/// The claims `a <= b` and `a < b`, with max, min and select resolved into
/// comparisons of affine expressions.
MaskExpr isLessEqual(const KeyExpr &a, const KeyExpr &b);
MaskExpr isLess(const KeyExpr &a, const KeyExpr &b);

/// A set of query tiles, and some of its members. The members refute most false
/// claims at once, for which the integer emptiness test is at its slowest: it
/// would have to construct a violating tile.
struct TileSet {
  static constexpr unsigned numSamples = 100;

  /// A union.
  std::vector<Conjunction> disjuncts;
  /// Those of the prover's sample tiles that are members.
  std::bitset<numSamples> samples;
};

/// Answers "not proven" to everything once it has done a certain amount of
/// work: emptiness of integer sets is a hard problem, and what cannot be proven
/// costs an operation in the generated code, not more.
class TileProver {
public:
  /// About the tiles of `mask`, whose parameters are within their bounds. An
  /// `isIdle` prover proves nothing.
  TileProver(const MaskSet &mask, MLIRContext *context, bool isIdle = false);

  MLIRContext *getContext() const { return context; }
  KeyExpr getZero() const;
  KeyExpr getKeys() const;

  /// All tiles: count >= 1; keys, b and h >= 0; a least value is not greater
  /// than the greatest.
  const TileSet &getAllTiles() const { return allTiles; }

  /// Whether `claim` is known to hold for all tiles in `tiles`.
  bool holds(const TileSet &tiles, const MaskExpr &claim) const;

  /// Whether `claim` is known to hold for the tiles in `tiles` for which
  /// `condition` holds. Cheaper than to ask about `restrict`: samples are asked
  /// before there is a set.
  bool holdsWhere(const TileSet &tiles, const MaskExpr &condition,
                  const MaskExpr &claim) const;

  /// Whether `tiles` is known to have no members.
  bool isEmpty(const TileSet &tiles) const;

  /// The tiles in `tiles` for which `claim` holds, or `tiles` if the claim is
  /// too complex: a superset, about which less can be proven, and nothing
  /// false.
  TileSet restrict(const TileSet &tiles, const MaskExpr &claim) const;

  /// Whether generated 64-bit arithmetic can follow.
  bool isRepresentable(AffineExpr expr) const;
  bool isRepresentable(const MaskExpr &claim) const;

  /// The largest (smallest) of `terms`, leaving out terms that, for the tiles
  /// in `tiles`, some other term always makes superfluous.
  SmallVector<KeyExpr> keepLargest(const TileSet &tiles,
                                   ArrayRef<KeyExpr> terms) const;
  SmallVector<KeyExpr> keepSmallest(const TileSet &tiles,
                                    ArrayRef<KeyExpr> terms) const;
  KeyExpr max(const TileSet &tiles, ArrayRef<KeyExpr> terms) const {
    return KeyExpr::max(keepLargest(tiles, terms));
  }
  KeyExpr min(const TileSet &tiles, ArrayRef<KeyExpr> terms) const {
    return KeyExpr::min(keepSmallest(tiles, terms));
  }

private:
  /// Whether the work that a mask is worth has been done.
  bool isExhausted() const;
  /// The sample tiles for which `claim` holds.
  std::bitset<TileSet::numSamples> evaluate(const MaskExpr &claim) const;
  /// The value of an expression for each sample tile.
  using SampleValues = std::array<int64_t, TileSet::numSamples>;
  const SampleValues &evaluate(AffineExpr expr) const;

  MLIRContext *context;
  /// Of comparisons of the tile symbols and the parameters.
  mutable ComparisonTable comparisons;
  TileSet allTiles;
  /// The symbols and parameters of each sample tile.
  std::vector<SmallVector<int64_t, 8>> sampleTiles;
  /// What they make of expressions; claims have many in common.
  mutable llvm::DenseMap<AffineExpr, std::unique_ptr<SampleValues>>
      sampleValues;
  /// Whether a claim holds for a union of tiles; most are made several times.
  using Proof = std::pair<std::vector<Conjunction>, MaskExpr>;
  struct ProofHash {
    size_t operator()(const Proof &proof) const {
      llvm::hash_code hash = hash_value(proof.second);
      for (const Conjunction &part : proof.first)
        hash = llvm::hash_combine(
            hash, llvm::hash_combine_range(part.begin(), part.end()));
      return hash;
    }
  };
  mutable std::unordered_map<Proof, bool, ProofHash> proofs;
  bool isIdle;
  /// The work done so far.
  mutable unsigned numWorkUnits = 0;
};

} // namespace attnc

#endif // ATTNC_LIB_ANALYSIS_TILEPROVER_H
