//===- AttnToTile.cpp - a sequence op becomes a kernel --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pass that builds the loop over keys. It knows carries, not operators: for
// each op it asks `CarryOpInterface` for the grid, the prologue, the identity,
// the key ranges, the step and the finish, in that order.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
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
void registerConvolveCarry(MLIRContext *context);
void registerStateSpaceCarry(MLIRContext *context);

namespace {

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

/// One kernel whose instances fold all keys.
FailureOr<SmallVector<Value>> buildKernel(CarryOpInterface op, OpBuilder &b,
                                          const KernelOperands &operands,
                                          const KernelPlan &plan,
                                          int64_t splits) {
  SmallVector<Value> grid = op.buildGrid(b, plan);
  SmallVector<Value> outputs = createOutputs(op, b, operands);
  OpBuilder::InsertionGuard guard(b);
  KernelShell shell(op, b, plan, operands, grid, outputs);
  CarryContext &context = shell.context;
  context.outputs = shell.outputs;
  op.buildPrologue(context);
  FailureOr<SmallVector<Value>> carry = buildFolds(op, context, splits);
  if (failed(carry))
    return failure();
  op.buildFinish(context, *carry);
  tile::EndOp::create(b, op.getLoc());
  return SmallVector<Value>(shell.kernel.getResults());
}

FailureOr<SmallVector<Value>> buildScheduled(CarryOpInterface op, OpBuilder &b,
                                             const KernelOperands &operands,
                                             ScheduleAttr schedule) {
  KernelPlan plan;
  plan.queryTile = schedule.getQueryTile();
  plan.keyTile = schedule.getKeyTile();
  plan.lanes = schedule.getLanes();
  if (schedule.getProducts() != Products::F32)
    plan.narrow = schedule.getProducts();
  return buildKernel(op, b, operands, plan, schedule.getSplits());
}

FailureOr<SmallVector<Value>> buildRecurrent(CarryOpInterface op, OpBuilder &b,
                                             const KernelOperands &operands,
                                             RecurrentAttr recurrent) {
  KernelPlan plan;
  plan.lanes = recurrent.getLanes();
  plan.hasFewSteps = true;
  return buildKernel(op, b, operands, plan, /*splits=*/1);
}

/// What an op has besides its schedule: kernels for calls in which `count` is
/// at most `most`.
struct ShortCalls {
  Value count;
  int64_t most;
  std::function<FailureOr<SmallVector<Value>>(const KernelOperands &)> build;
};

std::optional<ShortCalls> getShortCalls(CarryOpInterface op, OpBuilder &b) {
  if (auto decode = op->getAttrOfType<DecodeAttr>(kDecodeAttrName))
    return ShortCalls{op.buildRowCount(b), decode.getMostQueries(),
                      [=, &b](const KernelOperands &operands) {
                        return buildSplitKernels(op, b, operands, decode);
                      }};
  if (auto recurrent = op->getAttrOfType<RecurrentAttr>(kRecurrentAttrName))
    return ShortCalls{op.buildPositionCount(b), recurrent.getMostPositions(),
                      [=, &b](const KernelOperands &operands) {
                        return buildRecurrent(op, b, operands, recurrent);
                      }};
  return std::nullopt;
}

/// True if every result goes into the caller's memory and nowhere else.
bool areOnlyMaterialized(Operation *op) {
  return llvm::all_of(op->getResults(), [&](Value result) {
    return result.hasOneUse() &&
           llvm::all_of(result.getUsers(), [&](Operation *user) {
             return user->getBlock() == op->getBlock() &&
                    user->getNumResults() == 0 &&
                    isa<mlir::bufferization::MaterializeInDestinationOp>(user);
           });
  });
}

/// Writes `values` where the results of `op` go. In the branch that computes
/// them: behind both, bufferization would see that one branch may compute in
/// place and copy the other's.
void materialize(Operation *op, ValueRange values, OpBuilder &b) {
  for (auto [result, value] : llvm::zip_equal(op->getResults(), values)) {
    IRMapping mapping;
    mapping.map(result, value);
    b.clone(**result.user_begin(), mapping);
  }
}

/// Converts an op, whose kernel for short calls is chosen at run time where it
/// is not known how long they are.
LogicalResult convert(CarryOpInterface op, mlir::RewriterBase &rewriter,
                      VisitAnalysis &visits) {
  auto schedule = op->getAttrOfType<ScheduleAttr>(kScheduleAttrName);
  if (!schedule)
    return op->emitOpError("has no attn.schedule; run attn-schedule first");
  if (failed(verifyReadsTensors(op)))
    return failure();
  Location loc = op->getLoc();
  rewriter.setInsertionPoint(op);
  FailureOr<KernelOperands> operands = collectOperands(op, rewriter, visits);
  if (failed(operands))
    return failure();
  auto replace = [&](FailureOr<SmallVector<Value>> results) {
    if (failed(results))
      return failure();
    rewriter.replaceOp(op, *results);
    return success();
  };
  auto buildLong = [&](const KernelOperands &operands) {
    return buildScheduled(op, rewriter, operands, schedule);
  };
  std::optional<ShortCalls> calls = getShortCalls(op, rewriter);
  if (!calls)
    return replace(buildLong(*operands));
  if (std::optional<int64_t> known =
          mlir::getConstantIntValue(mlir::getAsOpFoldResult(calls->count)))
    return replace(*known <= calls->most ? calls->build(*operands)
                                         : buildLong(*operands));
  Value most = mlir::arith::ConstantIndexOp::create(rewriter, loc, calls->most);
  Value isShort = mlir::arith::CmpIOp::create(
      rewriter, loc, mlir::arith::CmpIPredicate::ule, calls->count, most);
  bool sinks = areOnlyMaterialized(op);
  mlir::TypeRange types;
  if (!sinks)
    types = op->getResultTypes();
  auto branch = mlir::scf::IfOp::create(rewriter, loc, types, isShort,
                                        /*withElseRegion=*/true);
  auto fill = [&](Block *block, auto build) {
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToStart(block);
    FailureOr<SmallVector<Value>> results = build(*operands);
    if (succeeded(results) && sinks)
      materialize(op, *results, rewriter);
    else if (succeeded(results))
      mlir::scf::YieldOp::create(rewriter, loc, *results);
    return LogicalResult(results);
  };
  if (failed(fill(branch.thenBlock(), calls->build)) ||
      failed(fill(branch.elseBlock(), buildLong)))
    return failure();
  if (!sinks)
    return replace(SmallVector<Value>(branch.getResults()));
  for (Operation *user : llvm::make_early_inc_range(op->getUsers()))
    rewriter.eraseOp(user);
  rewriter.eraseOp(op);
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
    registerConvolveCarry(context);
    registerStateSpaceCarry(context);
  });
}

} // namespace attn
} // namespace attnc
