//===- KeySteps.h - which keys a block visits, step by step -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The steps of a fold over a tile's key ranges, which producer and consumers
// walk alike. One range is known in registers. Several are found by one warp,
// which writes them to a list in shared memory, sorts them and makes them
// disjoint there, before the threads take their roles.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOGPU_KEYSTEPS_H
#define ATTNC_LIB_CONVERSION_TILETOGPU_KEYSTEPS_H

#include "WarpLoops.h"

namespace attnc::gpu {

class KeySteps {
public:
  /// The shared memory of a list.
  static constexpr int64_t kListBytes = 8192;

  /// Where a walk is: the number of a range, and a key in it.
  struct Cursor {
    Value range, key;
  };
  /// A step: its first key, how many there are, and whether all of a whole tile
  /// are allowed. Of i32, i32, i1.
  struct Step {
    Value key, keys, isFull;
  };

  /// Writes what finds the ranges of `fold`, all threads taking part. Steps
  /// begin at multiples of `granule`, a power of two that divides the key tile.
  /// `list` is the address of kListBytes in shared memory.
  static FailureOr<KeySteps> build(PtxBuilder &b, ScalarEmitter &scalars,
                                   tile::FoldOp fold, const IRMapping &known,
                                   int64_t granule, Value list);
  /// Whether a fold needs a list.
  static bool needsList(tile::FoldOp fold);

  /// The number of steps, an i32.
  Value getCount() const { return count; }
  Cursor getFirst(PtxBuilder &b) const;
  Cursor getNext(PtxBuilder &b, const Cursor &cursor) const;
  Step getStep(PtxBuilder &b, const Cursor &cursor) const;

private:
  static constexpr int64_t kHeaderBytes = 16;

  KeyRange load(PtxBuilder &b, Value number) const;
  void store(PtxBuilder &b, Value number, const KeyRange &range) const;
  Value getAddress(PtxBuilder &b, Value number) const;
  void align(PtxBuilder &b, KeyRange &range) const;
  LogicalResult writeList(PtxBuilder &b, ScalarEmitter &scalars, Block &block,
                          IRMapping &known) const;
  void insert(PtxBuilder &b, const KeyRange &range) const;
  void makeDisjoint(PtxBuilder &b) const;
  Value countSteps(PtxBuilder &b, Value keys) const;

  int64_t keyTile = 1, granule = 1;
  Value count;
  /// The only range, or the list.
  KeyRange only;
  Value list;
};

} // namespace attnc::gpu

#endif // ATTNC_LIB_CONVERSION_TILETOGPU_KEYSTEPS_H
