//===- TensorChecks.cpp - what verifiers ask of tensors -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// See TensorChecks.h.
//
//===----------------------------------------------------------------------===//
#include "TensorChecks.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace attnc;
using namespace attnc::attn;

namespace {

constexpr int64_t kMaxElements = int64_t(1) << 40;

/// The product of the static extents, or nothing if it exceeds kMaxElements.
std::optional<int64_t> getStaticElementCount(ArrayRef<int64_t> shape) {
  // An empty axis makes the product zero, whatever the others are.
  if (llvm::is_contained(shape, 0))
    return 0;
  int64_t count = 1;
  for (int64_t extent : shape) {
    if (mlir::ShapedType::isDynamic(extent))
      continue;
    std::optional<int64_t> product = llvm::checkedMul<int64_t>(count, extent);
    if (!product || *product > kMaxElements)
      return std::nullopt;
    count = *product;
  }
  return count;
}

} // namespace

LogicalResult attn::verifyRank(Operation *op, NamedTensor tensor,
                               ArrayRef<StringRef> axes) {
  int64_t rank = tensor.getType().getRank();
  if (rank == static_cast<int64_t>(axes.size()))
    return success();
  return op->emitOpError() << tensor.name << " has rank " << rank
                           << " and must have rank " << axes.size() << ": ["
                           << llvm::join(axes, ", ") << "]";
}

LogicalResult attn::verifySameElementType(Operation *op, NamedTensor tensor,
                                          NamedTensor reference) {
  Type element = tensor.getType().getElementType();
  Type expected = reference.getType().getElementType();
  if (element == expected)
    return success();
  return op->emitOpError() << tensor.name << " has element type " << element
                           << " and " << reference.name << " has " << expected
                           << ": query, key, value and out must have the same";
}

LogicalResult attn::verifyLikeElementType(Operation *op, NamedTensor tensor,
                                          NamedTensor reference) {
  if (tensor.getType().getElementType().isF32())
    return success();
  return verifySameElementType(op, tensor, reference);
}

LogicalResult attn::verifyFloat32(Operation *op, NamedTensor tensor) {
  Type element = tensor.getType().getElementType();
  if (element.isF32())
    return success();
  return op->emitOpError() << tensor.name << " has element type " << element
                           << " and must have f32, in which it is computed";
}

LogicalResult attn::verifySameExtent(Operation *op, NamedExtent extent,
                                     NamedExtent reference, StringRef meaning) {
  int64_t actual = extent.get(), expected = reference.get();
  if (actual == expected || mlir::ShapedType::isDynamic(actual) ||
      mlir::ShapedType::isDynamic(expected))
    return success();
  return op->emitOpError() << meaning << " of " << extent.tensor.name << " is "
                           << actual << " and that of " << reference.tensor.name
                           << " is " << expected << ": they must be equal";
}

LogicalResult attn::verifyStaticExtent(Operation *op, NamedExtent extent,
                                       StringRef meaning) {
  int64_t value = extent.get();
  if (mlir::ShapedType::isDynamic(value))
    return op->emitOpError()
           << meaning << " of " << extent.tensor.name
           << " is dynamic and must be a number: write it in place of the '?'"
              ", as in tensor<?x?x?x64xf32>";
  if (value == 0)
    return op->emitOpError() << meaning << " of " << extent.tensor.name
                             << " is 0 and must be positive";
  return success();
}

LogicalResult attn::verifyElementCounts(Operation *op) {
  auto verify = [&](Type type) -> LogicalResult {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || getStaticElementCount(tensor.getShape()))
      return success();
    return op->emitOpError()
           << "type " << tensor << " has more than 2^40 elements";
  };
  for (Type type : op->getOperandTypes())
    if (failed(verify(type)))
      return failure();
  for (Type type : op->getResultTypes())
    if (failed(verify(type)))
      return failure();
  return success();
}

SmallVector<mlir::OpFoldResult>
attn::reifyShape(OpBuilder &builder, Value result,
                 ArrayRef<NamedExtent> sources) {
  SmallVector<mlir::OpFoldResult> shape;
  auto type = cast<RankedTensorType>(result.getType());
  for (auto [axis, source] : llvm::enumerate(sources)) {
    if (!type.isDynamicDim(axis)) {
      shape.push_back(builder.getIndexAttr(type.getDimSize(axis)));
      continue;
    }
    // Callers rely on a value exactly where the result's type is dynamic, even
    // if the operand's type knows the number.
    mlir::OpFoldResult extent = mlir::tensor::getMixedSize(
        builder, result.getLoc(), source.tensor.value, source.axis);
    shape.push_back(
        getValueOrCreateConstantIndexOp(builder, result.getLoc(), extent));
  }
  return shape;
}
