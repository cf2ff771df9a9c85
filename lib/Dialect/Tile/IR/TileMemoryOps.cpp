//===- TileMemoryOps.cpp - verifiers of load and store --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The constraints C1, C2, ... are those of dialects/Tile/TileMemoryOps.td.
//
//===----------------------------------------------------------------------===//
#include "attnc/Dialect/Tile/IR/Tile.h"

using namespace attnc;
using namespace attnc::tile;

/// Loads and stores are indexed alike.
template <typename Op>
static LogicalResult verifyAccess(Op op) {
  auto memory = cast<MemRefType>(op.getMemory().getType());
  auto tile = cast<RankedTensorType>(op.getTile().getType());
  // load_c1
  // store_c1
  int64_t offsets = op.getOffsets().size(), extents = op.getExtent().size();
  if (offsets != memory.getRank())
    return op.emitOpError()
           << "has " << offsets << " offsets and must have " << memory.getRank()
           << ", one per axis of the memory";
  if (extents != tile.getRank())
    return op.emitOpError() << "has " << extents << " extents and must have "
                            << tile.getRank() << ", one per axis of the tile";
  // load_c3
  // store_c3
  if (tile.getRank() > memory.getRank())
    return op.emitOpError() << "the tile has rank " << tile.getRank()
                            << ", more than the memory, " << memory.getRank();
  return success();
}

LogicalResult LoadOp::verify() { return verifyAccess(*this); }

LogicalResult StoreOp::verify() { return verifyAccess(*this); }

LogicalResult GatherOp::verify() {
  // gather_c1
  int64_t rank = cast<MemRefType>(getMemory().getType()).getRank();
  if (static_cast<int64_t>(getLeading().size()) + 1 != rank)
    return emitOpError() << "has " << getLeading().size()
                         << " leading indices and must have one for each axis "
                            "of the memory but the last, "
                         << rank - 1;
  return success();
}
