//===- AttendRows.h - the query rows of a kernel instance -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which rows of the queries an instance works on, at which positions, and how
// many keys and queries their sequence has.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_ATTNTOTILE_ATTENDROWS_H
#define ATTNC_LIB_CONVERSION_ATTNTOTILE_ATTENDROWS_H

#include "KVStream.h"

namespace attnc::attn {

/// Indices into `CarryContext::stationary`, behind those of streams. A
/// residue is there for a lattice only, the number of queries where sequences
/// have their own. The first row's number is there for rows of one head; of
/// packed heads there is for each row, as tiles of index, which head of the
/// group and which query it is of, and its position.
enum AttendStationary {
  kKeyHead = kStreamHead,
  kQuery = kNumStreamStationary,
  kHead,
  kResidue,
  kQueryLength,
  kRow,
  kRowHeads,
  kRowQueries,
  kRowPositions
};
/// Indices into `CarryContext::inputs`.
enum AttendInput { kQueryMemory, kKeyMemory, kValueMemory };

/// Fixes the numbers of keys and queries of the sequence. Returns the position
/// of query row 0. Bottom-right alignment: the last query is at the last key's
/// position.
Value buildLengths(AttendOp op, CarryContext &context, TileBuilder &b);

/// A tile of the rows of one head; `position` is that of query 0.
void placeRows(AttendOp op, CarryContext &context, TileBuilder &b,
               Value position);

/// A tile of the rows of all heads of a group, head by head.
void placePackedRows(AttendOp op, CarryContext &context, TileBuilder &b,
                     Value position);

/// Where the rows of the tile are in memory of [batch, heads, queries].
RowAccess getRowAccess(const CarryContext &context, TileBuilder &b);

/// Which rows are no queries of their sequence, where sequences have their own.
Value buildIsBeyond(CarryContext &context, TileBuilder &b);

} // namespace attnc::attn

#endif // ATTNC_LIB_CONVERSION_ATTNTOTILE_ATTENDROWS_H
