//===- LowerSegments.cpp - a fold over several ranges of keys -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Ranges that overlap, come in any order, or whose number is only known at run
// time are handed to the runtime, one list per strip, which makes sorted and
// disjoint segments of them. What the strips visit together is cut in blocks of
// keys, as in LowerFold.cpp; of a block each strip visits its own segments.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "attnc-c/runtime.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace attnc::cpu {

/// Calls a function of the runtime from index values to an index value or
/// nothing; declares it in the module if it is not yet.
SmallVector<Value> KernelEmitter::callRuntime(StringRef function,
                                              ValueRange arguments,
                                              bool hasResult) {
  auto module = kernel->getParentOfType<ModuleOp>();
  SmallVector<Type> results(hasResult ? 1 : 0, b.getIndexType());
  if (!module.lookupSymbol(function)) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    auto declaration = mlir::func::FuncOp::create(
        b, function, b.getFunctionType(arguments.getTypes(), results));
    declaration.setPrivate();
  }
  return mlir::func::CallOp::create(b, function, results, arguments)
      .getResults();
}

/// Fills `list` with the keys that `count` rows from `first` on visit.
void KernelEmitter::collectSegments(tile::FoldOp op, Value list, Value first,
                                    Value count, Scope &scope) {
  callRuntime("attnc_rt_segments_clear", list, /*hasResult=*/false);
  Block &block = op.getRanges().front();
  IRMapping mapping = scope.scalars;
  mapping.map(block.getArgument(0), first);
  mapping.map(block.getArgument(1), count);
  SmallVector<tile::VisitOp> visits;
  for (Operation &inner : block.without_terminator())
    b.clone(inner, mapping)->walk([&](tile::VisitOp visit) {
      visits.push_back(visit);
    });
  OpBuilder::InsertionGuard guard(b);
  for (tile::VisitOp visit : visits) {
    b.setInsertionPoint(visit);
    SmallVector<Value> arguments = {list};
    llvm::append_range(arguments, visit->getOperands());
    callRuntime("attnc_rt_segments_add", arguments, /*hasResult=*/false);
    visit.erase();
  }
}

