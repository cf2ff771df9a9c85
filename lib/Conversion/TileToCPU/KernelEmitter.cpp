//===- KernelEmitter.cpp - values and loops of a kernel -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where tiles are computed: evaluation of elementwise tiles at one index,
// buffers, and loops over all vectors of a tile.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "FindExtent.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace attnc::cpu {

using mlir::VectorType;

static RankedTensorType tileType(Value tile) {
  return cast<RankedTensorType>(tile.getType());
}

KernelEmitter::KernelEmitter(mlir::ImplicitLocOpBuilder &builder,
                             tile::KernelOp kernel, IndependentAxis axes,
                             attn::CpuTargetAttr target)
    : b(builder), kernel(kernel), axes(std::move(axes)),
      width(target.getVectorBytes() / 4),
      registers(target.getVectorRegisters()), l1Bytes(target.getL1Bytes()),
      l2Bytes(target.getL2Bytes()),
      hasPairProducts(target.getProducts() == attn::Products::BF16) {
  bool hasFolds = false, hasAxis = false;
  kernel.walk([&](tile::FoldOp fold) {
    hasFolds = true;
    hasAxis |= llvm::any_of(fold.getCarryAxes(),
                            [](int64_t axis) { return axis >= 0; });
    if (fold.getRowsFollowAxis() && !rowFold)
      rowFold = fold;
  });
  isUncut = hasFolds && !hasAxis;
}

LogicalResult KernelEmitter::emit() {
  if (failed(checkPairs()))
    return failure();
  b.setInsertionPoint(kernel);
  Value zero = constant(0), one = constant(1);
  SmallVector<Value> extents(kernel.getGrid());
  bool hasParts = canShareStrips();
  if (hasParts)
    extents.push_back(countParts());
  SmallVector<Value> zeros(extents.size(), zero), ones(extents.size(), one);
  Scope scope;
  for (auto [view, memory] : llvm::zip_equal(
           kernel.getViews(),
           llvm::concat<Value>(SmallVector<Value>(kernel.getInputs()),
                               SmallVector<Value>(kernel.getOutputs())))) {
    // The body was built for the view's layout, which is the more general one.
    Value seen = memory;
    if (memory.getType() != view.getType())
      seen = mlir::memref::CastOp::create(b, view.getType(), memory);
    scope.scalars.map(view, seen);
  }
  auto loop = mlir::scf::ParallelOp::create(b, zeros, extents, ones);
  b.setInsertionPointToStart(loop.getBody());
  for (auto [index, iv] :
       llvm::zip_first(kernel.getGridIndices(), loop.getInductionVars()))
    scope.scalars.map(index, iv);
  if (hasParts)
    beginPart(loop.getInductionVars().back(), extents.back());
  // The last rows of a causal mask see the most keys: threads that share the
  // instances begin with the longest.
  if (rowFold) {
    Value last = mlir::arith::SubIOp::create(b, kernel.getGrid().back(), one);
    scope.scalars.map(
        kernel.getGridIndices().back(),
        mlir::arith::SubIOp::create(b, last, loop.getInductionVars().back()));
  }
  // Buffers are allocated in front of this marker, once per instance.
  Value marker = constant(0);
  allocationPoint = {loop.getBody(), marker.getDefiningOp()->getIterator()};
  if (failed(lowerBlock(kernel.getBody().front(), scope, /*sharedOnly=*/false)))
    return failure();
  return success();
}

Value KernelEmitter::constant(int64_t value) {
  return mlir::arith::ConstantIndexOp::create(b, value);
}

Value KernelEmitter::asVector(Value scalar) {
  if (isa<VectorType>(scalar.getType()))
    return scalar;
  return mlir::vector::BroadcastOp::create(
      b, VectorType::get({width}, scalar.getType()), scalar);
}

Value KernelEmitter::allocate(ArrayRef<int64_t> shape) {
  OpBuilder::InsertionGuard guard(b);
  b.restoreInsertionPoint(allocationPoint);
  return mlir::memref::AllocOp::create(
      b, MemRefType::get(shape, b.getF32Type()), b.getI64IntegerAttr(64));
}

