//===- VerifyScheduled.cpp - the stage attn-scheduled ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the tiling may assume of schedules, chosen or written by hand.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Dialect/Attn/Transforms/Passes.h"

namespace attnc::attn {
#define GEN_PASS_DEF_VERIFYSCHEDULEDPASS
#include "attnc/Dialect/Attn/Transforms/Passes.h.inc"

namespace {

LogicalResult verify(CarryOpInterface op, CpuTargetAttr target) {
  auto schedule = op->getAttrOfType<ScheduleAttr>(kScheduleAttrName);
  if (!schedule)
    return op->emitOpError("has no attn.schedule; run attn-schedule first");
  int64_t width = target ? target.getVectorBytes() / 4 : 1;
  if (schedule.getLanes() % width != 0)
    return op->emitOpError("has lanes = ")
           << schedule.getLanes()
           << ", which is not a multiple of the target's " << width
           << " f32 lanes";
  CarryFootprint footprint = op.getFootprint();
  Products products = schedule.getProducts();
  if (products != Products::F32 && footprint.narrow != products)
    return op->emitOpError("has products = ")
           << stringifyProducts(products)
           << ", but its operands and its output are not all "
           << stringifyProducts(products) << "; use products = f32";
  if (footprint.mostKeys > 0 && schedule.getKeyTile() > footprint.mostKeys)
    return op->emitOpError("has key_tile = ")
           << schedule.getKeyTile() << ", but a step of it absorbs "
           << footprint.mostKeys
           << " at most; use key_tile = " << footprint.mostKeys;
  bool hasRows = footprint.hasRows;
  if (auto decode = op->getAttrOfType<DecodeAttr>(kDecodeAttrName)) {
    if (!hasRows)
      return op->emitOpError("has an attn.decode, but its carry has no query "
                             "rows; leave it out");
    if (decode.getHeads() == RowHeads::Group && !footprint.hasLikeHeads)
      return op->emitOpError("has heads = group, but its mask or score depends "
                             "on the head; use heads = one");
  }
  if (auto recurrent = op->getAttrOfType<RecurrentAttr>(kRecurrentAttrName)) {
    if (!footprint.isResumable)
      return op->emitOpError(
          "has an attn.recurrent, but gives back no state to "
          "go on from; leave it out");
    if (recurrent.getLanes() % width != 0)
      return op->emitOpError("has recurrent lanes = ")
             << recurrent.getLanes()
             << ", which is not a multiple of the target's " << width
             << " f32 lanes";
  }
  if (hasRows && schedule.getQueryTile() % schedule.getLanes() != 0)
    return op->emitOpError("has query_tile = ")
           << schedule.getQueryTile()
           << ", which is not a multiple of lanes = " << schedule.getLanes();
  if (!hasRows && schedule.getQueryTile() != 1)
    return op->emitOpError("has query_tile = ")
           << schedule.getQueryTile()
           << ", but its carry has no query rows; use query_tile = 1";
  return success();
}

struct VerifyScheduled : impl::VerifyScheduledPassBase<VerifyScheduled> {
  void runOnOperation() override {
    auto module = getOperation()->getParentOfType<ModuleOp>();
    auto target = module->getAttrOfType<CpuTargetAttr>(kTargetAttrName);
    mlir::WalkResult result = getOperation().walk([&](CarryOpInterface op) {
      return failed(verify(op, target)) ? mlir::WalkResult::interrupt()
                                        : mlir::WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace
} // namespace attnc::attn
