//===- VerifyHost.cpp - host code that reads tensors ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What runs on the host may ask a tensor for its extents and its address, and
// have buffers, which are in the GPU's memory as well; nothing else.
//
//===----------------------------------------------------------------------===//

#include "attnc/Target/GPU/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace attnc::gpu {
#define GEN_PASS_DEF_VERIFYHOSTPASS
#include "attnc/Target/GPU/Passes.h.inc"

namespace {

/// Whether an op reads or writes memory that a memref describes.
bool touchesMemory(Operation *op) {
  auto isMemory = [](Type type) { return isa<MemRefType>(type); };
  if (isa<mlir::memref::AllocOp, mlir::memref::DeallocOp>(op))
    return false;
  if (op->getNumRegions() > 0 || llvm::none_of(op->getOperandTypes(), isMemory))
    return false;
  auto effects = dyn_cast<mlir::MemoryEffectOpInterface>(op);
  return effects && !effects.hasNoEffect();
}

struct VerifyHost : impl::VerifyHostPassBase<VerifyHost> {
  void runOnOperation() override {
    getOperation().walk([&](Operation *op) {
      if (!touchesMemory(op))
        return;
      op->emitOpError("would run on the host, and the tensors of a function "
                      "compiled for a GPU are in its memory; compile for cpu");
      signalPassFailure();
    });
  }
};

} // namespace
} // namespace attnc::gpu
