//===- ExplainText.cpp - attnc explain, for a terminal --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Facts with a label in front, the key ranges of the first and last tiles, and
// the mask drawn in characters.
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "Wording.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace attnc;

namespace {

/// Rows of tiles that are listed, and cells of the drawing a side.
constexpr size_t listedFirst = 6, listedLast = 2;
constexpr int64_t maxCells = 64;
constexpr unsigned labelWidth = 11;

void printFact(raw_ostream &os, const Fact &fact) {
  SmallVector<StringRef> lines;
  StringRef(fact.text).split(lines, '\n');
  os << "  " << llvm::left_justify(fact.label, labelWidth) << lines.front()
     << '\n';
  for (StringRef line : ArrayRef(lines).drop_front())
    os.indent(2 + labelWidth) << line << '\n';
}

void printRows(raw_ostream &os, const MaskPicture &picture) {
  const PictureFrame &frame = picture.frame;
  size_t count = picture.rows.size();
  ListedRows listed = chooseRows(count, listedFirst, listedLast);
  unsigned width =
      std::max<size_t>(std::to_string(frame.queryLength).size() * 2 + 3, 10);
  auto print = [&](size_t row) {
    int64_t first = int64_t(row) * frame.queryTile;
    int64_t end = std::min(first + frame.queryTile, frame.queryLength);
    os << "  "
       << llvm::left_justify(llvm::formatv("[{0}, {1})", first, end).str(),
                             width + 1)
       << "  " << formatRuns(picture.rows[row]) << '\n';
  };
  os << "  " << llvm::left_justify("query rows", width + 1) << "  keys\n";
  for (size_t row = 0; row < listed.head; ++row)
    print(row);
  if (listed.left > 0)
    os << "  ... " << listed.left << " more\n";
  for (size_t row = count - listed.tail; row < count; ++row)
    print(row);
}

/// Keys to the right, queries downwards.
void printGrid(raw_ostream &os, const MaskPicture &picture) {
  MaskGrid grid = MaskGrid::get(picture, maxCells);
  const RunRows &rows = grid.getRows();
  unsigned width = std::to_string(picture.frame.queryLength).size();
  os << "  a cell is " << grid.getCellQueries() << " queries x "
     << grid.getCellKeys() << " keys"
     << (grid.isExact() ? ", one tile" : ", several tiles")
     << ": \u2588 full, \u2591 partial, blank empty\n\n";
  std::string last = std::to_string(picture.frame.keyLength);
  os.indent(width + 3) << "0";
  if (size_t columns = size_t(grid.getNumColumns()); columns > last.size() + 1)
    os << llvm::right_justify(last, unsigned(columns - 1));
  os << " keys\n";
  for (size_t row = 0; row < rows.size(); ++row) {
    os << llvm::format_decimal(int64_t(row) * grid.getCellQueries(), width + 2)
       << "\u2502";
    int64_t column = 0;
    for (const Run &run : rows[row]) {
      os.indent(unsigned(run.begin - column));
      for (column = run.begin; column < run.end; ++column)
        os << (run.coverage == Coverage::Full ? "\u2588" : "\u2591");
    }
    os.indent(unsigned(grid.getNumColumns() - column)) << "\u2502\n";
  }
}

} // namespace

void attnc::printExplainText(raw_ostream &os, const ExplainReport &report) {
  os << report.spec << ", function " << report.function << ", target "
     << report.target << '\n'
     << formatInputs(report) << '\n';
  for (const ExplainedMask &mask : report.masks) {
    os << "\nattn.attend " << mask.operation << " at " << mask.location << '\n';
    printFact(os, {"mask", mask.getMaskText().str()});
    printFact(os, {"set", "{ (b, h, q, k) : " + mask.picture.set + " }"});
    bool hasParts = mask.picture.parts.size() > 1;
    if (hasParts)
      printFact(os, {"rule", mask.picture.rule.text});
    for (size_t part = 0; part < mask.picture.parts.size(); ++part) {
      if (hasParts)
        os << "\n  part " << part << '\n';
      for (const Fact &fact : describePart(mask, part))
        printFact(os, fact);
    }
    os << '\n';
    printFact(os, {"picture", describeFrame(mask.picture.frame)});
    if (std::optional<Fact> needed = describeNeeded(mask))
      printFact(os, *needed);
    for (const Fact &fact : getNumbers(mask))
      printFact(os, fact);
    // Without queries or keys there is nothing to list or draw.
    if (mask.tiles.all == 0)
      continue;
    os << '\n';
    printRows(os, mask.picture);
    os << '\n';
    printGrid(os, mask.picture);
  }
}
