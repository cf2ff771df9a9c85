//===- ReadCaches.cpp - ops on caches become ops on tensors ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Behind this pass a cache is where tiles come from and nothing else: masks,
// schedules and extents see a tensor and lengths.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Dialect/Attn/Transforms/Passes.h"

namespace attnc::attn {
#define GEN_PASS_DEF_READCACHESPASS
#include "attnc/Dialect/Attn/Transforms/Passes.h.inc"

namespace {

struct ReadCaches : impl::ReadCachesPassBase<ReadCaches> {
  void runOnOperation() override {
    getOperation().walk([](AttendOp op) {
      auto source = op.getKey().getDefiningOp<CacheOp>();
      if (!source)
        return;
      OpBuilder builder(op);
      for (mlir::OpOperand *stream :
           {&op.getKeyMutable(), &op.getValueMutable()})
        stream->set(ReadOp::create(builder, op.getLoc(), stream->get()));
      if (source.getLengths())
        op.getLengthsMutable().assign(source.getLengths());
    });
  }
};

} // namespace
} // namespace attnc::attn