/// Rows of a buffer for `rows` rows: a contraction whose number of rows is only
/// known at run time writes whole blocks of them, the last one past the end.
int64_t KernelEmitter::paddedRows(int64_t rows) {
  return llvm::alignTo(rows + kLargestRowBlock - 1, kLargestRowBlock);
}

/// A buffer of `tile`'s own, for all strips or for the current one, with padded
/// rows of whole vectors.
Placement KernelEmitter::allocateFor(Value tile, bool hasStrips) {
  SmallVector<int64_t> tileShape(tileType(tile).getShape());
  Placement placement;
  placement.pairAxis = pairAxisOf(tile);
  if (placement.pairAxis >= 0)
    tileShape[placement.pairAxis] =
        llvm::divideCeil(tileShape[placement.pairAxis], 2);
  int64_t axis = axes.of(tile);
  placement.laneAxis = axis >= 0 ? axis : (int64_t)tileShape.size() - 1;
  placement.hasStrips = axis >= 0 && hasStrips;
  SmallVector<int64_t> shape;
  if (placement.hasStrips)
    shape.push_back(axes.getSize() / axes.getLanes());
  if (tileShape.size() == 2)
    shape.push_back(paddedRows(tileShape[1 - placement.laneAxis]));
  shape.push_back(axis >= 0
                      ? axes.getLanes()
                      : llvm::alignTo(tileShape[placement.laneAxis], width));
  placement.memory = allocate(shape);
  return placement;
}

Placement KernelEmitter::allocateTemporary(Value tile, const Scope &scope) {
  return allocateFor(tile, /*hasStrips=*/!scope.strip);
}

AxisIndex KernelEmitter::chunkIndex(int64_t chunk) {
  return {constant(chunk * width), /*isVector=*/true, chunk};
}

bool KernelEmitter::needsBuffer(Value tile) const {
  Operation *op = tile.getDefiningOp();
  if (!op || !isElementwise(op) || op->hasTrait<mlir::OpTrait::ConstantLike>())
    return false;
  RankedTensorType type = tileType(tile);
  if (!type.getElementType().isF32() || isFormedWhereRead(tile))
    return false;
  // A shared vector is read once per row or strip; recomputing would cost more.
  if (type.getRank() == 1)
    return axes.isShared(tile);
  bool isContracted = llvm::any_of(tile.getUses(), [](mlir::OpOperand &use) {
    Operation *user = use.getOwner();
    return (isa<tile::ContractOp>(user) && use.getOperandNumber() < 2) ||
           (isa<tile::SolveOp>(user) && use.getOperandNumber() < 1) ||
           isa<tile::DecayedProductOp>(user);
  });
  // What is rounded for a product is stored rounded (LowerPairs.cpp).
  auto isRounding = [](mlir::OpOperand &use) {
    auto op = dyn_cast<mlir::arith::TruncFOp>(use.getOwner());
    return op && pairAxisOf(op.getResult()) >= 0;
  };
  auto numUses = std::distance(tile.use_begin(), tile.use_end());
  return isContracted ||
         numUses - llvm::count_if(tile.getUses(), isRounding) > 1;
}

/// The axis along which products sum a tile of bf16, or -1.
int64_t KernelEmitter::pairAxisOf(Value tile) {
  auto type = dyn_cast<RankedTensorType>(tile.getType());
  if (!type || !type.getElementType().isBF16())
    return -1;
  for (mlir::OpOperand &use : tile.getUses())
    if (auto contract = dyn_cast<tile::ContractOp>(use.getOwner()))
      return use.getOperandNumber() == 0 ? contract.getLhsAxis()
                                         : contract.getRhsAxis();
  return -1;
}

/// The number of valid elements along `axis`: elements beyond are unspecified,
/// so loops need not visit them.
Value KernelEmitter::extentOf(Value tile, int64_t axis, const Scope &scope) {
  if (Value extent = findExtent(tile, axis))
    return scalar(extent, scope);
  return constant(tileType(tile).getDimSize(axis));
}

