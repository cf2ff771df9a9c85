//===- AvoidThreads.cpp - grids that one thread runs ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A parallel region takes microseconds even if it has one thread: longer than
// attention over a short sequence.
//
//===----------------------------------------------------------------------===//

#include "attnc/Target/CPU/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

namespace attnc::cpu {
#define GEN_PASS_DEF_AVOIDTHREADSPASS
#include "attnc/Target/CPU/Passes.h.inc"

namespace {

namespace arith = mlir::arith;
namespace func = mlir::func;
namespace scf = mlir::scf;

constexpr llvm::StringLiteral kHasOneThread = "attnc_rt_has_one_thread";

/// The number of iterations of a loop nest; 0 if one of its loops has none.
Value countIterations(OpBuilder &b, scf::ParallelOp loop) {
  Location loc = loop.getLoc();
  Value zero = arith::ConstantIndexOp::create(b, loc, 0), count;
  for (auto [low, high, step] : llvm::zip_equal(
           loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
    Value distance = arith::SubIOp::create(b, loc, high, low);
    distance = arith::MaxSIOp::create(b, loc, distance, zero);
    Value iterations = arith::CeilDivSIOp::create(b, loc, distance, step);
    count =
        count ? arith::MulIOp::create(b, loc, count, iterations) : iterations;
  }
  return count;
}

/// Runs the loop in parallel only if it has several iterations for several
/// threads, and in order on the calling thread otherwise.
void split(scf::ParallelOp loop) {
  OpBuilder b(loop);
  Location loc = loop.getLoc();
  Value count = countIterations(b, loop);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value isSeveral =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, count, one);
  Value hasOneThread =
      func::CallOp::create(b, loc, kHasOneThread, b.getIndexType())
          .getResult(0);
  Value hasThreads = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne,
                                           hasOneThread, one);
  Value isParallel = arith::AndIOp::create(b, loc, isSeveral, hasThreads);
  auto branch = scf::IfOp::create(b, loc, isParallel, /*withElseRegion=*/true);
  b.setInsertionPointToStart(branch.elseBlock());
  scf::buildLoopNest(
      b, loc, loop.getLowerBound(), loop.getUpperBound(), loop.getStep(),
      [&](OpBuilder &inner, Location, mlir::ValueRange indices) {
        IRMapping mapping;
        mapping.map(loop.getInductionVars(), indices);
        for (Operation &op : loop.getBody()->without_terminator())
          inner.clone(op, mapping);
      });
  loop->moveBefore(branch.thenBlock()->getTerminator());
}

struct AvoidThreads : impl::AvoidThreadsPassBase<AvoidThreads> {
  void runOnOperation() override {
    SmallVector<scf::ParallelOp> loops;
    getOperation().walk([&](scf::ParallelOp loop) {
      if (loop.getNumReductions() == 0 &&
          !loop->getParentOfType<scf::ParallelOp>())
        loops.push_back(loop);
    });
    if (!loops.empty() && !getOperation().lookupSymbol(kHasOneThread)) {
      auto b = OpBuilder::atBlockBegin(getOperation().getBody());
      func::FuncOp::create(b, getOperation().getLoc(), kHasOneThread,
                           b.getFunctionType({}, b.getIndexType()))
          .setPrivate();
    }
    llvm::for_each(loops, split);
  }
};

} // namespace
} // namespace attnc::cpu
