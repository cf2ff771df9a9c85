//===- LowerSegments.cpp - a fold over several ranges of keys -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Ranges that overlap, come in any order, or whose number is only known at run
// time are handed to the runtime, one list per strip, which makes sorted and
// disjoint segments of them. Each strip then walks its own segments: what it
// visits has little to do with what its neighbours visit, so there is no block
// of keys to share.
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

/// A loop over the segments of what was added to `list`.
LogicalResult KernelEmitter::forEachSegment(
    Value list,
    function_ref<LogicalResult(Value begin, Value end, Value isFull)> body) {
  Value count = callRuntime("attnc_rt_segments_finish", list).front();
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

LogicalResult KernelEmitter::lowerSegments(tile::FoldOp op,
                                           ArrayRef<Placement> carry,
                                           Scope &scope) {
  Value list;
  {
    OpBuilder::InsertionGuard guard(b);
    b.restoreInsertionPoint(allocationPoint);
    Value storage = mlir::memref::AllocaOp::create(
        b, MemRefType::get({ATTNC_RT_SEGMENTS_BYTES / 8}, b.getI64Type()));
    list = mlir::memref::ExtractAlignedPointerAsIndexOp::create(b, storage);
    callRuntime("attnc_rt_segments_init", list, /*hasResult=*/false);
  }
  LogicalResult result = success();
  if (isUncut) {
    collectSegments(op, list, scalar(op.getFirst(), scope),
                    scalar(op.getCount(), scope), scope);
    result = forEachSegment(list, [&](Value begin, Value end, Value isFull) {
      return lowerUncutRange(op, begin, end, isFull, carry, scope);
    });
    callRuntime("attnc_rt_segments_free", list, /*hasResult=*/false);
    return result;
  }
  // The blocks of the segments, for the strips that `forStrips` goes through.
  auto visit =
      [&](Scope &outer,
          function_ref<void(Scope &, function_ref<void(Scope &)>)> forStrips) {
        return forEachSegment(list, [&](Value begin, Value end, Value isFull) {
          return forEachBlock(op, begin, end, [&](Value key, Value keys) {
            Scope inner = outer;
            inner.strip = {};
            if (failed(lowerSharedPart(op, key, keys, carry, inner)))
              return failure();
            forStrips(inner, [&](Scope &strip) {
              result =
                  lowerClassifiedStep(op, isFull, key, key, keys, carry, strip);
            });
            root = op.getStep().front().getTerminator();
            return failed(result)
                       ? failure()
                       : storeCarry(op, carry, /*shared=*/true, inner);
          });
        });
      };
  if (op.getRowsFollowAxis()) {
    forEachStrip(scope, [&](Scope &outer) {
      auto [first, rows] = rowsOfStrip(op, outer);
      collectSegments(op, list, first, rows, outer);
      Value strip = outer.strip;
      if (failed(visit(outer, [&](Scope &inner, auto body) {
            inner.strip = strip;
            body(inner);
            inner.strip = {};
          })))
        result = failure();
    });
  } else {
    collectSegments(op, list, scalar(op.getFirst(), scope),
                    scalar(op.getCount(), scope), scope);
    if (failed(visit(scope, [&](Scope &inner, auto body) {
          forEachStrip(inner, body);
        })))
      result = failure();
  }
  callRuntime("attnc_rt_segments_free", list, /*hasResult=*/false);
  return result;
}

} // namespace attnc::cpu
