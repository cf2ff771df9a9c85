//===- VerifyInput.cpp - the stage attn-input -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What every pass after parsing may assume of a user's module.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Dialect/Attn/Transforms/Passes.h"

namespace attnc::attn {
#define GEN_PASS_DEF_VERIFYINPUTPASS
#include "attnc/Dialect/Attn/Transforms/Passes.h.inc"

namespace {

bool isEntryType(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  // Rank 8 is what the entry point's descriptors hold.
  return tensor && tensor.getRank() <= 8;
}

LogicalResult verifyFunction(mlir::func::FuncOp function) {
  if (function.isExternal())
    return function.emitOpError("has no body; a spec defines every function it "
                                "declares");
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("has control flow between blocks; use scf ops");
  if (!function.isPublic())
    return success();
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
    if (!isEntryType(type))
      return function.emitOpError("argument #")
             << i << " is " << type
             << "; an entry point takes tensors of rank 0 to 8";
  for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
    if (!isEntryType(type))
      return function.emitOpError("result #")
             << i << " is " << type
             << "; an entry point returns tensors of rank 0 to 8";
  return success();
}

/// The set of a mask is built once here, so that later passes can rely on it.
LogicalResult verifyMask(AttendOp op) {
  llvm::Expected<MaskSet> mask = MaskSet::get(op.getEffectiveMask());
  if (!mask)
    return op.emitOpError(llvm::toString(mask.takeError()));
  return success();
}

/// The entry point checks what a cache is made of.
LogicalResult verifyCache(CacheOp op) {
  auto function = dyn_cast<mlir::func::FuncOp>(op->getParentOp());
  if (function && function.isPublic())
    return success();
  return op.emitOpError("is not in the body of a public function, where its "
                        "table and lengths are checked when it is called");
}

struct VerifyInput : impl::VerifyInputPassBase<VerifyInput> {
  void runOnOperation() override {
    static constexpr StringRef kDialects[] = {
        "attn", "arith", "builtin", "func", "linalg", "math", "scf", "tensor"};
    // Functions before their bodies: control flow is reported as such.
    mlir::WalkResult result =
        getOperation().walk<mlir::WalkOrder::PreOrder>([](Operation *op) {
          if (!llvm::is_contained(kDialects,
                                  op->getName().getDialectNamespace())) {
            op->emitOpError(
                "cannot occur in a spec; use ops of the dialects attn, "
                "arith, func, linalg, math, scf and tensor");
            return mlir::WalkResult::interrupt();
          }
          auto function = dyn_cast<mlir::func::FuncOp>(op);
          if (function && failed(verifyFunction(function)))
            return mlir::WalkResult::interrupt();
          auto attend = dyn_cast<AttendOp>(op);
          if (attend && failed(verifyMask(attend)))
            return mlir::WalkResult::interrupt();
          auto cache = dyn_cast<CacheOp>(op);
          if (cache && failed(verifyCache(cache)))
            return mlir::WalkResult::interrupt();
          return mlir::WalkResult::advance();
        });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace
} // namespace attnc::attn
