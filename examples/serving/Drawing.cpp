//===- Drawing.cpp - A comparison of servers as a drawing -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// SVG without a library: to the left the batch over time, a line for each
// cache, which ends where the last session is answered; to the right the tokens
// generated in a second.
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace serving {

namespace {

constexpr double top = 40, bottom = 300, plotLeft = 60, plotRight = 560;
constexpr double barsLeft = 650, barsRight = 870;
const char *const colours[] = {"#b2182b", "#4393c3", "#1b7837"};

std::string text(double x, double y, const char *anchor,
                 const std::string &content) {
  return format("<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"%s\">%s</text>\n", x,
                y, anchor, content.c_str());
}

/// The distance of marks on an axis up to `most`: 1, 2 or 5 times a power of
/// ten, for at most seven of them.
double markDistance(double most) {
  double step = std::pow(10, std::floor(std::log10(most / 7)));
  for (double factor : {1, 2, 5})
    if (most / (step * factor) <= 7)
      return step * factor;
  return step * 10;
}

std::string verticalAxis(double left, double right, double most) {
  std::string result;
  double distance = markDistance(most);
  for (double mark = 0; mark <= most; mark += distance) {
    double y = bottom - (bottom - top) * mark / most;
    result += format("<path d=\"M%.0f %.1fH%.0f\" stroke=\"#ddd\"/>\n", left, y,
                     right);
    result += text(left - 6, y + 4, "end", format("%.0f", mark));
  }
  return result;
}

std::string timeAxis(double seconds) {
  std::string result;
  double distance = markDistance(seconds);
  for (double mark = 0; mark <= seconds; mark += distance)
    result += text(plotLeft + (plotRight - plotLeft) * mark / seconds,
                   bottom + 18, "middle", format("%g", mark));
  return result +
         text((plotLeft + plotRight) / 2, bottom + 36, "middle", "seconds");
}

/// The mean batch of the steps that end within each pixel.
std::string batchLine(const Record &record, double seconds, double most,
                      const char *colour) {
  std::string path;
  auto step = record.samples.begin();
  for (double x = plotLeft; step != record.samples.end(); ++x) {
    double until = (x + 1 - plotLeft) / (plotRight - plotLeft) * seconds;
    int64_t sum = 0, count = 0;
    for (; step != record.samples.end() && step->seconds <= until; ++step) {
      sum += step->batch;
      ++count;
    }
    if (count == 0)
      continue;
    double mean = double(sum) / double(count);
    path += format("%s%.0f %.1f", path.empty() ? "M" : "L", x,
                   bottom - (bottom - top) * mean / most);
  }
  path += format("V%.0f", bottom);
  return "<path d=\"" + path +
         "\" fill=\"none\" stroke-width=\"1.5\" stroke=\"" + colour + "\"/>\n";
}

std::string bar(const Record &record, size_t index, size_t count, double most,
                const char *colour) {
  double rate = summarise(record).tokensPerSecond;
  double width = (barsRight - barsLeft) / double(count);
  double left = barsLeft + width * double(index) + width / 6;
  double height = (bottom - top) * rate / most;
  return format("<rect x=\"%.0f\" y=\"%.1f\" width=\"%.0f\" height=\"%.1f\" "
                "fill=\"%s\"/>\n",
                left, bottom - height, width * 2 / 3, height, colour) +
         text(left + width / 3, bottom - height - 5, "middle",
              format("%.0f", rate));
}

} // namespace

std::string formatSvg(const std::vector<Record> &records) {
  double seconds = 0, batch = 1, rate = 1;
  for (const Record &record : records) {
    Summary is = summarise(record);
    // One pixel more than the longest run, so that its last step has a place.
    seconds = std::max(seconds, record.seconds * 1.01);
    batch = std::max(batch, double(is.largestBatch) * 1.05);
    rate = std::max(rate, is.tokensPerSecond * 1.1);
  }
  std::string svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 900 370\" "
      "font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">\n"
      "<rect width=\"900\" height=\"370\" fill=\"#fff\"/>\n";
  svg += text(plotLeft, top - 16, "start", "sessions in a step") +
         text(barsLeft, top - 16, "start", "generated tokens per second") +
         verticalAxis(plotLeft, plotRight, batch) + timeAxis(seconds) +
         verticalAxis(barsLeft, barsRight, rate);
  for (size_t i = 0; i < records.size(); ++i) {
    const char *colour = colours[i % std::size(colours)];
    svg += batchLine(records[i], seconds, batch, colour) +
           bar(records[i], i, records.size(), rate, colour);
    double x = plotLeft + 180 * double(i);
    svg += format("<rect x=\"%.0f\" y=\"348\" width=\"12\" height=\"12\" "
                  "fill=\"%s\"/>\n",
                  x, colour) +
           text(x + 18, 358, "start", records[i].name);
  }
  return svg + "</svg>\n";
}

} // namespace serving
