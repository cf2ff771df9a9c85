//===- TileToCPU.cpp - tile kernels become vector loops -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pass: analyses each kernel's independent axis and emits it for the
// module's target description. The rules of the lowering are in
// KernelEmitter.h.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "attnc/Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace attnc {
#define GEN_PASS_DEF_TILETOCPUPASS
#include "attnc/Conversion/Passes.h.inc"

namespace cpu {
namespace {

struct TileToCPU : impl::TileToCPUPassBase<TileToCPU> {
  void runOnOperation() override {
    auto module = getOperation()->getParentOfType<ModuleOp>();
    auto target =
        module->getAttrOfType<attn::CpuTargetAttr>(attn::kTargetAttrName);
    SmallVector<tile::KernelOp> kernels;
    getOperation().walk([&](tile::KernelOp op) { kernels.push_back(op); });
    for (tile::KernelOp kernel : kernels) {
      if (!target) {
        kernel.emitOpError("is in a module without an attn.target; run "
                           "cpu-attach-target first");
        return signalPassFailure();
      }
      if (kernel.getNumResults() > 0) {
        kernel.emitOpError("is on tensors; bufferize before converting to cpu");
        return signalPassFailure();
      }
      FailureOr<IndependentAxis> axes = IndependentAxis::get(kernel);
      if (failed(axes))
        return signalPassFailure();
      mlir::ImplicitLocOpBuilder builder(kernel.getLoc(), &getContext());
      KernelEmitter emitter(builder, kernel, std::move(*axes), target);
      if (failed(emitter.emit()))
        return signalPassFailure();
      kernel.erase();
    }
  }
};

} // namespace
} // namespace cpu
} // namespace attnc
