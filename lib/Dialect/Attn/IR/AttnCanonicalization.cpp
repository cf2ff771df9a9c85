//===- AttnCanonicalization.cpp - what need not be written ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An optional result that nobody reads is not computed, and a region that
// returns its argument is left out. Both are the same op with less in it.
//
//===----------------------------------------------------------------------===//
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "mlir/IR/PatternMatch.h"

using namespace attnc;
using namespace attnc::attn;

namespace {

/// Whether the region gives back its first argument.
bool isIdentity(Region &region) {
  if (region.empty())
    return false;
  auto yield = dyn_cast<YieldOp>(region.front().getTerminator());
  return yield && yield.getResult() == region.front().getArgument(0);
}

/// Removes the blocks of `region`, a region of `op`.
void eraseBody(mlir::PatternRewriter &rewriter, Operation *op, Region &region) {
  rewriter.modifyOpInPlace(op, [&] { rewriter.eraseBlock(&region.front()); });
}

/// attend -> (out, unused lse)  =  attend -> out
struct DropUnusedLse : mlir::OpRewritePattern<AttendOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult
  matchAndRewrite(AttendOp op, mlir::PatternRewriter &rewriter) const override {
    if (!op.getLse() || !op.getLse().use_empty())
      return rewriter.notifyMatchFailure(op, "lse is used or absent");
    auto without = AttendOp::create(
        rewriter, op.getLoc(), op.getOut().getType(),
        /*lse=*/Type(), op.getQuery(), op.getKey(), op.getValue(),
        op.getLengths(), op.getQueryLengths(), op.getTables(),
        op.getInitialOut(), op.getInitialLse(), op.getMaskAttr(),
        op.getTableNamesAttr(), op.getLatticeAttr(), op.getScaleAttr());
    without->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    for (auto [from, to] : llvm::zip(op->getRegions(), without->getRegions()))
      rewriter.inlineRegionBefore(from, to, to.end());
    rewriter.replaceAllUsesWith(op.getOut(), without.getOut());
    rewriter.eraseOp(op);
    return success();
  }
};

/// attend score(s) { s }  =  attend
struct DropIdentityScore : mlir::OpRewritePattern<AttendOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult
  matchAndRewrite(AttendOp op, mlir::PatternRewriter &rewriter) const override {
    if (!isIdentity(op.getScore()))
      return rewriter.notifyMatchFailure(op, "the score is changed");
    eraseBody(rewriter, op, op.getScore());
    return success();
  }
};

/// scan -> (out, unused states)  =  scan -> out
struct DropUnusedStates : mlir::OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult
  matchAndRewrite(ScanOp op, mlir::PatternRewriter &rewriter) const override {
    auto typeIfUsed = [](Value result) {
      return result && !result.use_empty() ? result.getType() : Type();
    };
    Type state = typeIfUsed(op.getFinalState());
    Type normalizer = typeIfUsed(op.getFinalNormalizer());
    if (bool(state) == bool(op.getFinalState()) &&
        bool(normalizer) == bool(op.getFinalNormalizer()))
      return rewriter.notifyMatchFailure(op, "every result is used");
    auto without = ScanOp::create(
        rewriter, op.getLoc(), op.getOut().getType(), state, normalizer,
        op.getQuery(), op.getKey(), op.getValue(), op.getStarts(),
        op.getInitialState(), op.getInitialNormalizer(), op.getTransition(),
        op.getNormalize(), op.getReverse());
    without->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    for (auto [from, to] : llvm::zip(op->getRegions(), without->getRegions()))
      rewriter.inlineRegionBefore(from, to, to.end());
    rewriter.replaceAllUsesWith(op.getOut(), without.getOut());
    if (state)
      rewriter.replaceAllUsesWith(op.getFinalState(), without.getFinalState());
    if (normalizer)
      rewriter.replaceAllUsesWith(op.getFinalNormalizer(),
                                  without.getFinalNormalizer());
    rewriter.eraseOp(op);
    return success();
  }
};

/// op -> (out, unused state)  =  op -> out, for an op with these results.
template <typename OpT>
struct DropUnusedState : mlir::OpRewritePattern<OpT> {
  using mlir::OpRewritePattern<OpT>::OpRewritePattern;

  LogicalResult
  matchAndRewrite(OpT op, mlir::PatternRewriter &rewriter) const override {
    if (!op.getFinalState() || !op.getFinalState().use_empty())
      return rewriter.notifyMatchFailure(op, "every result is used");
    mlir::OperationState state(op.getLoc(), op->getName(), op->getOperands(),
                               op.getOut().getType(), op->getAttrs());
    for (Region &region : op->getRegions())
      state.addRegion()->takeBody(region);
    rewriter.replaceAllUsesWith(op.getOut(),
                                rewriter.create(state)->getResult(0));
    rewriter.eraseOp(op);
    return success();
  }
};

/// scan feature(x) { x }  =  scan
struct DropIdentityFeature : mlir::OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult
  matchAndRewrite(ScanOp op, mlir::PatternRewriter &rewriter) const override {
    if (!isIdentity(op.getFeature()))
      return rewriter.notifyMatchFailure(op, "the feature map is no identity");
    eraseBody(rewriter, op, op.getFeature());
    return success();
  }
};

} // namespace

void AttendOp::getCanonicalizationPatterns(mlir::RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<DropUnusedLse, DropIdentityScore>(context);
}

void ScanOp::getCanonicalizationPatterns(mlir::RewritePatternSet &patterns,
                                         MLIRContext *context) {
  patterns.add<DropUnusedStates, DropIdentityFeature>(context);
}

void ConvolveOp::getCanonicalizationPatterns(mlir::RewritePatternSet &patterns,
                                             MLIRContext *context) {
  patterns.add<DropUnusedState<ConvolveOp>>(context);
}

void StateSpaceOp::getCanonicalizationPatterns(
    mlir::RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<DropUnusedState<StateSpaceOp>>(context);
}
