//===- LoopEmitter.cpp - parallel loops of the host as a kernel -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Threads are numbered through all blocks; those beyond the last point do
// nothing.
//
//===----------------------------------------------------------------------===//

#include "LoopEmitter.h"

using namespace attnc;
using namespace attnc::gpu;
using mlir::arith::CmpIPredicate;
namespace arith = mlir::arith;
namespace scf = mlir::scf;

LogicalResult LoopEmitter::emit() {
  auto isStep = [](Value step) { return mlir::getConstantIntValue(step) == 1; };
  auto isFirst = [](Value bound) {
    return mlir::getConstantIntValue(bound) == 0;
  };
  if (loops.getNumResults() > 0 || !llvm::all_of(loops.getStep(), isStep) ||
      !llvm::all_of(loops.getLowerBound(), isFirst))
    return loops.emitOpError("has results, or loops that do not count from 0 "
                             "by 1, which has no code for a GPU yet; compile "
                             "for cpu");
  IRMapping known;
  Value block = b.cast(b.blockIndex(), b.getIndexType());
  Value thread = b.cast(b.threadIndex(), b.getIndexType());
  Value rest = b.add(b.mul(block, b.index(kThreads)), thread);
  SmallVector<Value> places(loops.getNumLoops());
  for (size_t axis = places.size(); axis-- > 0;) {
    Value size = scalars.get(loops.getUpperBound()[axis], known);
    if (axis > 0) {
      places[axis] = b.createOrFold<arith::RemUIOp>(rest, size);
      rest = b.createOrFold<arith::DivUIOp>(rest, size);
      continue;
    }
    places[axis] = rest;
    rest = b.compare(CmpIPredicate::slt, rest, size);
  }
  known.map(loops.getInductionVars(), places);
  auto inside = scf::IfOp::create(b, rest, /*withElseRegion=*/false);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(inside.thenBlock());
    if (failed(scalars.emitBlock(*loops.getBody(), known, {})))
      return failure();
  }
  mlir::LLVM::ReturnOp::create(b, ValueRange());
  return failure(scalars.hasFailed());
}

Value LoopEmitter::buildBlocks(mlir::ImplicitLocOpBuilder &host,
                               scf::ParallelOp loops) {
  Value points = arith::ConstantIndexOp::create(host, 1);
  for (Value size : loops.getUpperBound())
    points = arith::MulIOp::create(host, points, size);
  Value threads = arith::ConstantIndexOp::create(host, kThreads);
  return arith::CeilDivUIOp::create(host, points, threads);
}
