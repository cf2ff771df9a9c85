//===- TilePieces.h - a mask as seen from a tile ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The first half of deriving key ranges: the convex pieces of a mask and what
// elimination says of their keys. It is cheap, and whether the ranges are exact
// is known after it; proofs, which are not, only make the ranges simpler.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_ANALYSIS_TILEPIECES_H
#define ATTNC_LIB_ANALYSIS_TILEPIECES_H

#include "KeyExtent.h"

namespace attnc {

class TilePieces {
public:
  /// With an `isIdle` prover for ranges that need not be simple.
  TilePieces(const MaskSet &mask, MLIRContext *context, bool isIdle = false);

  const MaskSet &getMask() const { return mask; }
  const TileProver &getProver() const { return prover; }

  /// A convex piece of the mask, restricted to a symbolic tile, and the extent
  /// of its keys as elimination leaves it.
  struct Piece {
    mlir::presburger::IntegerRelation tile;
    KeyExtent extent;
  };
  ArrayRef<Piece> getPieces() const { return pieces; }
  /// Whether there are more pieces than `KeyRanges::maxPieces`. They are not
  /// told apart, then: there are none here.
  bool areTooMany() const { return tooMany; }

  /// Whether the key ranges will be exact.
  bool areExact() const;

private:
  const MaskSet &mask;
  TileProver prover;
  std::vector<Piece> pieces;
  bool tooMany = false;
};

} // namespace attnc

#endif // ATTNC_LIB_ANALYSIS_TILEPIECES_H
