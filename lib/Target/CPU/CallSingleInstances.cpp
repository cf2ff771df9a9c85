//===- CallSingleInstances.cpp - grids of one instance --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Waking threads takes longer than attention over a short sequence.
//
//===----------------------------------------------------------------------===//

#include "attnc/Target/CPU/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

namespace attnc::cpu {
#define GEN_PASS_DEF_CALLSINGLEINSTANCESPASS
#include "attnc/Target/CPU/Passes.h.inc"

namespace {

namespace arith = mlir::arith;
namespace scf = mlir::scf;

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

/// Runs the loop only if it has several iterations, and a copy of its body for
/// a single one.
void split(scf::ParallelOp loop) {
  OpBuilder b(loop);
  Location loc = loop.getLoc();
  Value count = countIterations(b, loop);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  auto compare = [&](arith::CmpIPredicate predicate) -> Value {
    return arith::CmpIOp::create(b, loc, predicate, count, one);
  };
  Value isSingle = compare(arith::CmpIPredicate::eq);
  Value isSeveral = compare(arith::CmpIPredicate::sgt);
  auto single = scf::IfOp::create(b, loc, isSingle);
  IRMapping mapping;
  mapping.map(loop.getInductionVars(), loop.getLowerBound());
  auto inSingle = OpBuilder::atBlockBegin(single.thenBlock());
  for (Operation &op : loop.getBody()->without_terminator())
    inSingle.clone(op, mapping);
  auto several = scf::IfOp::create(b, loc, isSeveral);
  loop->moveBefore(several.thenBlock()->getTerminator());
}

struct CallSingleInstances
    : impl::CallSingleInstancesPassBase<CallSingleInstances> {
  void runOnOperation() override {
    SmallVector<scf::ParallelOp> loops;
    getOperation().walk([&](scf::ParallelOp loop) {
      if (loop.getNumReductions() == 0 &&
          !loop->getParentOfType<scf::ParallelOp>())
        loops.push_back(loop);
    });
    llvm::for_each(loops, split);
  }
};

} // namespace
} // namespace attnc::cpu
