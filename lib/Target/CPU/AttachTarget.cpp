//===- AttachTarget.cpp - describe the processor to compile for -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Puts the target description on the module.
//
//===----------------------------------------------------------------------===//

#include "attnc/Target/CPU/Passes.h"
#include "attnc/Target/CPU/TargetDescription.h"

namespace attnc::cpu {
#define GEN_PASS_DEF_ATTACHTARGETPASS
#include "attnc/Target/CPU/Passes.h.inc"

namespace {

struct AttachTarget : impl::AttachTargetPassBase<AttachTarget> {
  using AttachTargetPassBase::AttachTargetPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (module->hasAttr(attn::kTargetAttrName))
      return;
    llvm::Expected<attn::CpuTargetAttr> description =
        describeTarget(&getContext(), target);
    if (!description) {
      module.emitError(llvm::toString(description.takeError()));
      return signalPassFailure();
    }
    module->setAttr(attn::kTargetAttrName, *description);
  }

  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<attn::AttnDialect>();
  }
};

} // namespace
} // namespace attnc::cpu
