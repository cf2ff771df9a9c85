//===- ScalarEmitter.h - the scalars of a kernel's body ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Copies the scalar ops of what becomes a kernel into that kernel. What they
// read of memory and of the host becomes loads and parameters; loops and
// branches are copied with their bodies. What they visit is handed to a
// callback.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOGPU_SCALAREMITTER_H
#define ATTNC_LIB_CONVERSION_TILETOGPU_SCALAREMITTER_H

#include "KernelArguments.h"
#include "mlir/IR/IRMapping.h"

namespace attnc::gpu {

/// Why an op of the math dialect is refused.
inline constexpr StringRef kNoFunction =
    "has no code for a GPU yet; exp, exp2, log, log2, tanh, sqrt, absf, floor, "
    "ceil, trunc and fma have";

class ScalarEmitter {
public:
  using VisitFn = function_ref<void(ArrayRef<Value> bounds)>;

  ScalarEmitter(PtxBuilder &builder, KernelArguments &arguments,
                Operation *kernel)
      : b(builder), arguments(arguments), kernel(kernel) {}

  /// The copy of a scalar: the one that `known` has, a parameter, or what its
  /// op computes here.
  Value get(Value scalar, const IRMapping &known);
  /// Whether an op that `get` came to was refused.
  bool hasFailed() const { return isRefused; }

  /// Copies an op without tiles, so that `known` has its results. `visit` is
  /// given the bounds of what it visits.
  LogicalResult emit(Operation *op, IRMapping &known, VisitFn visit);
  LogicalResult emitBlock(Block &block, IRMapping &known, VisitFn visit);

  /// What an op on scalars, or an elementwise one for one element, computes of
  /// `operands`; null for a function that has no code.
  Value compute(Operation *op, ArrayRef<Value> operands, Type type);

  /// The address of an element of a memory.
  Value getAddress(Value view, ArrayRef<Value> indices);

private:
  LogicalResult emitMemory(Operation *op, IRMapping &known);
  LogicalResult emitScalar(Operation *op, IRMapping &known);
  Value computeFunction(Operation *op, ArrayRef<Value> operands);
  LogicalResult emitFor(mlir::Operation *op, IRMapping &known, VisitFn visit);
  LogicalResult emitIf(mlir::Operation *op, IRMapping &known, VisitFn visit);
  /// Whether an op is one that only computes scalars.
  static bool isScalar(Operation *op);

  PtxBuilder &b;
  KernelArguments &arguments;
  Operation *kernel;
  bool isRefused = false;
};

} // namespace attnc::gpu

#endif // ATTNC_LIB_CONVERSION_TILETOGPU_SCALAREMITTER_H
