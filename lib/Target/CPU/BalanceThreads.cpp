//===- BalanceThreads.cpp - which thread runs which instance --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernel instances differ in their work: of a causal mask the last rows see all
// keys and the first ones few.
//
//===----------------------------------------------------------------------===//

#include "attnc/Target/CPU/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"
#include "mlir/IR/Matchers.h"

namespace attnc::cpu {
#define GEN_PASS_DEF_BALANCETHREADSPASS
#include "attnc/Target/CPU/Passes.h.inc"

namespace {

namespace arith = mlir::arith;
namespace omp = mlir::omp;

/// Whether the loops of the nest count from 0 in steps of 1.
bool countsInstances(omp::LoopNestOp nest) {
  return llvm::all_of(nest.getLoopLowerBounds(),
                      [](Value bound) {
                        return mlir::matchPattern(bound, mlir::m_Zero());
                      }) &&
         llvm::all_of(nest.getLoopSteps(), [](Value step) {
           return mlir::matchPattern(step, mlir::m_One());
         });
}

/// Threads are only woken for two instances or more.
void requireTwoInstances(omp::ParallelOp parallel, omp::LoopNestOp nest) {
  OpBuilder b(parallel);
  Location loc = parallel.getLoc();
  Value one = arith::ConstantIndexOp::create(b, loc, 1), instances = one;
  for (Value bound : nest.getLoopUpperBounds())
    instances = arith::MulIOp::create(b, loc, instances, bound);
  Value several = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt,
                                        instances, one);
  parallel.getIfExprMutable().assign(several);
}

struct BalanceThreads : impl::BalanceThreadsPassBase<BalanceThreads> {
  void runOnOperation() override {
    getOperation().walk([](omp::WsloopOp loop) {
      loop.setScheduleKind(omp::ClauseScheduleKind::Dynamic);
      auto parallel = dyn_cast<omp::ParallelOp>(loop->getParentOp());
      auto nest = dyn_cast<omp::LoopNestOp>(loop.getWrappedLoop());
      if (parallel && nest && !parallel.getIfExpr() && countsInstances(nest))
        requireTwoInstances(parallel, nest);
    });
  }
};

} // namespace
} // namespace attnc::cpu
