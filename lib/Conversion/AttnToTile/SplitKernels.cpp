//===- SplitKernels.cpp - few rows, many keys -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// With few rows there are few kernel instances, and each has many keys. Here
// keys are a dimension of the grid: an instance folds a fixed number of them
// and stores its carry, and a second kernel merges the carries in ascending
// order. What is summed in which order depends on the number of keys alone, so
// that results are the same bits for any number of threads and any batch.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "TileBuilder.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

namespace attnc::attn {

namespace arith = mlir::arith;

namespace {

class SplitBuilder {
public:
  SplitBuilder(CarryOpInterface op, OpBuilder &b,
               const KernelOperands &operands, DecodeAttr decode)
      : op(op), b(b), loc(op.getLoc()), operands(operands) {
    plan.queryTile = decode.getRows();
    plan.keyTile = decode.getKeyTile();
    plan.hasFewRows = true;
    plan.packsHeads = decode.getHeads() == RowHeads::Group;
    plan.keysPerSplit = decode.getKeysPerSplit();
    // Tensor cores take few rows as they take many.
    auto schedule = op->getAttrOfType<ScheduleAttr>(kScheduleAttrName);
    if (op->getParentOfType<ModuleOp>()->hasAttr(kGpuTargetAttrName)) {
      plan.hasFewRows = false;
      plan.lanes = schedule.getLanes();
      plan.narrow = schedule.getProducts();
    }
    shapes = op.getCarryShapes(plan);
  }

  FailureOr<SmallVector<Value>> build() {
    grid = op.buildGrid(b, plan);
    splits = arith::CeilDivUIOp::create(b, loc, op.buildKeyCount(b),
                                        index(plan.keysPerSplit));
    FailureOr<SmallVector<Value>> parts = buildParts();
    if (failed(parts))
      return failure();
    return buildMerge(*parts);
  }

private:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }

  /// The rows of an instance: a tile of them, or all if there are fewer.
  Value buildRows() {
    Value rows = op.buildRowCount(b);
    if (plan.packsHeads) {
      Value heads = mlir::getValueOrCreateConstantIndexOp(
          b, loc, operands.shapes.front()[1]);
      Value group = buildGroup(b, loc, heads, grid[1]);
      rows = arith::MulIOp::create(b, loc, rows, group);
    }
    return arith::MinUIOp::create(b, loc, rows, index(plan.queryTile));
  }

  /// A tensor of [instances, splits, shape] for each component of the carry,
  /// with as many rows as there are: a tile may have room for many more.
  SmallVector<Value> createCarries() {
    Value instances = index(1);
    for (Value extent : grid)
      instances = arith::MulIOp::create(b, loc, instances, extent);
    Value rows = buildRows();
    constexpr int64_t dynamic = mlir::ShapedType::kDynamic;
    SmallVector<Value> carries;
    for (auto [shape, axis] : llvm::zip_equal(shapes, op.getCarryAxes())) {
      SmallVector<int64_t> all = {dynamic, dynamic};
      llvm::append_range(all, shape);
      SmallVector<Value> sizes = {instances, splits};
      if (axis >= 0) {
        all[2 + axis] = dynamic;
        sizes.push_back(rows);
      }
      carries.push_back(
          mlir::tensor::EmptyOp::create(b, loc, all, b.getF32Type(), sizes));
    }
    return carries;
  }

  /// Where the carry of the instance at `place` and of `split` is.
  SmallVector<Value> getOffsets(ValueRange place, Value split, int64_t rank) {
    Value instance = index(0);
    for (auto [at, extent] : llvm::zip_equal(place, grid)) {
      instance = arith::MulIOp::create(b, loc, instance, extent);
      instance = arith::AddIOp::create(b, loc, instance, at);
    }
    SmallVector<Value> offsets = {instance, split};
    offsets.append(rank, index(0));
    return offsets;
  }

  /// How much of component `i` there is: the rows of the instance.
  SmallVector<Value> getExtent(unsigned i, const CarryContext &context) {
    SmallVector<Value> extent;
    for (int64_t size : shapes[i])
      extent.push_back(index(size));
    if (int64_t axis = op.getCarryAxes()[i]; axis >= 0)
      extent[axis] = context.count;
    return extent;
  }

