//===- RegionChecks.h - what verifiers ask of regions -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The regions of the attn ops (score, where, decay, feature) are functions of
// one element. This is the one definition of what may be written in them,
// shared by their verifiers, and of what their table look-ups require of the
// tables.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_DIALECT_ATTN_IR_REGIONCHECKS_H
#define ATTNC_LIB_DIALECT_ATTN_IR_REGIONCHECKS_H

#include "TensorChecks.h"
#include "attnc/Dialect/Attn/IR/ShapeContract.h"

namespace attnc::attn {

/// A position that a region may index tables with: an argument of the region,
/// and the dimension of an operand that bounds it.
struct TablePosition {
  unsigned argument;
  StringRef name;
  NamedExtent bound;
  StringRef meaning;
  /// Whether neighbouring elements have different values of it. Such positions
  /// are the last indices of a look-up, one or two: it is read as a row or as a
  /// matrix.
  bool varies = false;
};

/// One region and its rules.
struct ElementRegion {
  StringRef name;
  Region *region;
  /// The types of its arguments, and how a message writes them.
  SmallVector<Type> arguments;
  StringRef signature;
  SmallVector<TablePosition> positions;
  /// Whether it yields i1; else f32.
  bool yieldsTruth = false;
};

/// The output region `body` of an op whose steps are single positions, applied
/// to its result, which is like `value`: `[batch, heads, length, dim]`.
ElementRegion getOutputRegion(Region &body, NamedTensor value);

/// The region takes `arguments` and ends in an `attn.yield` of its type.
LogicalResult verifySignature(Operation *op, const ElementRegion &region);

/// The region holds only scalar `arith` and `math` ops, `tensor.dim`, and
/// `tensor.extract` whose indices are positions or constants in bounds. Then no
/// look-up leaves its table: the contract makes an axis that is indexed by a
/// position as long as the position's range.
LogicalResult verifyBody(Operation *op, const ElementRegion &region);

/// Requires that each axis of a table that is indexed by a position has the
/// extent which bounds the position.
void requireTableExtents(const ElementRegion &region, ShapeContract &contract);

} // namespace attnc::attn

#endif // ATTNC_LIB_DIALECT_ATTN_IR_REGIONCHECKS_H
