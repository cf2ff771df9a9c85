//===- BalanceThreads.cpp - which thread runs which instance --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernel instances differ in their work: of a causal mask the last rows see all
// keys and the first ones few.
//
//===----------------------------------------------------------------------===//

#include "attnc/Target/CPU/Passes.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"

namespace attnc::cpu {
#define GEN_PASS_DEF_BALANCETHREADSPASS
#include "attnc/Target/CPU/Passes.h.inc"

namespace {

struct BalanceThreads : impl::BalanceThreadsPassBase<BalanceThreads> {
  void runOnOperation() override {
    getOperation().walk([](mlir::omp::WsloopOp loop) {
      loop.setScheduleKind(mlir::omp::ClauseScheduleKind::Dynamic);
    });
  }
};

} // namespace
} // namespace attnc::cpu
