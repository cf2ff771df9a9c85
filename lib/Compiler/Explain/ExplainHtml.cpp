//===- ExplainHtml.cpp - attnc explain, as a page -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One file without references to others. All there is to read is in the markup;
// the script only shows the key ranges of the queries under the pointer.
//
//===----------------------------------------------------------------------===//

#include "MaskDrawing.h"
#include "Report.h"
#include "Wording.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace attnc;

namespace {

/// Rows of tiles in the table, and rows that the script knows.
constexpr size_t listedFirst = 12, listedLast = 4, maxHovered = 4096;

constexpr StringRef style = R"(:root{color-scheme:light dark}
body{margin:0 auto;max-width:1280px;padding:24px 28px 64px;background:#fff;color:#1f2328;font:15px/1.5 system-ui,"Segoe UI",Helvetica,Arial,sans-serif}
h1{font-size:22px;margin:0}h2{font-size:17px;margin:40px 0 8px;padding-top:20px;border-top:1px solid #d0d7de}h3{font-size:14px;margin:20px 0 6px}
p{margin:4px 0}.quiet{color:#57606a}
code,pre{font:13px/1.5 ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{margin:0;padding:10px 12px;background:#f6f8fa;border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere}
.columns{display:flex;flex-wrap:wrap;gap:12px 36px;align-items:flex-start}
figure{margin:0;flex:1 1 520px;min-width:0;max-width:760px}figure svg{display:block;width:100%;height:auto}
.facts{flex:1 1 380px;min-width:0}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:5px 10px 5px 0;border-bottom:1px solid #d8dee4;font-weight:400}
th{color:#57606a;white-space:nowrap}thead th{font-size:13px}
.legend{display:flex;flex-wrap:wrap;gap:4px 20px;margin:8px 0 0 6%;font-size:13px}
.legend svg{width:13px;height:13px;display:inline-block;vertical-align:-2px;margin-right:6px}
.pointed{min-height:3em;margin:6px 0 0 6%;font-size:13px}
.mask-pointer{fill:none;stroke:#cf222e;stroke-width:1.5;pointer-events:none}
@media (prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}pre{background:#161b22}
.quiet,th{color:#9da7b1}h2{border-color:#30363d}th,td{border-color:#272d35}.mask-pointer{stroke:#ff7b72}}
)";

constexpr StringRef script =
    R"(for (const figure of document.querySelectorAll("figure[data-rows]")) {
  const data = JSON.parse(figure.dataset.rows), out = figure.querySelector(".pointed");
  const area = figure.querySelector(".mask-empty"), mark = figure.querySelector(".mask-pointer");
  const height = Number(area.getAttribute("height")), top = Number(area.getAttribute("y"));
  figure.querySelector("svg").addEventListener("pointermove", event => {
    const box = area.getBoundingClientRect();
    const at = (event.clientY - box.top) / box.height * data.queries;
    const row = Math.floor(at / data.tile);
    if (at < 0 || at >= data.queries || row >= data.rows.length) return;
    const first = row * data.tile, end = Math.min(first + data.tile, data.queries);
    const runs = data.rows[row].map(r => `[${r[0]}, ${r[1]}) ${r[2] ? "full" : "partial"}`);
    out.textContent = `query rows [${first}, ${end}): keys ${runs.join(", ") || "none"}`;
    mark.setAttribute("y", top + first / data.queries * height);
    mark.setAttribute("height", (end - first) / data.queries * height);
    mark.setAttribute("visibility", "visible");
  });
}
)";

/// The rows for the script: numbers and brackets, safe in an attribute.
void printHoverData(raw_ostream &os, const MaskPicture &picture) {
  os << "{&quot;queries&quot;:" << picture.frame.queryLength
     << ",&quot;tile&quot;:" << picture.frame.queryTile
     << ",&quot;rows&quot;:[";
  size_t count = std::min(picture.rows.size(), maxHovered);
  for (size_t row = 0; row < count; ++row) {
    os << (row ? ",[" : "[");
    llvm::interleave(
        picture.rows[row], os,
        [&](const Run &run) {
          os << '[' << run.begin << ',' << run.end << ','
             << (run.coverage == Coverage::Full) << ']';
        },
        ",");
    os << ']';
  }
  os << "]}";
}

void printLegend(raw_ostream &os, const MaskDrawing &drawing) {
  struct Entry {
    StringRef cls, text;
  };
  os << "<div class=\"legend\">\n";
  for (const Entry &entry :
       {Entry{"mask-full", "full: all pairs allowed, no mask code"},
        Entry{"mask-partial", "partial: pairs are tested, or visited in part"},
        Entry{"mask-empty", "empty: not visited"}})
    os << "<span><svg viewBox=\"0 0 13 13\"><rect class=\"" << entry.cls
       << "\" width=\"13\" height=\"13\"/><rect class=\"mask-frame\" "
          "width=\"13\" height=\"13\"/></svg>"
       << entry.text << "</span>\n";
  const MaskGrid &grid = drawing.getGrid();
  os << "</div>\n<p class=\"legend quiet\">a cell is " << grid.getCellQueries()
     << " queries x " << grid.getCellKeys() << " keys, "
     << (grid.isExact() ? "one tile" : "several tiles: partial if they differ")
     << "</p>\n";
}

void printFigure(raw_ostream &os, const ExplainedMask &mask) {
  MaskDrawing drawing(mask.picture);
  os << "<figure data-rows=\"";
  printHoverData(os, mask.picture);
  os << "\">\n<svg viewBox=\"0 0 " << drawing.getWidth() << ' '
     << drawing.getHeight() + 8 << "\" role=\"img\" aria-label=\""
     << escapeMarkup(mask.getMaskText()) << "\">\n";
  drawing.print(os, /*y=*/0);
  os << "<rect class=\"mask-pointer\" visibility=\"hidden\" x=\""
     << drawing.getLeft() << "\" width=\"" << drawing.getPlotWidth()
     << "\"/>\n</svg>\n";
  printLegend(os, drawing);
  os << "<p class=\"pointed quiet\"></p>\n</figure>\n";
}

void printTable(raw_ostream &os, ArrayRef<Fact> facts) {
  os << "<table>\n";
  for (const Fact &fact : facts)
    os << "<tr><th scope=\"row\">" << escapeMarkup(fact.label) << "</th><td>"
       << escapeMarkup(fact.text) << "</td></tr>\n";
  os << "</table>\n";
}

void printRows(raw_ostream &os, const MaskPicture &picture) {
  const PictureFrame &frame = picture.frame;
  size_t count = picture.rows.size();
  ListedRows listed = chooseRows(count, listedFirst, listedLast);
  auto print = [&](size_t row) {
    int64_t first = int64_t(row) * frame.queryTile;
    os << "<tr><td>[" << first << ", "
       << std::min(first + frame.queryTile, frame.queryLength) << ")</td><td>"
       << formatRuns(picture.rows[row]) << "</td></tr>\n";
  };
  os << "<h3>Keys of each query tile</h3>\n<table>\n<thead><tr><th "
        "scope=\"col\">query rows</th><th scope=\"col\">keys</th></tr></thead>"
        "\n";
  for (size_t row = 0; row < listed.head; ++row)
    print(row);
  if (listed.left > 0)
    os << "<tr><td class=\"quiet\" colspan=\"2\">\u2026 "
       << formatCount(int64_t(listed.left)) << " more</td></tr>\n";
  for (size_t row = count - listed.tail; row < count; ++row)
    print(row);
  os << "</table>\n";
}

/// How keys are found, part by part.
void printParts(raw_ostream &os, const ExplainedMask &mask) {
  size_t count = mask.picture.parts.size();
  if (count > 1)
    os << "<h3>Rule</h3>\n<p>" << escapeMarkup(mask.picture.rule.text)
       << "</p>\n";
  for (size_t part = 0; part < count; ++part) {
    os << "<h3>";
    if (count > 1)
      os << "Part " << part;
    else
      os << "Rule";
    os << "</h3>\n<table>\n";
    for (const Fact &fact : describePart(mask, part)) {
      // Functions and predicates keep their lines.
      bool isCode = fact.label == "key ranges" || fact.label == "mask" ||
                    fact.label == "set";
      os << "<tr><th scope=\"row\">" << escapeMarkup(fact.label) << "</th><td>"
         << (isCode ? "<pre>" : "") << escapeMarkup(fact.text)
         << (isCode ? "</pre>" : "") << "</td></tr>\n";
    }
    os << "</table>\n";
  }
}

void printMask(raw_ostream &os, const ExplainedMask &mask) {
  const MaskPicture &picture = mask.picture;
  os << "<section>\n<h2>attn.attend " << mask.operation
     << " <span class=\"quiet\">at " << escapeMarkup(mask.location)
     << "</span></h2>\n<pre>" << escapeMarkup(mask.getMaskText())
     << "</pre>\n<p class=\"quiet\">"
     << escapeMarkup(describeFrame(picture.frame)) << "</p>\n";
  if (std::optional<Fact> needed = describeNeeded(mask))
    os << "<p>Needed " << escapeMarkup(needed->text) << "</p>\n";
  os << "<div class=\"columns\">\n";
  if (picture.isKnown)
    printFigure(os, mask);
  os << "<div class=\"facts\">\n";
  printTable(os, getNumbers(mask));
  os << "<h3>Set</h3>\n<pre>{ (b, h, q, k) : " << escapeMarkup(picture.set)
     << " }</pre>\n";
  printParts(os, mask);
  os << "</div>\n</div>\n";
  if (picture.isKnown)
    printRows(os, picture);
  os << "</section>\n";
}

} // namespace

std::string attnc::emitExplainHtml(const ExplainReport &report) {
  std::string page;
  llvm::raw_string_ostream os(page);
  std::string title = escapeMarkup(report.spec + ": " + report.function);
  os << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"
        "\n<meta name=\"viewport\" content=\"width=device-width, "
        "initial-scale=1\">\n<title>"
     << title << "</title>\n<style>" << style << getDrawingStyle()
     << "</style>\n</head>\n<body>\n<h1>" << title
     << "</h1>\n<p class=\"quiet\">"
     << escapeMarkup("target " + report.target + ", " + formatInputs(report))
     << "</p>\n";
  for (const ExplainedMask &mask : report.masks)
    printMask(os, mask);
  os << "<script>\n" << script << "</script>\n</body>\n</html>\n";
  return page;
}
