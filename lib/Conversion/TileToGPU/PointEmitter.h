//===- PointEmitter.h - a tile kernel without products ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lowers one `tile.kernel` whose ops are all elementwise, such as the one that
// merges the carries of split keys: no element of a tile needs another one, so
// each element of the largest tile is a thread's, which computes on its own
// what it needs of smaller ones. Neighbours along a row are neighbours in a
// warp, and read and write memory together.
//
// Steps of the fold are emitted a few at a time: what they read of memory does
// not depend on the steps before, and is on its way together.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOGPU_POINTEMITTER_H
#define ATTNC_LIB_CONVERSION_TILETOGPU_POINTEMITTER_H

#include "FragmentEmitter.h"

namespace attnc::gpu {

class PointEmitter {
public:
  static constexpr int64_t kThreads = 128;

  /// Whether a kernel is one without products.
  static bool takes(tile::KernelOp kernel);

  PointEmitter(PtxBuilder &builder, KernelArguments &arguments,
               tile::KernelOp kernel)
      : b(builder), kernel(kernel), scalars(builder, arguments, kernel),
        fragments(builder, arguments, scalars) {}

  /// Finds out what the kernel is made of; says what has no code yet.
  LogicalResult analyse();
  /// Emits the body at the builder's insertion point.
  LogicalResult emit();
  /// Blocks of each point of the grid.
  int64_t getBlocks() const;

private:
  using Scope = FragmentEmitter::Scope;

  void emitGridIndices();
  LogicalResult emitScalars(Operation *from, Operation *until);
  FailureOr<SmallVector<Value>> emitFold();
  SmallVector<Value> emitStep(Value number, ArrayRef<Value> carry);
  void emitStore(tile::StoreOp op, Scope &scope);
  Value isInside(tile::StoreOp op, Scope &scope);

  PtxBuilder &b;
  tile::KernelOp kernel;
  ScalarEmitter scalars;
  FragmentEmitter fragments;
  tile::FoldOp fold;
  /// The shape of the largest tile.
  int64_t rows = 1, columns = 1;

  Value row, column;
  IRMapping known;
};

} // namespace attnc::gpu

#endif // ATTNC_LIB_CONVERSION_TILETOGPU_POINTEMITTER_H
