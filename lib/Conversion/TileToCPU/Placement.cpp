//===- Placement.cpp - where a tile is ------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Addresses of tile elements in buffers and in loaded memory.
//
//===----------------------------------------------------------------------===//

#include "Placement.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace attnc::cpu {

SmallVector<Value> addressOf(OpBuilder &builder, Location loc,
                             const Placement &placement, const TileIndex &index,
                             Value strip) {
  auto shifted = [&](int64_t axis) -> Value {
    namespace arith = mlir::arith;
    Value at = index[axis].index, shift = placement.shift, two;
    bool isPaired = placement.pairAxis == axis;
    if (isPaired)
      two = arith::ConstantIndexOp::create(builder, loc, 2);
    if (placement.shiftAxis == axis) {
      if (isPaired)
        shift = arith::DivUIOp::create(builder, loc, shift, two);
      at = arith::AddIOp::create(builder, loc, shift, at);
    }
    // Memory has elements, a buffer has words.
    if (isPaired && placement.kind == Placement::Kind::View)
      at = arith::MulIOp::create(builder, loc, at, two);
    return at;
  };
  SmallVector<Value> address;
  if (placement.kind == Placement::Kind::View) {
    address = placement.offsets;
    if (placement.rowStarts) {
      Value start = mlir::memref::LoadOp::create(
          builder, loc, placement.rowStarts, shifted(0));
      return {mlir::arith::AddIOp::create(builder, loc, start, shifted(1))};
    }
    int64_t first = address.size() - index.size();
    for (int64_t axis = 0; axis < (int64_t)index.size(); ++axis)
      address[first + axis] = mlir::arith::AddIOp::create(
          builder, loc, address[first + axis], shifted(axis));
    if (placement.stripLanes > 0) {
      Value lanes = mlir::arith::ConstantIndexOp::create(builder, loc,
                                                         placement.stripLanes);
      Value start = mlir::arith::MulIOp::create(builder, loc, strip, lanes);
      address.back() =
          mlir::arith::AddIOp::create(builder, loc, address.back(), start);
    }
    return address;
  }
  if (placement.hasStrips)
    address.push_back(strip);
  if (index.size() == 2)
    address.push_back(shifted(1 - placement.laneAxis));
  address.push_back(shifted(index.size() == 2 ? placement.laneAxis : 0));
  return address;
}

Value loadWord(OpBuilder &builder, Location loc, Value memory,
               ArrayRef<Value> address) {
  auto pair = mlir::VectorType::get({2}, builder.getBF16Type());
  auto word = mlir::VectorType::get({1}, builder.getF32Type());
  Value elements =
      mlir::vector::LoadOp::create(builder, loc, pair, memory, address);
  return mlir::vector::ExtractOp::create(
      builder, loc,
      mlir::vector::BitCastOp::create(builder, loc, word, elements), 0);
}

Value readTile(OpBuilder &builder, Location loc, const Placement &placement,
               const TileIndex &index, Value strip, int64_t width) {
  const AxisIndex *vectorAxis =
      llvm::find_if(index, [](const AxisIndex &axis) { return axis.isVector; });
  if (placement.kind == Placement::Kind::Registers) {
    assert(vectorAxis != index.end() && "registers hold whole vectors");
    return placement.registers[vectorAxis->chunk];
  }
  SmallVector<Value> address = addressOf(builder, loc, placement, index, strip);
  if (vectorAxis == index.end() && placement.pairAxis >= 0 &&
      placement.kind == Placement::Kind::View)
    return loadWord(builder, loc, placement.memory, address);
  if (vectorAxis == index.end())
    return mlir::memref::LoadOp::create(builder, loc, placement.memory,
                                        address);
  auto type = mlir::VectorType::get({width}, builder.getF32Type());
  return mlir::vector::LoadOp::create(builder, loc, type, placement.memory,
                                      address);
}

void writeTile(OpBuilder &builder, Location loc, const Placement &placement,
               const TileIndex &index, Value strip, Value value) {
  SmallVector<Value> address = addressOf(builder, loc, placement, index, strip);
  if (isa<mlir::VectorType>(value.getType()))
    mlir::vector::StoreOp::create(builder, loc, value, placement.memory,
                                  address);
  else
    mlir::memref::StoreOp::create(builder, loc, value, placement.memory,
                                  address);
}

} // namespace attnc::cpu