/// The axis of a shared tile that runs along the keys of the fold, or -1.
int64_t KernelEmitter::keyAxisOf(Value tile) const {
  Operation *op = tile.getDefiningOp();
  if (!op)
    return -1;
  auto fold = op->getParentOfType<tile::FoldOp>();
  if (auto iota = dyn_cast<tile::IotaOp>(op))
    return fold && iota.getBase() == fold.getKey() ? 0 : -1;
  if (auto broadcast = dyn_cast<tile::BroadcastOp>(op))
    return keyAxisOf(broadcast.getTile()) == 0 ? (int64_t)broadcast.getAxis()
                                               : -1;
  if (auto repeat = dyn_cast<tile::RepeatOp>(op))
    return keyAxisOf(repeat.getTile()) == 0 ? 0 : -1;
  if (auto load = dyn_cast<tile::LoadOp>(op)) {
    for (Value indices : load.getGather())
      if (keyAxisOf(indices) == 0)
        return 0;
    auto offsets = load.getOffsets();
    int64_t rank = tileType(tile).getRank();
    for (int64_t axis = 0; fold && axis < rank; ++axis)
      if (offsets[offsets.size() - rank + axis] == fold.getKey())
        return axis;
    return -1;
  }
  if (!isElementwise(op))
    return -1;
  for (Value operand : op->getOperands())
    if (isa<RankedTensorType>(operand.getType()))
      if (int64_t axis = keyAxisOf(operand); axis >= 0)
        return axis;
  return -1;
}

/// Computes the element or vector of `tile` at `index`. Stores it on the way if
/// it is a tile that others will read.
Value KernelEmitter::evaluate(Value tile, const TileIndex &index, Scope &scope,
                              Memo &memo, int64_t broadcastAxis) {
  if (Value known = memo.lookup({tile, broadcastAxis}))
    return known;
  auto placed = scope.placed.find(tile);
  if (placed != scope.placed.end()) {
    Value value =
        readTile(b, b.getLoc(), placed->second, index, scope.strip, width);
    memo[{tile, broadcastAxis}] = value;
    return value;
  }
  Operation *op = tile.getDefiningOp();
  assert(op && "a carry is placed before its step is emitted");
  Value value = evaluateOp(op, index, scope, memo, broadcastAxis);
  if (broadcastAxis == kRoot && needsBuffer(tile)) {
    if (!pending.count(tile))
      pending[tile] = inPlaceOrTemporary(tile, scope);
    bool hasVector = llvm::any_of(
        index, [](const AxisIndex &axis) { return axis.isVector; });
    writeTile(b, b.getLoc(), pending[tile], index, scope.strip,
              hasVector ? asVector(value) : value);
  }
  memo[{tile, broadcastAxis}] = value;
  return value;
}

Value KernelEmitter::evaluateOp(Operation *op, const TileIndex &index,
                                Scope &scope, Memo &memo,
                                int64_t broadcastAxis) {
  if (auto constant = dyn_cast<mlir::arith::ConstantOp>(op)) {
    auto elements = cast<mlir::DenseElementsAttr>(constant.getValue());
    return mlir::arith::ConstantOp::create(
        b, cast<mlir::TypedAttr>(elements.getSplatValue<Attribute>()));
  }
  if (auto splat = dyn_cast<mlir::tensor::SplatOp>(op))
    return scalar(splat.getInput(), scope);
  if (auto broadcast = dyn_cast<tile::BroadcastOp>(op)) {
    int64_t axis = broadcast.getAxis();
    return evaluate(broadcast.getTile(), {index[axis]}, scope, memo, axis);
  }
  if (auto repeat = dyn_cast<tile::RepeatOp>(op))
    return evaluateRepeat(repeat, index, scope);
  if (auto iota = dyn_cast<tile::IotaOp>(op))
    return evaluateIota(iota, index[0], scope);
  if (auto guard = dyn_cast<tile::GuardOp>(op)) {
    Value allowed = asVector(
        evaluate(guard.getAllowed(), index, scope, memo, broadcastAxis));
    if (scope.isFull)
      allowed = mlir::arith::OrIOp::create(b, allowed, asVector(scope.isFull));
    Value value =
        asVector(evaluate(guard.getTile(), index, scope, memo, broadcastAxis));
    Value otherwise = asVector(
        evaluate(guard.getOtherwise(), index, scope, memo, broadcastAxis));
    return mlir::arith::SelectOp::create(b, allowed, value, otherwise);
  }
  if (auto gather = dyn_cast<tile::GatherOp>(op))
    return evaluateGather(
        gather,
        evaluate(gather.getIndices(), index, scope, memo, broadcastAxis),
        scope);
  return evaluateElementwise(op, index, scope, memo, broadcastAxis);
}

