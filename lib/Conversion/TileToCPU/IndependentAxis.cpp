//===- IndependentAxis.cpp - which axis of each tile is independent -------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A fixpoint over the kernel's ops, in both directions: an elementwise op has
// the axis of its operands and they have its; a contraction passes the axis of
// its result to the operand that owns it.
//
//===----------------------------------------------------------------------===//

#include "IndependentAxis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace attnc::cpu {

bool isElementwise(Operation *op) {
  return isa<tile::GuardOp, tile::GatherOp>(op) ||
         mlir::OpTrait::hasElementwiseMappableTraits(op);
}

namespace {
bool isTile(Value value) { return isa<RankedTensorType>(value.getType()); }

int64_t rankOf(Value tile) {
  return cast<RankedTensorType>(tile.getType()).getRank();
}

/// A tile that is the same everywhere and so belongs to no axis.
bool isUniform(Value tile) {
  Operation *op = tile.getDefiningOp();
  return op && (op->hasTrait<mlir::OpTrait::ConstantLike>() ||
                isa<mlir::tensor::SplatOp>(op));
}
} // namespace

bool IndependentAxis::assign(Value tile, int64_t axis) {
  if (!isTile(tile) || isUniform(tile) || axis < 0)
    return false;
  auto [entry, isNew] = axes.try_emplace(tile, axis);
  if (!isNew && entry->second != axis && !conflict)
    conflict = tile.getDefiningOp() ? tile.getDefiningOp()
                                    : tile.getParentBlock()->getParentOp();
  return isNew;
}

bool IndependentAxis::propagateContract(tile::ContractOp op) {
  int64_t axis = of(op.getResult());
  bool changed = assign(op.getAccumulator(), axis);
  if (axis < 0)
    axis = of(op.getAccumulator());
  int64_t lhsFree = 1 - op.getLhsAxis(), rhsFree = 1 - op.getRhsAxis();
  if (axis < 0 && of(op.getLhs()) == lhsFree)
    axis = 0;
  if (axis < 0 && rankOf(op.getRhs()) == 2 && of(op.getRhs()) == rhsFree)
    axis = 1;
  if (axis < 0)
    return changed;
  changed |= assign(op.getResult(), axis);
  changed |=
      axis == 0 ? assign(op.getLhs(), lhsFree) : assign(op.getRhs(), rhsFree);
  return changed;
}

bool IndependentAxis::propagate(Operation *op) {
  if (auto contract = dyn_cast<tile::ContractOp>(op))
    return propagateContract(contract);
  if (auto broadcast = dyn_cast<tile::BroadcastOp>(op)) {
    int64_t axis = broadcast.getAxis();
    if (of(broadcast.getResult()) == axis)
      return assign(broadcast.getTile(), 0);
    if (of(broadcast.getTile()) == 0)
      return assign(broadcast.getResult(), axis);
    return false;
  }
  if (auto reduce = dyn_cast<tile::ReduceOp>(op)) {
    int64_t kept = 1 - static_cast<int64_t>(reduce.getAxis());
    if (of(reduce.getTile()) == kept)
      return assign(reduce.getResult(), 0);
    if (isTile(reduce.getResult()) && of(reduce.getResult()) == 0)
      return assign(reduce.getTile(), kept);
    return false;
  }
  if (auto transpose = dyn_cast<tile::TransposeOp>(op)) {
    if (int64_t axis = of(transpose.getResult()); axis >= 0)
      return assign(transpose.getTile(), 1 - axis);
    int64_t axis = of(transpose.getTile());
    return axis >= 0 && assign(transpose.getResult(), 1 - axis);
  }
  if (auto solve = dyn_cast<tile::SolveOp>(op)) {
    int64_t axis = std::max(of(solve.getResult()), of(solve.getRhs()));
    bool changed = assign(solve.getResult(), axis);
    return assign(solve.getRhs(), axis) || changed;
  }
  if (auto branch = dyn_cast<mlir::scf::IfOp>(op)) {
    if (op->getNumResults() == 0)
      return false;
    bool changed = false;
    for (auto [result, yes, no] :
         llvm::zip(branch.getResults(), branch.thenYield().getOperands(),
                   branch.elseYield().getOperands())) {
      int64_t axis = std::max({of(result), of(yes), of(no)});
      for (Value value : {Value(result), yes, no})
        changed |= assign(value, axis);
    }
    return changed;
  }
  if (!isElementwise(op) && !isa<tile::CumulativeSumOp>(op))
    return false;
  int64_t axis = -1;
  for (Value value : op->getResults())
    axis = std::max(axis, of(value));
  for (Value value : op->getOperands())
    axis = std::max(axis, of(value));
  bool changed = false;
  for (Value value : llvm::concat<Value>(SmallVector<Value>(op->getOperands()),
                                         SmallVector<Value>(op->getResults())))
    changed |= assign(value, axis);
  return changed;
}

