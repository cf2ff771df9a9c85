//===- ExtentClasses.cpp - dimensions that must be equal ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Union-find over (tensor, axis). An op that is not understood is refused
// rather than ignored: the entry point checks exactly what is collected here,
// and a requirement that nobody checks is a read past a buffer.
//
//===----------------------------------------------------------------------===//

#include "ExtentClasses.h"

#include "attnc/Dialect/Attn/IR/Attn.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"

using namespace attnc;
using namespace attnc::attn;

namespace {

bool isTensor(Value value) { return isa<RankedTensorType>(value.getType()); }

int64_t getRank(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getRank();
}

/// The axis that an extent is asked of is one that there is.
LogicalResult verifyAxis(mlir::tensor::DimOp op) {
  std::optional<int64_t> axis = op.getConstantIndex();
  if (axis && *axis >= 0 && *axis < getRank(op.getSource()))
    return success();
  return op.emitError("the axis has to be a number, less than the rank");
}

} // namespace

unsigned ExtentClasses::getRepresentative(unsigned index) {
  while (parents[index] != index) {
    parents[index] = parents[parents[index]];
    index = parents[index];
  }
  return index;
}

unsigned ExtentClasses::getClass(Dimension dimension) {
  auto [it, isNew] = classOfDimension.try_emplace(
      {dimension.tensor, dimension.axis}, unsigned(parents.size()));
  if (!isNew)
    return getRepresentative(it->second);
  unsigned index = parents.size();
  parents.push_back(index);
  ExtentClass &created = classes.emplace_back();
  RankedTensorType type = getStreamType(dimension.tensor);
  if (!type.isDynamicDim(dimension.axis))
    created.constant = type.getDimSize(dimension.axis);
  return index;
}

void ExtentClasses::merge(Dimension a, Dimension b) {
  unsigned kept = getClass(a), gone = getClass(b);
  if (kept == gone)
    return;
  // The older class is kept, so that the first meaning given wins.
  if (gone < kept)
    std::swap(kept, gone);
  parents[gone] = kept;
  ExtentClass &into = classes[kept], &from = classes[gone];
  if (into.constant && from.constant && *into.constant != *from.constant)
    conflict = {*into.constant, *from.constant};
  if (!into.constant)
    into.constant = from.constant;
  if (into.meaning.empty())
    into.meaning = from.meaning;
}

void ExtentClasses::mergeAllAxes(Value a, Value b) {
  for (int64_t axis = 0, rank = getRank(a); axis < rank; ++axis)
    merge({a, axis}, {b, axis});
}

void ExtentClasses::requireEqual(Dimension a, Dimension b, StringRef meaning) {
  merge(a, b);
  name(a, meaning);
}

void ExtentClasses::requireMultiple(Dimension multiple, Dimension divisor) {
  multiples.emplace_back(getClass(multiple), getClass(divisor));
}

void ExtentClasses::name(Dimension dimension, StringRef meaning) {
  ExtentClass &named = classes[getClass(dimension)];
  if (named.meaning.empty())
    named.meaning = meaning.str();
}

void ExtentClasses::forEach(function_ref<void(Dimension, unsigned)> visit) {
  for (auto [dimension, index] : classOfDimension)
    visit({dimension.first, dimension.second}, getRepresentative(index));
}

/// Two operands of a `linalg` op that index the same loop have equal extents
/// there.
LogicalResult ExtentClasses::collectFromLinalg(Operation &op) {
  auto linalgOp = cast<mlir::linalg::LinalgOp>(op);
  auto destinationOp = cast<mlir::DestinationStyleOpInterface>(op);
  SmallVector<std::optional<Dimension>> dimensionOfLoop(linalgOp.getNumLoops());
  for (mlir::OpOperand &operand : op.getOpOperands()) {
    if (!isTensor(operand.get()))
      continue;
    mlir::AffineMap map = linalgOp.getMatchingIndexingMap(&operand);
    for (auto [axis, expr] : llvm::enumerate(map.getResults())) {
      auto loop = dyn_cast<mlir::AffineDimExpr>(expr);
      if (!loop)
        return op.emitError()
               << "operand #" << operand.getOperandNumber()
               << " is indexed by an expression of several loops, so that its "
                  "extents cannot be checked when the kernel is called; only "
                  "permutations and broadcasts are supported here";
      Dimension dimension{operand.get(), int64_t(axis)};
      std::optional<Dimension> &first = dimensionOfLoop[loop.getPosition()];
      if (first)
        merge(*first, dimension);
      else
        first = dimension;
    }
  }
  for (mlir::OpResult result : op.getResults())
    if (isTensor(result))
      mergeAllAxes(destinationOp.getTiedOpOperand(result)->get(), result);
  return collectFromBody(op, dimensionOfLoop);
}

