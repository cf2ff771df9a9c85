//===- ConvolveCarry.cpp - a short convolution as a fold ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The carry of `attn.convolve`: the positions that the next one still reads, a
// row of columns each, the earliest one first. A step weighs them and the
// position it takes in, and moves each row one place up.
//
//     out = o(w[0] x[t-3] + w[1] x[t-2] + w[2] x[t-1] + w[3] x[t])
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"
#include "attnc/Conversion/Passes.h"

namespace attnc::attn {
namespace {

struct ConvolveCarry
    : CarryOpInterface::ExternalModel<ConvolveCarry, ConvolveOp> {
  static int64_t dimOf(ConvolveOp op) {
    return op.getValue().getType().getShape()[3];
  }
  static TileAxis getColumns(ConvolveOp op, const CarryContext &context,
                             TileBuilder &b) {
    return b.columns(dimOf(op), context.lanes);
  }

  SmallVector<Value> buildGrid(Operation *operation, OpBuilder &builder,
                               const KernelPlan &) const {
    auto op = cast<ConvolveOp>(operation);
    SmallVector<Value> grid;
    for (int64_t axis : {0, 1})
      grid.push_back(mlir::tensor::DimOp::create(builder, op.getLoc(),
                                                 op.getValue(), axis));
    return grid;
  }

  SmallVector<int64_t> getCarryAxes(Operation *operation) const {
    return SmallVector<int64_t>(cast<ConvolveOp>(operation).getTaps() - 1, 0);
  }

  CarryFootprint getFootprint(Operation *operation) const {
    auto op = cast<ConvolveOp>(operation);
    CarryFootprint footprint;
    footprint.independentSize = dimOf(op);
    footprint.readPerKey = dimOf(op);
    footprint.mostKeys = 1;
    return footprint;
  }

  /// Leaves the weights, a row of columns for each tap.
  void buildPrologue(Operation *operation, CarryContext &context) const {
    auto op = cast<ConvolveOp>(operation);
    TileBuilder b(context);
    startWithoutRows(context, b);
    TileAxis columns = getColumns(op, context, b);
    for (int64_t tap = 0; tap < op.getTaps(); ++tap) {
      Value column = b.load(context.inputs[1],
                            {context.grid[1], columns.base, b.index(tap)},
                            {columns.extent, b.index(1)}, {columns.size, 1});
      context.stationary.push_back(
          b.reduce(tile::ReduceKind::Add, column, 1, b.index(1)));
    }
  }

  SmallVector<Value> buildInit(Operation *operation,
                               CarryContext &context) const {
    auto op = cast<ConvolveOp>(operation);
    TileBuilder b(context);
    TileAxis columns = getColumns(op, context, b);
    SmallVector<Value> carry;
    for (int64_t row = 0; row + 1 < op.getTaps(); ++row)
      carry.push_back(op.getInitialState()
                          ? b.load(context.inputs[2],
                                   {context.grid[0], context.grid[1],
                                    b.index(row), columns.base},
                                   columns.extent, columns.size)
                          : b.constant(0, columns.size));
    return carry;
  }

  LogicalResult buildKeyRanges(Operation *, CarryContext &context, Value,
                               Value) const {
    visitAllKeys(context);
    return success();
  }

  SmallVector<Value> buildStep(Operation *operation, CarryContext &context,
                               Value key, Value, ValueRange carry) const {
    auto op = cast<ConvolveOp>(operation);
    TileBuilder b(context);
    TileAxis columns = getColumns(op, context, b);
    SmallVector<Value> where = {context.grid[0], context.grid[1], key,
                                columns.base};
    Value newest =
        b.load(context.inputs[0], where, columns.extent, columns.size);
    SmallVector<Value> rows(carry);
    rows.push_back(newest);
    Value out = b.mul(context.stationary[0], rows[0]);
    for (int64_t tap = 1; tap < op.getTaps(); ++tap)
      out = b.multiplyAdd(context.stationary[tap], rows[tap], out);
    if (!op.getOutput().empty())
      out = applyToTiles(b, op.getOutput(),
                         {context.grid[0], context.grid[1], key,
                          RegionArgument::position(0), out},
                         columns, context.tables);
    tile::StoreOp::create(b, out, context.outputs[0], where, columns.extent);
    return SmallVector<Value>(ArrayRef(rows).drop_front());
  }

  FailureOr<SmallVector<Value>> buildCombine(Operation *operation,
                                             CarryContext &, ValueRange,
                                             ValueRange) const {
    return refuseSplits(operation);
  }

  void buildFinish(Operation *operation, CarryContext &context,
                   ValueRange carry) const {
    auto op = cast<ConvolveOp>(operation);
    if (!op.getFinalState())
      return;
    TileBuilder b(context);
    TileAxis columns = getColumns(op, context, b);
    for (auto [row, tile] : llvm::enumerate(carry))
      tile::StoreOp::create(b, tile, context.outputs[1],
                            ValueRange{context.grid[0], context.grid[1],
                                       b.index(row), columns.base},
                            columns.extent);
  }
};

} // namespace

void registerConvolveCarry(MLIRContext *context) {
  ConvolveOp::attachInterface<ConvolveCarry>(*context);
}

} // namespace attnc::attn
