//===- TensorChecks.h - what verifiers ask of tensors -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The questions that the verifiers of the attn ops have in common, with one
// wording for each answer. All emit an error at the op and fail.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_DIALECT_ATTN_IR_TENSORCHECKS_H
#define ATTNC_LIB_DIALECT_ATTN_IR_TENSORCHECKS_H

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Support/LLVM.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

namespace attnc::attn {

/// A tensor operand or result under the name the user knows it by. A cache is
/// the tensor that it is read as.
struct NamedTensor {
  StringRef name;
  Value value;

  RankedTensorType getType() const { return getStreamType(value); }
  int64_t getExtent(int64_t axis) const { return getType().getDimSize(axis); }
};

/// One dimension of a named tensor.
struct NamedExtent {
  NamedTensor tensor;
  int64_t axis;

  int64_t get() const { return tensor.getExtent(axis); }
};

/// The states of an op that are present: what it goes on from, what it leaves.
template <typename OpT>
SmallVector<NamedTensor> getStates(OpT op) {
  SmallVector<NamedTensor> states;
  if (op.getInitialState())
    states.push_back({"initial_state", op.getInitialState()});
  if (op.getFinalState())
    states.push_back({"final_state", op.getFinalState()});
  return states;
}

/// `tensor` has one axis for each of `axes`, the names of its dimensions.
LogicalResult verifyRank(Operation *op, NamedTensor tensor,
                         ArrayRef<StringRef> axes);

/// `tensor` has the element type of `reference`, or f32.
LogicalResult verifyLikeElementType(Operation *op, NamedTensor tensor,
                                    NamedTensor reference);

/// `tensor` has the element type of `reference`.
LogicalResult verifySameElementType(Operation *op, NamedTensor tensor,
                                    NamedTensor reference);

/// The elements of `tensor` are f32.
LogicalResult verifyFloat32(Operation *op, NamedTensor tensor);

/// Two extents, both called `meaning`, are equal unless one is dynamic.
LogicalResult verifySameExtent(Operation *op, NamedExtent extent,
                               NamedExtent reference, StringRef meaning);

/// The extent called `meaning` is static and positive.
LogicalResult verifyStaticExtent(Operation *op, NamedExtent extent,
                                 StringRef meaning);

/// No type has more than 2^40 elements by its static extents, so that products
/// of extents can be computed in 64 bits.
LogicalResult verifyElementCounts(Operation *op);

/// The extents of `result`, of which axis i is that of `sources[i]`: constants
/// where the type of the result says so, index values elsewhere.
SmallVector<mlir::OpFoldResult> reifyShape(OpBuilder &builder, Value result,
                                           ArrayRef<NamedExtent> sources);

} // namespace attnc::attn

#endif // ATTNC_LIB_DIALECT_ATTN_IR_TENSORCHECKS_H
