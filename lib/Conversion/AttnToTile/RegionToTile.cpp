//===- RegionToTile.cpp - a region on scalars, applied to tiles -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A score, decay or feature region is written for one element. Every op it may
// hold is elementwise, so the same op on tiles computes all elements at once.
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

namespace attnc::attn {
namespace {

bool isTile(Value value) { return isa<RankedTensorType>(value.getType()); }

/// Repeats a scalar into a tile of `shape`; leaves a tile as it is.
Value asTile(TileBuilder &builder, Value value, ArrayRef<int64_t> shape) {
  return isTile(value) ? value : builder.splat(value, shape);
}

/// Reads one element of a table, or a row of it where the last index is a tile
/// of positions (the verifier admits no other index that is a tile).
Value lookUp(TileBuilder &builder, mlir::tensor::ExtractOp extract,
             const IRMapping &values, const IRMapping &tables,
             ArrayRef<int64_t> shape, PositionRange positions) {
  Value table = tables.lookup(extract.getTensor());
  SmallVector<Value> indices;
  for (Value index : extract.getIndices())
    indices.push_back(values.lookupOrDefault(index));
  if (indices.empty() || !isTile(indices.back())) {
    return mlir::memref::LoadOp::create(builder, table, indices);
  }
  indices.back() = positions.base;
  return builder.load(table, indices, positions.extent, shape);
}

/// A look-up or an extent of a surrounding tensor, whose memory is in `tables`.
Value readTable(TileBuilder &builder, Operation &op, const IRMapping &values,
                const IRMapping &tables, ArrayRef<int64_t> shape,
                PositionRange positions) {
  if (auto extract = dyn_cast<mlir::tensor::ExtractOp>(op))
    return lookUp(builder, extract, values, tables, shape, positions);
  if (auto dim = dyn_cast<mlir::tensor::DimOp>(op))
    return mlir::memref::DimOp::create(builder, tables.lookup(dim.getSource()),
                                       values.lookupOrDefault(dim.getIndex()));
  return {};
}

} // namespace

Value applyToTiles(TileBuilder &builder, Region &region, ValueRange arguments,
                   ArrayRef<int64_t> shape, const IRMapping &tables,
                   PositionRange positions) {
  Block &block = region.front();
  IRMapping values;
  values.map(block.getArguments(), arguments);
  for (Operation &op : block.without_terminator()) {
    if (Value read = readTable(builder, op, values, tables, shape, positions)) {
      values.map(op.getResult(0), read);
      continue;
    }
    bool onTiles = llvm::any_of(op.getOperands(), [&](Value operand) {
      return isTile(values.lookupOrDefault(operand));
    });
    if (!onTiles) {
      builder.clone(op, values);
      continue;
    }
    mlir::OperationState state(op.getLoc(), op.getName());
    for (Value operand : op.getOperands())
      state.addOperands(
          asTile(builder, values.lookupOrDefault(operand), shape));
    for (Type type : op.getResultTypes())
      state.addTypes(RankedTensorType::get(shape, type));
    state.addAttributes(op.getAttrs());
    state.propertiesAttr = op.getPropertiesAsAttribute();
    Operation *onTile = builder.create(state);
    values.map(op.getResults(), onTile->getResults());
  }
  Value yielded = block.getTerminator()->getOperand(0);
  return asTile(builder, values.lookupOrDefault(yielded), shape);
}

} // namespace attnc::attn
