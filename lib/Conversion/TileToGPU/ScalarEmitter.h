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
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

namespace attnc::gpu {

/// Why an op of the math dialect is refused.
inline constexpr StringRef kNoFunction =
    "has no code for a GPU yet; exp, exp2, log, log2, tanh, sqrt, absf, floor, "
    "ceil, trunc, roundeven and fma have";

class ScalarEmitter {
public:
  /// What is done with ops that compute no scalar.
  struct Hooks {
    /// Is given the bounds of what is visited.
    function_ref<void(ArrayRef<Value> bounds)> visit = nullptr;
    /// Returns whether it emitted a loop, results included.
    function_ref<FailureOr<bool>(mlir::scf::ForOp, IRMapping &known)> loop =
        nullptr;
  };

  /// Quotients are exact to 2 units in the last place, which is what products
  /// of warpgroups go along with, or correctly rounded.
  enum class Division { Near, Rounded };

  ScalarEmitter(PtxBuilder &builder, KernelArguments &arguments,
                Operation *kernel, Division division = Division::Near)
      : b(builder), arguments(arguments), kernel(kernel), division(division) {}

  /// The copy of a scalar: the one that `known` has, a parameter, or what its
  /// op computes here.
  Value get(Value scalar, const IRMapping &known);
  /// Whether an op that `get` came to was refused.
  bool hasFailed() const { return isRefused; }

  /// Copies an op without tiles, so that `known` has its results.
  LogicalResult emit(Operation *op, IRMapping &known, const Hooks &hooks);
  LogicalResult emitBlock(Block &block, IRMapping &known, const Hooks &hooks);
  /// Copies a loop with other bounds.
  LogicalResult emitFor(mlir::scf::ForOp loop, Value lower, Value step,
                        IRMapping &known, const Hooks &hooks);

  /// What an op on scalars, or an elementwise one for one element, computes of
  /// `operands`; null for a function that has no code.
  Value compute(Operation *op, ArrayRef<Value> operands, Type type);

  /// The address of an element of a memory.
  Value getAddress(Value view, ArrayRef<Value> indices);

private:
  LogicalResult emitMemory(Operation *op, IRMapping &known);
  LogicalResult emitScalar(Operation *op, IRMapping &known);
  Value computeFunction(Operation *op, ArrayRef<Value> operands);
  LogicalResult emitIf(mlir::scf::IfOp branch, IRMapping &known,
                       const Hooks &hooks);
  /// Whether an op is one that only computes scalars.
  static bool isScalar(Operation *op);

  PtxBuilder &b;
  KernelArguments &arguments;
  Operation *kernel;
  Division division;
  bool isRefused = false;
};

} // namespace attnc::gpu

#endif // ATTNC_LIB_CONVERSION_TILETOGPU_SCALAREMITTER_H
