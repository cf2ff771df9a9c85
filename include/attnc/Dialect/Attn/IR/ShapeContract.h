//===- ShapeContract.h - what an op requires of extents ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Collects, per op, which run-time dimensions must be equal or divide each
// other. `Analysis/FunctionSignature.h` closes these over a function; the entry
// point of the compiled function checks them.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_DIALECT_ATTN_IR_SHAPECONTRACT_H
#define ATTNC_DIALECT_ATTN_IR_SHAPECONTRACT_H

#include "attnc/Support/LLVM.h"
#include "mlir/IR/Value.h"

namespace attnc::attn {

/// One dimension of a ranked tensor value.
struct Dimension {
  Value tensor;
  int64_t axis;
};

/// Sink for the requirements of one op.
class ShapeContract {
public:
  virtual ~ShapeContract() = default;
  /// `a` and `b` must have the same extent, called `meaning` ("batch", "heads",
  /// "query_length", ...).
  virtual void requireEqual(Dimension a, Dimension b, StringRef meaning) = 0;
  /// The extent of `multiple` must be a multiple of that of `divisor`.
  virtual void requireMultiple(Dimension multiple, Dimension divisor) = 0;
  /// Names a dimension without requiring anything of it.
  virtual void name(Dimension dimension, StringRef meaning) = 0;
};

} // namespace attnc::attn

#endif // ATTNC_DIALECT_ATTN_IR_SHAPECONTRACT_H
