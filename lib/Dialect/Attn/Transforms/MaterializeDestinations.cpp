//===- MaterializeDestinations.cpp - results become memory of the caller --===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rewrites public functions to destination-passing style, the form in which a C
// caller can hand over both inputs and outputs.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Dialect/Attn/Transforms/Passes.h"
#include "attnc/Support/MemoryType.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace attnc::attn {
#define GEN_PASS_DEF_MATERIALIZEDESTINATIONSPASS
#include "attnc/Dialect/Attn/Transforms/Passes.h.inc"

namespace {

void materialize(mlir::func::FuncOp function) {
  Block &body = function.getBody().front();
  OpBuilder builder = OpBuilder::atBlockBegin(&body);
  SmallVector<Type> inputs;
  for (mlir::BlockArgument argument : body.getArguments()) {
    auto type = cast<RankedTensorType>(argument.getType());
    argument.setType(getMemoryType(type));
    inputs.push_back(argument.getType());
    auto tensor = mlir::bufferization::ToTensorOp::create(
        builder, argument.getLoc(), type, argument, /*restrict=*/true);
    argument.replaceAllUsesExcept(tensor, tensor);
  }

  Operation *terminator = body.getTerminator();
  builder.setInsertionPoint(terminator);
  for (Value result : terminator->getOperands()) {
    MemRefType type = getMemoryType(cast<RankedTensorType>(result.getType()));
    Value destination = body.addArgument(type, result.getLoc());
    inputs.push_back(type);
    mlir::bufferization::MaterializeInDestinationOp::create(
        builder, result.getLoc(), /*resultType=*/Type(), result, destination,
        /*restrict=*/true, /*writable=*/true);
  }
  mlir::func::ReturnOp::create(builder, terminator->getLoc());
  terminator->erase();

  function.setType(builder.getFunctionType(inputs, {}));
  function.removeArgAttrsAttr();
  function.removeResAttrsAttr();
  function.setName((kKernelNamePrefix + function.getName()).str());
  function->setAttr(mlir::LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                    builder.getUnitAttr());
}

struct MaterializeDestinations
    : impl::MaterializeDestinationsPassBase<MaterializeDestinations> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<mlir::func::FuncOp>())
      if (function.isPublic() && !function.isExternal() &&
          !function.getName().starts_with(kKernelNamePrefix))
        materialize(function);
  }
};

} // namespace
} // namespace attnc::attn
