//===- KernelArguments.h - what a host gives its kernel ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parameters of a kernel, found out while its body is written: a body asks
// for the extent of an axis or the tensor map of a memory, and gets a parameter
// for it. Afterwards the host knows what to pass, and passes nothing else.
//
// What becomes a kernel is an op of the host's code: a `tile.kernel`, whose
// body has names of its own for the memory it is given, or loops, whose body
// has not.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOGPU_KERNELARGUMENTS_H
#define ATTNC_LIB_CONVERSION_TILETOGPU_KERNELARGUMENTS_H

#include "PtxBuilder.h"
#include "attnc/Dialect/Tile/IR/Tile.h"
#include "llvm/ADT/MapVector.h"

namespace attnc::gpu {

class KernelArguments {
public:
  KernelArguments(PtxBuilder &builder, mlir::LLVM::LLVMFuncOp function,
                  Operation *kernel)
      : b(builder), function(function), kernel(kernel) {}

  /// Whether a memory is known to the host, under the same name or another.
  bool isOfHost(Value memory) const;

  /// A scalar that is computed in front of the kernel.
  Value getScalar(Value outside);
  /// Of a memory that the kernel's body sees: its address, and extents and
  /// strides as index.
  Value getPointer(Value view);
  Value getSize(Value view, int64_t axis);
  Value getStride(Value view, int64_t axis);
  /// A map for copies of boxes of `rows` elements along `axis` of a memory
  /// times `columns` along the last one, in lines of 128 bytes.
  Value getTensorMap(Value view, int64_t axis, int64_t rows, int64_t columns);
  /// Has the host check that rows of a memory begin at multiples of 16 bytes.
  void requireAlignedRows(Value view);
  /// Has the host check that rows of a memory begin at multiples of so many
  /// bytes, a power of two.
  void requireAlignment(Value view, int64_t bytes);

  /// Gives the function the type that its parameters make.
  void finish();

  /// Writes, in the host's code, the pointers to the values of all parameters.
  Value buildValues(mlir::ImplicitLocOpBuilder &host) const;

private:
  enum class Kind { Scalar, Pointer, Size, Stride, TensorMap };
  struct Parameter {
    Kind kind;
    /// A scalar or a memory of the host.
    Value value;
    int64_t axis = 0, rows = 0, columns = 0;

    bool operator==(const Parameter &other) const {
      return kind == other.kind && value == other.value && axis == other.axis &&
             rows == other.rows && columns == other.columns;
    }
  };

  Value get(const Parameter &parameter, Type type, Type asType);
  Value toHost(Value view) const;
  Value buildValue(const Parameter &parameter,
                   mlir::ImplicitLocOpBuilder &host) const;
  void buildAlignmentCheck(Value memory, int64_t bytes,
                           mlir::ImplicitLocOpBuilder &host) const;
  Value buildTensorMap(const Parameter &parameter,
                       mlir::ImplicitLocOpBuilder &host) const;

  PtxBuilder &b;
  mlir::LLVM::LLVMFuncOp function;
  Operation *kernel;
  SmallVector<Parameter> parameters;
  /// Maps that are made on the host, which checks what they describe, and are
  /// no parameters.
  SmallVector<Parameter> checked;
  /// Memory whose rows have to begin at multiples of some bytes.
  llvm::MapVector<Value, int64_t> aligned;
  /// The parameters as the body uses them.
  SmallVector<Value> values;
};

} // namespace attnc::gpu

#endif // ATTNC_LIB_CONVERSION_TILETOGPU_KERNELARGUMENTS_H
