//===- EmitStores.cpp - what a kernel leaves in memory --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A whole strip of a matrix goes through shared memory, in the place of the
// queries, and is copied from there, in bulk or in chunks; with bulk copies the
// last strip of a sequence, and always numbers of rows, are stored by the
// threads that have them.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace attnc;
using namespace attnc::gpu;
using mlir::arith::CmpIPredicate;
namespace scf = mlir::scf;

/// The scalars and stores behind the fold.
void KernelEmitter::emitStores(ArrayRef<SmallVector<Value>> carry) {
  Scope scope;
  scope.scalars = known;
  for (auto [result, values] : llvm::zip_equal(fold.getResults(), carry))
    fragments.setRows(result, values, scope);
  for (Operation *op = fold->getNextNode(); op; op = op->getNextNode()) {
    b.setLoc(op->getLoc());
    if (auto store = dyn_cast<tile::StoreOp>(op))
      emitStore(store, scope);
    else if (isa<tile::ReduceOp, tile::ContractOp, scf::IfOp>(op))
      fragments.refuse(op, "stands behind the fold, where it has no code for a "
                           "GPU yet; compile for cpu");
  }
}

void KernelEmitter::emitStore(tile::StoreOp op, Scope &scope) {
  if (!op.getGather().empty())
    return fragments.refuse(op,
                            "scatters rows, which has no code for a GPU yet; "
                            "compile for cpu");
  if (op.getTile().getType().getRank() == 1)
    return storeRows(op, scope);
  storeMatrix(op, scope);
}

static Value roundTo(PtxBuilder &b, Type type, Value value) {
  if (type.isF32())
    return value;
  return mlir::arith::TruncFOp::create(b, type, value);
}

/// The address of an element, from the op's offsets and one in the tile.
static SmallVector<Value> getElement(PtxBuilder &b, ScalarEmitter &scalars,
                                     tile::StoreOp op, ArrayRef<Value> inTile,
                                     const IRMapping &known) {
  SmallVector<Value> place;
  for (Value offset : op.getOffsets())
    place.push_back(scalars.get(offset, known));
  size_t first = place.size() - inTile.size();
  for (auto [axis, index] : llvm::enumerate(inTile))
    place[first + axis] =
        b.add(place[first + axis], b.cast(index, b.getIndexType()));
  return place;
}

