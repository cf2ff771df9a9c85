//===- AttnToTile.cpp - a sequence op becomes a kernel --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pass that builds the loop over keys. It knows carries, not operators: for
// each op it asks `CarryOpInterface` for the grid, the prologue, the identity,
// the key ranges, the step and the finish, in that order.
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"
#include "attnc/Analysis/VisitAnalysis.h"
#include "attnc/Conversion/Passes.h"
#include "attnc/Support/MemoryType.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"

namespace attnc {
#define GEN_PASS_DEF_ATTNTOTILEPASS
#include "attnc/Conversion/Passes.h.inc"

namespace attn {
void registerAttendCarry(MLIRContext *context);
void registerScanCarry(MLIRContext *context);

namespace {

/// The tensors that the op's regions read from outside.
SmallVector<Value> collectTables(Operation *op) {
  llvm::SetVector<Value> above;
  mlir::getUsedValuesDefinedAbove(op->getRegions(), above);
  SmallVector<Value> tables;
  for (Value value : above)
    if (isa<RankedTensorType>(value.getType()))
      tables.push_back(value);
  return tables;
}

/// Clips the ranges that `region` visits to the keys of one split:
/// [begin, end).
void clip(OpBuilder &b, Region &region, Value begin, Value end) {
  OpBuilder::InsertionGuard guard(b);
  region.walk([&](tile::VisitOp visit) {
    b.setInsertionPoint(visit);
    for (mlir::OpOperand &bound : visit->getOpOperands()) {
      Value low =
          mlir::arith::MaxSIOp::create(b, visit.getLoc(), bound.get(), begin);
      bound.set(mlir::arith::MinSIOp::create(b, visit.getLoc(), low, end));
    }
  });
}

/// Builds one fold over the keys [begin, end), or over all keys if null.
FailureOr<tile::FoldOp> buildFold(CarryOpInterface op, CarryContext &context,
                                  Value begin, Value end) {
  OpBuilder &b = context.builder;
  SmallVector<Value> init = op.buildInit(context);
  SmallVector<int64_t> axes = op.getCarryAxes();
  bool rowsFollowAxis = op.getFootprint().hasRows;
  auto fold = tile::FoldOp::create(
      b, context.loc, ValueRange(init).getTypes(), context.first, context.count,
      init, context.keyTile, context.lanes, axes, rowsFollowAxis);
  OpBuilder::InsertionGuard guard(b);
  Type index = b.getIndexType();

  Block *ranges = b.createBlock(&fold.getRanges(), {}, {index, index},
                                {context.loc, context.loc});
  if (failed(op.buildKeyRanges(context, ranges->getArgument(0),
                               ranges->getArgument(1))))
    return failure();
  if (begin)
    clip(b, fold.getRanges(), begin, end);
  tile::YieldOp::create(b, context.loc, ValueRange());

  SmallVector<Type> types = {index, index};
  llvm::append_range(types, ValueRange(init).getTypes());
  Block *step = b.createBlock(&fold.getStep(), {}, types,
                              SmallVector<Location>(types.size(), context.loc));
  ValueRange arguments = step->getArguments();
  SmallVector<Value> next = op.buildStep(context, arguments[0], arguments[1],
                                         arguments.drop_front(2));
  tile::YieldOp::create(b, context.loc, next);
  return fold;
}

/// Folds all keys: at once, or in `splits` parts merged from left to right.
FailureOr<SmallVector<Value>>
buildFolds(CarryOpInterface op, CarryContext &context, int64_t splits) {
  auto fold = [&](Value begin, Value end) -> FailureOr<SmallVector<Value>> {
    FailureOr<tile::FoldOp> built = buildFold(op, context, begin, end);
    if (failed(built))
      return failure();
    return SmallVector<Value>(built->getResults());
  };
  if (splits == 1)
    return fold({}, {});
  OpBuilder &b = context.builder;
  Location loc = context.loc;
  auto constant = [&](int64_t value) -> Value {
    return mlir::arith::ConstantIndexOp::create(b, loc, value);
  };
  Value part = mlir::arith::CeilDivUIOp::create(b, loc, context.keyLength,
                                                constant(splits));
  SmallVector<Value> carry;
  for (int64_t split = 0; split < splits; ++split) {
    Value begin = mlir::arith::MulIOp::create(b, loc, part, constant(split));
    Value end = mlir::arith::AddIOp::create(b, loc, begin, part);
    context.isFirstFold = split == 0;
    FailureOr<SmallVector<Value>> next = fold(begin, end);
    if (succeeded(next) && split > 0)
      next = op.buildCombine(context, carry, *next);
    if (failed(next))
      return failure();
    carry = *next;
  }
  return carry;
}

LogicalResult convert(CarryOpInterface op, mlir::RewriterBase &rewriter,
                      VisitAnalysis &visits) {
  auto schedule = op->getAttrOfType<ScheduleAttr>(kScheduleAttrName);
  if (!schedule)
    return op->emitOpError("has no attn.schedule; run attn-schedule first");
  Location loc = op->getLoc();
  rewriter.setInsertionPoint(op);

  mlir::ReifiedRankedShapedTypeDims shapes;
  if (failed(mlir::reifyResultShapes(rewriter, op, shapes)))
    return failure();
  FailureOr<SmallVector<Value>> prepared = op.buildTables(rewriter);
  if (failed(prepared))
    return failure();
  SmallVector<Value> inputs, tables = collectTables(op);
  for (Value operand : op->getOperands())
    if (isa<RankedTensorType>(operand.getType()))
      inputs.push_back(operand);
  llvm::append_range(inputs, tables);
  llvm::append_range(inputs, *prepared);
  SmallVector<Value> outputs;
  for (auto [result, shape] : llvm::zip_equal(op->getResults(), shapes))
    outputs.push_back(mlir::tensor::EmptyOp::create(
        rewriter, loc, shape,
        cast<RankedTensorType>(result.getType()).getElementType()));
  SmallVector<Value> grid = op.buildGrid(rewriter);

  auto kernel = tile::KernelOp::create(rewriter, loc, op->getResultTypes(),
                                       grid, inputs, outputs);
  SmallVector<Type> types(grid.size(), rewriter.getIndexType());
  for (Value tensor : llvm::concat<Value>(inputs, outputs))
    types.push_back(getMemoryType(cast<RankedTensorType>(tensor.getType())));
  Block *body = rewriter.createBlock(&kernel.getBody(), {}, types,
                                     SmallVector<Location>(types.size(), loc));

  CarryContext context(rewriter, loc, visits);
  ValueRange arguments = body->getArguments();
  context.grid = SmallVector<Value>(arguments.take_front(grid.size()));
  ValueRange views = arguments.drop_front(grid.size());
  auto takeView = [&] {
    Value view = views.front();
    views = views.drop_front();
    return view;
  };
  for (Value operand : op->getOperands())
    context.inputs.push_back(
        isa<RankedTensorType>(operand.getType()) ? takeView() : operand);
  for (Value table : tables)
    context.tables.map(table, takeView());
  for (size_t i = 0; i < prepared->size(); ++i)
    context.prepared.push_back(takeView());
  context.outputs = SmallVector<Value>(views);
  context.queryTile = schedule.getQueryTile();
  context.keyTile = schedule.getKeyTile();
  context.lanes = schedule.getLanes();

  op.buildPrologue(context);
  FailureOr<SmallVector<Value>> carry =
      buildFolds(op, context, schedule.getSplits());
  if (failed(carry))
    return failure();
  op.buildFinish(context, *carry);
  tile::EndOp::create(rewriter, loc);
  rewriter.replaceOp(op, kernel.getResults());
  return success();
}

struct AttnToTile : impl::AttnToTilePassBase<AttnToTile> {
  void runOnOperation() override {
    mlir::IRRewriter rewriter(&getContext());
    auto &visits = getAnalysis<VisitAnalysis>();
    SmallVector<CarryOpInterface> ops;
    getOperation().walk([&](CarryOpInterface op) { ops.push_back(op); });
    for (CarryOpInterface op : ops)
      if (failed(convert(op, rewriter, visits)))
        return signalPassFailure();
  }
};

} // namespace

void registerCarryInterfaces(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, AttnDialect *) {
    registerAttendCarry(context);
    registerScanCarry(context);
  });
}

} // namespace attn
} // namespace attnc
