//===- WarpProducts.cpp - products by mma.sync ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each warp multiplies its 16 rows by itself, of operands in registers, which
// ldmatrix brings there: four matrices of 8 by 8, each thread giving the
// address of one of their 32 lines. A product takes 16 rows and 16 columns of
// the left operand, four matrices, and of the right one two for each 8 columns
// of the result, so that a load has them for 16.
//
// A line's chunk number c is at c xor r, r being the line's number modulo 8.
// Which of two neighbouring chunks a thread names is the lowest bit of c, so it
// is put into its address once; the others are exclusive-ored to that.
//
//===----------------------------------------------------------------------===//

#include "Products.h"

using namespace attnc;
using namespace attnc::gpu;

namespace {

class WarpProducts final : public Products {
public:
  explicit WarpProducts(PtxBuilder &builder) : Products(builder) {}

  bool isAsynchronous() const override { return false; }
  SmallVector<Value> loadLeft(const SharedTile &left, Value place,
                              Value thread) override;
  SmallVector<Value> multiplyLines(Type element, const SharedTile &left,
                                   ArrayRef<Value> strip,
                                   const SharedTile &right, Value place,
                                   Value thread) override;
  SmallVector<Value> multiplyAcross(Type element, ArrayRef<Value> weights,
                                    ArrayRef<Value> sums,
                                    const SharedTile &right, Value place,
                                    Value thread) override;

private:
  /// A left operand with so many columns stays in registers, a quarter of one
  /// for each column: it would be read in every step again.
  static constexpr int64_t kMostColumnsKept = 64;
  /// Matrices of a load: bits of the thread's number that say which line of
  /// 16, and which of two chunks.
  enum class Order { LinesFirst, ChunksFirst };

  Value getAddress(Value place, Value thread, Order order);
  Value find(Value address, int64_t chunk, int64_t firstRow,
             const SharedTile &tile);
  SmallVector<Value> loadLeftStep(const SharedTile &left, Value address,
                                  int64_t step);
  static int64_t countSteps(const SharedTile &left) {
    return (left.columns + kDepth - 1) / kDepth;
  }
};

} // namespace

/// Where a thread's line of a load begins that takes the first 16 rows and 16
/// columns of a tile. `LinesFirst` is the order of a left operand, and of one
/// that is transposed: rows below the first 8 come before the next columns.
Value WarpProducts::getAddress(Value place, Value thread, Order order) {
  Value inMatrix = b.bitAnd(thread, b.i32(7));
  Value third = b.bitAnd(b.shiftRight(thread, 3), b.i32(1));
  Value fourth = b.bitAnd(b.shiftRight(thread, 4), b.i32(1));
  bool linesFirst = order == Order::LinesFirst;
  Value isBelow = linesFirst ? third : fourth;
  Value isNext = linesFirst ? fourth : third;
  Value row = b.add(inMatrix, b.mul(isBelow, b.i32(8)));
  Value chunk = b.bitXor(inMatrix, isNext);
  return b.add(b.add(place, b.mul(row, b.i32(SharedTile::kLineBytes))),
               b.mul(chunk, b.i32(SharedTile::kChunkBytes)));
}

/// The same for the 16 rows from `firstRow` on and the columns from those of
/// `chunk` on, an even number.
Value WarpProducts::find(Value address, int64_t chunk, int64_t firstRow,
                         const SharedTile &tile) {
  int64_t inLine = chunk % SharedTile::kChunksInLine;
  // Lines begin at multiples of their size: no bit is carried.
  Value swizzled = b.bitXor(address, b.i32(inLine * SharedTile::kChunkBytes));
  return b.add(swizzled,
               b.i32(chunk / SharedTile::kChunksInLine * tile.getBlockBytes() +
                     firstRow * SharedTile::kLineBytes));
}

SmallVector<Value> WarpProducts::loadLeftStep(const SharedTile &left,
                                              Value address, int64_t step) {
  return b.loadMatrices(find(address, 2 * step, 0, left),
                        /*isTransposed=*/false);
}

SmallVector<Value> WarpProducts::loadLeft(const SharedTile &left, Value place,
                                          Value thread) {
  // The warp's 16 rows.
  Value warp = b.shiftRight(thread, 5);
  place = b.add(place, b.mul(warp, b.i32(16 * SharedTile::kLineBytes)));
  Value address = getAddress(place, thread, Order::LinesFirst);
  if (left.columns > kMostColumnsKept)
    return {address};
  SmallVector<Value> registers;
  for (int64_t step = 0; step < countSteps(left); ++step)
    llvm::append_range(registers, loadLeftStep(left, address, step));
  return registers;
}

SmallVector<Value> WarpProducts::multiplyLines(Type element,
                                               const SharedTile &left,
                                               ArrayRef<Value> strip,
                                               const SharedTile &right,
                                               Value place, Value thread) {
  Value address = getAddress(place, thread, Order::ChunksFirst);
  SmallVector<Value> sums(right.rows / 2, b.f32(0));
  for (int64_t step = 0; step < countSteps(left); ++step) {
    SmallVector<Value> a = strip.size() == 1
                               ? loadLeftStep(left, strip[0], step)
                               : SmallVector<Value>(strip.slice(4 * step, 4));
    for (int64_t row = 0; row < right.rows; row += 16) {
      SmallVector<Value> c = b.loadMatrices(find(address, 2 * step, row, right),
                                            /*isTransposed=*/false);
      for (int64_t half : {0, 1}) {
        MutableArrayRef<Value> target =
            MutableArrayRef(sums).slice(row / 2 + 4 * half, 4);
        llvm::copy(
            b.warpProduct(element, a, ArrayRef(c).slice(2 * half, 2), target),
            target.begin());
      }
    }
  }
  return sums;
}

SmallVector<Value> WarpProducts::multiplyAcross(Type element,
                                                ArrayRef<Value> weights,
                                                ArrayRef<Value> sums,
                                                const SharedTile &right,
                                                Value place, Value thread) {
  Value address = getAddress(place, thread, Order::LinesFirst);
  SmallVector<Value> result(sums);
  for (int64_t step = 0; step < right.rows / kDepth; ++step)
    // The last load may have 8 columns behind the tile's, in the same line.
    for (int64_t chunk = 0; chunk < right.columns / 8; chunk += 2) {
      SmallVector<Value> c = b.loadMatrices(
          find(address, chunk, step * kDepth, right), /*isTransposed=*/true);
      for (int64_t half = 0; half < 2 && chunk + half < right.columns / 8;
           ++half) {
        MutableArrayRef<Value> target =
            MutableArrayRef(result).slice(4 * (chunk + half), 4);
        llvm::copy(b.warpProduct(element, weights.slice(4 * step, 4),
                                 ArrayRef(c).slice(2 * half, 2), target),
                   target.begin());
      }
    }
  return result;
}

std::unique_ptr<Products> gpu::createWarpProducts(PtxBuilder &b) {
  return std::make_unique<WarpProducts>(b);
}
