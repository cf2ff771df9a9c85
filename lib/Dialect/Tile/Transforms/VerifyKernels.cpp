//===- VerifyKernels.cpp - the stage tile ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a target's lowering may assume of tile kernels.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Tile/IR/Tile.h"
#include "attnc/Dialect/Tile/Transforms/Passes.h"

namespace attnc::tile {
#define GEN_PASS_DEF_VERIFYKERNELSPASS
#include "attnc/Dialect/Tile/Transforms/Passes.h.inc"

namespace {

LogicalResult verifyInKernel(Operation *op) {
  static constexpr StringRef kDialects[] = {"arith", "math", "scf", "tile"};
  static constexpr StringRef kOps[] = {
      "memref.cast",         "memref.dim",
      "memref.expand_shape", "memref.extract_strided_metadata",
      "memref.load",         "memref.reinterpret_cast",
      "memref.subview",      "tensor.splat"};
  if (!llvm::is_contained(kDialects, op->getName().getDialectNamespace()) &&
      !llvm::is_contained(kOps, op->getName().getStringRef()))
    return op->emitOpError("cannot occur in a tile kernel");
  for (Type type : op->getResultTypes())
    if (auto tensor = dyn_cast<mlir::TensorType>(type))
      if (!tensor.hasStaticShape() || tensor.getRank() > 2)
        return op->emitOpError("gives ")
               << type << "; a tile has a static shape of rank 1 or 2";
  return success();
}

struct VerifyKernels : impl::VerifyKernelsPassBase<VerifyKernels> {
  void runOnOperation() override {
    mlir::WalkResult result = getOperation().walk([](Operation *op) {
      bool isWrong = op->getName().getDialectNamespace() == "attn";
      if (isWrong)
        op->emitOpError("is left after conversion to tile");
      else if (!isa<KernelOp>(op) && op->getParentOfType<KernelOp>())
        isWrong = failed(verifyInKernel(op));
      return isWrong ? mlir::WalkResult::interrupt()
                     : mlir::WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace
} // namespace attnc::tile
