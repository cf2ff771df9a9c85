//===- FindExtent.h - how much of a tile is valid ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elements of a tile beyond its extent are unspecified, so loops need not visit
// them. The extent is that of the op that made the tile.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOCPU_FINDEXTENT_H
#define ATTNC_LIB_CONVERSION_TILETOCPU_FINDEXTENT_H

#include "attnc/Dialect/Tile/IR/Tile.h"

namespace attnc::cpu {

/// The number of valid elements of `tile` along `axis`; null if it is not
/// known, or all of them are.
Value findExtent(Value tile, int64_t axis);

} // namespace attnc::cpu

#endif // ATTNC_LIB_CONVERSION_TILETOCPU_FINDEXTENT_H
