//===- BufferizeAroundKernels.cpp - tensors outside of kernels ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One-shot bufferization with two choices of ours: tiles stay values, and
// copies are ops that every target can lower.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Tile/IR/Tile.h"
#include "attnc/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/FuncBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"

namespace attnc::tile {
#define GEN_PASS_DEF_BUFFERIZEAROUNDKERNELSPASS
#include "attnc/Dialect/Tile/Transforms/Passes.h.inc"

namespace {

struct BufferizeAroundKernels
    : impl::BufferizeAroundKernelsPassBase<BufferizeAroundKernels> {
  void runOnOperation() override {
    mlir::bufferization::OneShotBufferizationOptions options;
    options.bufferizeFunctionBoundaries = true;
    options.opFilter.denyOperation([](Operation *op) {
      return op->getParentOfType<KernelOp>() != nullptr;
    });
    options.memCpyFn = [](OpBuilder &builder, Location loc, Value from,
                          Value to) {
      // A result that was computed in its destination already.
      if (from == to)
        return success();
      mlir::linalg::CopyOp::create(builder, loc, from, to);
      return success();
    };
    mlir::bufferization::BufferizationState state;
    if (failed(mlir::bufferization::runOneShotModuleBufferize(getOperation(),
                                                              options, state)))
      signalPassFailure();
  }
};

} // namespace
} // namespace attnc::tile
