//===- InlineCalls.cpp - calls become the bodies they call ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Callees before callers, so that each body is copied as it will be. The size
// of a body is known before it is copied: a short text can call its way to any
// size.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Dialect/Attn/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

namespace attnc::attn {
#define GEN_PASS_DEF_INLINECALLSPASS
#include "attnc/Dialect/Attn/Transforms/Passes.h.inc"

namespace {

using mlir::func::CallOp;
using mlir::func::FuncOp;

constexpr int64_t kMaxOperations = 1 << 16;
constexpr size_t kMaxDepth = 64;

/// Replaces the call by a copy of the callee's only block.
void replaceByBody(CallOp call, FuncOp callee) {
  OpBuilder builder(call);
  Block &body = callee.front();
  mlir::IRMapping values;
  values.map(body.getArguments(), call.getOperands());
  for (Operation &op : body.without_terminator()) {
    Operation *copy = builder.clone(op, values);
    copy->walk([&](Operation *inner) {
      inner->setLoc(mlir::CallSiteLoc::get(inner->getLoc(), call.getLoc()));
    });
  }
  for (auto [result, returned] :
       llvm::zip(call.getResults(), body.getTerminator()->getOperands()))
    result.replaceAllUsesWith(values.lookupOrDefault(returned));
  call.erase();
}

class Inliner {
public:
  explicit Inliner(ModuleOp module) : module(module) {}

  /// Replaces the calls in `function`, and before that those in its callees.
  LogicalResult inlineCalls(FuncOp function);

  /// Erases the private functions that only served as callees.
  void eraseCallees() {
    for (FuncOp callee : callees)
      if (callee.isPrivate())
        callee.erase();
  }

private:
  LogicalResult inlineCall(CallOp call, FuncOp callee);

  ModuleOp module;
  /// The functions whose calls are being replaced, outermost first.
  SmallVector<FuncOp> active;
  /// How many operations the finished ones have.
  llvm::DenseMap<Operation *, int64_t> sizes;
  llvm::SetVector<FuncOp> callees;
  int64_t numOperations = 0;
};

LogicalResult Inliner::inlineCall(CallOp call, FuncOp callee) {
  if (llvm::is_contained(active, callee))
    return call.emitError()
           << "'" << callee.getSymName() << "' calls itself, here or through "
           << "others; a call is replaced by the body it calls, so that calls "
           << "have to end";
  if (active.size() >= kMaxDepth)
    return call.emitError() << "calls are nested more than " << kMaxDepth
                            << " deep; write some of the bodies in place";
  if (failed(inlineCalls(callee)))
    return failure();
  numOperations += sizes.lookup(callee);
  if (numOperations > kMaxOperations)
    return call.emitError()
           << "the bodies of all calls together have more than "
           << kMaxOperations << " operations; call less, or split the spec";
  callees.insert(callee);
  replaceByBody(call, callee);
  return success();
}

LogicalResult Inliner::inlineCalls(FuncOp function) {
  if (sizes.contains(function))
    return success();
  active.push_back(function);
  SmallVector<CallOp> calls;
  function.walk([&](CallOp call) { calls.push_back(call); });
  for (CallOp call : calls) {
    auto callee = module.lookupSymbol<FuncOp>(call.getCallee());
    // Other functions are refused for what they are, by attn-verify-input.
    if (callee && !callee.isExternal() && callee.getBody().hasOneBlock())
      if (failed(inlineCall(call, callee)))
        return failure();
  }
  active.pop_back();
  int64_t size = 0;
  function.walk([&](Operation *) { ++size; });
  sizes[function] = size;
  return success();
}

struct InlineCalls : impl::InlineCallsPassBase<InlineCalls> {
  void runOnOperation() override {
    Inliner inliner(getOperation());
    for (auto function : getOperation().getOps<FuncOp>())
      if (failed(inliner.inlineCalls(function)))
        return signalPassFailure();
    inliner.eraseCallees();
  }
};

} // namespace
} // namespace attnc::attn
