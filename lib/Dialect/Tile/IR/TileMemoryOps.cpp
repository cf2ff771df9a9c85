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
  // load_c4
  // store_c4
  ArrayRef<int64_t> axes = op.getGatherAxes().value_or(ArrayRef<int64_t>());
  if (axes.size() != op.getGather().size())
    return op.emitOpError() << "gathers along " << axes.size()
                            << " axes and must have one for each of the "
                            << op.getGather().size() << " index tiles";
  int64_t axesInFront = memory.getRank() - (tile.getRank() - 1), previous = -1;
  for (int64_t axis : axes) {
    if (axis <= previous || axis >= axesInFront)
      return op.emitOpError()
             << "gathers along axis " << axis
             << "; axes ascend, and are from 0 to " << axesInFront - 1
             << ", since the tile's other axes are behind them";
    previous = axis;
  }
  // load_c5
  // store_c5
  for (Value indices : op.getGather()) {
    auto type = cast<RankedTensorType>(indices.getType());
    if (type.getRank() != 1 || type.getDimSize(0) != tile.getDimSize(0))
      return op.emitOpError() << "gathers at " << type << ", which must be a "
                              << "tensor<" << tile.getDimSize(0) << "xindex>"
                              << ", one index for each row of the tile";
  }
  return success();
}

LogicalResult LoadOp::verify() {
  // load_c2
  Type memory = cast<MemRefType>(getMemory().getType()).getElementType();
  Type element = cast<RankedTensorType>(getTile().getType()).getElementType();
  if (!element.isF32() && element != memory)
    return emitOpError() << "reads memory of " << memory << " as a tile of "
                         << element << ", which only memory of " << element
                         << " can be read as";
  if (failed(verifyAccess(*this)))
    return failure();
  // load_c6
  bool isBytes = getMemory().getType().getElementType().isInteger(8);
  if (isBytes != getEncoding().has_value())
    return emitOpError() << (isBytes ? "does not say what bytes stand for: add "
                                       "'as i8', i4, f8E4M3FN or f8E5M2"
                                     : "says what bytes stand for, and its "
                                       "memory is not of bytes");
  if (!isBytes)
    return success();
  Type encoding = *getEncoding();
  if (!encoding.isSignlessInteger(8) && !encoding.isSignlessInteger(4) &&
      !isa<mlir::Float8E4M3FNType, mlir::Float8E5M2Type>(encoding))
    return emitOpError() << "reads bytes as " << encoding
                         << "; they are i8, i4, f8E4M3FN or f8E5M2";
  // load_c7
  auto tile = cast<RankedTensorType>(getTile().getType());
  if (encoding.isInteger(4) &&
      (tile.getRank() != 2 || tile.getDimSize(1) % 2 != 0))
    return emitOpError() << "reads i4 into " << tile
                         << ", which must have rank 2 and an even last size";
  return success();
}

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
