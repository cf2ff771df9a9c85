//===- TileComputeOps.cpp - verifiers of ops on tiles ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The constraints C1, C2, ... are those of dialects/Tile/TileComputeOps.td.
//
//===----------------------------------------------------------------------===//
#include "attnc/Dialect/Tile/IR/Tile.h"

using namespace attnc;
using namespace attnc::tile;

namespace {

RankedTensorType getTileType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

LogicalResult verifyAxis(Operation *op, StringRef name, int64_t axis,
                         RankedTensorType tile) {
  if (axis >= 0 && axis < tile.getRank())
    return success();
  return op->emitOpError() << "axis " << axis << " of " << name
                           << " is none of " << tile;
}

/// The shape of a tile without one of its axes.
SmallVector<int64_t> dropAxis(RankedTensorType tile, int64_t axis) {
  SmallVector<int64_t> shape(tile.getShape());
  shape.erase(shape.begin() + axis);
  return shape;
}

/// A rank-1 tile of an element type that is called `element`.
LogicalResult verifyVector(Operation *op, StringRef name, Value value,
                           StringRef element, bool isElement) {
  RankedTensorType tile = getTileType(value);
  if (tile.getRank() == 1 && isElement)
    return success();
  return op->emitOpError() << name << " has type " << tile
                           << " and must be a rank-1 tile of " << element;
}

} // namespace

LogicalResult ContractOp::verify() {
  RankedTensorType lhs = getTileType(getLhs()), rhs = getTileType(getRhs());
  int64_t lhsAxis = getLhsAxis(), rhsAxis = getRhsAxis();
  // contract_c1
  if (lhs.getRank() != 2)
    return emitOpError() << "lhs has type " << lhs << " and must have rank 2";
  if (failed(verifyAxis(*this, "lhs", lhsAxis, lhs)) ||
      failed(verifyAxis(*this, "rhs", rhsAxis, rhs)))
    return failure();
  if (lhs.getDimSize(lhsAxis) != rhs.getDimSize(rhsAxis))
    return emitOpError() << "the contracted axes have sizes "
                         << lhs.getDimSize(lhsAxis) << " and "
                         << rhs.getDimSize(rhsAxis)
                         << " and must have one size";
  // contract_c2
  SmallVector<int64_t> shape = dropAxis(lhs, lhsAxis);
  llvm::append_range(shape, dropAxis(rhs, rhsAxis));
  RankedTensorType expected = getTileType(getAccumulator()).clone(shape);
  if (getTileType(getResult()) != expected)
    return emitOpError() << "the result has type " << getResult().getType()
                         << " and must have " << expected
                         << ": the other axis of lhs, then the other axis of "
                            "rhs";
  // contract_c3
  if (lhs.getElementType() != rhs.getElementType())
    return emitOpError() << "multiplies " << lhs.getElementType() << " by "
                         << rhs.getElementType()
                         << "; lhs and rhs must have one element type";
  return success();
}

LogicalResult ReduceOp::verify() {
  RankedTensorType tile = getTileType(getTile());
  // reduce_c1
  if (failed(verifyAxis(*this, "the tile", getAxis(), tile)))
    return failure();
  Type expected = tile.getElementType();
  if (tile.getRank() == 2)
    expected = tile.clone(dropAxis(tile, getAxis()));
  if (getResult().getType() != expected)
    return emitOpError() << "the result has type " << getResult().getType()
                         << " and must have " << expected
                         << ", the tile without axis " << getAxis();
  return success();
}

LogicalResult CumulativeSumOp::verify() {
  // cumulative_sum_c1
  return verifyAxis(*this, "the tile", getAxis(), getTileType(getTile()));
}

LogicalResult BroadcastOp::verify() {
  RankedTensorType tile = getTileType(getTile()),
                   result = getTileType(getResult());
  // broadcast_c1
  if (tile.getRank() != 1 || result.getRank() != 2)
    return emitOpError() << "takes a rank-1 tile to a rank-2 tile, and not "
                         << tile << " to " << result;
  if (failed(verifyAxis(*this, "the result", getAxis(), result)))
    return failure();
  if (tile.getElementType() != result.getElementType() ||
      tile.getDimSize(0) != result.getDimSize(getAxis()))
    return emitOpError() << "axis " << getAxis() << " of " << result
                         << " must have the size and element type of " << tile;
  return success();
}

LogicalResult RepeatOp::verify() {
  RankedTensorType tile = getTileType(getTile()),
                   result = getTileType(getResult());
  // repeat_c1, repeat_c2
  if (tile.getRank() != 2 || result.getRank() != 2 ||
      tile.getDimSize(0) != result.getDimSize(0) ||
      result.getDimSize(1) % tile.getDimSize(1) != 0)
    return emitOpError() << "takes a rank-2 tile to one of as many rows and a "
                            "multiple of its columns, and not "
                         << tile << " to " << result;
  return success();
}

LogicalResult TransposeOp::verify() {
  RankedTensorType tile = getTileType(getTile()),
                   result = getTileType(getResult());
  // transpose_c1
  if (tile.getRank() != 2 || result.getRank() != 2 ||
      tile.getDimSize(0) != result.getDimSize(1) ||
      tile.getDimSize(1) != result.getDimSize(0))
    return emitOpError() << "takes a rank-2 tile to one with its sizes "
                            "exchanged, and not "
                         << tile << " to " << result;
  return success();
}

LogicalResult IotaOp::verify() {
  // iota_c1
  return verifyVector(*this, "the result", getResult(), "index",
                      getTileType(getResult()).getElementType().isIndex());
}

LogicalResult GuardOp::verify() {
  // guard_c2
  auto fold = (*this)->getParentOfType<FoldOp>();
  if (!fold || !fold.getStep().isAncestor((*this)->getParentRegion()))
    return emitOpError() << "must be inside the step of a tile.fold, which "
                            "knows whether the range is a boundary";
  return success();
}

LogicalResult AnyOp::verify() {
  // any_c1
  return verifyVector(*this, "the tile", getTile(), "i1",
                      getTileType(getTile()).getElementType().isInteger(1));
}