  /// The kernel whose instances fold the keys of one split. Splits come behind
  /// the batch in the grid: instances of the same keys follow each other, and
  /// of the heads of a page, which has those of a token side by side.
  FailureOr<SmallVector<Value>> buildParts() {
    SmallVector<Value> withSplits = grid;
    withSplits.insert(withSplits.begin() + 1, splits);
    SmallVector<Value> outputs = createCarries();
    OpBuilder::InsertionGuard guard(b);
    KernelShell shell(op, b, plan, operands, withSplits, outputs);
    CarryContext &context = shell.context;
    Value split = context.grid[1];
    context.grid.erase(context.grid.begin() + 1);
    op.buildPrologue(context);
    Value begin =
        arith::MulIOp::create(b, loc, split, index(plan.keysPerSplit));
    Value end = arith::AddIOp::create(b, loc, begin, index(plan.keysPerSplit));
    end = arith::MinUIOp::create(b, loc, end, context.keyLength);
    // What the op goes on from is merged once, with the rest.
    context.isFirstFold = false;
    FailureOr<tile::FoldOp> fold = buildFold(op, context, begin, end);
    if (failed(fold))
      return failure();
    for (auto [i, carry] : llvm::enumerate(fold->getResults()))
      tile::StoreOp::create(b, loc, carry, shell.outputs[i],
                            getOffsets(context.grid, split, shapes[i].size()),
                            getExtent(i, context));
    tile::EndOp::create(b, loc);
    return SmallVector<Value>(shell.kernel.getResults());
  }

  /// The kernel that folds the carries of the splits as others fold keys.
  FailureOr<SmallVector<Value>> buildMerge(ValueRange parts) {
    SmallVector<Value> outputs = createOutputs(op, b, operands);
    OpBuilder::InsertionGuard guard(b);
    KernelShell shell(op, b, plan, operands, grid, outputs, parts);
    CarryContext &context = shell.context;
    context.outputs = shell.outputs;
    op.buildPrologue(context);
    SmallVector<Value> init = op.buildInit(context);
    SmallVector<int64_t> axes(init.size(), -1);
    auto fold = tile::FoldOp::create(
        b, loc, ValueRange(init).getTypes(), index(0), index(1), init,
        /*key_tile=*/1, plan.lanes, axes, /*rows_follow_axis=*/false,
        /*in_memory=*/false);
    if (failed(buildMergeBody(fold, shell)))
      return failure();
    op.buildFinish(context, fold.getResults());
    tile::EndOp::create(b, loc);
    return SmallVector<Value>(shell.kernel.getResults());
  }

  LogicalResult buildMergeBody(tile::FoldOp fold, KernelShell &shell) {
    CarryContext &context = shell.context;
    OpBuilder::InsertionGuard guard(b);
    Type indexType = b.getIndexType();
    b.createBlock(&fold.getRanges(), {}, {indexType, indexType}, {loc, loc});
    Value zero = index(0);
    Value count =
        mlir::memref::DimOp::create(b, loc, shell.extra.front(), index(1));
    tile::VisitOp::create(b, loc, zero, zero, count, count);
    tile::YieldOp::create(b, loc, ValueRange());

    SmallVector<Type> types = {indexType, indexType};
    llvm::append_range(types, fold.getResultTypes());
    Block *step = b.createBlock(&fold.getStep(), {}, types,
                                SmallVector<Location>(types.size(), loc));
    SmallVector<Value> part;
    for (auto [i, memory] : llvm::enumerate(shell.extra))
      part.push_back(tile::LoadOp::create(
          b, loc, fold.getResultTypes()[i], memory,
          getOffsets(context.grid, step->getArgument(0), shapes[i].size()),
          getExtent(i, context)));
    FailureOr<SmallVector<Value>> merged = op.buildCombine(
        context, ValueRange(step->getArguments()).drop_front(2), part);
    if (failed(merged))
      return failure();
    tile::YieldOp::create(b, loc, *merged);
    return success();
  }

  CarryOpInterface op;
  OpBuilder &b;
  Location loc;
  const KernelOperands &operands;
  KernelPlan plan;
  SmallVector<SmallVector<int64_t>> shapes;
  SmallVector<Value> grid;
  Value splits;
};

} // namespace

FailureOr<SmallVector<Value>> buildSplitKernels(CarryOpInterface op,
                                                OpBuilder &b,
                                                const KernelOperands &operands,
                                                DecodeAttr decode) {
  return SplitBuilder(op, b, operands, decode).build();
}

} // namespace attnc::attn
