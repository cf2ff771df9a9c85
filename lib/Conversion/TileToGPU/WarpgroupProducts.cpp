//===- WarpgroupProducts.cpp - products by wgmma --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operands stay where they are: the tensor cores are told of tiles by
// descriptors, and work while the threads go on.
//
//===----------------------------------------------------------------------===//

#include "Products.h"

using namespace attnc;
using namespace attnc::gpu;

namespace {

class WarpgroupProducts final : public Products {
public:
  explicit WarpgroupProducts(PtxBuilder &builder) : Products(builder) {}

  bool isAsynchronous() const override { return true; }
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
  void begin() override { b.fenceProducts(); }
  void commit() override { b.commitProducts(); }
  void wait(int64_t pending) override { b.waitProducts(pending); }
  SmallVector<Value> pin(ArrayRef<Value> sums) override { return b.pin(sums); }

private:
  Value describe(Value firstByte, int64_t leadingBytes);
  Value advance(Value descriptor, int64_t bytes) {
    return bytes == 0 ? descriptor : b.add(descriptor, b.i64(bytes >> 4));
  }
};

} // namespace

/// What the tensor cores are told of a tile in shared memory: its first byte,
/// the bytes from a block of columns to the next, 8 lines of 128 bytes each.
Value WarpgroupProducts::describe(Value firstByte, int64_t leadingBytes) {
  constexpr int64_t groupBytes = 8 * SharedTile::kLineBytes;
  constexpr uint64_t swizzle128 = uint64_t(1) << 62;
  Value address = b.shiftRight(b.bitAnd(firstByte, b.i32(0x3ffff)), 4);
  Value wide = mlir::arith::ExtUIOp::create(b, b.getI64Type(), address);
  uint64_t constant = swizzle128 | uint64_t(groupBytes >> 4) << 32 |
                      uint64_t(leadingBytes >> 4) << 16;
  return b.bitOr(wide, b.i64(static_cast<int64_t>(constant)));
}

SmallVector<Value> WarpgroupProducts::loadLeft(const SharedTile &, Value place,
                                               Value) {
  return {place};
}

SmallVector<Value> WarpgroupProducts::multiplyLines(Type element,
                                                    const SharedTile &left,
                                                    ArrayRef<Value> strip,
                                                    const SharedTile &right,
                                                    Value place, Value) {
  Value a = describe(strip[0], /*leadingBytes=*/16);
  Value c = describe(place, /*leadingBytes=*/16);
  SmallVector<Value> sums;
  for (int64_t i = 0; i < (left.columns + kDepth - 1) / kDepth; ++i) {
    int64_t inside = i % kStepsInLine * kDepth * 2;
    sums = b.product(
        element, advance(a, i / kStepsInLine * left.getBlockBytes() + inside),
        advance(c, i / kStepsInLine * right.getBlockBytes() + inside), sums,
        right.rows, /*isFirst=*/i == 0, /*isColumnMajor=*/false);
  }
  return sums;
}

SmallVector<Value> WarpgroupProducts::multiplyAcross(Type element,
                                                     ArrayRef<Value> weights,
                                                     ArrayRef<Value> sums,
                                                     const SharedTile &right,
                                                     Value place, Value) {
  Value c = describe(place, right.getBlockBytes());
  SmallVector<Value> result(sums);
  for (int64_t i = 0; i < right.rows / kDepth; ++i)
    result = b.product(element, weights.slice(4 * i, 4),
                       advance(c, i * kDepth * SharedTile::kLineBytes), result,
                       right.columns, /*isFirst=*/false,
                       /*isColumnMajor=*/true);
  return result;
}

std::unique_ptr<Products> gpu::createWarpgroupProducts(PtxBuilder &b) {
  return std::make_unique<WarpgroupProducts>(b);
}
