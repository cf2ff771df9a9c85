//===- VerifyTargetReady.cpp - the stage target-ready ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What translation to LLVM IR may assume.
//
//===----------------------------------------------------------------------===//

#include "attnc/Target/CPU/Passes.h"

namespace attnc::cpu {
#define GEN_PASS_DEF_VERIFYTARGETREADYPASS
#include "attnc/Target/CPU/Passes.h.inc"

namespace {

struct VerifyTargetReady : impl::VerifyTargetReadyPassBase<VerifyTargetReady> {
  void runOnOperation() override {
    static constexpr StringRef kDialects[] = {"builtin", "llvm", "omp"};
    mlir::WalkResult result = getOperation().walk([](Operation *op) {
      if (llvm::is_contained(kDialects, op->getName().getDialectNamespace()) &&
          !isa<mlir::UnrealizedConversionCastOp>(op))
        return mlir::WalkResult::advance();
      mlir::InFlightDiagnostic diagnostic =
          op->emitOpError("has no translation to machine code");
      for (Operation *user : op->getUsers()) {
        diagnostic.attachNote(user->getLoc()) << "used by " << user->getName();
        break;
      }
      return mlir::WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace
} // namespace attnc::cpu
