//===- CopyChunks.cpp - tiles without bulk copies -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where no unit copies tiles in bulk a warp does, a chunk of 16 bytes for each
// thread: eight of them copy a line, all of them four. The copies go on by
// themselves and arrive at the tile's barrier when they are done, so that the
// warp begins the next tile at once. What is not there becomes zero.
//
// Where rows are anywhere, as those of pages are, each thread finds where one
// row is, all at once, and tells the eight that copy it: one after the other,
// look-ups would take the time of memory for each four rows.
//
// Outputs go the other way: a warp stores its 16 rows from shared memory, four
// lines at once.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace attnc;
using namespace attnc::gpu;
using mlir::arith::CmpIPredicate;
namespace scf = mlir::scf;

/// Lines that a warp copies at once.
static constexpr int64_t kLinesAtOnce =
    kWarpThreads / SharedTile::kChunksInLine;

/// The thread's chunk of each line.
static Value getChunk(PtxBuilder &b, Value thread) {
  return b.bitAnd(thread, b.i32(SharedTile::kChunksInLine - 1));
}

/// The address of the thread's chunk of line `row` of a tile's first block.
static Value swizzle(PtxBuilder &b, Value place, Value row, Value chunk) {
  Value inLine =
      b.bitXor(chunk, b.bitAnd(row, b.i32(SharedTile::kChunksInLine - 1)));
  return b.add(b.add(place, b.mul(row, b.i32(SharedTile::kLineBytes))),
               b.mul(inLine, b.i32(SharedTile::kChunkBytes)));
}

/// Whether the thread's chunk of the block that begins with `firstColumn` has
/// columns of the tile; null if all have.
static Value findColumns(PtxBuilder &b, const SharedTile &tile,
                         int64_t firstColumn, Value chunk) {
  int64_t left = tile.columns - firstColumn;
  if (left >= SharedTile::kLineElements)
    return {};
  return b.compare(CmpIPredicate::slt, chunk,
                   b.i32(left / SharedTile::kChunkElements));
}

/// A tile, as a warp. Returns while it is on its way to `full`.
void KernelEmitter::copyChunks(const SharedTile &tile, Value place, Value full,
                               const IRMapping &here) {
  tile::LoadOp load = tile.load;
  arguments.requireAlignedRows(load.getMemory());
  if (load.getGather().empty())
    copyNeighbours(tile, place, here);
  else
    copyScattered(tile, place, here);
  b.arriveWhenCopied(full);
}

/// The thread's chunk of line `row`, which is at `from`.
void KernelEmitter::copyLine(const SharedTile &tile, Value place, Value row,
                             Value from, Value isRow) {
  Value chunk = getChunk(b, thread);
  Value to = swizzle(b, place, row, chunk);
  from = b.offset(from, b.mul(chunk, b.i32(SharedTile::kChunkBytes)));
  for (int64_t block = 0; block < tile.getBlocks(); ++block) {
    int64_t firstColumn = block * SharedTile::kLineElements;
    Value isColumn = findColumns(b, tile, firstColumn, chunk);
    b.copyChunk(b.add(to, b.i32(block * tile.getBlockBytes())),
                b.offset(from, b.i32(2 * firstColumn)),
                isColumn ? b.bitAnd(isRow, isColumn) : isRow);
  }
}

void KernelEmitter::copyNeighbours(const SharedTile &tile, Value place,
                                   const IRMapping &here) {
  tile::LoadOp load = tile.load;
  Value keys = b.cast(scalars.get(load.getExtent()[0], here), b.getI32Type());
  auto loop = scf::ForOp::create(b, b.shiftRight(thread, 3), b.i32(tile.rows),
                                 b.i32(kLinesAtOnce));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value row = loop.getInductionVar();
  Value from =
      scalars.getAddress(load.getMemory(), getPlaceOfRow(load, row, here));
  copyLine(tile, place, row, from, b.compare(CmpIPredicate::slt, row, keys));
}

