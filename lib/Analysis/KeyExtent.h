//===- KeyExtent.h - first and last key of a convex piece -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parametric integer program behind the key ranges: the smallest and one
// past the largest key of one convex piece of a mask, as functions of the query
// tile.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_ANALYSIS_KEYEXTENT_H
#define ATTNC_LIB_ANALYSIS_KEYEXTENT_H

#include "TileProver.h"

namespace attnc {

/// The keys of a convex piece that some query of a tile meets: those from the
/// largest of `begins` to the smallest of `ends`, for tiles that satisfy
/// `guards`; none for other tiles.
struct KeyExtent {
  SmallVector<KeyExpr> begins, ends;
  std::vector<MaskExpr> guards;
  /// Whether there are such keys exactly if there seem to be, and the bounds
  /// are the first and the last of them. If not, the keys are among those from
  /// the bounds.
  bool isExact = true;

  KeyExpr getBegin() const { return KeyExpr::max(begins); }
  KeyExpr getEnd() const { return KeyExpr::min(ends); }
  /// That a tile meets the piece.
  MaskExpr isPresent() const {
    std::vector<MaskExpr> claims(guards);
    claims.push_back(isLess(getBegin(), getEnd()));
    return MaskExpr::conjunction(std::move(claims));
  }
};

/// Intersects a disjunct of `mask` with the tile: first <= q < first + count
/// and 0 <= k < keys, terms of the rows between their least and greatest
/// values, and k in its row of keys. The dims stay; there is one symbol per
/// TileSymbol and one per parameter of the mask.
mlir::presburger::IntegerPolyhedron
restrictToTile(const MaskSet &mask,
               const mlir::presburger::IntegerRelation &disjunct);

/// The extent of the keys in a polyhedron made by `restrictToTile`, with bounds
/// and guards that the rest implies.
KeyExtent projectOnKeys(const mlir::presburger::IntegerRelation &tile,
                        const TileProver &prover);

/// The same without them.
KeyExtent simplifyExtent(KeyExtent extent, const TileProver &prover);

} // namespace attnc

#endif // ATTNC_LIB_ANALYSIS_KEYEXTENT_H
