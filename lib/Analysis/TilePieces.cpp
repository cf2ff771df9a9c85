//===- TilePieces.cpp - a mask as seen from a tile ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Restricts the disjuncts of a mask to a symbolic tile and projects them on the
// key.
//
//===----------------------------------------------------------------------===//
#include "TilePieces.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir::presburger;

namespace attnc {

/// The disjuncts of `set`, each restricted to a symbolic tile; those that no
/// tile meets are gone, and those that a tile cannot tell apart are one.
static PresburgerSet getTilePieces(const MaskSet &mask,
                                   const PresburgerSet &set) {
  PresburgerSet pieces = PresburgerSet::getEmpty(PresburgerSpace::getSetSpace(
      set.getSpace().getNumDimVars(),
      getTileSymbolNames().size() + mask.getParameters().size()));
  for (const IntegerRelation &disjunct : set.getAllDisjuncts())
    pieces.unionInPlace(restrictToTile(mask, disjunct));
  return coalesceDisjuncts(pieces);
}

TilePieces::TilePieces(const MaskSet &mask, MLIRContext *context, bool isIdle)
    : mask(mask), prover(mask, context, isIdle) {
  PresburgerSet allowed = getTilePieces(mask, mask.getAllowed());
  tooMany = allowed.getNumDisjuncts() > KeyRanges::maxPieces;
  if (!tooMany)
    for (const IntegerRelation &tile : allowed.getAllDisjuncts())
      pieces.push_back({tile, projectOnKeys(tile, prover)});
}

bool TilePieces::areExact() const {
  return !tooMany && llvm::all_of(pieces, [](const Piece &piece) {
    return piece.extent.isExact;
  });
}

} // namespace attnc
