//===- ScalarEmitter.h - the scalars of a kernel's body ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Copies the scalar ops of a tile kernel into a GPU kernel. What they read of
// memory and of the host becomes loads and parameters; loops and branches are
// copied with their bodies. What they visit is handed to a callback.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOGPU_SCALAREMITTER_H
#define ATTNC_LIB_CONVERSION_TILETOGPU_SCALAREMITTER_H

#include "KernelArguments.h"
#include "mlir/IR/IRMapping.h"

namespace attnc::gpu {

class ScalarEmitter {
public:
  using VisitFn = function_ref<void(ArrayRef<Value> bounds)>;

  ScalarEmitter(PtxBuilder &builder, KernelArguments &arguments,
                tile::KernelOp kernel)
      : b(builder), arguments(arguments), kernel(kernel) {}

  /// The copy of a scalar: the one that `known` has, a parameter, or what its
  /// op computes here.
  Value get(Value scalar, const IRMapping &known);

  /// Copies an op without tiles, so that `known` has its results. `visit` is
  /// given the bounds of what it visits.
  LogicalResult emit(Operation *op, IRMapping &known, VisitFn visit);
  LogicalResult emitBlock(Block &block, IRMapping &known, VisitFn visit);

  /// The address of an element of a memory.
  Value getAddress(Value view, ArrayRef<Value> indices);

private:
  LogicalResult emitFor(mlir::Operation *op, IRMapping &known, VisitFn visit);
  LogicalResult emitIf(mlir::Operation *op, IRMapping &known, VisitFn visit);
  /// Whether a memory is one that the kernel's body is given.
  bool isArgument(Value memory);
  /// Whether an op is one that only computes scalars.
  static bool isScalar(Operation *op);

  PtxBuilder &b;
  KernelArguments &arguments;
  tile::KernelOp kernel;
};

} // namespace attnc::gpu

#endif // ATTNC_LIB_CONVERSION_TILETOGPU_SCALAREMITTER_H
