//===- ExtentsOfViews.cpp - slices and reshapes of tensors ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What slices and reshapes ask of extents, as far as it is known when a
// function is compiled or is that two extents are equal. A slice of a static
// axis is compared with the axis here; any other has to be the whole axis.
//
//===----------------------------------------------------------------------===//

#include "ExtentClasses.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace attnc;
using namespace attnc::attn;
using mlir::OpFoldResult;

std::optional<Dimension> ExtentClasses::getDimension(OpFoldResult extent) {
  auto value = dyn_cast<Value>(extent);
  auto dim = value ? value.getDefiningOp<mlir::tensor::DimOp>()
                   : mlir::tensor::DimOp();
  std::optional<int64_t> axis = dim ? dim.getConstantIndex() : std::nullopt;
  if (!axis || *axis < 0 ||
      *axis >= cast<RankedTensorType>(dim.getSource().getType()).getRank())
    return std::nullopt;
  return Dimension{dim.getSource(), *axis};
}

LogicalResult ExtentClasses::mergeSizes(Operation &op, Value result,
                                        ArrayRef<OpFoldResult> sizes) {
  for (auto [axis, size] : llvm::enumerate(sizes)) {
    if (isa<Attribute>(size))
      continue;
    std::optional<Dimension> source = getDimension(size);
    if (!source)
      return op.emitError()
             << "the size of dimension " << axis << " is computed, so that it "
             << "cannot be checked when the kernel is called; take it from a "
             << "tensor with tensor.dim, or make it static";
    merge({result, int64_t(axis)}, *source);
  }
  return success();
}

/// Whether `offset`, `size` and `stride` are of an axis of `extent` and stay
/// inside of it.
static bool isInside(std::optional<int64_t> offset, std::optional<int64_t> size,
                     std::optional<int64_t> stride, int64_t extent) {
  if (!offset || !size || !stride || *offset < 0 || *size < 0 || *stride < 1)
    return false;
  if (*size == 0)
    return *offset <= extent;
  // By division: the product need not fit.
  return *offset < extent && *size - 1 <= (extent - 1 - *offset) / *stride;
}

LogicalResult
ExtentClasses::mergeSlice(mlir::OffsetSizeAndStrideOpInterface slice,
                          Value whole, Value part,
                          const llvm::SmallBitVector &dropped) {
  auto type = cast<RankedTensorType>(whole.getType());
  int64_t axisOfPart = 0;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    OpFoldResult offset = slice.getMixedOffsets()[axis];
    OpFoldResult size = slice.getMixedSizes()[axis];
    OpFoldResult stride = slice.getMixedStrides()[axis];
    std::optional<Dimension> source = getDimension(size);
    if (source && mlir::isZeroInteger(offset) && mlir::isOneInteger(stride)) {
      merge({whole, axis}, *source);
      merge({whole, axis}, {part, axisOfPart++});
      continue;
    }
    if (type.isDynamicDim(axis) ||
        !isInside(mlir::getConstantIntValue(offset),
                  mlir::getConstantIntValue(size),
                  mlir::getConstantIntValue(stride), type.getDimSize(axis)))
      return slice->emitError()
             << "the slice of dimension " << axis
             << " is not known to be in bounds, and could not be checked when "
                "the kernel is called; make offset, size, stride and the "
                "dimension static, or take the whole of it, from 0 and with "
                "the size that tensor.dim gives";
    axisOfPart += !dropped.test(axis);
  }
  return success();
}

LogicalResult ExtentClasses::collectFromSlice(mlir::tensor::ExtractSliceOp op) {
  return mergeSlice(op, op.getSource(), op.getResult(), op.getDroppedDims());
}

LogicalResult ExtentClasses::collectFromSlice(mlir::tensor::InsertSliceOp op) {
  mergeAllAxes(op.getDest(), op.getResult());
  return mergeSlice(op, op.getDest(), op.getSource(), op.getDroppedDims());
}

LogicalResult
ExtentClasses::mergeGroups(Operation *op, Value wide, Value narrow,
                           ArrayRef<mlir::ReassociationIndices> groups) {
  auto wideType = cast<RankedTensorType>(wide.getType());
  auto narrowType = cast<RankedTensorType>(narrow.getType());
  for (auto [axis, group] : llvm::enumerate(groups)) {
    if (group.size() == 1) {
      merge({narrow, int64_t(axis)}, {wide, group.front()});
      continue;
    }
    auto isDynamic = [&](int64_t i) { return wideType.isDynamicDim(i); };
    if (narrowType.isDynamicDim(axis) || llvm::any_of(group, isDynamic))
      return op->emitError()
             << "dimension " << axis << " is made of or into several of which "
             << "one is dynamic, so that it cannot be checked when the kernel "
                "is called; only static dimensions are split and joined here";
  }
  return success();
}

LogicalResult
ExtentClasses::collectFromReshape(mlir::tensor::ExpandShapeOp op) {
  if (failed(mergeGroups(op, op.getResult(), op.getSrc(),
                         op.getReassociationIndices())))
    return failure();
  return mergeSizes(*op, op.getResult(), op.getMixedOutputShape());
}

LogicalResult
ExtentClasses::collectFromReshape(mlir::tensor::CollapseShapeOp op) {
  return mergeGroups(op, op.getSrc(), op.getResult(),
                     op.getReassociationIndices());
}
