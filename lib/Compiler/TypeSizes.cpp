//===- TypeSizes.cpp - limits on static types and constants ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// MLIR accepts types whose number of elements does not fit 64 bits, and splat
// constants of any size. The first would overflow in whatever multiplies the
// extents, the second would be written out when it is lowered.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Spec.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace attnc;

namespace {

/// The product of the static extents, or none if it exceeds the limit. A zero
/// counts as one: dynamic extents may not hide an overflow.
std::optional<int64_t> countElements(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t extent : shape) {
    if (mlir::ShapedType::isDynamic(extent) || extent == 0)
      continue;
    std::optional<int64_t> product = llvm::checkedMul(count, extent);
    if (!product || *product > maxTypeElements)
      return std::nullopt;
    count = *product;
  }
  return count;
}

LogicalResult checkType(Type type, Operation *op) {
  bool isTooLarge = false;
  type.walk([&](Type part) {
    if (auto shaped = dyn_cast<mlir::ShapedType>(part))
      isTooLarge |= shaped.hasRank() && !countElements(shaped.getShape());
  });
  if (!isTooLarge)
    return success();
  return op->emitError() << "a type has more than 2^40 elements: " << type;
}

LogicalResult checkAttribute(Attribute attr, Operation *op) {
  bool isTooLarge = false;
  attr.walk([&](Attribute part) {
    auto elements = dyn_cast<mlir::ElementsAttr>(part);
    if (!elements)
      return;
    std::optional<int64_t> count =
        countElements(elements.getShapedType().getShape());
    isTooLarge |= !count || *count > maxConstantElements;
  });
  if (isTooLarge)
    return op->emitError() << "a constant has more than 2^24 elements; pass it "
                              "as an argument";
  bool hasLargeType = false;
  attr.walk([&](Type type) { hasLargeType |= failed(checkType(type, op)); });
  return failure(hasLargeType);
}

LogicalResult checkOperation(Operation *op) {
  for (Type type : op->getResultTypes())
    if (failed(checkType(type, op)))
      return failure();
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (Type type : block.getArgumentTypes())
        if (failed(checkType(type, op)))
          return failure();
  for (mlir::NamedAttribute attr : op->getAttrs())
    if (failed(checkAttribute(attr.getValue(), op)))
      return failure();
  return success();
}

} // namespace

LogicalResult attnc::checkTypeSizes(ModuleOp module) {
  mlir::WalkResult result = module->walk([](Operation *op) {
    return failed(checkOperation(op)) ? mlir::WalkResult::interrupt()
                                      : mlir::WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}
