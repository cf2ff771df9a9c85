//===- MaskDrawing.cpp - a mask drawn in SVG ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Cells of one coverage are one <path> of rectangles with relative coordinates,
// in a nested <svg> whose unit is a cell: a drawing of a million cells is as
// short as its outline. Colours are written out, not as CSS variables, which
// programs other than browsers do not know.
//
//===----------------------------------------------------------------------===//

#include "MaskDrawing.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace attnc;

namespace {

/// The most cells a side, and the length of the longer side in pixels.
constexpr int64_t maxCells = 1024;
constexpr int64_t longSide = 640, shortestSide = 40;
/// Tiles of at least so many pixels are told apart by lines.
constexpr double smallestLined = 8;

/// Distances of ticks: a power of two if that suits the length, else 1, 2 or 5
/// times a power of ten. At most ten ticks.
int64_t chooseTickStep(int64_t length) {
  auto binary =
      int64_t(llvm::bit_ceil(uint64_t(std::max<int64_t>(length / 8, 1))));
  if (length % binary == 0)
    return binary;
  for (int64_t decade = 1;; decade *= 10)
    for (int64_t factor : {1, 2, 5})
      if (length / (decade * factor) <= 8)
        return decade * factor;
}

/// Calls `tick` with positions along an axis of `length`. The end of the axis
/// is one, unless it would touch the one before.
void forEachTick(int64_t length, function_ref<void(int64_t)> tick) {
  int64_t step = chooseTickStep(length);
  int64_t at = 0;
  for (; at <= length; at += step)
    tick(at);
  if (at - step != length && (length - (at - step)) * 2 > step)
    tick(length);
}

/// Appends the rectangles of one coverage as path data.
void printPath(raw_ostream &os, ArrayRef<CellRectangle> rectangles,
               Coverage coverage) {
  int64_t column = 0, row = 0;
  bool isFirst = true;
  for (const CellRectangle &cell : rectangles) {
    if (cell.coverage != coverage)
      continue;
    int64_t right = cell.column - column, down = cell.row - row;
    // A closed path ends where it began, so that is what `m` is relative to.
    os << (isFirst ? 'M' : 'm') << right << (down < 0 ? "" : " ") << down << 'h'
       << cell.width << 'v' << cell.height << "h-" << cell.width << 'z';
    column = cell.column;
    row = cell.row;
    isFirst = false;
  }
}

} // namespace

std::string attnc::escapeMarkup(StringRef text) {
  std::string escaped;
  for (char c : llvm::json::fixUTF8(text)) {
    switch (c) {
    case '&':
      escaped += "&amp;";
      break;
    case '<':
      escaped += "&lt;";
      break;
    case '>':
      escaped += "&gt;";
      break;
    case '"':
      escaped += "&quot;";
      break;
    case '\'':
      escaped += "&#39;";
      break;
    default:
      // XML has no other control characters, escaped or not.
      bool isControl = static_cast<unsigned char>(c) < 0x20;
      if (isControl && c != '\n' && c != '\t' && c != '\r')
        escaped += "\uFFFD";
      else
        escaped += c;
    }
  }
  return escaped;
}

