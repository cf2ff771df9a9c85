//===- MaskGrid.h - a mask divided into tiles -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The runs of keys of a MaskPicture as tiles of keys that are empty, partial or
// full, counted, and as a drawing of a bounded number of cells.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_COMPILER_EXPLAIN_MASKGRID_H
#define ATTNC_COMPILER_EXPLAIN_MASKGRID_H

#include "attnc/Compiler/Explain/MaskPicture.h"

namespace attnc {

/// Numbers of tiles of queries by keys.
struct TileCounts {
  int64_t all = 0, full = 0, partial = 0;

  int64_t getEmpty() const { return all - full - partial; }
  /// The share of empty tiles; nothing of nothing is 0.
  double getSparsity() const {
    return all == 0 ? 0.0 : double(getEmpty()) / double(all);
  }
};

TileCounts countTiles(const MaskPicture &picture);

/// A drawing of a mask. A cell is one tile, or several tiles of queries by
/// several of keys where the mask has more of them than cells are wanted. It is
/// full if all of its tiles are, empty if all are, else partial.
class MaskGrid {
public:
  /// Draws with at most `maxCells` cells a side.
  static MaskGrid get(const MaskPicture &picture, int64_t maxCells);

  /// The cells of each row that are not empty, in runs of cells.
  const RunRows &getRows() const { return rows; }
  int64_t getNumColumns() const { return numColumns; }
  /// Query rows and keys of a cell; cells at the end may have fewer.
  int64_t getCellQueries() const { return cellQueries; }
  int64_t getCellKeys() const { return cellKeys; }
  /// Whether a cell is one tile.
  bool isExact() const { return tilesPerCell == 1; }

private:
  RunRows rows;
  int64_t numColumns = 0, cellQueries = 1, cellKeys = 1, tilesPerCell = 1;
};

/// A rectangle of cells of one coverage.
struct CellRectangle {
  int64_t row, column, height, width;
  Coverage coverage;
};

/// The cells of a grid that are not empty as rectangles: runs, merged with the
/// equal runs below them. Sorted by row, then by column.
std::vector<CellRectangle> getRectangles(const MaskGrid &grid);

} // namespace attnc

#endif // ATTNC_COMPILER_EXPLAIN_MASKGRID_H