LogicalResult
ExtentClasses::collectFromBody(Operation &op,
                               ArrayRef<std::optional<Dimension>> loops) {
  mlir::WalkResult result = op.walk([&](Operation *inner) {
    bool isOnTensors = llvm::any_of(inner->getOperands(), isTensor) ||
                       llvm::any_of(inner->getResults(), isTensor);
    if (inner == &op || !isOnTensors)
      return mlir::WalkResult::advance();
    if (auto extract = dyn_cast<mlir::tensor::ExtractOp>(inner))
      return mlir::WalkResult(collectFromLookUp(extract, op, loops));
    if (auto dim = dyn_cast<mlir::tensor::DimOp>(inner))
      return mlir::WalkResult(verifyAxis(dim));
    inner->emitError() << "'" << inner->getName()
                       << "' on tensors is not supported in the body of an "
                          "op: move it in front of the op";
    return mlir::WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

/// An index of the loop over some dimension, or a number within a static one.
LogicalResult
ExtentClasses::collectFromLookUp(mlir::tensor::ExtractOp extract,
                                 Operation &parent,
                                 ArrayRef<std::optional<Dimension>> loops) {
  Value table = extract.getTensor();
  for (auto [i, index] : llvm::enumerate(extract.getIndices())) {
    auto axis = int64_t(i);
    auto loop = index.getDefiningOp<mlir::linalg::IndexOp>();
    if (loop && loop->getParentOp() == &parent && loops[loop.getDim()]) {
      merge({table, axis}, *loops[loop.getDim()]);
      continue;
    }
    std::optional<int64_t> number = mlir::getConstantIntValue(index);
    int64_t extent = cast<RankedTensorType>(table.getType()).getDimSize(axis);
    if (number && *number >= 0 && !mlir::ShapedType::isDynamic(extent) &&
        *number < extent)
      continue;
    return extract.emitError()
           << "index " << axis << " is not known to be in bounds, and could "
           << "not be checked when the kernel is called; use a linalg.index of "
              "the op around it, or a number within a static dimension";
  }
  return success();
}

LogicalResult ExtentClasses::collectFrom(Operation &op) {
  if (auto contract = dyn_cast<ShapeContractOpInterface>(op)) {
    contract.getShapeContract(*this);
    return success();
  }
  if (isa<mlir::linalg::LinalgOp>(op))
    return collectFromLinalg(op);

  SmallVector<Value> tensors;
  for (Value value : op.getOperands())
    if (isTensor(value))
      tensors.push_back(value);
  for (Value value : op.getResults())
    if (isTensor(value))
      tensors.push_back(value);
  bool hasEqualShapes =
      op.hasTrait<mlir::OpTrait::Elementwise>() ||
      op.hasTrait<mlir::OpTrait::SameOperandsAndResultShape>() ||
      isa<mlir::tensor::CastOp>(op);
  if (hasEqualShapes) {
    for (Value tensor : ArrayRef(tensors).drop_front(tensors.empty() ? 0 : 1))
      mergeAllAxes(tensors.front(), tensor);
    return success();
  }
  // An empty tensor is as large as the tensors its sizes were taken from.
  if (auto empty = dyn_cast<mlir::tensor::EmptyOp>(op))
    return mergeSizes(op, empty.getResult(), empty.getMixedSizes());
  if (auto slice = dyn_cast<mlir::tensor::ExtractSliceOp>(op))
    return collectFromSlice(slice);
  if (auto slice = dyn_cast<mlir::tensor::InsertSliceOp>(op))
    return collectFromSlice(slice);
  if (auto reshape = dyn_cast<mlir::tensor::ExpandShapeOp>(op))
    return collectFromReshape(reshape);
  if (auto reshape = dyn_cast<mlir::tensor::CollapseShapeOp>(op))
    return collectFromReshape(reshape);
  bool hasNoRequirement = tensors.empty() ||
                          op.hasTrait<mlir::OpTrait::ConstantLike>() ||
                          op.hasTrait<mlir::OpTrait::IsTerminator>();
  if (auto dim = dyn_cast<mlir::tensor::DimOp>(op))
    return verifyAxis(dim);
  if (hasNoRequirement)
    return collectFromBody(op, /*loops=*/{});
  return op.emitError()
         << "'" << op.getName()
         << "' on tensors is not supported beside attn ops: what it requires "
            "of "
            "extents is not known, so it could not be checked when the kernel "
            "is "
            "called; use attn, linalg, or elementwise arith and math ops";
}

LogicalResult ExtentClasses::collect(mlir::func::FuncOp function) {
  for (Value argument : function.getArguments())
    for (int64_t axis = 0, rank = getRank(argument); axis < rank; ++axis)
      getClass({argument, axis});
  for (Operation &op : function.front()) {
    if (failed(collectFrom(op)))
      return failure();
    if (conflict)
      return op.emitError()
             << "requires an extent to be both " << conflict->first << " and "
             << conflict->second << ", through the shapes of other operations "
             << "in this function";
  }
  return success();
}
