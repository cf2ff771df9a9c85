//===- TileBuilder.h - tile values, briefly ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A builder for the tile values that carries compute with: constants and
// splats, comparisons and selections, and a region on scalars applied to whole
// tiles. Shared by the carries of this folder.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_ATTNTOTILE_TILEBUILDER_H
#define ATTNC_LIB_CONVERSION_ATTNTOTILE_TILEBUILDER_H

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Dialect/Tile/IR/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attnc::attn {

/// log2(e): scores are kept in powers of two, because 2^x is what machines
/// have.
inline constexpr double kLog2E = 1.4426950408889634;
inline constexpr double kLn2 = 0.6931471805599453;

/// Where the rows of a tile are in memory: behind each other from `offsets` on,
/// or, if `gather` has index tiles, where `tile.load` says.
struct RowAccess {
  SmallVector<Value> offsets, gather;
  SmallVector<int64_t> axes;
};

/// One axis of the tiles that a region is applied to. Its positions, the first
/// one and how many are valid, are null where no region asks for them. An axis
/// that runs backwards begins at position `last`, and `base` is where that is
/// in a view from the end.
struct TileAxis {
  int64_t size;
  Value base = {}, extent = {}, last = {};
};

class TileBuilder : public mlir::ImplicitLocOpBuilder {
public:
  explicit TileBuilder(CarryContext &context)
      : ImplicitLocOpBuilder(context.loc, context.builder.getInsertionBlock(),
                             context.builder.getInsertionPoint()),
        outer(context.builder) {}
  /// Hands the insertion point back to the context's builder.
  ~TileBuilder() {
    outer.setInsertionPoint(getInsertionBlock(), getInsertionPoint());
  }

  RankedTensorType tileType(ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, getF32Type());
  }
  /// A tile of what products multiply.
  RankedTensorType operandType(const KernelPlan &plan,
                               ArrayRef<int64_t> shape) {
    Type element = getF32Type();
    if (plan.narrow)
      element = *plan.narrow == Products::BF16 ? Type(getBF16Type())
                                               : Type(getF16Type());
    return tileType(shape).clone(element);
  }
  Value index(int64_t value) {
    return mlir::arith::ConstantIndexOp::create(*this, value);
  }
  Value constant(double value, ArrayRef<int64_t> shape) {
    return mlir::arith::ConstantOp::create(
        *this, mlir::DenseElementsAttr::get(tileType(shape),
                                            static_cast<float>(value)));
  }
  Value constantLike(double value, Value tile) {
    return constant(value, shapeOf(tile));
  }
  static ArrayRef<int64_t> shapeOf(Value tile) {
    return cast<RankedTensorType>(tile.getType()).getShape();
  }

  Value add(Value a, Value b) { return create2<mlir::arith::AddFOp>(a, b); }
  Value sub(Value a, Value b) { return create2<mlir::arith::SubFOp>(a, b); }
  Value mul(Value a, Value b) { return create2<mlir::arith::MulFOp>(a, b); }
  Value div(Value a, Value b) { return create2<mlir::arith::DivFOp>(a, b); }
  /// a b, which a sum that it is added to may round with it.
  Value contractible(Value a, Value b) {
    return mlir::arith::MulFOp::create(*this, a, b, getContract());
  }
  /// a b + c, rounded once where the target can.
  Value multiplyAdd(Value a, Value b, Value c) {
    return mlir::arith::AddFOp::create(*this, contractible(a, b), c,
                                       getContract());
  }
  Value exp2(Value x) { return mlir::math::Exp2Op::create(*this, x); }
  Value compare(mlir::arith::CmpFPredicate predicate, Value a, Value b) {
    return mlir::arith::CmpFOp::create(*this, predicate, a, b);
  }
  Value select(Value condition, Value a, Value b) {
    return mlir::arith::SelectOp::create(*this, condition, a, b);
  }
  /// The larger of a and b; b where a is NaN. One instruction on x86 and NEON.
  Value max(Value a, Value b) {
    return select(compare(mlir::arith::CmpFPredicate::OGT, a, b), a, b);
  }
  Value splat(Value scalar, ArrayRef<int64_t> shape) {
    return mlir::tensor::SplatOp::create(*this, scalar, shape);
  }
  /// `tile` repeated so that its axis becomes `axis` of a tile of `shape`.
  Value broadcast(Value tile, int64_t axis, ArrayRef<int64_t> shape) {
    Type element = cast<RankedTensorType>(tile.getType()).getElementType();
    return tile::BroadcastOp::create(
        *this, RankedTensorType::get(shape, element), tile, axis);
  }
  /// The axis of `size` columns, rounded up to whole strips of `lanes`.
  TileAxis columns(int64_t size, int64_t lanes) {
    return {static_cast<int64_t>(llvm::alignTo(size, lanes)), index(0),
            index(size)};
  }
  Value iota(Value base, int64_t size) {
    return tile::IotaOp::create(
        *this, RankedTensorType::get({size}, getIndexType()), base);
  }
  Value load(Value memory, ValueRange offsets, ValueRange extent,
             RankedTensorType type) {
    return tile::LoadOp::create(*this, type, memory, offsets, extent);
  }
  Value load(Value memory, ValueRange offsets, ValueRange extent,
             ArrayRef<int64_t> shape) {
    return load(memory, offsets, extent, tileType(shape));
  }
  /// `encoding` is what bytes of memory stand for, or null.
  Value load(Value memory, const RowAccess &rows, ValueRange extent,
             RankedTensorType type, Type encoding = {}) {
    return tile::LoadOp::create(
        *this, type, memory, rows.offsets, rows.gather, getAxes(rows), extent,
        encoding ? mlir::TypeAttr::get(encoding) : mlir::TypeAttr());
  }
  Value load(Value memory, const RowAccess &rows, ValueRange extent,
             ArrayRef<int64_t> shape, Type encoding = {}) {
    return load(memory, rows, extent, tileType(shape), encoding);
  }
  void store(Value tile, Value memory, const RowAccess &rows,
             ValueRange extent) {
    tile::StoreOp::create(*this, tile, memory, rows.offsets, rows.gather,
                          getAxes(rows), extent);
  }
  Value contract(Value lhs, int64_t lhsAxis, Value rhs, int64_t rhsAxis,
                 Value accumulator, Value extent) {
    return tile::ContractOp::create(*this, accumulator.getType(), lhs, lhsAxis,
                                    rhs, rhsAxis, accumulator, extent);
  }
  /// Reduces `axis` of a tile away; a rank-1 tile becomes a scalar.
  Value reduce(tile::ReduceKind kind, Value tile, int64_t axis, Value extent) {
    SmallVector<int64_t> shape(shapeOf(tile));
    shape.erase(shape.begin() + axis);
    Type type = getF32Type();
    if (!shape.empty())
      type = tileType(shape);
    return tile::ReduceOp::create(*this, type, kind, tile, axis, extent);
  }
  Value transpose(Value tile) {
    ArrayRef<int64_t> shape = shapeOf(tile);
    Type type = tileType({shape[1], shape[0]});
    return tile::TransposeOp::create(*this, type, tile);
  }
  Value cumulativeProduct(Value tile, Value extent, bool suffix) {
    return tile::CumulativeProductOp::create(*this, tile.getType(), tile,
                                             extent, suffix);
  }
  /// The elements at `start`, `start + step`, ... along `axis` of a memory.
  Value everyNth(Value memory, int64_t axis, Value start, Value step);
  /// A memory with one more axis, of extent 1, behind the last.
  Value asColumn(Value memory);
  /// The lowest position of an axis that runs backwards.
  Value behind(const TileAxis &axis);
  /// `memory` seen from the end of `axis`.
  Value reversed(Value memory, int64_t axis);
  Value dim(Value memory, int64_t axis) {
    return mlir::memref::DimOp::create(*this, memory, axis);
  }

private:
  mlir::arith::FastMathFlagsAttr getContract() {
    return mlir::arith::FastMathFlagsAttr::get(
        getContext(), mlir::arith::FastMathFlags::contract);
  }
  mlir::DenseI64ArrayAttr getAxes(const RowAccess &rows) {
    return rows.gather.empty() ? mlir::DenseI64ArrayAttr()
                               : getDenseI64ArrayAttr(rows.axes);
  }
  template <typename OpT>
  Value create2(Value a, Value b) {
    return OpT::create(*this, a, b);
  }

  OpBuilder &outer;
};

/// For a carry without rows, whose keys are axis 2 of its first input: fixes
/// the one row that there is, and the keys.
void startWithoutRows(CarryContext &context, TileBuilder &b);

/// Visits all keys, in order, for a carry without rows.
void visitAllKeys(CarryContext &context);

/// Says that a scan that emits an output a step cannot be merged.
LogicalResult refuseSplits(Operation *op);

/// What an argument of a region is: a scalar, a tile of all axes, or the
/// position along one of them.
struct RegionArgument {
  RegionArgument(Value value) : value(value) {}
  static RegionArgument position(int64_t axis) {
    RegionArgument argument{Value()};
    argument.axis = axis;
    return argument;
  }
  Value value;
  std::optional<int64_t> axis;
};

/// Applies a region on scalars to tiles. Tensors read from outside are found in
/// `tables`; one whose last indices are positions along axes is read as a row
/// or as a matrix. Returns what the region yields, as a tile of all axes.
Value applyToTiles(TileBuilder &builder, Region &region,
                   ArrayRef<RegionArgument> arguments, ArrayRef<TileAxis> axes,
                   const IRMapping &tables);

} // namespace attnc::attn

#endif // ATTNC_LIB_CONVERSION_ATTNTOTILE_TILEBUILDER_H
