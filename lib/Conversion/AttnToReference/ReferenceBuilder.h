//===- ReferenceBuilder.h - scalar float64 loops over memory ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The vocabulary in which the definitions of the attn ops are written down:
// counted loops, loads that widen to float64, stores that round once. Private
// to this folder: nothing of it may be used by the path it is the oracle of.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_ATTNTOREFERENCE_REFERENCEBUILDER_H
#define ATTNC_LIB_CONVERSION_ATTNTOREFERENCE_REFERENCEBUILDER_H

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Support/LLVM.h"
#include "mlir/IR/Builders.h"

namespace attnc::attn {

/// Builds scalar loops over memory. A *real* is a value of type f64; float
/// memory of any width is read and written as reals.
class ReferenceBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  Value index(int64_t value);
  Value real(double value);

  /// The memory of `tensor`, to be read only.
  Value read(Value tensor);
  /// New memory for a result of type `type`; dynamic extents are taken from
  /// `extents`, which has one entry per dimension. Freed by the buffer
  /// deallocation that follows bufferization.
  Value allocate(RankedTensorType type, ArrayRef<Value> extents);
  /// New memory for reals.
  Value allocateReals(ArrayRef<Value> extents);
  /// Memory from `allocate` as the tensor that replaces an op's result.
  Value asTensor(Value memory);

  Value extent(Value memory, int64_t axis);
  Value load(Value memory, ValueRange indices);
  void store(Value real, Value memory, ValueRange indices);

  /// Any float as a real; exact.
  Value extend(Value number);
  /// A real rounded to nearest, ties to even, in one rounding.
  Value truncate(Value real, FloatType type);
  /// A real as f32, rounded to odd: rounding the result again, to a type with
  /// at most 22 bits of significand, is the same as rounding `real` directly.
  Value roundToOdd(Value real);

  /// An integer, or the nearest of +-2^40 if it is beyond.
  Value clampToPositions(Value integer);

  /// `for (i = 0; i < count; ++i) body(i)`.
  void loop(Value count, function_ref<void(Value)> body);
  /// The same with a carried value: `x = init; for ... x = body(i, x)`.
  Value fold(Value count, Value init, function_ref<Value(Value, Value)> body);
};

/// Diagnoses, at `op`, what `region` (called `name`) computes and float64
/// cannot stand for.
LogicalResult checkFloat64Region(Operation *op, Region &region, StringRef name);

/// What a region reads from tables and from outside.
enum class Reads {
  asWritten,
  /// As masks read: 64-bit integers are clamped to +-2^40, and an index of a
  /// table before 0 is 0.
  ofMask
};

/// Computes `region` at the insertion point, with every float as a real.
/// `arguments` are the block arguments' values, floats as reals. The region
/// passes `checkFloat64Region`.
Value inlineAsFloat64(ReferenceBuilder &b, Region &region, ValueRange arguments,
                      Reads reads = Reads::asWritten);

/// Builds the definition of `op` before it and returns what replaces its
/// results. Fails with a diagnostic before anything is built.
FailureOr<SmallVector<Value>> buildReference(ReferenceBuilder &b, AttendOp op);
FailureOr<SmallVector<Value>> buildReference(ReferenceBuilder &b, ScanOp op);
FailureOr<SmallVector<Value>> buildReference(ReferenceBuilder &b,
                                             ConvolveOp op);
FailureOr<SmallVector<Value>> buildReference(ReferenceBuilder &b,
                                             StateSpaceOp op);

/// Builds the tensor that a cache stands for before `op` and returns it.
Value buildReference(ReferenceBuilder &b, ReadOp op);

} // namespace attnc::attn

#endif // ATTNC_LIB_CONVERSION_ATTNTOREFERENCE_REFERENCEBUILDER_H