void KernelEmitter::copyScattered(const SharedTile &tile, Value place,
                                  const IRMapping &here) {
  tile::LoadOp load = tile.load;
  Value keys = b.cast(scalars.get(load.getExtent()[0], here), b.getI32Type());
  Value line = b.shiftRight(thread, 3);
  for (int64_t first = 0; first < tile.rows; first += kWarpThreads) {
    Value row = b.add(thread, b.i32(first));
    Value isRow = b.compare(CmpIPredicate::slt, row, keys);
    // There may be more threads than rows.
    if (first + kWarpThreads > tile.rows)
      row = b.minimum(row, b.i32(tile.rows - 1));
    SmallVector<Value> at = getPlaceOfRow(load, row, here);
    // An index may be outside of its memory: nobody has checked it.
    for (int64_t axis : load.getGatherAxes().value_or(ArrayRef<int64_t>()))
      isRow =
          b.bitAnd(isRow, b.compare(CmpIPredicate::ult, at[axis],
                                    arguments.getSize(load.getMemory(), axis)));
    Value from = mlir::LLVM::PtrToIntOp::create(
        b, b.getI64Type(), scalars.getAddress(load.getMemory(), at));
    Value low = b.cast(from, b.getI32Type());
    Value high = b.cast(b.shiftRight(from, 32), b.getI32Type());
    Value rows = b.ballot(isRow);
    for (int64_t next = 0; next < kWarpThreads && first + next < tile.rows;
         next += kLinesAtOnce) {
      Value source = b.add(line, b.i32(next));
      Value address = mlir::arith::ExtUIOp::create(b, b.getI64Type(),
                                                   b.shuffle(low, source));
      Value upper = mlir::arith::ExtUIOp::create(b, b.getI64Type(),
                                                 b.shuffle(high, source));
      upper = mlir::arith::ShLIOp::create(b, upper, b.i64(32));
      Value pointer = mlir::LLVM::IntToPtrOp::create(b, b.pointer(kGlobalSpace),
                                                     b.bitOr(address, upper));
      Value bit = b.bitAnd(b.shiftRight(rows, source), b.i32(1));
      copyLine(tile, place, b.add(source, b.i32(first)), pointer,
               b.compare(CmpIPredicate::ne, bit, b.i32(0)));
    }
  }
}

/// The 16 rows of the warp, which it wrote to `output`, the place of outputs.
void KernelEmitter::storeChunks(tile::StoreOp op, const SharedTile &output,
                                Scope &scope) {
  constexpr int64_t warpRows = 16;
  arguments.requireAlignedRows(op.getMemory());
  Value extent =
      b.cast(scalars.get(op.getExtent()[0], scope.scalars), b.getI32Type());
  SmallVector<Value> place;
  for (Value offset : op.getOffsets())
    place.push_back(scalars.get(offset, scope.scalars));
  Value lane = fragments.getLane();
  Value chunk = getChunk(b, lane);
  // The first row of a thread's fragment is lane / 4 behind the warp's.
  Value firstRow = b.add(b.sub(fragments.getRow(0), b.shiftRight(lane, 2)),
                         b.shiftRight(lane, 3));
  b.warpBarrier();
  for (int64_t line = 0; line < warpRows; line += kLinesAtOnce) {
    Value row = b.add(firstRow, b.i32(line));
    Value from = swizzle(b, shared, row, chunk);
    SmallVector<Value> at = place;
    Value &along = at[at.size() - 2];
    along = b.add(along, b.cast(row, b.getIndexType()));
    Value to = b.offset(scalars.getAddress(op.getMemory(), at),
                        b.mul(chunk, b.i32(SharedTile::kChunkBytes)));
    Value isRow = b.compare(CmpIPredicate::slt, row, extent);
    for (int64_t block = 0; block < output.getBlocks(); ++block) {
      int64_t firstColumn = block * SharedTile::kLineElements;
      Value isColumn = findColumns(b, output, firstColumn, chunk);
      auto branch =
          scf::IfOp::create(b, isColumn ? b.bitAnd(isRow, isColumn) : isRow,
                            /*withElseRegion=*/false);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      Value memory = mlir::LLVM::IntToPtrOp::create(
          b, b.pointer(kSharedSpace),
          b.add(from, b.i32(block * output.getBlockBytes())));
      auto type = mlir::VectorType::get({4}, b.getI32Type());
      b.store(b.load(type, memory, SharedTile::kChunkBytes),
              b.offset(to, b.i32(2 * firstColumn)), SharedTile::kChunkBytes);
    }
  }
  // The place may be written again.
  b.warpBarrier();
}
