//===- ScanPlace.h - where an instance of a scan works ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An instance of a scan's kernel is a head of a sequence. A sequence is a batch
// or, with `starts`, a part of the only one, and has a state of its own. A scan
// in reverse is one over memory that is seen from its end: position t is at
// `length - 1 - t` of every view.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_ATTNTOTILE_SCANPLACE_H
#define ATTNC_LIB_CONVERSION_ATTNTOTILE_SCANPLACE_H

#include "TileBuilder.h"

namespace attnc::attn {

class ScanPlace {
public:
  /// Where `buildPrologue` says that it is.
  ScanPlace(ScanOp op, const CarryContext &context);

  static SmallVector<Value> buildGrid(ScanOp op, OpBuilder &builder);
  static Value buildPositionCount(ScanOp op, OpBuilder &builder);
  /// With starts: where each sequence begins, and the length of the last one
  /// behind them.
  static SmallVector<Value> buildTables(ScanOp op, OpBuilder &builder);
  static void buildPrologue(ScanOp op, CarryContext &context, TileBuilder &b);

  /// The state of the sequence. What is not in memory because there are no
  /// sequences is zero, and is not written.
  Value loadState(TileBuilder &b, Value memory, ArrayRef<int64_t> extents,
                  ArrayRef<int64_t> shape) const;
  void storeState(TileBuilder &b, Value state, Value memory,
                  ArrayRef<int64_t> extents) const;

  /// The position that is at `key` in the views.
  Value getPosition(TileBuilder &b, Value key) const;
  /// `count` positions from `key` on, as an axis of tiles of `size`.
  TileAxis getPositions(TileBuilder &b, Value key, Value count,
                        int64_t size) const;

  Value batch, sequence, head, keyHead;
  /// The positions of the sequence, in the views.
  Value begin, end;

private:
  struct StateAccess {
    SmallVector<Value> offsets, extents;
  };
  StateAccess getState(TileBuilder &b, ArrayRef<int64_t> extents) const;

  ScanOp op;
  /// With starts: 1 if there is a state, else 0. Null if there is one always.
  Value states;
  Value length;
};

} // namespace attnc::attn

#endif // ATTNC_LIB_CONVERSION_ATTNTOTILE_SCANPLACE_H
