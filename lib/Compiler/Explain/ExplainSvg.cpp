//===- ExplainSvg.cpp - attnc explain, as a drawing -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The drawing of one mask with a heading, and a legend that has the numbers. It
// follows the reader's choice of a light or a dark theme.
//
//===----------------------------------------------------------------------===//

#include "MaskDrawing.h"
#include "Report.h"
#include "Wording.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace attnc;

namespace {

constexpr StringRef style = R"(.page{fill:#fff}
.mask-title{fill:#1f2328;font:600 15px ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){.page{fill:#0d1117}.mask-title{fill:#e6edf3}}
)";

constexpr int64_t headHeight = 72, footHeight = 76, smallestWidth = 760;
constexpr size_t longestTitle = 74, longestLine = 104;

/// The first characters, if there are more than `limit`.
std::string shorten(StringRef text, size_t limit) {
  std::string valid = llvm::json::fixUTF8(text);
  if (valid.size() <= limit)
    return valid;
  size_t end = limit;
  // Not inside a character.
  while (end > 0 && (static_cast<unsigned char>(valid[end]) & 0xc0) == 0x80)
    --end;
  return valid.substr(0, end) + "\u2026";
}

void printText(raw_ostream &os, StringRef cls, int64_t x, int64_t y,
               StringRef text) {
  os << "<text class=\"" << cls << "\" x=\"" << x << "\" y=\"" << y << "\">"
     << escapeMarkup(text) << "</text>\n";
}

std::string describeTiles(int64_t count, int64_t all, StringRef name) {
  std::string text = name.str() + ": " + formatCount(count) +
                     (count == 1 ? " tile" : " tiles");
  return all == 0
             ? text
             : text + " (" + formatShare(double(count) / double(all)) + ")";
}

void printLegend(raw_ostream &os, const ExplainedMask &mask, int64_t x,
                 int64_t y) {
  struct Entry {
    StringRef cls, name;
    int64_t count;
  };
  const TileCounts &tiles = mask.tiles;
  for (const Entry &entry : {Entry{"mask-full", "full", tiles.full},
                             Entry{"mask-partial", "partial", tiles.partial},
                             Entry{"mask-empty", "empty", tiles.getEmpty()}}) {
    os << "<rect class=\"" << entry.cls << "\" x=\"" << x << "\" y=\"" << y - 11
       << "\" width=\"13\" height=\"13\"/><rect class=\"mask-frame\" x=\"" << x
       << "\" y=\"" << y - 11 << "\" width=\"13\" height=\"13\"/>\n";
    printText(os, "mask-label", x + 20, y,
              describeTiles(entry.count, tiles.all, entry.name));
    x += 218;
  }
}

} // namespace

std::string attnc::emitExplainSvg(const ExplainReport &report,
                                  const ExplainedMask &mask) {
  const PictureFrame &frame = mask.picture.frame;
  MaskDrawing drawing(mask.picture);
  int64_t width = std::max(drawing.getWidth(), smallestWidth);
  int64_t height = headHeight + drawing.getHeight() + footHeight;
  int64_t left = drawing.getLeft();
  std::string heading = report.function + ": " + describeFrame(frame) +
                        ", tiles of " + std::to_string(frame.queryTile) +
                        " x " + std::to_string(frame.keyTile);
  std::string svg;
  llvm::raw_string_ostream os(svg);
  os << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << width
     << "\" height=\"" << height << "\" viewBox=\"0 0 " << width << ' '
     << height << "\" role=\"img\">\n<title>"
     << escapeMarkup(mask.getMaskText()) << "</title>\n<desc>"
     << escapeMarkup(heading) << "</desc>\n<style>" << style
     << getDrawingStyle() << "</style>\n<rect class=\"page\" width=\"" << width
     << "\" height=\"" << height << "\"/>\n";
  printText(os, "mask-title", 20, 30,
            shorten(mask.getMaskText(), longestTitle));
  printText(os, "mask-label", 20, 52, shorten(heading, longestLine));
  drawing.print(os, headHeight);
  int64_t foot = headHeight + drawing.getHeight();
  if (!mask.picture.isKnown) {
    printText(os, "mask-label", left, foot + 30,
              shorten("needed " + describeNeeded(mask)->text, longestLine));
    os << "</svg>\n";
    return svg;
  }
  printLegend(os, mask, left, foot + 30);
  const PairCounts &pairs = mask.picture.pairs;
  std::string line = "pairs: " + formatCount(*pairs.visited) + " visited";
  if (pairs.allowed)
    line += ", " + formatCount(*pairs.allowed) + " allowed, " +
            formatShare(*pairs.getWaste()) + " wasted";
  if (!drawing.getGrid().isExact())
    line += "; a cell is several tiles";
  printText(os, "mask-label", left, foot + 54, line);
  os << "</svg>\n";
  return svg;
}
