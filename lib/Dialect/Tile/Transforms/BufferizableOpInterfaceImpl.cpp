//===- BufferizableOpInterfaceImpl.cpp - kernels on memory ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bufferization of `tile.kernel`: its body speaks of memory already, so only
// the operands change. Destinations are written and never read.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Tile/IR/Tile.h"
#include "attnc/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace attnc::tile {
namespace {

using namespace mlir::bufferization;

struct KernelBufferization
    : DstBufferizableOpInterfaceExternalModel<KernelBufferization, KernelOp> {
  bool bufferizesToMemoryRead(Operation *op, mlir::OpOperand &operand,
                              const AnalysisState &) const {
    return !cast<KernelOp>(op).isDpsInit(&operand);
  }

  LogicalResult bufferize(Operation *op, mlir::RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto kernel = cast<KernelOp>(op);
    rewriter.setInsertionPoint(kernel);
    auto views = kernel.getViews();
    auto toMemory = [&](Value tensor, Type viewType) -> FailureOr<Value> {
      if (!isa<RankedTensorType>(tensor.getType()))
        return tensor;
      FailureOr<Value> buffer = getBuffer(rewriter, tensor, options, state);
      if (failed(buffer) || buffer->getType() == viewType)
        return buffer;
      return Value(mlir::memref::CastOp::create(rewriter, kernel.getLoc(),
                                                viewType, *buffer));
    };
    SmallVector<Value> inputs, outputs;
    for (auto [i, input] : llvm::enumerate(kernel.getInputs())) {
      FailureOr<Value> buffer = toMemory(input, views[i].getType());
      if (failed(buffer))
        return failure();
      inputs.push_back(*buffer);
    }
    size_t numInputs = inputs.size();
    for (auto [i, output] : llvm::enumerate(kernel.getOutputs())) {
      FailureOr<Value> buffer =
          toMemory(output, views[numInputs + i].getType());
      if (failed(buffer))
        return failure();
      outputs.push_back(*buffer);
    }
    auto onMemory =
        KernelOp::create(rewriter, kernel.getLoc(), mlir::TypeRange(),
                         kernel.getGrid(), inputs, outputs);
    onMemory->setDiscardableAttrs(kernel->getDiscardableAttrDictionary());
    onMemory.getBody().takeBody(kernel.getBody());
    replaceOpWithBufferizedValues(rewriter, kernel, outputs);
    return success();
  }
};

} // namespace

void registerBufferizableOpInterfaces(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, TileDialect *) {
    KernelOp::attachInterface<KernelBufferization>(*context);
  });
}

} // namespace attnc::tile
