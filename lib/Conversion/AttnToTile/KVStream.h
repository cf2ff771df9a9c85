//===- KVStream.h - keys or values as tiles ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What attention reads of its keys, or of its values: tiles of consecutive
// positions, from a tensor or from a cache. A cache's layout says where a
// position is; its scale says what a number is multiplied with. A factor that
// does not vary along the axis that a product sums moves out of the product:
//
//   scale of   keys, summed along the dim      values, summed along positions
//   tensor     into the query                  into the output, at the end
//   channel    into the query                  into the output, at the end
//   token      into the scores                 into the weights
//   group      onto the tile                   onto the tile
//
// With zero points all of them are applied to the tile, once for all query rows
// and heads that read it. So are all on a GPU, where other threads than those
// that multiply form the tile, and round its numbers to the query's type.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_ATTNTOTILE_KVSTREAM_H
#define ATTNC_LIB_CONVERSION_ATTNTOTILE_KVSTREAM_H

#include "TileBuilder.h"

namespace attnc::attn {

/// Indices into `CarryContext::stationary` that streams read: the key head, and
/// the position of row 0 of a rolling cache.
enum StreamStationary { kStreamHead, kRingBase, kNumStreamStationary };

class KVStream {
public:
  /// The keys (operand 1) or values (operand 2) of `op`.
  KVStream(AttendOp op, const CarryContext &context, unsigned operand);

  /// The number of key heads, and of positions that there is room for.
  Value buildHeads(TileBuilder &b) const;
  Value buildCapacity(TileBuilder &b) const;

  /// The tile of `count` positions from `key` on, but for the factors below.
  Value load(TileBuilder &b, Value key, Value count) const;

  /// The factor of each of these positions, or null for 1.
  Value loadTokenFactors(TileBuilder &b, Value key, Value count) const;

  /// `tile`, [rows, dim], times the factor of each channel.
  Value scaleChannels(TileBuilder &b, Value tile) const;

private:
  void addHints(Operation *load) const;
  bool hasFactorOf(ArrayRef<ScaleGranularity> granularities) const;
  RowAccess getRows(TileBuilder &b, Value key, int64_t rank) const;
  Value applyScales(TileBuilder &b, Value tile, const RowAccess &rows,
                    Value key, Value count) const;
  Value spreadChannels(TileBuilder &b, Value numbers,
                       ArrayRef<int64_t> shape) const;
  Value loadNumbers(TileBuilder &b, Value memory, Value key, Value count) const;

  const CarryContext &context;
  Value memory;
  /// Null for a tensor.
  const CacheMemory *cache;
  /// Whether the products are added to a carry that the op was given.
  bool isOntoCarry;
  /// Whether sequences have lengths, so that there is room behind them.
  bool hasLengths;
  bool isOnGPU;
  RankedTensorType type;
};

} // namespace attnc::attn

#endif // ATTNC_LIB_CONVERSION_ATTNTOTILE_KVSTREAM_H