StringRef attnc::getDrawingStyle() {
  return R"(.mask-full{fill:#20639b}.mask-partial{fill:#f2a93b}.mask-empty{fill:#f1f3f5}
.mask-lines{fill:none;stroke:#fff;stroke-width:1}
.mask-frame{fill:none;stroke:#8b949e;stroke-width:1}
.mask-tick{fill:none;stroke:#8b949e;stroke-width:1}
.mask-label{fill:#57606a;font:12px system-ui,"Segoe UI",Helvetica,Arial,sans-serif}
.mask-axis{fill:#24292f;font:600 13px system-ui,"Segoe UI",Helvetica,Arial,sans-serif}
@media (prefers-color-scheme:dark){
.mask-full{fill:#58a6ff}.mask-partial{fill:#d9822b}.mask-empty{fill:#1c2229}
.mask-lines{stroke:#0d1117}.mask-frame,.mask-tick{stroke:#6e7681}
.mask-label{fill:#9da7b1}.mask-axis{fill:#e6edf3}}
)";
}

MaskDrawing::MaskDrawing(const MaskPicture &picture)
    : frame(picture.frame), grid(MaskGrid::get(picture, maxCells)) {
  // A pair is a square where that leaves something to see of both sides.
  double queries = double(std::max<int64_t>(frame.queryLength, 1));
  double keys = double(std::max<int64_t>(frame.keyLength, 1));
  double longer = std::max(queries, keys);
  width = std::max(int64_t(double(longSide) * keys / longer), shortestSide);
  height = std::max(int64_t(double(longSide) * queries / longer), shortestSide);
}

void MaskDrawing::printCells(raw_ostream &os, int64_t y) const {
  // Fractional where the last cells have fewer queries or keys than others.
  double rows = double(frame.queryLength) / double(grid.getCellQueries());
  double columns = double(frame.keyLength) / double(grid.getCellKeys());
  os << "<rect class=\"mask-empty\" x=\"" << left << "\" y=\"" << y + top
     << "\" width=\"" << width << "\" height=\"" << height << "\"/>\n";
  if (rows == 0 || columns == 0)
    return;
  os << "<svg x=\"" << left << "\" y=\"" << y + top << "\" width=\"" << width
     << "\" height=\"" << height << "\" viewBox=\"0 0 "
     << llvm::format("%.6g %.6g", columns, rows)
     << "\" preserveAspectRatio=\"none\">\n";
  std::vector<CellRectangle> rectangles = getRectangles(grid);
  for (Coverage coverage : {Coverage::Full, Coverage::Partial}) {
    os << "<path class=\"mask-"
       << (coverage == Coverage::Full ? "full" : "partial")
       << "\" shape-rendering=\"crispEdges\" d=\"";
    printPath(os, rectangles, coverage);
    os << "\"/>\n";
  }
  double smaller = std::min(double(width) / columns, double(height) / rows);
  if (grid.isExact() && smaller >= smallestLined) {
    os << "<path class=\"mask-lines\" vector-effect=\"non-scaling-stroke\" "
          "d=\"";
    for (int64_t column = 1; column < grid.getNumColumns(); ++column)
      os << 'M' << column << " 0v" << grid.getRows().size();
    for (size_t row = 1; row < grid.getRows().size(); ++row)
      os << "M0 " << row << 'h' << grid.getNumColumns();
    os << "\"/>\n";
  }
  os << "</svg>\n";
}

void MaskDrawing::printKeyAxis(raw_ostream &os, int64_t y) const {
  os << "<text class=\"mask-axis\" x=\"" << left + width / 2 << "\" y=\""
     << y + 14 << "\" text-anchor=\"middle\">keys \u2192</text>\n";
  forEachTick(frame.keyLength, [&](int64_t at) {
    double x = double(left) + double(width) * double(at) /
                                  double(std::max<int64_t>(frame.keyLength, 1));
    os << "<path class=\"mask-tick\" d=\"M" << llvm::format("%.1f", x) << ' '
       << y + top << "v-5\"/><text class=\"mask-label\" x=\""
       << llvm::format("%.1f", x) << "\" y=\"" << y + top - 10
       << "\" text-anchor=\"middle\">" << at << "</text>\n";
  });
}

void MaskDrawing::printQueryAxis(raw_ostream &os, int64_t y) const {
  int64_t middle = y + top + height / 2;
  os << "<text class=\"mask-axis\" text-anchor=\"middle\" transform=\""
        "rotate(-90 16 "
     << middle << ")\" x=\"16\" y=\"" << middle << "\">\u2190 queries</text>\n";
  forEachTick(frame.queryLength, [&](int64_t at) {
    double down =
        double(y + top) + double(height) * double(at) /
                              double(std::max<int64_t>(frame.queryLength, 1));
    os << "<path class=\"mask-tick\" d=\"M" << left << ' '
       << llvm::format("%.1f", down) << "h-5\"/><text class=\"mask-label\" x=\""
       << left - 9 << "\" y=\"" << llvm::format("%.1f", down + 4)
       << "\" text-anchor=\"end\">" << at << "</text>\n";
  });
}

void MaskDrawing::print(raw_ostream &os, int64_t y) const {
  printKeyAxis(os, y);
  printQueryAxis(os, y);
  printCells(os, y);
  os << "<rect class=\"mask-frame\" x=\"" << left << "\" y=\"" << y + top
     << "\" width=\"" << width << "\" height=\"" << height << "\"/>\n";
}