/// One number for each row, by the first of the four threads that have it.
void KernelEmitter::storeRows(tile::StoreOp op, Scope &scope) {
  SmallVector<Value> values = fragments.evaluateRows(op.getTile(), scope);
  Value extent =
      b.cast(scalars.get(op.getExtent()[0], scope.scalars), b.getI32Type());
  Type type = cast<MemRefType>(op.getMemory().getType()).getElementType();
  Value isFirst = b.compare(CmpIPredicate::eq,
                            b.bitAnd(fragments.getLane(), b.i32(3)), b.i32(0));
  for (int64_t half : {0, 1}) {
    Value row = fragments.getRow(half);
    Value stores =
        b.bitAnd(isFirst, b.compare(CmpIPredicate::slt, row, extent));
    auto branch = scf::IfOp::create(b, stores, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    SmallVector<Value> place = getElement(b, scalars, op, row, scope.scalars);
    b.store(roundTo(b, type, values[half]),
            scalars.getAddress(op.getMemory(), place),
            type.getIntOrFloatBitWidth() / 8);
  }
}

void KernelEmitter::storeMatrix(tile::StoreOp op, Scope &scope) {
  SmallVector<Value> values = fragments.evaluateRows(op.getTile(), scope);
  int64_t columns = op.getTile().getType().getDimSize(1);
  Type type = cast<MemRefType>(op.getMemory().getType()).getElementType();
  // The place in shared memory is one of 16-bit elements.
  bool isWhole = mlir::getConstantIntValue(op.getExtent()[1]) == columns;
  if (type.getIntOrFloatBitWidth() != 16 || !isWhole)
    return storeElements(op, values, scope);
  // Chunks are stored where there are rows.
  if (copiesChunks())
    return storeThroughShared(op, values, scope);
  Value extent =
      b.cast(scalars.get(op.getExtent()[0], scope.scalars), b.getI32Type());
  Value last = b.mul(b.add(fragments.getStrip(), b.i32(1)), b.i32(kStripRows));
  auto branch = scf::IfOp::create(
      b, b.compare(CmpIPredicate::sge, extent, last), /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  storeThroughShared(op, values, scope);
  b.setInsertionPointToStart(branch.elseBlock());
  storeElements(op, values, scope);
}

void KernelEmitter::storeThroughShared(tile::StoreOp op, ArrayRef<Value> values,
                                       Scope &scope) {
  Type type = cast<MemRefType>(op.getMemory().getType()).getElementType();
  int64_t columns = op.getTile().getType().getDimSize(1);
  SharedTile output = {{}, consumers * kStripRows, columns};
  constexpr int64_t chunkBytes = 16, inLine = 8;
  // Of the thread's row among eight, which says how chunks are exchanged.
  Value line = b.shiftRight(fragments.getLane(), 2);
  Value inChunk = b.mul(b.bitAnd(fragments.getLane(), b.i32(3)), b.i32(4));
  auto memory = [&](Value address) {
    return mlir::LLVM::IntToPtrOp::create(b, b.pointer(kSharedSpace), address);
  };
  for (int64_t half : {0, 1}) {
    Value row =
        b.add(b.mul(fragments.getRow(half), b.i32(SharedTile::kLineBytes)),
              b.add(shared, inChunk));
    for (int64_t c = 0; c < columns / 8; ++c) {
      Value chunk = b.mul(b.bitXor(line, b.i32(c % inLine)), b.i32(chunkBytes));
      Value place =
          b.add(row, b.add(chunk, b.i32(c / inLine * output.getBlockBytes())));
      b.store(
          b.pack(type, values[4 * c + 2 * half], values[4 * c + 2 * half + 1]),
          memory(place), 4);
    }
  }
  if (copiesChunks())
    return storeChunks(op, output, scope);
  storeBoxes(op, output, scope);
}

/// Copies a strip from shared memory in bulk.
void KernelEmitter::storeBoxes(tile::StoreOp op, const SharedTile &output,
                               Scope &scope) {
  b.fenceAsyncShared();
  b.namedBarrier(getStripBarrier(), kWarpgroupThreads);
  auto branch =
      scf::IfOp::create(b, b.compare(CmpIPredicate::eq, thread, b.i32(0)),
                        /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  int64_t rowAxis = cast<MemRefType>(op.getMemory().getType()).getRank() - 2;
  Value map = arguments.getTensorMap(op.getMemory(), rowAxis, kStripRows,
                                     SharedTile::kLineElements);
  SmallVector<Value> coordinates = getCoordinates(op, scope.scalars);
  Value firstRow = b.mul(fragments.getStrip(), b.i32(kStripRows));
  coordinates[1] = b.add(coordinates[1], firstRow);
  Value column = coordinates[0];
  Value strip = b.add(shared, b.mul(firstRow, b.i32(SharedTile::kLineBytes)));
  for (int64_t block = 0; block < output.getBlocks(); ++block) {
    coordinates[0] = b.add(column, b.i32(block * SharedTile::kLineElements));
    b.storeTensor(map, coordinates,
                  b.add(strip, b.i32(block * output.getBlockBytes())));
  }
  b.waitStores();
}

void KernelEmitter::storeElements(tile::StoreOp op, ArrayRef<Value> values,
                                  Scope &scope) {
  Type type = cast<MemRefType>(op.getMemory().getType()).getElementType();
  unsigned bytes = type.getIntOrFloatBitWidth() / 8;
  SmallVector<Value> extents;
  for (Value extent : op.getExtent())
    extents.push_back(
        b.cast(scalars.get(extent, scope.scalars), b.getI32Type()));
  for (int64_t half : {0, 1}) {
    Value row = fragments.getRow(half);
    auto branch =
        scf::IfOp::create(b, b.compare(CmpIPredicate::slt, row, extents[0]),
                          /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    SmallVector<Value> place =
        getElement(b, scalars, op, {row, b.i32(0)}, scope.scalars);
    Value start = scalars.getAddress(op.getMemory(), place);
    int64_t columns = op.getTile().getType().getDimSize(1);
    for (int64_t pair = 0; pair < columns / 4; ++pair) {
      Value column = fragments.getColumn(pair);
      auto inside = scf::IfOp::create(
          b, b.compare(CmpIPredicate::slt, column, extents[1]),
          /*withElseRegion=*/false);
      OpBuilder::InsertionGuard inner(b);
      b.setInsertionPointToStart(inside.thenBlock());
      int64_t element = (pair >> 1) * 4 + 2 * half + (pair & 1);
      b.store(roundTo(b, type, values[element]),
              b.offset(start, b.mul(column, b.i32(bytes))), bytes);
    }
  }
}