Value KernelEmitter::evaluateGather(tile::GatherOp op, Value index,
                                    Scope &scope) {
  Value memory = scalar(op.getMemory(), scope);
  Type element = cast<MemRefType>(memory.getType()).getElementType();
  SmallVector<Value> offsets;
  for (Value leading : op.getLeading())
    offsets.push_back(scalar(leading, scope));
  if (!isa<VectorType>(index.getType())) {
    offsets.push_back(index);
    Value read = mlir::memref::LoadOp::create(b, memory, offsets);
    return mlir::arith::IndexCastOp::create(b, b.getIndexType(), read);
  }
  offsets.push_back(constant(0));
  auto type = VectorType::get({width}, element);
  Value all = mlir::vector::ConstantMaskOp::create(
      b, VectorType::get({width}, b.getI1Type()),
      mlir::vector::ConstantMaskKind::AllTrue);
  Value none = mlir::arith::ConstantOp::create(b, b.getZeroAttr(type));
  Value read = mlir::vector::GatherOp::create(b, type, memory, offsets, index,
                                              all, none);
  return mlir::arith::IndexCastOp::create(
      b, VectorType::get({width}, b.getIndexType()), read);
}

/// A vector within one element's repetitions is that element; another one is
/// made lane by lane.
Value KernelEmitter::evaluateRepeat(tile::RepeatOp op, const TileIndex &index,
                                    Scope &scope) {
  Value times = constant(op.getTimes()), column = index[1].index;
  auto read = [&](Value at) {
    Memo memo;
    Value source = mlir::arith::DivUIOp::create(b, at, times);
    return evaluate(op.getTile(), {index[0], {source}}, scope, memo);
  };
  if (!index[1].isVector || op.getTimes() % width == 0)
    return read(column);
  auto type = VectorType::get({width}, b.getF32Type());
  Value vector = mlir::arith::ConstantOp::create(b, b.getZeroAttr(type));
  // The last vector of a row may be longer than the row.
  Value last = constant(tileType(op.getResult()).getDimSize(1) - 1);
  for (int64_t lane = 0; lane < width; ++lane) {
    Value at = mlir::arith::AddIOp::create(b, column, constant(lane));
    Value element = read(mlir::arith::MinUIOp::create(b, at, last));
    vector = mlir::vector::InsertOp::create(b, element, vector, lane);
  }
  return vector;
}

Value KernelEmitter::evaluateIota(tile::IotaOp op, const AxisIndex &index,
                                  Scope &scope) {
  Value position =
      mlir::arith::AddIOp::create(b, scalar(op.getBase(), scope), index.index);
  if (!axes.isShared(op.getResult())) {
    Value start =
        mlir::arith::MulIOp::create(b, scope.strip, constant(axes.getLanes()));
    position = mlir::arith::AddIOp::create(b, position, start);
  }
  if (!index.isVector)
    return position;
  Value step = mlir::vector::StepOp::create(
      b, VectorType::get({width}, b.getIndexType()));
  return mlir::arith::AddIOp::create(b, asVector(position), step);
}

