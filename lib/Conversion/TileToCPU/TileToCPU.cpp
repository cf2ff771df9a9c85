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
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"

namespace attnc {
#define GEN_PASS_DEF_TILETOCPUPASS
#include "attnc/Conversion/Passes.h.inc"

namespace cpu {
namespace {

LogicalResult lower(tile::KernelOp kernel, attn::CpuTargetAttr target) {
  if (!target)
    return kernel.emitOpError("is in a module without an attn.target; run "
                              "cpu-attach-target first");
  if (kernel.getNumResults() > 0)
    return kernel.emitOpError(
        "is on tensors; bufferize before converting to cpu");
  FailureOr<IndependentAxis> axes = IndependentAxis::get(kernel);
  if (failed(axes))
    return failure();
  mlir::ImplicitLocOpBuilder builder(kernel.getLoc(), kernel.getContext());
  KernelEmitter emitter(builder, kernel, std::move(*axes), target);
  if (failed(emitter.emit()))
    return failure();
  kernel.erase();
  return success();
}

/// A pass on the module, because kernels call functions that are declared
/// there.
struct TileToCPU : impl::TileToCPUPassBase<TileToCPU> {
  void runOnOperation() override {
    auto target = getOperation()->getAttrOfType<attn::CpuTargetAttr>(
        attn::kTargetAttrName);
    SmallVector<tile::KernelOp> kernels;
    getOperation().walk([&](tile::KernelOp op) { kernels.push_back(op); });
    for (tile::KernelOp kernel : kernels)
      if (failed(lower(kernel, target)))
        signalPassFailure();
  }
};

} // namespace
} // namespace cpu
} // namespace attnc
