//===- MaskGridTest.cpp - tiles and cells against enumeration -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a cell is follows from the keys in it, looked at one by one.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Explain/MaskGrid.h"

#include "../../Analysis/MaskExamples.h"
#include "gtest/gtest.h"

using namespace attnc;

namespace {

enum Kind : char { Empty = '.', Partial = 'o', Full = '#' };

/// What the cell is that has the tiles of queries [row, rowEnd) and the keys
/// [key, keyEnd), of which each row of tiles decides by itself.
Kind classify(const MaskPicture &picture, size_t row, size_t rowEnd,
              int64_t key, int64_t keyEnd) {
  int64_t visited = 0, full = 0, all = 0;
  for (; row < rowEnd; ++row)
    for (int64_t k = key; k < keyEnd; ++k, ++all)
      for (const Run &run : picture.rows[row])
        if (run.begin <= k && k < run.end) {
          ++visited;
          full += run.coverage == Coverage::Full;
        }
  return visited == 0 ? Empty : full == all ? Full : Partial;
}

std::string printRow(ArrayRef<Run> runs, int64_t columns) {
  std::string text(size_t(columns), Empty);
  for (const Run &run : runs)
    for (int64_t column = run.begin; column < run.end; ++column)
      text[size_t(column)] = run.coverage == Coverage::Full ? Full : Partial;
  return text;
}

/// The row that the grid ought to have.
std::string expectRow(const MaskPicture &picture, const MaskGrid &grid,
                      size_t row) {
  size_t height = size_t(grid.getCellQueries() / picture.frame.queryTile);
  size_t rowEnd = std::min((row + 1) * height, picture.rows.size());
  std::string text;
  for (int64_t key = 0; key < picture.frame.keyLength;
       key += grid.getCellKeys())
    text +=
        classify(picture, row * height, rowEnd, key,
                 std::min(key + grid.getCellKeys(), picture.frame.keyLength));
  return text;
}

struct MaskGridTest : ::testing::Test {
  mlir::MLIRContext context;
  test::MaskExamples examples{context};

  MaskPicture draw(const MaskExpr &mask, const PictureFrame &frame) {
    return llvm::cantFail(MaskPicture::get(Mask{mask, {}}, &context, frame));
  }
};

} // namespace

TEST_F(MaskGridTest, CellsAgreeWithTheirKeys) {
  for (const test::NamedMask &named : examples.getNamed())
    for (auto [queries, keys] : std::vector<std::pair<int64_t, int64_t>>{
             {24, 24}, {13, 29}, {29, 13}, {0, 9}, {9, 0}})
      for (int64_t keyTile : {1, 4, 5, 40})
        for (int64_t maxCells : {2, 3, 100}) {
          SCOPED_TRACE(named.name + ", key tile " + std::to_string(keyTile) +
                       ", cells " + std::to_string(maxCells));
          MaskPicture picture = draw(
              named.mask, {0, 0, queries, keys, /*queryTile=*/3, keyTile, 3});
          MaskGrid grid = MaskGrid::get(picture, maxCells);
          EXPECT_LE(grid.getNumColumns(), maxCells);
          ASSERT_LE(int64_t(grid.getRows().size()), maxCells);
          for (size_t row = 0; row < grid.getRows().size(); ++row)
            EXPECT_EQ(printRow(grid.getRows()[row], grid.getNumColumns()),
                      expectRow(picture, grid, row));
          if (HasFailure())
            return;
        }
}

TEST_F(MaskGridTest, TilesAreCountedAsTheyAreDrawn) {
  for (const test::NamedMask &named : examples.getNamed()) {
    SCOPED_TRACE(named.name);
    MaskPicture picture = draw(named.mask, {0, 0, 29, 31, 5, 4, 5});
    MaskGrid grid = MaskGrid::get(picture, 100);
    ASSERT_TRUE(grid.isExact());
    std::string drawn;
    for (size_t row = 0; row < grid.getRows().size(); ++row)
      drawn += printRow(grid.getRows()[row], grid.getNumColumns());
    TileCounts tiles = countTiles(picture);
    EXPECT_EQ(tiles.all, int64_t(drawn.size()));
    EXPECT_EQ(tiles.full, llvm::count(drawn, Full));
    EXPECT_EQ(tiles.partial, llvm::count(drawn, Partial));
    EXPECT_EQ(tiles.getEmpty(), llvm::count(drawn, Empty));
  }
}

TEST_F(MaskGridTest, DrawsCausal) {
  MaskPicture picture = draw(examples.causal(), {0, 0, 16, 16, 4, 4, 4});
  MaskGrid exact = MaskGrid::get(picture, 4),
           coarse = MaskGrid::get(picture, 2);
  EXPECT_EQ(printRow(exact.getRows()[2], 4), "##o.");
  EXPECT_TRUE(exact.isExact());
  EXPECT_FALSE(coarse.isExact());
  EXPECT_EQ(coarse.getCellQueries(), 8);
  EXPECT_EQ(printRow(coarse.getRows()[0], 2), "o.");
  EXPECT_EQ(printRow(coarse.getRows()[1], 2), "#o");
  EXPECT_DOUBLE_EQ(countTiles(picture).getSparsity(), 6.0 / 16);
}

TEST_F(MaskGridTest, RectanglesCoverEachCellOnce) {
  for (const test::NamedMask &named : examples.getNamed()) {
    SCOPED_TRACE(named.name);
    MaskPicture picture = draw(named.mask, {0, 0, 24, 24, 2, 3, 2});
    MaskGrid grid = MaskGrid::get(picture, 100);
    std::vector<std::string> covered(
        grid.getRows().size(),
        std::string(size_t(grid.getNumColumns()), Empty));
    for (const CellRectangle &cell : getRectangles(grid))
      for (int64_t row = cell.row; row < cell.row + cell.height; ++row)
        for (int64_t i = cell.column; i < cell.column + cell.width; ++i) {
          char &place = covered[size_t(row)][size_t(i)];
          EXPECT_EQ(place, Empty);
          place = cell.coverage == Coverage::Full ? Full : Partial;
        }
    for (size_t row = 0; row < covered.size(); ++row)
      EXPECT_EQ(covered[row],
                printRow(grid.getRows()[row], grid.getNumColumns()));
  }
}

TEST_F(MaskGridTest, EqualRowsAreOneRectangle) {
  MaskPicture picture =
      draw(examples.compare(examples.k, ComparePredicate::lt, 8),
           {0, 0, 64, 64, 4, 4, 4});
  std::vector<CellRectangle> rectangles =
      getRectangles(MaskGrid::get(picture, 100));
  ASSERT_EQ(rectangles.size(), 1u);
  EXPECT_EQ(rectangles[0].height, 16);
  EXPECT_EQ(rectangles[0].width, 2);
}
