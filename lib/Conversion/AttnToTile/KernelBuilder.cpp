//===- KernelBuilder.cpp - kernels of a carry -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Knows carries, not operators: asks `CarryOpInterface` for the identity, the
// key ranges and the step.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "attnc/Support/MemoryType.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace attnc;
using namespace attnc::attn;

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

/// What a kernel reads a cache from, in the order of CacheMemory.
SmallVector<Value> getBuffers(CacheOp cache) {
  SmallVector<Value> buffers;
  for (Value buffer : {cache.getData(), cache.getTable(), cache.getLengths(),
                       cache.getScales(), cache.getZeros()})
    if (buffer)
      buffers.push_back(buffer);
  return buffers;
}

} // namespace

void attn::clipVisits(OpBuilder &b, Region &region, Value begin, Value end) {
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

FailureOr<tile::FoldOp> attn::buildFold(CarryOpInterface op,
                                        CarryContext &context, Value begin,
                                        Value end) {
  OpBuilder &b = context.builder;
  SmallVector<Value> init = op.buildInit(context);
  SmallVector<int64_t> axes = op.getCarryAxes();
  if (context.hasFewRows)
    llvm::fill(axes, -1);
  bool rowsFollowAxis = !context.hasFewRows && op.getFootprint().hasRows;
  auto fold = tile::FoldOp::create(b, context.loc, ValueRange(init).getTypes(),
                                   context.first, context.positions, init,
                                   context.keyTile, context.lanes, axes,
                                   rowsFollowAxis, context.hasFewSteps);
  OpBuilder::InsertionGuard guard(b);
  Type index = b.getIndexType();

  Block *ranges = b.createBlock(&fold.getRanges(), {}, {index, index},
                                {context.loc, context.loc});
  if (failed(op.buildKeyRanges(context, ranges->getArgument(0),
                               ranges->getArgument(1))))
    return failure();
  if (begin)
    clipVisits(b, fold.getRanges(), begin, end);
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

FailureOr<KernelOperands> attn::collectOperands(CarryOpInterface op,
                                                OpBuilder &b,
                                                VisitAnalysis &visits) {
  KernelOperands operands(visits);
  if (failed(mlir::reifyResultShapes(b, op, operands.shapes)))
    return failure();
  FailureOr<SmallVector<Value>> prepared = op.buildTables(b);
  if (failed(prepared))
    return failure();
  operands.prepared = *prepared;
  operands.tables = collectTables(op);
  for (Value operand : op->getOperands())
    if (auto read = operand.getDefiningOp<ReadOp>())
      llvm::append_range(operands.inputs, getBuffers(read.getSource()));
    else if (isa<RankedTensorType>(operand.getType()))
      operands.inputs.push_back(operand);
  return operands;
}

Value attn::buildGroup(OpBuilder &b, Location loc, Value heads,
                       Value keyHeads) {
  namespace arith = mlir::arith;
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value some = b.createOrFold<arith::MaxUIOp>(loc, keyHeads, one);
  return arith::DivUIOp::create(b, loc, heads, some);
}

SmallVector<Value> attn::createOutputs(CarryOpInterface op, OpBuilder &b,
                                       const KernelOperands &operands) {
  SmallVector<Value> outputs;
  for (auto [result, shape] :
       llvm::zip_equal(op->getResults(), operands.shapes))
    outputs.push_back(mlir::tensor::EmptyOp::create(
        b, op.getLoc(), shape,
        cast<RankedTensorType>(result.getType()).getElementType()));
  return outputs;
}

KernelShell::KernelShell(CarryOpInterface op, OpBuilder &b,
                         const KernelPlan &plan, const KernelOperands &operands,
                         ValueRange grid, ValueRange outputTensors,
                         ValueRange extraInputs)
    : context(b, op.getLoc(), plan, operands.visits) {
  Location loc = op.getLoc();
  SmallVector<Value> inputs = operands.inputs;
  llvm::append_range(inputs, operands.tables);
  llvm::append_range(inputs, operands.prepared);
  llvm::append_range(inputs, extraInputs);
  kernel = tile::KernelOp::create(b, loc, outputTensors.getTypes(), grid,
                                  inputs, outputTensors);
  SmallVector<Type> types(grid.size(), b.getIndexType());
  for (Value tensor :
       llvm::concat<Value>(inputs, SmallVector<Value>(outputTensors)))
    types.push_back(getMemoryType(cast<RankedTensorType>(tensor.getType())));
  Block *body = b.createBlock(&kernel.getBody(), {}, types,
                              SmallVector<Location>(types.size(), loc));

  ValueRange arguments = body->getArguments();
  context.grid = SmallVector<Value>(arguments.take_front(grid.size()));
  ValueRange views = arguments.drop_front(grid.size());
  auto takeView = [&] {
    Value view = views.front();
    views = views.drop_front();
    return view;
  };
  for (mlir::OpOperand &operand : op->getOpOperands()) {
    auto read = operand.get().getDefiningOp<ReadOp>();
    if (read) {
      CacheMemory &cache = context.caches[operand.getOperandNumber()];
      CacheOp source = read.getSource();
      cache.type = source.getCache().getType();
      cache.data = takeView();
      cache.table = source.getTable() ? takeView() : Value();
      cache.lengths = source.getLengths() ? takeView() : Value();
      cache.scales = source.getScales() ? takeView() : Value();
      cache.zeros = source.getZeros() ? takeView() : Value();
      context.inputs.push_back(cache.data);
      continue;
    }
    context.inputs.push_back(isa<RankedTensorType>(operand.get().getType())
                                 ? takeView()
                                 : operand.get());
  }
  for (Value table : operands.tables)
    context.tables.map(table, takeView());
  for (size_t i = 0; i < operands.prepared.size(); ++i)
    context.prepared.push_back(takeView());
  for (size_t i = 0; i < extraInputs.size(); ++i)
    extra.push_back(takeView());
  outputs = SmallVector<Value>(views);
}
