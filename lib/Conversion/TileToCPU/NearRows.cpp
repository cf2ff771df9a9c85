//===- NearRows.cpp - keys and values where products read them fast -------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of strips read keys and values of f32 one scalar at a time, and need
// no other layout than memory's. Copied they are where memory is slow to read
// so: which that is only a call knows.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace attnc::cpu {

/// Whether rows of keys should be copied next to each other before the strips
/// read them. Rows that lie apart, by a power of two most often, compete for
/// few lines of the caches. And what comes from beyond the second cache comes
/// faster in the order of memory than in that of a product, which takes a few
/// columns of all rows at a time. Short sequences are there already.
Value KernelEmitter::areRowsFar(tile::LoadOp op, Scope &scope) {
  namespace arith = mlir::arith;
  auto type = cast<RankedTensorType>(op.getTile().getType());
  Value memory = scalar(op.getMemory(), scope);
  int64_t rowAxis = op.getMemory().getType().getRank() - 2;
  auto metadata = mlir::memref::ExtractStridedMetadataOp::create(b, memory);
  Value isApart = arith::CmpIOp::create(b, arith::CmpIPredicate::ne,
                                        metadata.getStrides()[rowAxis],
                                        constant(type.getDimSize(1)));
  int64_t rowBytes = type.getDimSize(1) * int64_t(sizeof(float));
  // Keys and values, and half of the cache for everything else.
  int64_t nearRows = l2Bytes / 4 / rowBytes;
  Value isLong =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ugt,
                            metadata.getSizes()[rowAxis], constant(nearRows));
  return arith::OrIOp::create(b, isApart, isLong);
}

/// A tile of f32 rows in place, or a copy of it where they are far.
Placement KernelEmitter::nearRows(tile::LoadOp op, Scope &scope) {
  MemRefType type = op.getMemory().getType();
  auto [strides, offset] = type.getStridesAndOffset();
  constexpr int64_t any = mlir::ShapedType::kDynamic;
  if (strides.back() != 1)
    return viewOf(op, scope);
  auto rowsType = MemRefType::get(
      {any, any}, type.getElementType(),
      mlir::StridedLayoutAttr::get(b.getContext(), any, {any, 1}));
  Placement copy = allocateTemporary(op.getTile(), scope);
  auto branch = mlir::scf::IfOp::create(b, rowsType, areRowsFar(op, scope),
                                        /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  int64_t columns =
      cast<RankedTensorType>(op.getTile().getType()).getDimSize(1);
  loadRows(op, copy, constant(0), columns, scope);
  auto yield = [&](Value rows) { mlir::scf::YieldOp::create(b, rows); };
  yield(mlir::memref::CastOp::create(b, rowsType, copy.memory));

  b.setInsertionPointToStart(branch.elseBlock());
  SmallVector<mlir::OpFoldResult> offsets, sizes, ones;
  for (Value start : op.getOffsets()) {
    offsets.push_back(scalar(start, scope));
    sizes.push_back(b.getIndexAttr(1));
    ones.push_back(b.getIndexAttr(1));
  }
  for (auto [axis, size] : llvm::enumerate(op.getExtent()))
    sizes[sizes.size() - 2 + axis] = scalar(size, scope);
  yield(mlir::memref::SubViewOp::create(
      b, rowsType, scalar(op.getMemory(), scope), offsets, sizes, ones));
  b.setInsertionPointAfter(branch);
  Placement rows;
  rows.kind = Placement::Kind::View;
  rows.memory = branch.getResult(0);
  rows.offsets.assign(2, constant(0));
  return rows;
}

} // namespace attnc::cpu
