//===- MaskGrid.cpp - a mask divided into tiles ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tile of keys is touched if a run has one of its keys, and full if full runs
// have all of them. Both sets are runs of tiles, so the tiles between are never
// enumerated.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Explain/MaskGrid.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <map>

using namespace attnc;
using llvm::divideCeilSigned;

namespace {

/// The tiles of keys of one row, in runs.
class TileRuns {
public:
  TileRuns(const PictureFrame &frame) : frame(frame) {}

  /// Calls `visit` with the runs of tiles that the runs of keys make.
  void forEach(ArrayRef<Run> keys, function_ref<void(Run)> visit) {
    next = 0;
    // Partial tiles that wait for the tile at which they end.
    partialBegin = 0;
    for (const Run &run : keys) {
      int64_t first = run.begin / frame.keyTile;
      int64_t last = divideCeilSigned(run.end, frame.keyTile);
      if (first > next) {
        flush(visit);
        partialBegin = next = first;
      }
      if (run.coverage == Coverage::Full) {
        // The last tile may have fewer keys than the others.
        int64_t fullBegin = divideCeilSigned(run.begin, frame.keyTile);
        int64_t fullEnd =
            run.end == frame.keyLength ? last : run.end / frame.keyTile;
        if (fullBegin < fullEnd) {
          next = fullBegin;
          flush(visit);
          visit({fullBegin, fullEnd, Coverage::Full});
          partialBegin = next = fullEnd;
        }
      }
      next = std::max(next, last);
    }
    flush(visit);
  }

private:
  void flush(function_ref<void(Run)> visit) {
    if (partialBegin < next)
      visit({partialBegin, next, Coverage::Partial});
    partialBegin = next;
  }

  const PictureFrame &frame;
  int64_t next = 0, partialBegin = 0;
};

int64_t countKeyTiles(const PictureFrame &frame) {
  return divideCeilSigned(frame.keyLength, frame.keyTile);
}

/// One row of cells, made of one or more rows of tiles.
class CellRow {
public:
  CellRow(int64_t numTiles, int64_t tilesPerCell)
      : numTiles(numTiles), tilesPerCell(tilesPerCell),
        cells(divideCeilSigned(numTiles, tilesPerCell)) {}

  void add(Run tiles) {
    for (int64_t begin = tiles.begin; begin < tiles.end;) {
      int64_t cell = begin / tilesPerCell;
      int64_t end = std::min(tiles.end, (cell + 1) * tilesPerCell);
      cells[cell].isTouched = true;
      if (tiles.coverage == Coverage::Full)
        cells[cell].full += end - begin;
      begin = end;
    }
  }

  /// Appends the cells as a row of runs. `height` rows of tiles were added.
  void finish(int64_t height, RunRows &rows) const {
    for (auto [i, cell] : llvm::enumerate(cells)) {
      int64_t column = int64_t(i);
      int64_t width =
          std::min(tilesPerCell, numTiles - column * tilesPerCell) * height;
      if (cell.isTouched)
        rows.addRun({column, column + 1,
                     cell.full == width ? Coverage::Full : Coverage::Partial});
    }
    rows.endRow();
  }

private:
  struct Cell {
    int64_t full = 0;
    bool isTouched = false;
  };

  int64_t numTiles, tilesPerCell;
  std::vector<Cell> cells;
};

} // namespace

TileCounts attnc::countTiles(const MaskPicture &picture) {
  TileCounts counts;
  counts.all = int64_t(picture.rows.size()) * countKeyTiles(picture.frame);
  TileRuns tiles(picture.frame);
  for (size_t i = 0; i < picture.rows.size(); ++i)
    tiles.forEach(picture.rows[i], [&](Run run) {
      (run.coverage == Coverage::Full ? counts.full : counts.partial) +=
          run.end - run.begin;
    });
  return counts;
}

MaskGrid MaskGrid::get(const MaskPicture &picture, int64_t maxCells) {
  const PictureFrame &frame = picture.frame;
  int64_t tileRows = int64_t(picture.rows.size());
  int64_t keyTiles = countKeyTiles(frame);
  int64_t rowsPerCell =
      std::max<int64_t>(divideCeilSigned(tileRows, maxCells), 1);
  int64_t columnsPerCell =
      std::max<int64_t>(divideCeilSigned(keyTiles, maxCells), 1);
  MaskGrid grid;
  grid.numColumns = divideCeilSigned(keyTiles, columnsPerCell);
  grid.cellQueries = rowsPerCell * frame.queryTile;
  grid.cellKeys = columnsPerCell * frame.keyTile;
  grid.tilesPerCell = rowsPerCell * columnsPerCell;
  TileRuns tiles(frame);
  for (int64_t row = 0; row < tileRows; row += rowsPerCell) {
    int64_t height = std::min(rowsPerCell, tileRows - row);
    CellRow cells(keyTiles, columnsPerCell);
    for (int64_t i = row; i < row + height; ++i)
      tiles.forEach(picture.rows[size_t(i)], [&](Run run) { cells.add(run); });
    cells.finish(height, grid.rows);
  }
  return grid;
}

std::vector<CellRectangle> attnc::getRectangles(const MaskGrid &grid) {
  std::vector<CellRectangle> rectangles;
  // The rectangles that reach the row before, by where they begin.
  std::map<int64_t, size_t> open;
  const RunRows &rows = grid.getRows();
  for (size_t row = 0; row < rows.size(); ++row) {
    std::map<int64_t, size_t> reaching;
    for (const Run &run : rows[row]) {
      int64_t width = run.end - run.begin;
      auto above = open.find(run.begin);
      if (above != open.end() && rectangles[above->second].width == width &&
          rectangles[above->second].coverage == run.coverage) {
        ++rectangles[above->second].height;
        reaching.insert(*above);
        continue;
      }
      reaching[run.begin] = rectangles.size();
      rectangles.push_back(
          {int64_t(row), run.begin, /*height=*/1, width, run.coverage});
    }
    open = std::move(reaching);
  }
  return rectangles;
}