Value KernelEmitter::evaluateElementwise(Operation *op, const TileIndex &index,
                                         Scope &scope, Memo &memo,
                                         int64_t broadcastAxis) {
  SmallVector<Value> operands;
  bool onVectors = false;
  for (Value operand : op->getOperands()) {
    Value value = isa<RankedTensorType>(operand.getType())
                      ? evaluate(operand, index, scope, memo, broadcastAxis)
                      : scalar(operand, scope);
    onVectors |= isa<VectorType>(value.getType());
    operands.push_back(value);
  }
  Type element = tileType(op->getResult(0)).getElementType();
  mlir::OperationState state(b.getLoc(), op->getName());
  for (Value operand : operands)
    state.addOperands(onVectors ? asVector(operand) : operand);
  state.addTypes(onVectors ? VectorType::get({width}, element) : element);
  state.addAttributes(op->getAttrs());
  state.propertiesAttr = op->getPropertiesAsAttribute();
  return b.create(state)->getResult(0);
}

/// The vectors of a rank-1 tile in the current strip.
SmallVector<Value> KernelEmitter::evaluateStrip(Value tile, Scope &scope) {
  SmallVector<Value> vectors;
  for (int64_t chunk = 0; chunk < vectorsIn(axes.getLanes()); ++chunk) {
    Memo memo;
    vectors.push_back(
        asVector(evaluate(tile, {chunkIndex(chunk)}, scope, memo)));
  }
  return vectors;
}