/// What costs nothing to compute where it is read: a repeated vector, or a
/// vector that is made of positions and constants alone.
static bool isFree(Operation *op) {
  if (isa<tile::BroadcastOp, tile::IotaOp>(op))
    return true;
  if (!isElementwise(op) || !mlir::isPure(op) || op->getNumResults() != 1 ||
      !isTile(op->getResult(0)) || rankOf(op->getResult(0)) != 1)
    return false;
  return llvm::all_of(op->getOperands(), [](Value operand) {
    Operation *source = operand.getDefiningOp();
    return !isTile(operand) || isUniform(operand) || (source && isFree(source));
  });
}

/// Two tiles of the same numbers are one value after common subexpressions are
/// eliminated, though one may run along the independent axis and the other not.
/// Each use of what is free gets a value of its own.
static void separateFreeTiles(tile::KernelOp kernel) {
  SmallVector<Operation *> ops;
  kernel.walk([&](Operation *op) {
    if (isFree(op))
      ops.push_back(op);
  });
  // Users first, so that what they are made of is used once for each of them.
  for (Operation *op : llvm::reverse(ops))
    for (mlir::OpOperand &use : llvm::make_early_inc_range(op->getUses())) {
      if (op->hasOneUse())
        break;
      OpBuilder builder(op);
      use.set(builder.clone(*op)->getResult(0));
    }
}

FailureOr<IndependentAxis> IndependentAxis::analyse(tile::KernelOp kernel) {
  IndependentAxis analysis;
  SmallVector<Operation *> ops;
  kernel.walk([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : ops) {
    auto fold = dyn_cast<tile::FoldOp>(op);
    if (!fold)
      continue;
    auto yield = cast<tile::YieldOp>(fold.getStep().front().getTerminator());
    for (auto [i, axis] : llvm::enumerate(fold.getCarryAxes())) {
      for (Value value : {fold.getInit()[i], Value(fold.getCarry()[i]),
                          yield.getValues()[i], Value(fold.getResult(i))})
        analysis.assign(value, axis);
      if (axis < 0)
        continue;
      int64_t size =
          cast<RankedTensorType>(fold.getInit()[i].getType()).getDimSize(axis);
      bool isFirst = analysis.size == 1;
      if (!isFirst &&
          (analysis.size != size || analysis.lanes != (int64_t)fold.getLanes()))
        return fold.emitOpError("cuts its independent axis differently from "
                                "another fold of the same kernel; give both "
                                "the same size and lanes");
      analysis.size = size;
      analysis.lanes = fold.getLanes();
    }
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (Operation *op : ops)
      changed |= analysis.propagate(op);
  }
  return analysis;
}

FailureOr<IndependentAxis> IndependentAxis::get(tile::KernelOp kernel) {
  FailureOr<IndependentAxis> analysis = analyse(kernel);
  if (succeeded(analysis) && analysis->conflict) {
    separateFreeTiles(kernel);
    analysis = analyse(kernel);
  }
  if (succeeded(analysis) && analysis->conflict)
    return analysis->conflict->emitOpError(
        "mixes elements along the independent axis of the carry; no two axes "
        "of one tile can be independent");
  return analysis;
}

} // namespace attnc::cpu
