//===- FindExtent.cpp - how much of a tile is valid -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Follows a tile to where it was loaded, through the ops that pass extents on.
//
//===----------------------------------------------------------------------===//

#include "FindExtent.h"
#include "IndependentAxis.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace attnc::cpu {
namespace {

/// Finds the extent of a tile along an axis in the op that made it, or in those
/// of its operands.
class ExtentFinder {
public:
  /// Null if it is not known.
  Value find(Value tile, int64_t axis) {
    if (auto argument = dyn_cast<mlir::BlockArgument>(tile)) {
      auto fold = dyn_cast<tile::FoldOp>(argument.getOwner()->getParentOp());
      unsigned bounds = 2;
      return fold && argument.getArgNumber() >= bounds
                 ? findCarry(fold, argument.getArgNumber() - bounds, axis)
                 : Value();
    }
    Operation *op = tile.getDefiningOp();
    if (auto load = dyn_cast<tile::LoadOp>(op))
      return load.getExtent()[axis];
    if (auto reduce = dyn_cast<tile::ReduceOp>(op))
      return find(reduce.getTile(), 1 - (int64_t)reduce.getAxis());
    if (auto contract = dyn_cast<tile::ContractOp>(op))
      return axis == 0 ? find(contract.getLhs(), 1 - contract.getLhsAxis())
                       : find(contract.getRhs(), 1 - contract.getRhsAxis());
    if (auto broadcast = dyn_cast<tile::BroadcastOp>(op))
      return (int64_t)broadcast.getAxis() == axis ? find(broadcast.getTile(), 0)
                                                  : Value();
    if (auto repeat = dyn_cast<tile::RepeatOp>(op))
      return axis == 0 ? find(repeat.getTile(), 0) : Value();
    if (auto transpose = dyn_cast<tile::TransposeOp>(op))
      return find(transpose.getTile(), 1 - axis);
    if (auto flip = dyn_cast<tile::FlipOp>(op))
      return find(flip.getTile(), axis);
    if (auto sum = dyn_cast<tile::CumulativeSumOp>(op))
      return find(sum.getTile(), axis);
    if (auto product = dyn_cast<tile::CumulativeProductOp>(op))
      return axis == 0 ? product.getExtent() : find(product.getTile(), 1);
    if (auto product = dyn_cast<tile::DecayedProductOp>(op))
      return product.getExtent();
    if (auto solve = dyn_cast<tile::SolveOp>(op))
      return axis == 0 ? solve.getExtent() : find(solve.getRhs(), 1);
    unsigned result = cast<mlir::OpResult>(tile).getResultNumber();
    if (auto fold = dyn_cast<tile::FoldOp>(op))
      return findCarry(fold, result, axis);
    if (auto branch = dyn_cast<mlir::scf::IfOp>(op))
      return find(branch.thenYield().getOperand(result), axis);
    if (!isElementwise(op))
      return {};
    for (Value operand : op->getOperands())
      if (isa<RankedTensorType>(operand.getType()))
        if (Value extent = find(operand, axis))
          return extent;
    return {};
  }

private:
  /// What a step makes of a component of the carry has the extent of the
  /// component, in each step and after the last one: if it is known outside.
  Value findCarry(tile::FoldOp fold, unsigned component, int64_t axis) {
    if (!visited.insert({fold.getResult(component), axis}).second)
      return {};
    auto yield = cast<tile::YieldOp>(fold.getStep().front().getTerminator());
    Value extent = find(yield.getValues()[component], axis);
    bool isOutside =
        extent && !fold.getStep().isAncestor(extent.getParentRegion());
    return isOutside ? extent : Value();
  }

  llvm::DenseSet<std::pair<Value, int64_t>> visited;
};

} // namespace

Value findExtent(Value tile, int64_t axis) {
  return ExtentFinder().find(tile, axis);
}

} // namespace attnc::cpu
