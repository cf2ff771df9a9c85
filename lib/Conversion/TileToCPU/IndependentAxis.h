//===- IndependentAxis.h - the independent axis of each tile ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Propagates the independent axis of a fold's carry (Dialect/Attn/IR/Carry.h)
// to every tile of a kernel, so that the lowering knows which axis of a value
// runs along vector lanes and which values are shared by all strips.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOCPU_INDEPENDENTAXIS_H
#define ATTNC_LIB_CONVERSION_TILETOCPU_INDEPENDENTAXIS_H

#include "attnc/Dialect/Tile/IR/Tile.h"
#include "llvm/ADT/DenseMap.h"

namespace attnc::cpu {

/// True if `op` computes each element of its results from the elements of its
/// operands at the same index: upstream elementwise ops and tile.guard.
bool isElementwise(Operation *op);

class IndependentAxis {
public:
  /// Analyses `kernel`. Fails with a diagnostic where two axes of one tile
  /// would both have to be independent.
  static FailureOr<IndependentAxis> get(tile::KernelOp kernel);

  /// The independent axis of `tile`, or -1 if all strips share the tile.
  int64_t of(Value tile) const { return axes.lookup_or(tile, -1); }
  bool isShared(Value tile) const { return of(tile) < 0; }
  /// Elements of a strip; 1 if the kernel has no fold.
  int64_t getLanes() const { return lanes; }
  /// Size of the independent axis; 1 if the kernel has no fold.
  int64_t getSize() const { return size; }

private:
  /// What is found, a conflict included.
  static FailureOr<IndependentAxis> analyse(tile::KernelOp kernel);
  /// Records `axis` for `tile`; returns true if that is news.
  bool assign(Value tile, int64_t axis);
  bool propagate(Operation *op);
  bool propagateContract(tile::ContractOp op);

  llvm::DenseMap<Value, int64_t> axes;
  int64_t lanes = 1, size = 1;
  Operation *conflict = nullptr;
};

} // namespace attnc::cpu

#endif // ATTNC_LIB_CONVERSION_TILETOCPU_INDEPENDENTAXIS_H
