//===- SharedTile.h - a tile in shared memory -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where and how a tile lies that the tensor cores read. Tiles lie in columns of
// 64 elements of 16 bits, lines of 128 bytes, whose eight chunks of 16 are
// exchanged by the line's number (the 128-byte swizzle).
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOGPU_SHAREDTILE_H
#define ATTNC_LIB_CONVERSION_TILETOGPU_SHAREDTILE_H

#include "attnc/Dialect/Tile/IR/Tile.h"

namespace attnc::gpu {

/// How the tile of a step gets into shared memory: as one box of its tensor, as
/// several that are runs of neighbours, row by row, or through registers of
/// threads, which form it; or in chunks by a warp where nothing copies in bulk.
enum class Copy { Box, Runs, Rows, Formed, Chunks };

/// A tile in shared memory that the tensor cores read.
struct SharedTile {
  /// What it is read from.
  tile::LoadOp load;
  int64_t rows = 0, columns = 0;
  /// What products multiply: the tile that is read, or one that is formed.
  Value tile = {};
  Copy copy = Copy::Box;
  /// Rows of one box.
  int64_t boxRows = 0;
  /// Whether rows behind the last key are to be zero: memory there may hold
  /// what is no number, and zero times that is no number either.
  bool isCleared = false;
  /// Of its first copy, in shared memory.
  int64_t place = 0;
  /// Barriers, by number: of slot 0; those of other slots follow. A tile that
  /// stays has one slot, and none that says it is empty.
  int64_t fullBarrier = 0, emptyBarrier = 0;

  static constexpr int64_t kLineBytes = 128, kLineElements = 64;
  static constexpr int64_t kChunkBytes = 16, kChunkElements = 8;
  static constexpr int64_t kChunksInLine = kLineBytes / kChunkBytes;
  int64_t getBlocks() const {
    return (columns + kLineElements - 1) / kLineElements;
  }
  int64_t getBlockBytes() const { return rows * kLineBytes; }
  int64_t getBytes() const { return getBlocks() * getBlockBytes(); }
  /// Whether its rows are anywhere, so that consumers copy them.
  bool isGathered() { return load && !load.getGather().empty(); }
};

} // namespace attnc::gpu

#endif // ATTNC_LIB_CONVERSION_TILETOGPU_SHAREDTILE_H