void KernelEmitter::forEachStrip(Scope &scope,
                                 function_ref<void(Scope &)> body) {
  if (scope.strip)
    return body(scope);
  Value begin = firstStrip ? firstStrip : constant(0);
  auto loop =
      mlir::scf::ForOp::create(b, begin, activeStrips(scope), constant(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  scope.strip = loop.getInductionVar();
  body(scope);
  scope.strip = {};
}

/// Calls `body` in loops over all vectors of `tile`: rows outside, the vectors
/// of a row unrolled.
void KernelEmitter::forEachVector(Value tile, Scope &scope, IndexFn body) {
  RankedTensorType type = tileType(tile);
  int64_t axis = axes.of(tile), rank = type.getRank();
  int64_t laneAxis = axis >= 0 ? axis : rank - 1;
  auto row = [&](Value rowIndex, Scope &inner) {
    auto vectorAt = [&](AxisIndex lane) {
      TileIndex index(rank);
      index[rank == 1 ? 0 : laneAxis] = lane;
      if (rank == 2)
        index[1 - laneAxis] = {rowIndex};
      body(index, inner);
    };
    if (axis >= 0) {
      for (int64_t c = 0; c < vectorsIn(axes.getLanes()); ++c)
        vectorAt(chunkIndex(c));
      return;
    }
    Value end = constant(llvm::alignTo(type.getDimSize(laneAxis), width));
    auto loop = mlir::scf::ForOp::create(b, constant(0), end, constant(width));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    vectorAt({loop.getInductionVar(), /*isVector=*/true});
  };
  auto rows = [&](Scope &inner) {
    if (rank == 1)
      return row({}, inner);
    auto loop = mlir::scf::ForOp::create(
        b, constant(0), extentOf(tile, 1 - laneAxis, inner), constant(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    row(loop.getInductionVar(), inner);
  };
  if (axis >= 0)
    forEachStrip(scope, rows);
  else
    rows(scope);
}

/// What the finished root op stored can be read from now on.
void KernelEmitter::finishPending(Scope &scope) {
  for (auto &[tile, placement] : pending)
    scope.placed[tile] = placement;
  pending.clear();
}

/// Computes `tile` into `target`, the place of `destination`. A constant has no
/// independent axis of its own; the destination's is the one that counts.
void KernelEmitter::store(Value tile, Value destination,
                          const Placement &target, Scope &scope) {
  forEachVector(destination, scope, [&](const TileIndex &index, Scope &inner) {
    Memo memo;
    Value value = asVector(evaluate(tile, index, inner, memo));
    writeTile(b, b.getLoc(), target, index, inner.strip, value);
  });
  finishPending(scope);
}

/// Gives `tile` a buffer and computes it there.
void KernelEmitter::materialize(Value tile, Scope &scope) {
  if (scope.placed.count(tile))
    return;
  if (pairAxisOf(tile) >= 0)
    return materializePairs(tile, scope);
  if (needsBuffer(tile)) {
    // Evaluation stores it on the way, all strips of it where this is outside
    // of them.
    if (!pending.count(tile))
      pending[tile] = inPlaceOrTemporary(tile, scope);
    forEachVector(tile, scope, [&](const TileIndex &index, Scope &inner) {
      Memo memo;
      evaluate(tile, index, inner, memo);
    });
    return finishPending(scope);
  }
  Placement target = allocateTemporary(tile, scope);
  store(tile, tile, target, scope);
  scope.placed[tile] = target;
}

/// True if `leaf` is read by nothing but the computation of `tile` from here
/// on.
bool KernelEmitter::diesInto(Value leaf, Value tile, const Scope &scope) const {
  return llvm::all_of(leaf.getUsers(), [&](Operation *user) {
    if (user == tile.getDefiningOp())
      return true;
    if (user->getBlock() != root->getBlock())
      return false;
    // A reduction that rounds in pairs writes behind what it reads.
    if (user == root && pairAxisOf(tile) >= 0)
      return true;
    if (!isElementwise(user))
      return user->isBeforeInBlock(root);
    return llvm::all_of(user->getResults(), [&](Value result) {
      return scope.placed.count(result) || diesInto(result, tile, scope);
    });
  });
}

/// Whether `value` is a component of the carry of the fold whose step `op` is
/// in: what the step makes of it takes its place anyway.
bool KernelEmitter::isStepOf(Value value, Operation *op) {
  Block *block = value.getParentBlock();
  auto fold = dyn_cast<tile::FoldOp>(block->getParentOp());
  return fold && block == &fold.getStep().front() && op->getBlock() == block;
}

/// The buffer of an operand that dies with `tile`'s computation, read and
/// written at equal indices; else a new one.
Placement KernelEmitter::inPlaceOrTemporary(Value tile, Scope &scope) {
  RankedTensorType wideType = tileType(tile);
  int64_t pairAxis = pairAxisOf(tile);
  if (pairAxis >= 0)
    wideType = wideType.clone(b.getF32Type());
  auto find = [&](auto &&self, Value value) -> const Placement * {
    Operation *op = value.getDefiningOp();
    auto placed = scope.placed.find(value);
    auto kept = inMemory.find(value);
    if (kept != inMemory.end())
      return isStepOf(value, root) && value.getType() == wideType &&
                     axes.of(value) == axes.of(tile) &&
                     diesInto(value, tile, scope)
                 ? &kept->second.destination
                 : nullptr;
    if (placed != scope.placed.end()) {
      const Placement &placement = placed->second;
      bool isOwn = op ? op->getBlock() == root->getBlock() &&
                            isa<tile::ContractOp, tile::GuardOp, tile::LoadOp,
                                tile::ReduceOp>(op)
                      : isStepOf(value, root);
      if (isOwn && placement.kind == Placement::Kind::Buffer &&
          placement.shiftAxis < 0 && value.getType() == wideType &&
          axes.of(value) == axes.of(tile) && diesInto(value, tile, scope))
        return &placement;
      return nullptr;
    }
    if (!op || !isElementwise(op))
      return nullptr;
    for (Value operand : op->getOperands())
      if (isa<RankedTensorType>(operand.getType()))
        if (const Placement *found = self(self, operand))
          return found;
    return nullptr;
  };
  if (root && tileType(tile).getRank() == 2)
    if (const Placement *found = find(find, tile)) {
      Placement placement = *found;
      placement.pairAxis = pairAxis;
      return placement;
    }
  return allocateTemporary(tile, scope);
}

} // namespace attnc::cpu
