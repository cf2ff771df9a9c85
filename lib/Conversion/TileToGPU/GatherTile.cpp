//===- GatherTile.cpp - rows from anywhere, for the tensor cores ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The queries of several heads are no box of their tensor. A consumer copies
// those of its strip itself, once, to where a bulk copy would have put them.
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
namespace vector = mlir::vector;

/// Eight numbers of 16 bits from memory, as one value.
static Value loadChunk(PtxBuilder &b, Value address) {
  auto type = mlir::VectorType::get({8}, b.getI16Type());
  SmallVector<Value> numbers;
  for (int64_t i = 0; i < 8; ++i)
    numbers.push_back(
        b.load(b.getI16Type(), b.offset(address, b.i32(2 * i)), 2));
  return vector::FromElementsOp::create(b, type, numbers);
}

/// Rows and columns that are not there become zero.
void KernelEmitter::gatherTile(const SharedTile &tile) {
  tile::LoadOp load = tile.load;
  constexpr int64_t chunkBytes = 16, chunkElements = 8, inLine = 8;
  constexpr int64_t rowsAtOnce = kWarpgroupThreads / inLine;
  Value chunk = b.bitAnd(thread, b.i32(inLine - 1));
  Value extent =
      b.cast(scalars.get(load.getExtent()[0], known), b.getI32Type());
  Value strip = b.mul(fragments.getStrip(), b.i32(kStripRows));
  for (int64_t first = 0; first < kStripRows; first += rowsAtOnce) {
    Value row = b.add(b.add(strip, b.shiftRight(thread, 3)), b.i32(first));
    SmallVector<Value> place = getPlaceOfRow(load, row, known);
    Value isRow = b.compare(CmpIPredicate::slt, row, extent);
    Value line = b.add(b.add(shared, b.i32(tile.place)),
                       b.mul(row, b.i32(SharedTile::kLineBytes)));
    Value swizzled = b.bitXor(chunk, b.bitAnd(row, b.i32(inLine - 1)));
    line = b.add(line, b.mul(swizzled, b.i32(chunkBytes)));
    for (int64_t block = 0; block < tile.getBlocks(); ++block) {
      Value column = b.add(b.mul(chunk, b.i32(chunkElements)),
                           b.i32(block * SharedTile::kLineElements));
      Value isThere = b.bitAnd(
          isRow, b.compare(CmpIPredicate::slt, column, b.i32(tile.columns)));
      auto type = mlir::VectorType::get({chunkElements}, b.getI16Type());
      auto branch = scf::IfOp::create(b, mlir::TypeRange(type), isThere,
                                      /*withElseRegion=*/true);
      {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(branch.thenBlock());
        SmallVector<Value> at = place;
        at.back() = b.add(at.back(), b.cast(column, b.getIndexType()));
        scf::YieldOp::create(
            b, loadChunk(b, scalars.getAddress(load.getMemory(), at)));
        b.setInsertionPointToStart(branch.elseBlock());
        Value none = arith::ConstantOp::create(
            b, mlir::DenseElementsAttr::get(type, b.getI16IntegerAttr(0)));
        scf::YieldOp::create(b, none);
      }
      Value address = mlir::LLVM::IntToPtrOp::create(
          b, b.pointer(kSharedSpace),
          b.add(line, b.i32(block * tile.getBlockBytes())));
      b.store(branch.getResult(0), address, chunkBytes);
    }
  }
  b.fenceAsyncShared();
  b.namedBarrier(getStripBarrier(), kWarpgroupThreads);
}
