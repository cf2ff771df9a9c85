//===- KernelEmitter.cpp - one tile kernel for warpgroups -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What all threads of a block do before they part, and what the producer does.
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
      fragments(builder, arguments, scalars) {}

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
  for (const SharedTile &tile : stationary)
    b.initBarrier(barrier(tile.fullBarrier), 1);
  // One thread of each warp says that it has read a tile.
  constexpr int64_t warps = kWarpgroupThreads / kWarpThreads;
  for (const SharedTile &tile : streams)
    for (int64_t slot = 0; slot < stages; ++slot) {
      b.initBarrier(barrier(tile.fullBarrier + slot), 1);
      b.initBarrier(barrier(tile.emptyBarrier + slot), warps * consumers);
    }
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
  FailureOr<KeySteps> steps = KeySteps::build(b, scalars, fold, known, list);
  if (failed(steps))
    return failure();
  b.blockBarrier();
  Value isProducer = b.compare(CmpIPredicate::eq, warpgroup, b.i32(0));
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

/// Copies a tile, in blocks of 64 columns. `slot` is the address of its place.
void KernelEmitter::copyTile(const SharedTile &tile, Value slot, Value full,
                             const IRMapping &here) {
  tile::LoadOp load = tile.load;
  b.arriveAndExpect(full, b.i32(tile.getBytes()));
  Value map = arguments.getTensorMap(load.getMemory(), tile.rows,
                                     SharedTile::kLineElements);
  SmallVector<Value> coordinates = getCoordinates(load, here);
  Value column = coordinates[0];
  for (int64_t block = 0; block < tile.getBlocks(); ++block) {
    coordinates[0] = b.add(column, b.i32(block * SharedTile::kLineElements));
    b.copyTensor(b.add(slot, b.i32(block * tile.getBlockBytes())), map,
                 coordinates, full);
  }
}

void KernelEmitter::emitProducer(const KeySteps &steps) {
  // What consumers get: 64 K registers, less those of the producer.
  b.lowerRegisters(consumers == 3 ? 32 : 24);
  Value isCopier =
      b.bitAnd(b.compare(CmpIPredicate::eq, thread, b.i32(0)),
               b.compare(CmpIPredicate::sgt, steps.getCount(), b.i32(0)));
  auto branch = scf::IfOp::create(b, isCopier, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  for (SharedTile &tile : stationary)
    if (!tile.isGathered())
      copyTile(tile, b.add(shared, b.i32(tile.place)),
               barrier(tile.fullBarrier), known);
  KeySteps::Cursor first = steps.getFirst(b);
  auto loop = scf::ForOp::create(b, b.i32(0), steps.getCount(), b.i32(1),
                                 ValueRange{first.range, first.key});
  b.setInsertionPointToStart(loop.getBody());
  KeySteps::Cursor cursor = {loop.getRegionIterArgs()[0],
                             loop.getRegionIterArgs()[1]};
  Slot slot = getSlot(loop.getInductionVar());
  IRMapping here = enterStep(steps.getStep(b, cursor));
  for (const SharedTile &tile : streams) {
    // A slot is empty at first: the phase before the first one is over.
    b.wait(barrier(tile.emptyBarrier, slot), b.bitXor(slot.parity, b.i32(1)));
    copyTile(tile, getPlace(tile, slot), barrier(tile.fullBarrier, slot), here);
  }
  KeySteps::Cursor next = steps.getNext(b, cursor);
  scf::YieldOp::create(b, ValueRange{next.range, next.key});
}
