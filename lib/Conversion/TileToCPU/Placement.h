//===- Placement.h - where a tile is ----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tile value is, during the lowering of a kernel, in one of three places: a
// buffer with its lane axis innermost, the memory it was loaded from, or (a
// rank-1 tile of the current strip) vector registers. Or nowhere: elementwise
// tiles are computed where they are read.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOCPU_PLACEMENT_H
#define ATTNC_LIB_CONVERSION_TILETOCPU_PLACEMENT_H

#include "attnc/Support/LLVM.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"

namespace attnc::cpu {

/// Index along one axis of a tile: one element, or a vector of consecutive
/// ones.
struct AxisIndex {
  /// The element, or the first one of the vector. For the independent axis it
  /// counts from the start of the current strip.
  Value index;
  bool isVector = false;
  /// For a vector within a strip: which vector of the strip.
  int64_t chunk = 0;
};
using TileIndex = SmallVector<AxisIndex, 2>;

struct Placement {
  enum class Kind { Buffer, View, Registers };
  Kind kind = Kind::Buffer;
  /// Buffer: [strip,] [other axis,] lane axis. View: the loaded memory.
  Value memory;
  /// Buffer: the tile axis that is innermost.
  int64_t laneAxis = 0;
  /// Buffer: has a leading dimension indexed by the current strip.
  bool hasStrips = false;
  /// View: where the tile starts in memory, and what its bytes stand for, if
  /// memory is of bytes.
  SmallVector<Value> offsets;
  Type encoding;
  /// View of all strips of a matrix: the columns of one. 0 if the view is not
  /// of strips, or of the current one.
  int64_t stripLanes = 0;
  /// View of gathered rows: where each row starts in `memory`, of rank 1 then.
  Value rowStarts;
  /// Axis of a tile that starts `shift` elements late: a tile placed for a
  /// block of keys, read in a step over a part of that block. -1 if none.
  int64_t shiftAxis = -1;
  Value shift;
  /// A tile of bf16: the axis along which a product sums. Two elements that
  /// follow each other along it are one word of 32 bits, which is moved as if
  /// it were an f32; an index along it counts words. -1 for a tile of f32.
  int64_t pairAxis = -1;
  /// Registers: one vector per chunk of the strip.
  SmallVector<Value> registers;
};

/// A component of a carry that has no buffer.
struct MemoryCarry {
  /// Where the step at `firstKey` reads it, and where all steps write it.
  Placement source, destination;
  Value firstKey;
};

/// Rows of memory that will be read, from `firstRow` on, of `lines` cache
/// lines of `lineSize` elements each.
struct NextRows {
  Placement placement;
  int64_t firstRow = 0, lines = 0, lineSize = 0;
  /// They will be written.
  bool isWrite = false;
  /// They are read at once, and there is room for them in the nearest cache.
  bool isNear = false;

  /// A row has `columns` elements of `bits` bits.
  void setRow(int64_t columns, int64_t bits) {
    constexpr int64_t lineBytes = 64;
    lineSize = lineBytes * 8 / bits;
    lines = llvm::divideCeil(columns, lineSize);
  }
};

/// Address of element `index` of a tile so placed.
SmallVector<Value> addressOf(OpBuilder &builder, Location loc,
                             const Placement &placement, const TileIndex &index,
                             Value strip);

/// The f32 element or word, or vector of `width` of them, at `index`. A vector
/// must run along the buffer's lane axis.
Value readTile(OpBuilder &builder, Location loc, const Placement &placement,
               const TileIndex &index, Value strip, int64_t width);

/// Two elements of bf16 memory, the first one at `address`, as a word.
Value loadWord(OpBuilder &builder, Location loc, Value memory,
               ArrayRef<Value> address);

/// Stores `value`, a scalar or vector, at `index`.
void writeTile(OpBuilder &builder, Location loc, const Placement &placement,
               const TileIndex &index, Value strip, Value value);

} // namespace attnc::cpu

#endif // ATTNC_LIB_CONVERSION_TILETOCPU_PLACEMENT_H
