//===- AttachTarget.cpp - describe the GPU to compile for -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Puts the description on the module.
//
//===----------------------------------------------------------------------===//

#include "attnc/Target/GPU/Passes.h"
#include "attnc/Target/GPU/TargetDescription.h"

namespace attnc::gpu {
#define GEN_PASS_DEF_ATTACHTARGETPASS
#include "attnc/Target/GPU/Passes.h.inc"

namespace {

struct AttachTarget : impl::AttachTargetPassBase<AttachTarget> {
  using AttachTargetPassBase::AttachTargetPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (module->hasAttr(attn::kGpuTargetAttrName))
      return;
    auto description = describeTarget(&getContext(), target);
    if (!description) {
      module.emitError(llvm::toString(description.takeError()));
      return signalPassFailure();
    }
    module->setAttr(attn::kGpuTargetAttrName, *description);
  }
};

} // namespace
} // namespace attnc::gpu
