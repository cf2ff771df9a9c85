//===- KernelEmitter.cpp - one tile kernel for warpgroups -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What all threads of a block do before they part.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace attnc;
using namespace attnc::gpu;
using mlir::arith::CmpIPredicate;
namespace LLVM = mlir::LLVM;
namespace scf = mlir::scf;

KernelEmitter::KernelEmitter(PtxBuilder &builder, KernelArguments &arguments,
                             tile::KernelOp kernel, attn::GpuTargetAttr target)
    : b(builder), arguments(arguments), kernel(kernel), target(target),
      scalars(builder, arguments, kernel),
      fragments(builder, arguments, scalars),
      products(Products::create(builder, target.getProducts())) {}

/// Slots are taken in turn; each time round the parity changes.
KernelEmitter::Slot KernelEmitter::getSlot(Value step) {
  int64_t bits = llvm::Log2_64(stages);
  return {b.bitAnd(step, b.i32(stages - 1)),
          b.bitAnd(b.shiftRight(step, bits), b.i32(1))};
}

Value KernelEmitter::barrier(int64_t first, const Slot &slot) {
  return b.add(barrier(first), b.mul(slot.number, b.i32(8)));
}

Value KernelEmitter::getPlace(const SharedTile &tile, const Slot &slot) {
  return b.add(b.add(shared, b.i32(tile.place)),
               b.mul(slot.number, b.i32(tile.getBytes())));
}

IRMapping KernelEmitter::enterStep(const KeySteps::Step &step) {
  IRMapping here = known;
  here.map(fold.getKey(), b.cast(step.key, b.getIndexType()));
  here.map(fold.getKeys(), b.cast(step.keys, b.getIndexType()));
  return here;
}

void KernelEmitter::initBarriers() {
  Value isFirst = b.compare(CmpIPredicate::eq, b.threadIndex(), b.i32(0));
  auto branch = scf::IfOp::create(b, isFirst, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  // One thread of each warp says that it has read a tile.
  constexpr int64_t warps = kWarpgroupThreads / kWarpThreads;
  auto countArrivals = [](const SharedTile &tile) -> int64_t {
    bool isByThreads = tile.copy == Copy::Rows || tile.copy == Copy::Formed;
    return isByThreads ? warps : tile.copy == Copy::Chunks ? kWarpThreads : 1;
  };
  for (const SharedTile &tile : stationary)
    b.initBarrier(barrier(tile.fullBarrier), countArrivals(tile));
  for (const SharedTile &tile : streams)
    for (int64_t slot = 0; slot < stages; ++slot) {
      b.initBarrier(barrier(tile.fullBarrier + slot), countArrivals(tile));
      b.initBarrier(barrier(tile.emptyBarrier + slot), warps * consumers);
    }
  if (clearsTiles())
    b.initBarrier(barrier(landingBarrier), 1);
  b.fenceBarrierInit();
}

/// The last index runs fastest, and backwards: under a causal mask the blocks
/// with most keys begin first.
void KernelEmitter::emitGridIndices() {
  Value rest = b.blockIndex();
  auto indices = kernel.getGridIndices();
  for (unsigned axis = indices.size(); axis-- > 0;) {
    Value size =
        b.cast(scalars.get(kernel.getGrid()[axis], known), b.getI32Type());
    Value index = rest;
    if (axis > 0) {
      index = b.createOrFold<mlir::arith::RemUIOp>(rest, size);
      rest = b.createOrFold<mlir::arith::DivUIOp>(rest, size);
    }
    if (axis + 1 == indices.size())
      index = b.sub(b.sub(size, b.i32(1)), index);
    known.map(indices[axis], b.cast(index, b.getIndexType()));
  }
}

/// The scalars in front of the fold.
LogicalResult KernelEmitter::emitScalars() {
  auto isTile = [](Type type) { return isa<RankedTensorType>(type); };
  for (Operation &op : kernel.getBody().front()) {
    if (&op == fold)
      return success();
    if (llvm::any_of(op.getOperandTypes(), isTile) ||
        llvm::any_of(op.getResultTypes(), isTile))
      continue;
    if (failed(scalars.emit(&op, known, {})))
      return failure();
  }
  return success();
}

LogicalResult KernelEmitter::emit() {
  Value memory =
      LLVM::AddressOfOp::create(b, b.pointer(kSharedSpace), "attnc_shared");
  shared = LLVM::PtrToIntOp::create(b, b.getI32Type(), memory);
  barriers = b.add(shared, b.i32(barrierPlace));
  Value threadIndex = b.threadIndex();
  warpgroup = b.uniform(b.shiftRight(threadIndex, 7));
  thread = b.bitAnd(threadIndex, b.i32(kWarpgroupThreads - 1));
  initBarriers();
  emitGridIndices();
  if (failed(emitScalars()))
    return failure();
  Value list = b.offset(memory, b.i32(listPlace));
  FailureOr<KeySteps> steps =
      KeySteps::build(b, scalars, fold, known, getGranule(), list);
  if (failed(steps))
    return failure();
  b.blockBarrier();
  int64_t producer = copiesChunks() ? consumers : 0;
  Value isProducer = b.compare(CmpIPredicate::eq, warpgroup, b.i32(producer));
  auto branch = scf::IfOp::create(b, isProducer, /*withElseRegion=*/true);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    emitProducer(*steps);
    b.setInsertionPointToStart(branch.elseBlock());
    emitConsumer(*steps);
  }
  LLVM::ReturnOp::create(b, ValueRange());
  return failure(fragments.hasFailed() || scalars.hasFailed());
}