/// A loop over the `count` selected segments of `list`.
LogicalResult KernelEmitter::forEachSegment(
    Value list, Value count,
    function_ref<LogicalResult(Value begin, Value end, Value isFull)> body) {
  auto loop = mlir::scf::ForOp::create(b, constant(0), count, constant(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  auto read = [&](StringRef function) {
    return callRuntime(function, {list, loop.getInductionVar()}).front();
  };
  Value begin = read("attnc_rt_segments_begin");
  Value end = read("attnc_rt_segments_end");
  Value isFull = mlir::arith::CmpIOp::create(b, mlir::arith::CmpIPredicate::ne,
                                             read("attnc_rt_segments_is_full"),
                                             constant(0));
  return body(begin, end, isFull);
}

/// Lists of segments for this instance, `count` of them.
KernelEmitter::SegmentLists KernelEmitter::allocateLists(int64_t count) {
  OpBuilder::InsertionGuard guard(b);
  b.restoreInsertionPoint(allocationPoint);
  SegmentLists lists;
  lists.count = count;
  auto type =
      MemRefType::get({count * ATTNC_RT_SEGMENTS_BYTES / 8}, b.getI64Type());
  Value storage = count == 1 ? Value(mlir::memref::AllocaOp::create(b, type))
                             : Value(mlir::memref::AllocOp::create(b, type));
  lists.first =
      mlir::memref::ExtractAlignedPointerAsIndexOp::create(b, storage);
  forEachList(lists, [&](Value list) {
    callRuntime("attnc_rt_segments_init", list, /*hasResult=*/false);
  });
  return lists;
}

/// The list at `index`.
Value KernelEmitter::listAt(const SegmentLists &lists, Value index) {
  namespace arith = mlir::arith;
  Value offset =
      arith::MulIOp::create(b, index, constant(ATTNC_RT_SEGMENTS_BYTES));
  return arith::AddIOp::create(b, lists.first, offset);
}

void KernelEmitter::forEachList(const SegmentLists &lists,
                                function_ref<void(Value)> body) {
  if (lists.count == 1)
    return body(lists.first);
  auto loop = mlir::scf::ForOp::create(b, constant(0), constant(lists.count),
                                       constant(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(listAt(lists, loop.getInductionVar()));
}

/// Calls `body` for blocks of the keys of `list`: what all strips share of a
/// block, then every strip.
LogicalResult KernelEmitter::forEachBlockOfList(
    tile::FoldOp op, Value list, ArrayRef<Placement> carry, Scope &scope,
    function_ref<LogicalResult(Value key, Value keys, Value isFull,
                               Scope &strip)>
        body) {
  Value count = callRuntime("attnc_rt_segments_finish", list).front();
  return forEachSegment(list, count, [&](Value begin, Value end, Value isFull) {
    return forEachBlock(op, begin, end, [&](Value key, Value keys) {
      Scope inner = scope;
      if (failed(lowerSharedPart(op, key, keys, carry, inner)))
        return failure();
      LogicalResult result = success();
      forEachStrip(inner, [&](Scope &strip) {
        result = body(key, keys, isFull, strip);
      });
      if (failed(result))
        return failure();
      root = op.getStep().front().getTerminator();
      return storeCarry(op, carry, /*shared=*/true, inner);
    });
  });
}

/// Every strip has a list of its own; the blocks are those of the keys of them
/// all, so that a block stays in cache while the strips absorb their part of
/// it.
LogicalResult KernelEmitter::lowerStripSegments(tile::FoldOp op,
                                                ArrayRef<Placement> carry,
                                                Scope &scope) {
  SegmentLists strips = allocateLists(axes.getSize() / axes.getLanes());
  SegmentLists all = allocateLists(1);
  callRuntime("attnc_rt_segments_clear", all.first, /*hasResult=*/false);
  forEachStrip(scope, [&](Scope &strip) {
    auto [first, rows] = rowsOfStrip(op, strip);
    Value list = listAt(strips, strip.strip);
    collectSegments(op, list, first, rows, strip);
    callRuntime("attnc_rt_segments_finish", list);
    callRuntime("attnc_rt_segments_add_list", {all.first, list},
                /*hasResult=*/false);
  });
  LogicalResult result = forEachBlockOfList(
      op, all.first, carry, scope,
      [&](Value key, Value keys, Value /*isFull*/, Scope &strip) {
        Value list = listAt(strips, strip.strip);
        Value end = mlir::arith::AddIOp::create(b, key, keys);
        Value count =
            callRuntime("attnc_rt_segments_select", {list, key, end}).front();
        return forEachSegment(
            list, count, [&](Value from, Value to, Value isFull) {
              Value visited = mlir::arith::SubIOp::create(b, to, from);
              return lowerClassifiedStep(op, isFull, key, from, visited, carry,
                                         strip);
            });
      });
  for (const SegmentLists &lists : {strips, all})
    forEachList(lists, [&](Value list) {
      callRuntime("attnc_rt_segments_free", list, /*hasResult=*/false);
    });
  return result;
}

LogicalResult KernelEmitter::lowerSegments(tile::FoldOp op,
                                           ArrayRef<Placement> carry,
                                           Scope &scope) {
  if (!isUncut && op.getRowsFollowAxis())
    return lowerStripSegments(op, carry, scope);
  Value list = allocateLists(1).first;
  collectSegments(op, list, scalar(op.getFirst(), scope),
                  scalar(op.getCount(), scope), scope);
  LogicalResult result = success();
  if (isUncut) {
    Value count = callRuntime("attnc_rt_segments_finish", list).front();
    result =
        forEachSegment(list, count, [&](Value begin, Value end, Value isFull) {
          return lowerUncutRange(op, begin, end, isFull, carry, scope);
        });
  } else {
    result = forEachBlockOfList(
        op, list, carry, scope,
        [&](Value key, Value keys, Value isFull, Scope &strip) {
          return lowerClassifiedStep(op, isFull, key, key, keys, carry, strip);
        });
  }
  callRuntime("attnc_rt_segments_free", list, /*hasResult=*/false);
  return result;
}

} // namespace attnc::cpu
