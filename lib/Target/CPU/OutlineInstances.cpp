//===- OutlineInstances.cpp - one function per kernel instance ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Outlines the bodies of parallel loops.
//
//===----------------------------------------------------------------------===//

#include "attnc/Target/CPU/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Utils/Utils.h"
#include "mlir/IR/PatternMatch.h"

namespace attnc::cpu {
#define GEN_PASS_DEF_OUTLINEINSTANCESPASS
#include "attnc/Target/CPU/Passes.h.inc"

namespace {

struct OutlineInstances : impl::OutlineInstancesPassBase<OutlineInstances> {
  void runOnOperation() override {
    SmallVector<mlir::scf::ParallelOp> loops;
    getOperation().walk([&](mlir::scf::ParallelOp loop) {
      if (!loop->getParentOfType<mlir::scf::ParallelOp>())
        loops.push_back(loop);
    });
    mlir::IRRewriter rewriter(&getContext());
    for (auto [number, loop] : llvm::enumerate(loops)) {
      auto function = loop->getParentOfType<mlir::func::FuncOp>();
      std::string name =
          (function.getName() + ".instance" + Twine(number)).str();
      auto outlined = mlir::outlineSingleBlockRegion(rewriter, loop.getLoc(),
                                                     loop.getRegion(), name);
      if (failed(outlined))
        return signalPassFailure();
      outlined->setPrivate();
      // The code of an instance does not depend on who calls it.
      (*outlined)->setAttr("passthrough",
                           rewriter.getStrArrayAttr({"noinline"}));
    }
  }
};

} // namespace
} // namespace attnc::cpu
