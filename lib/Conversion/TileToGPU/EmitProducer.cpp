//===- EmitProducer.cpp - how tiles get into shared memory ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tile that is a box of its tensor is copied by one thread, in bulk. One
// whose rows are runs of neighbours, as those of pages are, is copied by a
// warp: each of its threads finds where one run is and copies that in bulk.
// Rows that are anywhere are copied by all threads of the warpgroup, 16 bytes
// at a time, while the tile before is still on its way.
//
// An index may be outside of its memory: it is a number that a caller wrote to
// the device's memory, which nobody has checked. Bulk copies read zeros there,
// and so do rows.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace attnc;
using namespace attnc::gpu;
using mlir::arith::CmpIPredicate;
namespace arith = mlir::arith;
namespace scf = mlir::scf;

static constexpr int64_t kChunkBytes = SharedTile::kChunkBytes;
static constexpr int64_t kChunkElements = SharedTile::kChunkElements;
static constexpr int64_t kChunksInLine = SharedTile::kChunksInLine;

/// Runs `body` where `condition` holds.
static void emitIf(PtxBuilder &b, Value condition, function_ref<void()> body) {
  auto branch = scf::IfOp::create(b, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  body();
}

/// Shared memory as a pointer.
static Value toShared(PtxBuilder &b, Value address) {
  return mlir::LLVM::IntToPtrOp::create(b, b.pointer(kSharedSpace), address);
}

int64_t KernelEmitter::countCopiers() const {
  auto needsWarp = [](const SharedTile &tile) {
    return tile.copy == Copy::Runs || tile.copy == Copy::Chunks ||
           tile.isCleared;
  };
  if (isCopiedByAll())
    return kWarpgroupThreads;
  return llvm::any_of(streams, needsWarp) ? kWarpThreads : 1;
}

/// Two or three consumers get 64 K registers less those of the producer; one
/// has half of that where two blocks share a multiprocessor. A producer that
/// forms tiles has them in registers on the way.
KernelEmitter::Registers KernelEmitter::getRegisters() const {
  constexpr Registers ofOne[] = {{24, 232}, {24, 240}, {32, 160}};
  constexpr Registers ofMany[] = {{56, 200}, {40, 232}, {32, 160}};
  constexpr Registers ofFormed[] = {{104, 152}, {104, 200}, {56, 152}};
  constexpr Registers ofOneAlone = {120, 240};
  if (!conversions.empty())
    return consumers == 1 && blocksAtOnce == 1 ? ofOneAlone
                                               : ofFormed[consumers - 1];
  return (countCopiers() == 1 ? ofOne : ofMany)[consumers - 1];
}

int64_t KernelEmitter::getGranule() const {
  int64_t granule = 1;
  for (const SharedTile &tile : streams)
    if (tile.copy == Copy::Runs)
      granule = std::max(granule, tile.boxRows);
  return granule;
}

/// Copies a tile that is a box, in blocks of 64 columns.
void KernelEmitter::copyBoxes(const SharedTile &tile, Value place, Value full,
                              const IRMapping &here) {
  tile::LoadOp load = tile.load;
  int64_t rowAxis = cast<MemRefType>(load.getMemory().getType()).getRank() - 2;
  Value map = arguments.getTensorMap(load.getMemory(), rowAxis, tile.rows,
                                     SharedTile::kLineElements);
  SmallVector<Value> coordinates = getCoordinates(load, here);
  Value column = coordinates[0];
  for (int64_t block = 0; block < tile.getBlocks(); ++block) {
    coordinates[0] = b.add(column, b.i32(block * SharedTile::kLineElements));
    b.copyTensor(b.add(place, b.i32(block * tile.getBlockBytes())), map,
                 coordinates, full);
  }
}

/// One box by the thread that calls it.
void KernelEmitter::copyTile(const SharedTile &tile, Value place, Value full,
                             const IRMapping &here) {
  b.arriveAndExpect(full, b.i32(tile.getBytes()));
  copyBoxes(tile, place, full, here);
}

/// A run by each thread of the warp that has one.
void KernelEmitter::copyRuns(const SharedTile &tile, Value place, Value full,
                             const IRMapping &here) {
  tile::LoadOp load = tile.load;
  Value map =
      arguments.getTensorMap(load.getMemory(), load.getGatherAxes()->back(),
                             tile.boxRows, SharedTile::kLineElements);
  Value isRun =
      b.compare(CmpIPredicate::slt, thread, b.i32(tile.rows / tile.boxRows));
  emitIf(b, isRun, [&] {
    Value row = b.mul(thread, b.i32(tile.boxRows));
    SmallVector<Value> coordinates;
    for (Value at : llvm::reverse(getPlaceOfRow(load, row, here)))
      coordinates.push_back(b.cast(at, b.getI32Type()));
    Value column = coordinates[0];
    Value run = b.add(place, b.mul(row, b.i32(SharedTile::kLineBytes)));
    for (int64_t block = 0; block < tile.getBlocks(); ++block) {
      coordinates[0] = b.add(column, b.i32(block * SharedTile::kLineElements));
      b.copyTensor(b.add(run, b.i32(block * tile.getBlockBytes())), map,
                   coordinates, full);
    }
  });
}

/// Where row `row` of a tile is in its memory.
SmallVector<Value> KernelEmitter::getPlaceOfRow(tile::LoadOp load, Value row,
                                                const IRMapping &here) {
  FragmentEmitter points(b, arguments, scalars);
  points.setPoint(row, b.i32(0));
  Scope scope;
  scope.scalars = here;
  SmallVector<Value> place;
  for (Value offset : load.getOffsets())
    place.push_back(scalars.get(offset, here));
  points.addGathered(load.getGather(), load.getGatherAxes(), place, scope);
  if (load.getGather().empty()) {
    Value &along = place[place.size() - 2];
    along = b.add(along, b.cast(row, b.getIndexType()));
  }
  return place;
}

/// Zeros from row `first` on, by a warp.
void KernelEmitter::clearRows(const SharedTile &tile, Value place,
                              Value first) {
  constexpr int64_t rowsAtOnce = kWarpThreads / kChunksInLine;
  auto type = mlir::VectorType::get({4}, b.getI32Type());
  Value none = arith::ConstantOp::create(b, b.getZeroAttr(type));
  Value chunk =
      b.mul(b.bitAnd(thread, b.i32(kChunksInLine - 1)), b.i32(kChunkBytes));
  Value row = b.add(first, b.shiftRight(thread, 3));
  auto loop = scf::ForOp::create(b, row, b.i32(tile.rows), b.i32(rowsAtOnce));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value line = b.add(b.add(place, chunk), b.mul(loop.getInductionVar(),
                                                b.i32(SharedTile::kLineBytes)));
  for (int64_t block = 0; block < tile.getBlocks(); ++block)
    b.store(none, toShared(b, b.add(line, b.i32(block * tile.getBlockBytes()))),
            kChunkBytes);
}

/// What the threads of a warp wrote to a tile is there for the tensor cores.
void KernelEmitter::arriveAsWarp(Value full) {
  b.fenceAsyncShared();
  b.warpBarrier();
  Value lane = b.bitAnd(thread, b.i32(kWarpThreads - 1));
  emitIf(b, b.compare(CmpIPredicate::eq, lane, b.i32(0)),
         [&] { b.arrive(full); });
}

/// Copies a tile in bulk, as a warp. The last keys of a range land on a barrier
/// of their own, and are full when what is behind them is zero.
void KernelEmitter::copyAndClear(const SharedTile &tile, Value place,
                                 Value full, const IRMapping &here,
                                 Value &landing) {
  Value arrives = full, keys, isPart;
  if (tile.isCleared) {
    tile::LoadOp load = tile.load;
    keys = b.cast(scalars.get(load.getExtent()[0], here), b.getI32Type());
    isPart = b.compare(CmpIPredicate::slt, keys, b.i32(tile.rows));
    arrives = b.select(isPart, barrier(landingBarrier), full);
  }
  Value isFirst = b.compare(CmpIPredicate::eq, thread, b.i32(0));
  emitIf(b, isFirst, [&] {
    b.arriveAndExpect(arrives, b.i32(tile.getBytes()));
    if (tile.copy == Copy::Box)
      copyBoxes(tile, place, arrives, here);
  });
  if (tile.copy == Copy::Runs) {
    b.warpBarrier();
    copyRuns(tile, place, arrives, here);
  }
  if (!tile.isCleared)
    return;
  emitIf(b, isPart, [&] {
    b.wait(barrier(landingBarrier), landing);
    clearRows(tile, place, keys);
    arriveAsWarp(full);
  });
  landing = b.select(isPart, b.bitXor(landing, b.i32(1)), landing);
}

/// Copies a tile row by row, as a warpgroup: a thread copies one of the eight
/// chunks of each sixteenth row. Begins only; what is not there becomes zero.
void KernelEmitter::copyRows(const SharedTile &tile, Value place,
                             const IRMapping &here) {
  tile::LoadOp load = tile.load;
  arguments.requireAlignedRows(load.getMemory());
  constexpr int64_t rowsAtOnce = kWarpgroupThreads / kChunksInLine;
  Value chunk = b.bitAnd(thread, b.i32(kChunksInLine - 1));
  Value keys = b.cast(scalars.get(load.getExtent()[0], here), b.getI32Type());
  auto loop = scf::ForOp::create(b, b.shiftRight(thread, 3), b.i32(tile.rows),
                                 b.i32(rowsAtOnce));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value row = loop.getInductionVar();
  SmallVector<Value> at = getPlaceOfRow(load, row, here);
  Value isRow = b.compare(CmpIPredicate::slt, row, keys);
  for (int64_t axis : load.getGatherAxes().value_or(ArrayRef<int64_t>()))
    isRow =
        b.bitAnd(isRow, b.compare(CmpIPredicate::ult, at[axis],
                                  arguments.getSize(load.getMemory(), axis)));
  at.back() = b.add(
      at.back(), b.cast(b.mul(chunk, b.i32(kChunkElements)), b.getIndexType()));
  Value from = scalars.getAddress(load.getMemory(), at);
  Value swizzled = b.bitXor(chunk, b.bitAnd(row, b.i32(kChunksInLine - 1)));
  Value to = b.add(b.add(place, b.mul(row, b.i32(SharedTile::kLineBytes))),
                   b.mul(swizzled, b.i32(kChunkBytes)));
  for (int64_t block = 0; block < tile.getBlocks(); ++block) {
    int64_t firstColumn = block * SharedTile::kLineElements;
    Value isThere = isRow;
    if (firstColumn + SharedTile::kLineElements > tile.columns)
      isThere = b.bitAnd(isRow, b.compare(CmpIPredicate::slt, chunk,
                                          b.i32((tile.columns - firstColumn) /
                                                kChunkElements)));
    b.copyChunk(b.add(to, b.i32(block * tile.getBlockBytes())),
                b.offset(from, b.i32(2 * firstColumn)), isThere);
  }
}

/// Copies the tile of a step to its slot in bulk.
void KernelEmitter::copyToSlot(const SharedTile &tile, const Slot &slot,
                               const IRMapping &here, Value &landing) {
  Value place = getPlace(tile, slot), full = barrier(tile.fullBarrier, slot);
  if (countCopiers() == 1)
    copyTile(tile, place, full, here);
  else
    copyAndClear(tile, place, full, here, landing);
}

/// Waits for the rows of stream `number` in step `step`, while those of
/// `pending` later tiles are on their way.
void KernelEmitter::finishRows(size_t number, Value step, int64_t pending) {
  b.waitChunks(pending);
  arriveAsWarp(barrier(streams[number].fullBarrier, getSlot(step)));
}

/// The tiles of step `step`.
void KernelEmitter::copyStep(Value step, const IRMapping &here,
                             Value &landing) {
  Slot slot = getSlot(step);
  for (auto [number, tile] : llvm::enumerate(streams)) {
    // A slot is empty at first: the phase before the first one is over.
    b.wait(barrier(tile.emptyBarrier, slot), b.bitXor(slot.parity, b.i32(1)));
    if (tile.copy == Copy::Chunks) {
      copyChunks(tile, getPlace(tile, slot), barrier(tile.fullBarrier, slot),
                 here);
      continue;
    }
    if (tile.copy != Copy::Rows) {
      copyToSlot(tile, slot, here, landing);
      continue;
    }
    copyRows(tile, getPlace(tile, slot), here);
    b.commitChunks();
    if (number > 0) {
      finishRows(number - 1, step, /*pending=*/1);
      continue;
    }
    emitIf(b, b.compare(CmpIPredicate::sgt, step, b.i32(0)), [&] {
      finishRows(streams.size() - 1, b.sub(step, b.i32(1)), /*pending=*/1);
    });
  }
}

void KernelEmitter::emitProducer(const KeySteps &steps) {
  if (!copiesChunks())
    b.lowerRegisters(getRegisters().producer);
  int64_t copiers = countCopiers();
  Value first = b.compare(CmpIPredicate::eq, thread, b.i32(0));
  Value isCopier = copiers == 1
                       ? first
                       : b.compare(CmpIPredicate::slt, thread, b.i32(copiers));
  Value hasSteps = b.compare(CmpIPredicate::sgt, steps.getCount(), b.i32(0));
  emitIf(b, b.bitAnd(isCopier, hasSteps), [&] {
    auto copyStationary = [&] {
      for (SharedTile &tile : stationary) {
        if (tile.isGathered())
          continue;
        Value place = b.add(shared, b.i32(tile.place));
        if (tile.copy == Copy::Chunks)
          copyChunks(tile, place, barrier(tile.fullBarrier), known);
        else
          copyTile(tile, place, barrier(tile.fullBarrier), known);
      }
    };
    if (copiers == 1 || copiesChunks())
      copyStationary();
    else
      emitIf(b, first, copyStationary);
    if (conversions.empty())
      emitCopies(steps);
    else
      emitConversions(steps);
  });
}

/// The tiles of all steps, of which there is one at least.
void KernelEmitter::emitCopies(const KeySteps &steps) {
  KeySteps::Cursor first = steps.getFirst(b);
  SmallVector<Value> init = {first.range, first.key};
  if (clearsTiles())
    init.push_back(b.i32(0));
  auto loop = scf::ForOp::create(b, b.i32(0), steps.getCount(), b.i32(1), init);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    KeySteps::Cursor cursor = {loop.getRegionIterArgs()[0],
                               loop.getRegionIterArgs()[1]};
    Value landing = clearsTiles() ? loop.getRegionIterArgs()[2] : Value();
    IRMapping here = enterStep(steps.getStep(b, cursor));
    copyStep(loop.getInductionVar(), here, landing);
    KeySteps::Cursor next = steps.getNext(b, cursor);
    SmallVector<Value> yielded = {next.range, next.key};
    if (clearsTiles())
      yielded.push_back(landing);
    scf::YieldOp::create(b, yielded);
  }
  if (streams.back().copy == Copy::Rows)
    finishRows(streams.size() - 1, b.sub(steps.getCount(), b.i32(1)),
               /*pending=*/0);
}
