//===- KVStream.cpp - keys or values as tiles -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Addresses are the layout's: block, slot, head. A tile whose tokens are not
// neighbours in memory is gathered, row by row.
//
//===----------------------------------------------------------------------===//

#include "KVStream.h"
#include "attnc/Dialect/Tile/IR/LoadHints.h"

#include <numeric>

namespace attnc::attn {

namespace arith = mlir::arith;

KVStream::KVStream(AttendOp op, const CarryContext &context, unsigned operand)
    : context(context), memory(context.inputs[operand]),
      cache(context.caches.count(operand) ? &context.caches.at(operand)
                                          : nullptr),
      isOntoCarry(operand == 2 && op.getInitialOut()),
      hasLengths(op.getLengths()),
      isOnGPU(op->getParentOfType<ModuleOp>()->hasAttr(kGpuTargetAttrName)),
      type(cast<RankedTensorType>(op->getOperand(operand).getType())) {}

Value KVStream::buildHeads(TileBuilder &b) const {
  return cache ? b.index(cache->type.getHeads()) : b.dim(memory, 1);
}

Value KVStream::buildCapacity(TileBuilder &b) const {
  if (!cache)
    return b.dim(memory, 2);
  KVLayoutAttrInterface layout = cache->type.getLayout();
  std::optional<int64_t> tokens = layout.getBlockTokens();
  if (!tokens)
    return b.dim(memory, layout.getTokenAxis());
  if (!layout.usesTable())
    return b.index(*tokens);
  Value room =
      arith::MulIOp::create(b, b.dim(cache->table, 1), b.index(*tokens));
  // There positions are of 32 bits, as those of tensors are.
  constexpr int64_t mostPositions = (int64_t(1) << 28) - 1;
  return isOnGPU ? arith::MinUIOp::create(b, room, b.index(mostPositions))
                 : room;
}

bool KVStream::hasFactorOf(ArrayRef<ScaleGranularity> granularities) const {
  if (!cache || !cache->scales || cache->zeros || isOnGPU)
    return false;
  ScaleGranularity granularity = cache->type.getScale().getGranularity();
  // What is added to a carry from elsewhere has its units.
  bool isOfOutput = granularity == ScaleGranularity::Tensor ||
                    granularity == ScaleGranularity::Channel;
  return llvm::is_contained(granularities, granularity) &&
         !(isOntoCarry && isOfOutput);
}

/// Where the rows of the positions from `key` on are, in memory of `rank` axes
/// that begins as the data does. The offsets behind the tokens are 0.
RowAccess KVStream::getRows(TileBuilder &b, Value key, int64_t rank) const {
  Value head = context.stationary[kStreamHead];
  RowAccess rows;
  if (!cache) {
    rows.offsets = {context.grid[0], head, key, b.index(0)};
    return rows;
  }
  KVLayoutAttrInterface layout = cache->type.getLayout();
  int64_t tokenAxis = layout.getTokenAxis();
  rows.offsets.assign(rank, b.index(0));
  rows.offsets[layout.getHeadAxis()] = head;
  std::optional<int64_t> tokens = layout.getBlockTokens();
  if (!tokens) {
    rows.offsets[0] = context.grid[0];
    rows.offsets[tokenAxis] = key;
    return rows;
  }
  auto splat = [&](Value value) { return b.splat(value, {context.keyTile}); };
  // Rows beyond the last key stay in bounds.
  Value last = arith::SubIOp::create(b, context.keyLength, b.index(1));
  Value positions =
      arith::MinSIOp::create(b, b.iota(key, context.keyTile), splat(last));
  if (layout.isRing())
    positions = arith::AddIOp::create(b, positions,
                                      splat(context.stationary[kRingBase]));
  Value size = splat(b.index(*tokens));
  Value slots = arith::RemUIOp::create(b, positions, size);
  if (!layout.usesTable()) {
    rows.offsets[0] = context.grid[0];
    rows.gather = {slots};
    rows.axes = {tokenAxis};
    return rows;
  }
  Value blocks = arith::DivUIOp::create(b, positions, size);
  Value pages =
      tile::GatherOp::create(b, cache->table, blocks, context.grid[0]);
  rows.gather = {pages, slots};
  rows.axes = {0, tokenAxis};
  return rows;
}

/// Says what is known of the memory of a tile, where a target copies more of it
/// at once than it asks for.
void KVStream::addHints(Operation *load) const {
  if (!isOnGPU)
    return;
  mlir::Builder b(load->getContext());
  if (hasLengths)
    load->setAttr(tile::kPartialAttrName, b.getUnitAttr());
  if (!cache || !cache->type.getLayout().usesTable())
    return;
  // What is a run for the first key of every split, too.
  int64_t tokens = *cache->type.getLayout().getBlockTokens();
  load->setAttr(tile::kRunsAttrName,
                b.getI64IntegerAttr(std::gcd(tokens, context.keysPerSplit)));
}

/// One number for each position.
Value KVStream::loadNumbers(TileBuilder &b, Value numbers, Value key,
                            Value count) const {
  RowAccess rows = getRows(b, key, /*rank=*/3);
  return b.load(numbers, rows, count, context.keyTile);
}

Value KVStream::loadTokenFactors(TileBuilder &b, Value key, Value count) const {
  if (!hasFactorOf(ScaleGranularity::Token))
    return {};
  return loadNumbers(b, cache->scales, key, count);
}

/// Numbers of the tensor, or of the channels, for each row of a tile of
/// `shape`.
Value KVStream::spreadChannels(TileBuilder &b, Value numbers,
                               ArrayRef<int64_t> shape) const {
  if (cache->type.getScale().getGranularity() == ScaleGranularity::Tensor)
    return b.splat(mlir::memref::LoadOp::create(b, numbers, ValueRange()),
                   shape);
  Value row = b.load(numbers, {context.stationary[kStreamHead], b.index(0)},
                     b.index(shape[1]), shape[1]);
  return b.broadcast(row, 1, shape);
}

Value KVStream::scaleChannels(TileBuilder &b, Value tile) const {
  if (!hasFactorOf({ScaleGranularity::Tensor, ScaleGranularity::Channel}))
    return tile;
  return b.mul(tile, spreadChannels(b, cache->scales, b.shapeOf(tile)));
}

Value KVStream::load(TileBuilder &b, Value key, Value count) const {
  int64_t dim = type.getDimSize(3);
  SmallVector<int64_t> shape = {context.keyTile, dim};
  RowAccess rows = getRows(b, key, /*rank=*/4);
  RankedTensorType operand = b.operandType(context, shape);
  Type element = cast<MemRefType>(memory.getType()).getElementType();
  bool isRead = element == operand.getElementType();
  Value tile = b.load(
      memory, rows, {count, b.index(dim)}, isRead ? operand : b.tileType(shape),
      cache && cache->type.isQuantised() ? cache->type.getElement() : Type());
  addHints(tile.getDefiningOp());
  tile = applyScales(b, tile, rows, key, count);
  if (tile.getType() == operand)
    return tile;
  return arith::TruncFOp::create(b, operand, tile);
}

/// What is not moved out of the product.
Value KVStream::applyScales(TileBuilder &b, Value tile, const RowAccess &rows,
                            Value key, Value count) const {
  bool isApplied =
      !cache || !cache->scales ||
      hasFactorOf({ScaleGranularity::Tensor, ScaleGranularity::Channel,
                   ScaleGranularity::Token});
  if (isApplied)
    return tile;
  ArrayRef<int64_t> shape = b.shapeOf(tile);
  auto spread = [&](Value numbers) -> Value {
    KVScaleAttr scale = cache->type.getScale();
    switch (scale.getGranularity()) {
    case ScaleGranularity::Tensor:
    case ScaleGranularity::Channel:
      return spreadChannels(b, numbers, shape);
    case ScaleGranularity::Token:
      return b.broadcast(loadNumbers(b, numbers, key, count), 0, shape);
    case ScaleGranularity::Group:
      break;
    }
    int64_t groups = shape[1] / scale.getGroup();
    Value few = b.load(numbers, rows, {count, b.index(groups)},
                       {context.keyTile, groups});
    return tile::RepeatOp::create(b, b.tileType(shape), few);
  };
  if (cache->zeros)
    tile = b.sub(tile, spread(cache->zeros));
  return b.mul(tile, spread(cache->scales));
}

} // namespace attnc::attn
