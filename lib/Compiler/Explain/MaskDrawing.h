//===- MaskDrawing.h - a mask drawn in SVG ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The drawing itself, which the SVG file and the page share: cells, axes and
// colours for light and dark surroundings. Its size grows with the outline of
// the mask, not with its area.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_EXPLAIN_MASKDRAWING_H
#define ATTNC_LIB_COMPILER_EXPLAIN_MASKDRAWING_H

#include "attnc/Compiler/Explain/MaskGrid.h"
#include <string>

namespace attnc {

/// Any bytes as text for XML and HTML, between tags and in attributes.
std::string escapeMarkup(StringRef text);

/// The rules of CSS that the drawing needs.
StringRef getDrawingStyle();

/// Keys to the right, queries downwards.
class MaskDrawing {
public:
  explicit MaskDrawing(const MaskPicture &picture);

  /// The extent of the drawing with its axes, in pixels.
  int64_t getWidth() const { return left + width + right; }
  int64_t getHeight() const { return top + height; }
  /// Where the cells begin.
  int64_t getLeft() const { return left; }
  int64_t getPlotWidth() const { return width; }
  const MaskGrid &getGrid() const { return grid; }

  /// Prints the elements, for an <svg> with pixels as its unit, moved down by
  /// `y`.
  void print(raw_ostream &os, int64_t y) const;

private:
  void printCells(raw_ostream &os, int64_t y) const;
  void printKeyAxis(raw_ostream &os, int64_t y) const;
  void printQueryAxis(raw_ostream &os, int64_t y) const;

  static constexpr int64_t left = 84, right = 36, top = 50;

  PictureFrame frame;
  MaskGrid grid;
  int64_t width, height;
};

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_EXPLAIN_MASKDRAWING_H
