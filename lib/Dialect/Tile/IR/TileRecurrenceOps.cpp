//===- TileRecurrenceOps.cpp - verifiers of recurrences on tiles ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The constraints C1, C2, ... are those of dialects/Tile/TileRecurrenceOps.td.
//
//===----------------------------------------------------------------------===//
#include "attnc/Dialect/Tile/IR/Tile.h"

using namespace attnc;
using namespace attnc::tile;

static RankedTensorType getTileType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

LogicalResult CumulativeProductOp::verify() {
  RankedTensorType tile = getTileType(getTile());
  // cumulative_product_c1
  if (tile.getRank() != 2)
    return emitOpError() << "the tile has type " << tile
                         << " and must have rank 2";
  return success();
}

LogicalResult DecayedProductOp::verify() {
  RankedTensorType rows = getTileType(getLhs()),
                   result = getTileType(getResult());
  // decayed_product_c1
  if (rows.getRank() != 2)
    return emitOpError() << "lhs, rhs and factors have type " << rows
                         << " and must have rank 2";
  // decayed_product_c2
  int64_t size = rows.getDimSize(0);
  if (result != rows.clone({size, size}))
    return emitOpError() << "the result has type " << result
                         << " and must have a row and a column for each of the "
                         << size << " rows";
  return success();
}

LogicalResult SolveOp::verify() {
  RankedTensorType lhs = getTileType(getLhs()), rhs = getTileType(getRhs());
  // solve_c1
  if (lhs.getRank() != 2 || rhs.getRank() != 2 ||
      lhs.getDimSize(0) != lhs.getDimSize(1) ||
      lhs.getDimSize(0) != rhs.getDimSize(0))
    return emitOpError() << "lhs has type " << lhs << " and rhs " << rhs
                         << ": lhs must be square, with as many rows as rhs";
  return success();
}
