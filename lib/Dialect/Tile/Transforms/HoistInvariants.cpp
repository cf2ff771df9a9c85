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
#include "mlir/Dialect/Arith/IR/Arith.h"
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

bool isOutside(Value value, FoldOp fold) {
  return !fold.getStep().isAncestor(value.getParentRegion());
}

/// `(x * y) * constant = x * (y * constant)`, where y is outside of the fold
/// and x is not: one product less in each step.
void moveFactor(mlir::arith::MulFOp product, FoldOp fold) {
  auto inner = product.getLhs().getDefiningOp<mlir::arith::MulFOp>();
  auto factor = product.getRhs().getDefiningOp<mlir::arith::ConstantOp>();
  if (!inner || !factor || !inner->hasOneUse() ||
      !isa<RankedTensorType>(product.getType()))
    return;
  Value x = inner.getLhs(), y = inner.getRhs();
  if (isOutside(x, fold))
    std::swap(x, y);
  Operation *source = y.getDefiningOp();
  if (isOutside(x, fold) || !isOutside(y, fold) || !source ||
      !(isa<LoadOp>(source) || isWorkOnLoaded(source)))
    return;
  OpBuilder builder(fold);
  Value constant = builder.clone(*factor)->getResult(0);
  Value scaled =
      mlir::arith::MulFOp::create(builder, product.getLoc(), y, constant);
  product.setOperand(0, x);
  product.setOperand(1, scaled);
  inner->erase();
}

struct HoistInvariants : impl::HoistInvariantsPassBase<HoistInvariants> {
  void runOnOperation() override {
    getOperation().walk([](FoldOp fold) {
      mlir::moveLoopInvariantCode(
          &fold.getStep(),
          [&](Value value, Region *) { return isOutside(value, fold); },
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
      for (auto product : llvm::make_early_inc_range(
               fold.getStep().front().getOps<mlir::arith::MulFOp>()))
        moveFactor(product, fold);
    });
  }
};

} // namespace
} // namespace attnc::tile
