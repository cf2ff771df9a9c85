//===- HoistInvariants.cpp - read once what each step reads ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Upstream's loop-invariant code motion moves what has no effects; a tile that
// is loaded has one, and only the kernel knows that nobody writes its inputs.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Tile/IR/Tile.h"
#include "attnc/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Transforms/LoopInvariantCodeMotionUtils.h"

namespace attnc::tile {
#define GEN_PASS_DEF_HOISTINVARIANTSPASS
#include "attnc/Dialect/Tile/Transforms/Passes.h.inc"

namespace {

bool isInput(Value memory) {
  auto argument = dyn_cast<mlir::BlockArgument>(memory);
  auto kernel = argument
                    ? dyn_cast<KernelOp>(argument.getOwner()->getParentOp())
                    : KernelOp();
  if (!kernel)
    return false;
  unsigned first = kernel.getGrid().size(), number = argument.getArgNumber();
  return number >= first && number < first + kernel.getInputs().size();
}

/// Work on a tile that was loaded in front of the fold. Constants and what is
/// made of them alone cost nothing where they are.
bool isWorkOnLoaded(Operation *op) {
  if (op->getNumRegions() > 0 || !mlir::isPure(op))
    return false;
  return llvm::any_of(op->getOperands(), [](Value operand) {
    Operation *source = operand.getDefiningOp();
    return source && isa<RankedTensorType>(operand.getType()) &&
           (isa<LoadOp>(source) || isWorkOnLoaded(source));
  });
}

struct HoistInvariants : impl::HoistInvariantsPassBase<HoistInvariants> {
  void runOnOperation() override {
    getOperation().walk([](FoldOp fold) {
      mlir::moveLoopInvariantCode(
          &fold.getStep(),
          [](Value value, Region *step) {
            return !step->isAncestor(value.getParentRegion());
          },
          [](Operation *op, Region *) {
            if (auto load = dyn_cast<LoadOp>(op))
              return isInput(load.getMemory());
            // Indices of a load.
            bool isScalar = !llvm::any_of(op->getResultTypes(), [](Type type) {
              return isa<RankedTensorType>(type);
            });
            return mlir::isMemoryEffectFree(op) &&
                   (isScalar ? mlir::isSpeculatable(op) : isWorkOnLoaded(op));
          },
          [&](Operation *op, Region *) { op->moveBefore(fold); });
    });
  }
};

} // namespace
} // namespace attnc::tile
