//===- AttnToReference.cpp - Sequence ops as naive float64 loops ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Replaces each attn op by its own definition. The loops are built by
// AttendReference.cpp and ScanReference.cpp; this file is only the pass.
//
//===----------------------------------------------------------------------===//

#include "ReferenceBuilder.h"
#include "attnc/Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace attnc {
#define GEN_PASS_DEF_ATTNTOREFERENCEPASS
#include "attnc/Conversion/Passes.h.inc"
} // namespace attnc

using namespace attnc;
using namespace attnc::attn;

namespace {

/// Replaces `op` by its definition.
template <typename OpTy>
LogicalResult replaceByReference(OpTy op) {
  ReferenceBuilder b(op.getLoc(), op);
  FailureOr<SmallVector<Value>> results = buildReference(b, op);
  if (failed(results))
    return failure();
  op->replaceAllUsesWith(*results);
  op->erase();
  return success();
}

struct AttnToReferencePass
    : impl::AttnToReferencePassBase<AttnToReferencePass> {
  void runOnOperation() override {
    mlir::WalkResult attends = getOperation().walk(
        [](AttendOp op) -> mlir::WalkResult { return replaceByReference(op); });
    mlir::WalkResult scans = getOperation().walk(
        [](ScanOp op) -> mlir::WalkResult { return replaceByReference(op); });
    mlir::WalkResult convolutions =
        getOperation().walk([](ConvolveOp op) -> mlir::WalkResult {
          return replaceByReference(op);
        });
    mlir::WalkResult stateSpaces =
        getOperation().walk([](StateSpaceOp op) -> mlir::WalkResult {
          return replaceByReference(op);
        });
    if (attends.wasInterrupted() || scans.wasInterrupted() ||
        convolutions.wasInterrupted() || stateSpaces.wasInterrupted())
      return signalPassFailure();
    getOperation().walk([](ReadOp op) {
      ReferenceBuilder b(op.getLoc(), op);
      op.replaceAllUsesWith(buildReference(b, op));
      op.erase();
    });
    getOperation().walk([](CacheOp op) { op.erase(); });
  }
};

} // namespace
