//===- WarpLoops.h - loops that a warp shares -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What finds the key ranges of a tile may be a loop over its rows, for the
// least and the greatest number in a table, or over all blocks of keys, of
// which it visits some. Both are cut among the threads of a warp, which then
// agree on the results. Other loops all threads run alike.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOGPU_WARPLOOPS_H
#define ATTNC_LIB_CONVERSION_TILETOGPU_WARPLOOPS_H

#include "ScalarEmitter.h"

namespace attnc::gpu {

/// Keys that are visited, and those of them for which no mask is needed.
struct KeyRange {
  Value begin, fullBegin, fullEnd, end;
};

class WarpLoops {
public:
  /// Shared memory of a warp: one range for each thread.
  static constexpr int64_t kRangeBytes = 16;
  static constexpr int64_t kSlotBytes = kWarpThreads * kRangeBytes;

  /// Is called with ranges in ascending order, by all threads alike.
  using VisitFn = function_ref<void(const KeyRange &)>;

  /// `lane` is the thread in its warp, `slots` an address of kSlotBytes.
  WarpLoops(PtxBuilder &builder, ScalarEmitter &scalars, Value lane,
            Value slots)
      : b(builder), scalars(scalars), lane(lane),
        slot(b.offset(slots, b.mul(lane, b.i32(kRangeBytes)))) {}

  /// Emits a loop if it is of one of the two kinds, and returns whether it is.
  FailureOr<bool> emit(mlir::scf::ForOp loop, IRMapping &known, VisitFn visit);

  /// The bounds of a `tile.visit`, in 32 bits.
  static KeyRange narrow(PtxBuilder &b, ArrayRef<Value> bounds);
  static KeyRange load(PtxBuilder &b, Value address);
  static void store(PtxBuilder &b, const KeyRange &range, Value address);

private:
  LogicalResult emitReduction(mlir::scf::ForOp loop, IRMapping &known);
  LogicalResult emitVisits(mlir::scf::ForOp loop, IRMapping &known,
                           VisitFn visit);
  KeyRange join(const KeyRange &range, Value &heads);

  PtxBuilder &b;
  ScalarEmitter &scalars;
  Value lane, slot;
};

} // namespace attnc::gpu

#endif // ATTNC_LIB_CONVERSION_TILETOGPU_WARPLOOPS_H
