//===- TileKernelOps.cpp - verifiers of kernel and fold -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The constraints C1, C2, ... are those of dialects/Tile/TileKernelOps.td.
//
//===----------------------------------------------------------------------===//
#include "attnc/Dialect/Tile/IR/Tile.h"

using namespace attnc;
using namespace attnc::tile;

//===----------------------------------------------------------------------===//
// tile.kernel
//===----------------------------------------------------------------------===//

LogicalResult KernelOp::verify() {
  Block &body = getBody().front();
  // kernel_c1
  size_t operands = getNumOperands();
  if (body.getNumArguments() != operands)
    return emitOpError() << "the body takes " << body.getNumArguments()
                         << " arguments and must take " << operands
                         << ": one index per grid dimension, then one memref "
                            "per input and output";
  for (auto [position, index] : llvm::enumerate(getGridIndices()))
    if (!index.getType().isIndex())
      return emitOpError() << "argument " << position
                           << " of the body has type " << index.getType()
                           << " and must be index, the grid index";
  // kernel_c2
  auto views = llvm::enumerate(getViews());
  for (auto [position, view] : views) {
    Type operand = getOperand(getGrid().size() + position).getType();
    auto shaped = cast<mlir::ShapedType>(operand);
    auto memory = dyn_cast<MemRefType>(view.getType());
    // What is known of an operand's shape may become more; the body stays.
    auto isGeneral = [&] {
      return memory.getRank() == shaped.getRank() &&
             llvm::all_of(llvm::zip(memory.getShape(), shaped.getShape()),
                          [](auto extents) {
                            auto [inBody, outside] = extents;
                            return mlir::ShapedType::isDynamic(inBody) ||
                                   inBody == outside;
                          });
    };
    if (!memory || !isGeneral() ||
        memory.getElementType() != shaped.getElementType())
      return emitOpError() << "argument " << getGrid().size() + position
                           << " of the body has type " << view.getType()
                           << " and must be a memref of the shape and element "
                              "type of its operand, "
                           << operand;
  }
  // C3 is a trait of DestinationStyleOpInterface.
  return success();
}

//===----------------------------------------------------------------------===//
// tile.fold
//===----------------------------------------------------------------------===//

namespace {

/// The largest size of a tile, as in TileDialect.td.
constexpr int64_t kMaxTile = 1 << 16;

LogicalResult verifyAxes(FoldOp op) {
  ArrayRef<int64_t> axes = op.getCarryAxes();
  // fold_c2
  if (axes.size() != op.getInit().size())
    return op.emitOpError() << "has " << axes.size()
                            << " axes and must have one per component of the "
                               "carry, "
                            << op.getInit().size();
  std::optional<int64_t> independent;
  for (auto [axis, component] : llvm::zip(axes, op.getInit())) {
    auto type = cast<RankedTensorType>(component.getType());
    if (axis == -1)
      continue;
    if (axis < 0 || axis >= type.getRank())
      return op.emitOpError()
             << "axis " << axis << " is none of " << type
             << ": write -1 for a component without an independent axis";
    // fold_c5
    int64_t size = type.getDimSize(axis);
    if (independent && size != *independent)
      return op.emitOpError()
             << "the independent axes have sizes " << *independent << " and "
             << size << " and must have one size";
    if (size % op.getLanes() != 0)
      return op.emitOpError()
             << "the independent axis has size " << size
             << " and must be a multiple of lanes, " << op.getLanes();
    independent = size;
  }
  // fold_c7
  if (op.getRowsFollowAxis() && !independent)
    return op.emitOpError()
           << "rows_follow_axis needs an independent axis, and "
              "every axis is -1";
  return success();
}

/// The terminator of a region, which must be a yield.
FailureOr<YieldOp> getYield(FoldOp op, Region &region, StringRef name) {
  Operation *terminator = region.front().getTerminator();
  if (auto yield = dyn_cast<YieldOp>(terminator))
    return yield;
  return terminator->emitOpError()
         << "ends the " << name << " region, and tile.yield must";
}

} // namespace

LogicalResult FoldOp::verify() {
  // fold_c6
  for (auto [name, value] :
       {std::pair<StringRef, int64_t>{"keys", getKeyTile()},
        {"lanes", getLanes()}})
    if (value < 1 || value > kMaxTile)
      return emitOpError() << name << " is " << value
                           << " and must be from 1 to " << kMaxTile;
  // fold_c1
  if (getInit().getTypes() != getResultTypes())
    return emitOpError() << "init has types (" << getInit().getTypes()
                         << ") and the results have (" << getResultTypes()
                         << "): they must be the same";
  return verifyAxes(*this);
}

LogicalResult FoldOp::verifyRegions() {
  Type index = mlir::IndexType::get(getContext());
  // fold_c3
  SmallVector<Type> rangesArguments = {index, index};
  TypeRange actual = getRanges().front().getArgumentTypes();
  if (!llvm::equal(actual, rangesArguments))
    return emitOpError() << "the ranges region takes (" << actual
                         << ") and must take (index, index), the first row and "
                            "the number of rows";
  FailureOr<YieldOp> end = getYield(*this, getRanges(), "ranges");
  if (failed(end))
    return failure();
  if (end->getNumOperands() != 0)
    return emitOpError() << "the ranges region yields ("
                         << end->getOperandTypes()
                         << ") and must yield nothing: write a tile.visit for "
                            "each range of keys";
  // fold_c4
  SmallVector<Type> stepArguments = rangesArguments;
  llvm::append_range(stepArguments, getInit().getTypes());
  actual = getStep().front().getArgumentTypes();
  if (!llvm::equal(actual, stepArguments))
    return emitOpError() << "the step region takes (" << actual
                         << ") and must take (" << stepArguments
                         << "), the first key, the number of keys and the "
                            "carry";
  FailureOr<YieldOp> carry = getYield(*this, getStep(), "step");
  if (failed(carry))
    return failure();
  if (carry->getOperandTypes() != getInit().getTypes())
    return emitOpError() << "the step region yields ("
                         << carry->getOperandTypes() << ") and must yield ("
                         << getInit().getTypes() << "), the carry";
  return success();
}

LogicalResult VisitOp::verify() {
  // visit_c1
  auto fold = (*this)->getParentOfType<FoldOp>();
  if (!fold || !fold.getRanges().isAncestor((*this)->getParentRegion()))
    return emitOpError() << "stands outside of the ranges of a tile.fold, "
                            "which are what it adds to";
  return success();
}
