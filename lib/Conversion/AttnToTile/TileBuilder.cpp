//===- TileBuilder.cpp - views of memory ----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What tiles are loaded from where it is not the operand as it is, and what
// carries without rows have in common.
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

namespace attnc::attn {

Value TileBuilder::everyNth(Value memory, int64_t axis, Value start,
                            Value step) {
  int64_t rank = cast<MemRefType>(memory.getType()).getRank();
  SmallVector<mlir::OpFoldResult> offsets(rank, getIndexAttr(0));
  SmallVector<mlir::OpFoldResult> strides(rank, getIndexAttr(1)), sizes;
  for (int64_t i = 0; i < rank; ++i)
    sizes.push_back(mlir::memref::getMixedSize(*this, getLoc(), memory, i));
  Value size = dim(memory, axis);
  Value left = mlir::arith::SubIOp::create(*this, size, start);
  Value count = mlir::arith::CeilDivSIOp::create(*this, left, step);
  count = mlir::arith::MaxSIOp::create(*this, count, index(0));
  sizes[axis] = count;
  offsets[axis] = start;
  strides[axis] = step;
  return mlir::memref::SubViewOp::create(*this, memory, offsets, sizes,
                                         strides);
}

Value TileBuilder::asColumn(Value memory) {
  auto type = cast<MemRefType>(memory.getType());
  int64_t rank = type.getRank();
  SmallVector<mlir::ReassociationIndices> groups;
  SmallVector<mlir::OpFoldResult> sizes;
  SmallVector<int64_t> shape(type.getShape());
  for (int64_t i = 0; i < rank; ++i) {
    groups.push_back({i});
    sizes.push_back(mlir::memref::getMixedSize(*this, getLoc(), memory, i));
  }
  groups.back().push_back(rank);
  shape.push_back(1);
  sizes.push_back(getIndexAttr(1));
  auto expanded =
      mlir::memref::ExpandShapeOp::computeExpandedType(type, shape, groups);
  return mlir::memref::ExpandShapeOp::create(*this, *expanded, memory, groups,
                                             sizes);
}

Value TileBuilder::behind(const TileAxis &axis) {
  Value end = mlir::arith::AddIOp::create(*this, axis.last, index(1));
  return mlir::arith::SubIOp::create(*this, end, axis.extent);
}

Value TileBuilder::reversed(Value memory, int64_t axis) {
  namespace memref = mlir::memref;
  auto type = cast<MemRefType>(memory.getType());
  auto parts = memref::ExtractStridedMetadataOp::create(*this, memory);
  SmallVector<mlir::OpFoldResult> sizes =
      memref::getMixedSizes(*this, getLoc(), memory);
  SmallVector<mlir::OpFoldResult> strides = parts.getConstifiedMixedStrides();
  Value stride = parts.getStrides()[axis];
  Value last =
      mlir::arith::SubIOp::create(*this, parts.getSizes()[axis], index(1));
  Value offset = mlir::arith::AddIOp::create(
      *this, parts.getOffset(),
      mlir::arith::MulIOp::create(*this, last, stride));
  Value back = mlir::arith::SubIOp::create(*this, index(0), stride);
  strides[axis] = back;
  SmallVector<int64_t> staticStrides;
  SmallVector<Value> dynamicStrides;
  mlir::dispatchIndexOpFoldResults(strides, dynamicStrides, staticStrides);
  auto layout = mlir::StridedLayoutAttr::get(
      getContext(), mlir::ShapedType::kDynamic, staticStrides);
  auto viewType = MemRefType::get(type.getShape(), type.getElementType(),
                                  layout, type.getMemorySpace());
  return memref::ReinterpretCastOp::create(
      *this, viewType, parts.getBaseBuffer(), offset, sizes, strides);
}

void startWithoutRows(CarryContext &context, TileBuilder &b) {
  context.first = b.index(0);
  context.count = context.positions = b.index(1);
  context.keyLength = b.dim(context.inputs[0], 2);
}

void visitAllKeys(CarryContext &context) {
  TileBuilder b(context);
  Value zero = b.index(0), keys = context.keyLength;
  tile::VisitOp::create(b, zero, zero, keys, keys);
}

LogicalResult refuseSplits(Operation *op) {
  return op->emitOpError(
      "stores an output at every step and cannot be split along the "
      "sequence; use splits = 1");
}

} // namespace attnc::attn
