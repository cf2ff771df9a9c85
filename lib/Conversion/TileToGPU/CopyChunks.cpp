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

namespace {
/// Where a thread's chunk of its lines is, each four behind the one before. The
/// order of chunks repeats after eight lines.
class Lines {
public:
  Lines(PtxBuilder &b, Value place, Value line, Value chunk)
      : b(b), even(swizzle(b, place, line, chunk)),
        odd(swizzle(b, place, b.add(line, b.i32(kLinesAtOnce)), chunk)) {}

  /// The one `rows`, a multiple of four, behind the first.
  Value get(int64_t rows) {
    bool isOdd = rows / kLinesAtOnce % 2 != 0;
    int64_t whole = isOdd ? rows - kLinesAtOnce : rows;
    return b.add(isOdd ? odd : even, b.i32(whole * SharedTile::kLineBytes));
  }

private:
  PtxBuilder &b;
  Value even, odd;
};
} // namespace

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

/// Begins the copy of a thread's chunks of a line, of which the one in the
/// first block goes from `from` to `to`.
static void copyLine(PtxBuilder &b, const SharedTile &tile, Value chunk,
                     Value to, Value from, Value isRow) {
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
  auto memory = load.getMemory();
  Value line = b.shiftRight(thread, 3), chunk = getChunk(b, thread);
  Value keys = b.cast(scalars.get(load.getExtent()[0], here), b.getI32Type());
  Value left = b.sub(keys, line);
  Value from = scalars.getAddress(memory, getPlaceOfRow(load, line, here));
  from = b.offset(from, b.mul(chunk, b.i32(SharedTile::kChunkBytes)));
  // In bytes of 16-bit elements, from a line of the thread to its next one.
  Value step =
      b.mul(arguments.getStride(memory, memory.getType().getRank() - 2),
            b.index(2 * kLinesAtOnce));
  Lines lines(b, place, line, chunk);
  for (int64_t row = 0; row < tile.rows; row += kLinesAtOnce) {
    copyLine(b, tile, chunk, lines.get(row), from,
             b.compare(CmpIPredicate::sgt, left, b.i32(row)));
    from = b.offset(from, step);
  }
}

void KernelEmitter::copyScattered(const SharedTile &tile, Value place,
                                  const IRMapping &here) {
  tile::LoadOp load = tile.load;
  Value keys = b.cast(scalars.get(load.getExtent()[0], here), b.getI32Type());
  Value line = b.shiftRight(thread, 3), chunk = getChunk(b, thread);
  Value inLine = b.mul(chunk, b.i32(SharedTile::kChunkBytes));
  Lines lines(b, place, line, chunk);
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
    Value found = scalars.getAddress(load.getMemory(), at);
    Value rows = b.ballot(isRow);
    for (int64_t next = 0; next < kWarpThreads && first + next < tile.rows;
         next += kLinesAtOnce) {
      Value finder = b.add(line, b.i32(next));
      Value bit = b.bitAnd(b.shiftRight(rows, finder), b.i32(1));
      copyLine(b, tile, chunk, lines.get(first + next),
               b.offset(b.shufflePointer(found, finder), inLine),
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
