//===- RegionToTile.cpp - a region on scalars, applied to tiles -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A region of an op is written for one element. Every op it may hold is
// elementwise, so the same op on tiles computes all elements at once. What is
// the same along an axis of the tile is computed once and repeated where it
// meets what is not.
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

namespace attnc::attn {
namespace {

bool isTile(Value value) { return isa<RankedTensorType>(value.getType()); }

/// What a value of the region is on tiles: a scalar, or a tile of the axes that
/// it varies along, in their order.
struct Operand {
  Value value;
  SmallVector<int64_t, 2> axes;
};

class RegionBuilder {
public:
  RegionBuilder(TileBuilder &builder, ArrayRef<TileAxis> axes,
                const IRMapping &tables)
      : builder(builder), axes(axes), tables(tables) {}

  Value build(Block &block, ArrayRef<RegionArgument> arguments);

private:
  SmallVector<int64_t> shapeOf(ArrayRef<int64_t> along) const {
    return llvm::map_to_vector(along,
                               [&](int64_t axis) { return axes[axis].size; });
  }
  const Operand &get(Value value);
  Value expand(const Operand &operand, ArrayRef<int64_t> along);
  Operand lookUp(mlir::tensor::ExtractOp extract);
  Value buildPositions(const TileAxis &axis);
  Operand apply(Operation &op);

  TileBuilder &builder;
  ArrayRef<TileAxis> axes;
  const IRMapping &tables;
  llvm::DenseMap<Value, Operand> values;
};

/// A value from outside of the region is a scalar.
const Operand &RegionBuilder::get(Value value) {
  return values.try_emplace(value, Operand{value, {}}).first->second;
}

/// The operand as a tile of the axes `along`.
Value RegionBuilder::expand(const Operand &operand, ArrayRef<int64_t> along) {
  if (ArrayRef(operand.axes) == along)
    return operand.value;
  SmallVector<int64_t> shape = shapeOf(along);
  if (operand.axes.empty())
    return builder.splat(operand.value, shape);
  return builder.broadcast(operand.value, operand.axes.front(), shape);
}

/// Reads one element of a table; or a row of it, or a matrix, where the last
/// indices are positions along axes (the verifier admits no others).
Operand RegionBuilder::lookUp(mlir::tensor::ExtractOp extract) {
  Value table = tables.lookup(extract.getTensor());
  SmallVector<Value> offsets, extents;
  Operand result;
  bool isFlipped = false;
  for (auto [at, index] : llvm::enumerate(extract.getIndices())) {
    const Operand operand = get(index);
    if (operand.axes.empty()) {
      offsets.push_back(operand.value);
      continue;
    }
    const TileAxis &axis = axes[operand.axes.front()];
    // Rows of memory can be seen from their end, their elements cannot.
    bool isRow = at + 1 == extract.getIndices().size();
    isFlipped |= axis.last && isRow;
    if (axis.last && isRow)
      offsets.push_back(builder.behind(axis));
    else
      offsets.push_back(axis.base);
    if (axis.last && !isRow)
      table = builder.reversed(table, at);
    extents.push_back(axis.extent);
    result.axes.push_back(operand.axes.front());
  }
  if (result.axes.empty()) {
    result.value = mlir::memref::LoadOp::create(builder, table, offsets);
    return result;
  }
  result.value = builder.load(table, offsets, extents, shapeOf(result.axes));
  if (isFlipped)
    result.value = tile::FlipOp::create(builder, result.value, extents.back());
  if (!llvm::is_sorted(result.axes)) {
    result.value = builder.transpose(result.value);
    llvm::sort(result.axes);
  }
  return result;
}

/// The op on tiles of all axes that an operand varies along.
Operand RegionBuilder::apply(Operation &op) {
  if (auto extract = dyn_cast<mlir::tensor::ExtractOp>(op))
    return lookUp(extract);
  if (auto dim = dyn_cast<mlir::tensor::DimOp>(op))
    return {mlir::memref::DimOp::create(builder, tables.lookup(dim.getSource()),
                                        get(dim.getIndex()).value),
            {}};
  SmallVector<int64_t, 2> along;
  for (int64_t axis = 0, rank = axes.size(); axis < rank; ++axis)
    if (llvm::any_of(op.getOperands(), [&](Value operand) {
          return llvm::is_contained(get(operand).axes, axis);
        }))
      along.push_back(axis);
  if (along.empty()) {
    IRMapping scalars;
    for (Value operand : op.getOperands())
      scalars.map(operand, get(operand).value);
    return {builder.clone(op, scalars)->getResult(0), {}};
  }
  // Tables are extended to f32 as they are read.
  if (isa<mlir::arith::ExtFOp>(op))
    return get(op.getOperand(0));
  SmallVector<int64_t> shape = shapeOf(along);
  mlir::OperationState state(op.getLoc(), op.getName());
  for (Value operand : op.getOperands())
    state.addOperands(expand(get(operand), along));
  for (Type type : op.getResultTypes())
    state.addTypes(RankedTensorType::get(shape, type));
  state.addAttributes(op.getAttrs());
  state.propertiesAttr = op.getPropertiesAsAttribute();
  return {builder.create(state)->getResult(0), along};
}

/// The positions along an axis.
Value RegionBuilder::buildPositions(const TileAxis &axis) {
  if (!axis.last)
    return builder.iota(axis.base, axis.size);
  Value steps = builder.iota(builder.index(0), axis.size);
  return mlir::arith::SubIOp::create(
      builder, builder.splat(axis.last, axis.size), steps);
}

Value RegionBuilder::build(Block &block, ArrayRef<RegionArgument> arguments) {
  SmallVector<int64_t, 2> all = llvm::to_vector<2>(
      llvm::seq<int64_t>(0, static_cast<int64_t>(axes.size())));
  for (auto [argument, is] : llvm::zip_equal(block.getArguments(), arguments)) {
    if (is.axis)
      values[argument] = {buildPositions(axes[*is.axis]), {*is.axis}};
    else if (isTile(is.value))
      values[argument] = {is.value, all};
    else
      values[argument] = {is.value, {}};
  }
  for (Operation &op : block.without_terminator()) {
    Operand result = apply(op);
    values[op.getResult(0)] = std::move(result);
  }
  return expand(get(block.getTerminator()->getOperand(0)), all);
}

} // namespace

Value applyToTiles(TileBuilder &builder, Region &region,
                   ArrayRef<RegionArgument> arguments, ArrayRef<TileAxis> axes,
                   const IRMapping &tables) {
  return RegionBuilder(builder, axes, tables).build(region.front(), arguments);
}

} // namespace attnc::attn
