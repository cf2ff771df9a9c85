//===- LowerTileOps.cpp - one op on tiles at a time -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Moves, reductions and branches on tiles. Elementwise ops are not here: they
// are computed where they are read (KernelEmitter.cpp).
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "mlir/IR/BuiltinTypes.h"

namespace attnc::cpu {

using mlir::VectorType;

static bool isTile(Value value) {
  return isa<RankedTensorType>(value.getType());
}

/// True if `op` works on tiles that every strip shares, and on scalars.
static bool isShared(Operation *op, const IndependentAxis &axes) {
  auto shared = [&](Value value) {
    return !isTile(value) || axes.isShared(value);
  };
  return llvm::all_of(op->getOperands(), shared) &&
         llvm::all_of(op->getResults(), shared);
}

static bool touchesTiles(Operation *op) {
  return llvm::any_of(op->getOperands(), isTile) ||
         llvm::any_of(op->getResults(), isTile);
}

/// Emits the ops of `block`. With `sharedOnly`, only those that do not depend
/// on the strip; without, inside a strip, only those that were not emitted
/// then.
LogicalResult KernelEmitter::lowerBlock(Block &block, Scope &scope,
                                        bool sharedOnly) {
  llvm::DenseSet<Value> skipped;
  for (Operation &op : block.without_terminator()) {
    bool dependsOnSkipped = llvm::any_of(
        op.getOperands(), [&](Value value) { return skipped.contains(value); });
    bool onTiles = touchesTiles(&op);
    bool shared = isShared(&op, axes);
    bool skip = sharedOnly
                    ? dependsOnSkipped || !shared
                    : scope.strip && onTiles && shared && !isElementwise(&op);
    if (skip) {
      if (sharedOnly)
        skipped.insert(op.result_begin(), op.result_end());
      continue;
    }
    b.setLoc(op.getLoc());
    root = &op;
    if (failed(lowerOp(&op, scope)))
      return failure();
  }
  return success();
}

LogicalResult KernelEmitter::lowerOp(Operation *op, Scope &scope) {
  if (auto load = dyn_cast<tile::LoadOp>(op))
    return lowerLoad(load, scope), success();
  if (auto store = dyn_cast<tile::StoreOp>(op))
    return lowerStore(store, scope), success();
  if (auto contract = dyn_cast<tile::ContractOp>(op))
    return lowerContract(contract, scope), success();
  if (auto reduce = dyn_cast<tile::ReduceOp>(op))
    return lowerReduce(reduce, scope), success();
  if (auto sum = dyn_cast<tile::CumulativeSumOp>(op))
    return lowerCumulativeSum(sum, scope);
  if (auto transpose = dyn_cast<tile::TransposeOp>(op))
    return lowerTranspose(transpose, scope), success();
  if (auto flip = dyn_cast<tile::FlipOp>(op))
    return lowerFlip(flip, scope);
  if (auto product = dyn_cast<tile::CumulativeProductOp>(op))
    return lowerCumulativeProduct(product, scope);
  if (auto product = dyn_cast<tile::DecayedProductOp>(op))
    return lowerDecayedProduct(product, scope);
  if (auto solve = dyn_cast<tile::SolveOp>(op))
    return lowerSolve(solve, scope);
  if (auto any = dyn_cast<tile::AnyOp>(op))
    return lowerAny(any, scope), success();
  if (auto fold = dyn_cast<tile::FoldOp>(op))
    return lowerFold(fold, scope);
  if (auto branch = dyn_cast<mlir::scf::IfOp>(op))
    return lowerIf(branch, scope);
  if (auto guard = dyn_cast<tile::GuardOp>(op); guard && scope.isFull)
    return lowerGuard(guard, scope), success();
  if (touchesTiles(op))
    return lowerElementwise(op, scope), success();
  if (op->getNumRegions() > 0)
    return op->emitOpError("is not supported inside a tile kernel; move it in "
                           "front of the sequence op");
  b.clone(*op, scope.scalars);
  return success();
}

/// Elementwise tiles are computed where they are read, unless that is in many
/// places: in every strip, in every step of a fold, or in every row of a
/// matrix.
void KernelEmitter::lowerElementwise(Operation *op, Scope &scope) {
  Value result = op->getResult(0);
  auto type = cast<RankedTensorType>(result.getType());
  bool isMatrix = type.getRank() == 2;
  bool isWork = isElementwise(op) && type.getElementType().isF32() &&
                !op->hasTrait<mlir::OpTrait::ConstantLike>();
  if (!scope.strip) {
    bool isReadInFold = llvm::any_of(result.getUsers(), [&](Operation *user) {
      return user->getBlock() != op->getBlock();
    });
    // What a root stores on its way is that of one strip.
    if (needsBuffer(result) || (isReadInFold && isWork && isMatrix))
      materialize(result, scope);
    return;
  }
  bool isRepeated = llvm::any_of(result.getUsers(), [](Operation *user) {
    return isa<tile::BroadcastOp>(user);
  });
  if (axes.isShared(result) || isMatrix || !isWork || !isRepeated)
    return;
  Placement registers;
  registers.kind = Placement::Kind::Registers;
  registers.registers = evaluateStrip(result, scope);
  scope.placed[result] = registers;
}

/// Guards of a matrix are a pass over it, in place where nothing else reads it.
/// A full range skips the pass, or what it says of the mask.
void KernelEmitter::lowerGuard(tile::GuardOp op, Scope &scope) {
  Value result = op.getResult(), tile = op.getTile();
  if (cast<RankedTensorType>(result.getType()).getRank() != 2)
    return; // A vector of rows is computed where it is read.
  Placement target = inPlaceOrTemporary(result, scope);
  auto placed = scope.placed.find(tile);
  bool isInPlace =
      placed != scope.placed.end() && placed->second.memory == target.memory;
  auto branch =
      mlir::scf::IfOp::create(b, scope.isFull, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  auto compute = [&](Block *block, Value value, Scope inner) {
    b.setInsertionPointToStart(block);
    inner.isFull = {};
    if (!needsBuffer(value))
      return store(value, result, target, inner);
    // Evaluation stores it on the way.
    pending[value] = target;
    materialize(value, inner);
  };
  if (!isInPlace)
    compute(branch.thenBlock(), tile, scope);
  compute(branch.elseBlock(), result, scope);
  scope.placed[result] = target;
}

/// Where a rank-2 result of `op` goes: the buffer that the else branch passes
/// on, if only this op reads it, so that skipping the work copies nothing.
Placement KernelEmitter::ifResultPlacement(mlir::scf::IfOp op, unsigned result,
                                           Scope &scope) {
  Value passed = op.elseYield().getOperand(result);
  auto placed = scope.placed.find(passed);
  bool isOwn = llvm::all_of(passed.getUsers(), [&](Operation *user) {
    return op->isProperAncestor(user);
  });
  if (placed != scope.placed.end() && isOwn &&
      placed->second.kind == Placement::Kind::Buffer)
    return placed->second;
  return allocateTemporary(op.getResult(result), scope);
}

LogicalResult KernelEmitter::lowerIf(mlir::scf::IfOp op, Scope &scope) {
  if ((!scope.strip && !isUncut) || !op.elseBlock())
    return op.emitOpError("on tiles is supported in a fold's step only, with "
                          "both branches");
  SmallVector<Type> types;
  SmallVector<Placement> targets(op.getNumResults());
  for (auto [i, result] : llvm::enumerate(op.getResults())) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!type)
      return op.emitOpError("yields a scalar next to tiles, which is not "
                            "supported");
    if (type.getRank() == 2) {
      targets[i] = ifResultPlacement(op, i, scope);
      continue;
    }
    // Never in place: what the other results are computed from stays.
    if (isUncut) {
      targets[i] = allocateTemporary(result, scope);
      continue;
    }
    targets[i].kind = Placement::Kind::Registers;
    types.append(vectorsIn(axes.getLanes()),
                 VectorType::get({width}, b.getF32Type()));
  }
  auto branch = mlir::scf::IfOp::create(
      b, types, scalar(op.getCondition(), scope), /*withElseRegion=*/true);
  Operation *outerRoot = root;
  if (failed(lowerBranch(op, *op.thenBlock(), branch.thenBlock(), targets,
                         scope)) ||
      failed(
          lowerBranch(op, *op.elseBlock(), branch.elseBlock(), targets, scope)))
    return failure();
  root = outerRoot;
  auto values = branch.getResults();
  for (auto [target, result] : llvm::zip_equal(targets, op.getResults())) {
    if (target.kind == Placement::Kind::Registers) {
      int64_t count = vectorsIn(axes.getLanes());
      target.registers = SmallVector<Value>(values.take_front(count));
      values = values.drop_front(count);
    }
    scope.placed[result] = target;
  }
  return success();
}

/// Emits one branch: rank-1 results are yielded, rank-2 results computed into
/// their targets.
LogicalResult KernelEmitter::lowerBranch(mlir::scf::IfOp op, Block &source,
                                         Block *target,
                                         ArrayRef<Placement> results,
                                         Scope scope) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(target);
  if (failed(lowerBlock(source, scope, /*sharedOnly=*/false)))
    return failure();
  Operation *yield = source.getTerminator();
  root = yield;
  SmallVector<Value> yielded;
  for (auto [placement, value] : llvm::zip(results, yield->getOperands()))
    if (placement.kind == Placement::Kind::Registers)
      llvm::append_range(yielded, evaluateStrip(value, scope));
  for (auto [placement, value, result] :
       llvm::zip(results, yield->getOperands(), op.getResults())) {
    if (placement.kind == Placement::Kind::Registers)
      continue;
    auto placed = scope.placed.find(value);
    bool isThere = placed != scope.placed.end() &&
                   placed->second.memory == placement.memory;
    if (!isThere)
      store(value, result, placement, scope);
  }
  // A branch without results has its terminator already.
  if (!yielded.empty())
    mlir::scf::YieldOp::create(b, yielded);
  return success();
}

} // namespace attnc::cpu
