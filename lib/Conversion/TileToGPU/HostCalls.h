//===- HostCalls.h - calls of the runtime in host code ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arguments as the C functions of attnc-c/gpu.h take them: arrays and strings
// behind pointers, extents as 64-bit integers. Functions are declared in the
// module where they are called first.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOGPU_HOSTCALLS_H
#define ATTNC_LIB_CONVERSION_TILETOGPU_HOSTCALLS_H

#include "attnc/Support/LLVM.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attnc::gpu {

class HostCalls {
public:
  explicit HostCalls(mlir::ImplicitLocOpBuilder &builder) : b(builder) {}

  Value i32(int64_t value);
  Value i64(int64_t value);
  /// The address of a constant string.
  Value string(StringRef text);
  /// The address of the first element of a memory.
  Value pointerOf(Value memory);
  /// Memory of the function's frame.
  Value allocateStack(int64_t bytes, int64_t alignment);
  /// The address of a copy of a scalar; an index is one of 64 bits.
  Value spill(Value scalar);
  /// The address of an array of indices or of pointers.
  Value array(ArrayRef<Value> values);
  /// Calls a function of the runtime that returns nothing.
  void call(StringRef function, ArrayRef<Value> arguments);
  /// The address of a global of the module.
  Value global(StringRef name);

private:
  Value asWord(Value scalar);

  mlir::ImplicitLocOpBuilder &b;
};

} // namespace attnc::gpu

#endif // ATTNC_LIB_CONVERSION_TILETOGPU_HOSTCALLS_H
