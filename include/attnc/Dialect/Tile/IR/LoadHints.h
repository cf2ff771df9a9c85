//===- LoadHints.h - what a target may know of a load -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Attributes of a `tile.load` that say more of the memory than what is read of
// it. A target that has no use for them leaves them alone.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_DIALECT_TILE_IR_LOADHINTS_H
#define ATTNC_DIALECT_TILE_IR_LOADHINTS_H

#include "attnc/Support/LLVM.h"

namespace attnc::tile {

/// Of a gather in the step of a fold, where row i of a tile is that of key `key
/// + i`: the row of key p is behind that of key p - 1 along the last axis that
/// is gathered along, unless p is a multiple of this number, an i64 of at least
/// 1. So it is with the tokens of a page.
inline constexpr StringRef kRunsAttrName = "tile.runs";

/// What memory holds behind the extent may be anything, as nobody may have
/// written it yet; elsewhere it is of finite numbers. A target may read it, but
/// even zero times what is there is not to reach a result.
inline constexpr StringRef kPartialAttrName = "tile.partial";

} // namespace attnc::tile

#endif // ATTNC_DIALECT_TILE_IR_LOADHINTS_H
