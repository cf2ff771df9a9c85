//===- Products.h - how tensor cores multiply tiles -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The two products of a step: of two tiles in shared memory along their lines,
// and of weights in registers with a tile across its lines. Sums are fragments
// as FragmentEmitter.h describes them, weights the registers that
// FragmentEmitter::evaluateOperand makes of one: a warpgroup's product of 64
// rows is spread over its threads as the four products of 16 rows are that its
// warps could compute by themselves (PTX ISA 8.6, 9.7.14.5.8 and 9.7.15.5).
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOGPU_PRODUCTS_H
#define ATTNC_LIB_CONVERSION_TILETOGPU_PRODUCTS_H

#include "PtxBuilder.h"
#include "SharedTile.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include <memory>

namespace attnc::gpu {

class Products {
public:
  static std::unique_ptr<Products> create(PtxBuilder &b,
                                          attn::GpuProducts products);
  virtual ~Products() = default;

  /// Whether a product runs beside the threads that issued it, so that it pays
  /// to issue it a step early, and to take turns with others.
  virtual bool isAsynchronous() const = 0;

  /// The strip of a left operand, which stays: `place` is the address of the
  /// strip's first row in the tile's first block. `thread` is the thread in its
  /// warpgroup.
  virtual SmallVector<Value> loadLeft(const SharedTile &left, Value place,
                                      Value thread) = 0;
  /// Such a strip times a tile at `place`, both along their lines.
  virtual SmallVector<Value> multiplyLines(Type element, const SharedTile &left,
                                           ArrayRef<Value> strip,
                                           const SharedTile &right, Value place,
                                           Value thread) = 0;
  /// sums + weights times a tile at `place`, across its lines.
  virtual SmallVector<Value>
  multiplyAcross(Type element, ArrayRef<Value> weights, ArrayRef<Value> sums,
                 const SharedTile &right, Value place, Value thread) = 0;

  /// To be called in front of the products of a group, behind each group, and
  /// where all but the last `pending` groups are needed. Sums go through `pin`
  /// in front of the first product that adds to them and behind that wait.
  virtual void begin() {}
  virtual void commit() {}
  virtual void wait(int64_t pending) {}
  virtual SmallVector<Value> pin(ArrayRef<Value> sums) {
    return SmallVector<Value>(sums);
  }

protected:
  explicit Products(PtxBuilder &builder) : b(builder) {}

  /// The depth of one product.
  static constexpr int64_t kDepth = 16;
  static constexpr int64_t kStepsInLine = SharedTile::kLineElements / kDepth;

  PtxBuilder &b;
};

/// wgmma (sm_90a).
std::unique_ptr<Products> createWarpgroupProducts(PtxBuilder &b);
/// mma.sync (from sm_80 on).
std::unique_ptr<Products> createWarpProducts(PtxBuilder &b);

inline std::unique_ptr<Products> Products::create(PtxBuilder &b,
                                                  attn::GpuProducts products) {
  return products == attn::GpuProducts::Warpgroup ? createWarpgroupProducts(b)
                                                  : createWarpProducts(b);
}

} // namespace attnc::gpu

#endif // ATTNC_LIB_CONVERSION_TILETOGPU_PRODUCTS_H
