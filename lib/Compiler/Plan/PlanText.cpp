//===- PlanText.cpp - attnc plan, for people ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tables. Numbers are rounded to four digits; --json has them all.
//
//===----------------------------------------------------------------------===//

#include "PlanReport.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace attnc;
using namespace attnc::plan;

namespace {

/// `value` with four digits and the first of `units` that leaves it below
/// `base`.
std::string scale(double value, double base, ArrayRef<StringRef> units) {
  size_t unit = 0;
  // What would be rounded to the base has the next unit.
  for (; value >= base * 0.99995 && unit + 1 < units.size(); ++unit)
    value /= base;
  std::string text;
  llvm::raw_string_ostream(text)
      << llvm::format("%.4g", value) << (units[unit].empty() ? "" : " ")
      << units[unit];
  return text;
}

std::string formatBytes(double bytes) {
  return scale(bytes, 1024,
               {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"});
}

std::string formatCount(double count) {
  return scale(count, 1000, {"", "k", "M", "G", "T", "P", "E", "Z", "Y"});
}

std::string formatSeconds(double seconds) {
  return scale(seconds * 1e9, 1000, {"ns", "us", "ms", "s"});
}

std::string formatNumber(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.4g", value);
  return text;
}

std::string formatPercent(double share) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.1f %%", 100 * share);
  return text;
}

template <typename T>
std::string orDash(const std::optional<T> &value,
                   function_ref<std::string(T)> format) {
  return value ? format(*value) : "-";
}

std::string formatInteger(uint64_t value) { return std::to_string(value); }

/// Prints rows whose first column is text on the left, and the others figures
/// on the right.
class Table {
public:
  Table(raw_ostream &os, unsigned firstWidth, unsigned width)
      : os(os), firstWidth(firstWidth), width(width) {}

  void add(StringRef first, ArrayRef<std::string> cells) {
    os << llvm::left_justify(first, firstWidth);
    for (const std::string &cell : cells)
      os << " " << llvm::right_justify(cell, width);
    os << "\n";
  }

private:
  raw_ostream &os;
  unsigned firstWidth, width;
};

/// The width of a first column that holds these texts.
template <typename RangeT>
unsigned getWidth(const RangeT &texts, size_t least) {
  for (const auto &text : texts)
    least = std::max(least, StringRef(text).size());
  return unsigned(least);
}

void printModel(raw_ostream &os, const PlanReport &report) {
  const Model &model = report.request.model;
  os << "model      " << model.name << ": " << model.countLayers()
     << " layers, " << formatCount(double(model.parameters)) << " weights";
  if (model.activeParameters != model.parameters)
    os << " (" << formatCount(double(model.activeParameters))
       << " for a token)";
  os << " in " << getName(model.weights) << ", "
     << formatBytes(double(model.getWeightBytes())) << "\n";
  os << "cache      " << report.request.format.describe() << "\n";
  os << "context    " << report.request.tokens << " tokens\n";
  os << "memory     " << formatBytes(double(report.bytesPerToken))
     << " a token, " << formatBytes(double(report.sequenceBytes))
     << " a sequence";
  if (report.stateBytes > 0)
    os << ", of which " << formatBytes(double(report.stateBytes))
       << " are states";
  os << "\n";
}

void printReductions(raw_ostream &os, const PlanReport &report) {
  if (report.reductions.empty())
    return;
  std::vector<StringRef> names;
  for (const Reduction &step : report.reductions)
    names.push_back(step.what);
  Table table(os << "\n", getWidth(names, 40), 12);
  table.add("memory of a sequence", {"bytes", "divided by"});
  for (const Reduction &step : report.reductions)
    table.add(step.what,
              {formatBytes(double(step.bytes)), formatNumber(step.factor)});
  table.add("all together", {"", formatNumber(report.getReduction())});
}

void printLayers(raw_ostream &os, const PlanReport &report) {
  std::vector<std::string> names;
  for (const LayerReport &entry : report.layers)
    names.push_back(std::to_string(entry.count) + " x " +
                    entry.layer.describe());
  Table table(os << "\n", getWidth(names, 40), 12);
  table.add("FLOPs of one layer along the sequence",
            {"prefill", "a token", "scores f16", "scores f32"});
  for (auto [name, entry] : llvm::zip_equal(names, report.layers)) {
    bool hasScores = entry.layer.isAttention();
    table.add(name,
              {formatCount(entry.prefillFlops), formatCount(entry.decodeFlops),
               hasScores ? formatBytes(entry.scoresF16) : "-",
               hasScores ? formatBytes(entry.scoresF32) : "-"});
  }
}

void printWork(raw_ostream &os, const PlanReport &report) {
  const WorkReport &work = report.work;
  Table table(os << "\n", 40, 12);
  table.add("FLOPs of the model", {"prefill", "a token"});
  auto add = [&](StringRef name, double prefill, double decode) {
    table.add(name, {formatCount(prefill), formatCount(decode)});
  };
  if (work.prefill.attention > 0)
    add("attention", work.prefill.attention, work.decode.attention);
  if (work.prefill.scan > 0)
    add("scans", work.prefill.scan, work.decode.scan);
  add("weights", work.prefill.weights, work.decode.weights);
  add("total", work.prefill.getTotal(), work.decode.getTotal());
  if (!report.otherWork)
    return;
  const WorkReport &other = *report.otherWork;
  std::string tokens = std::to_string(other.tokens) + " tokens";
  add("total at " + tokens, other.prefill.getTotal(), other.decode.getTotal());
  auto addFactor = [&](const std::string &name, auto get) {
    auto divide = [&](const Work &value, const Work &by) {
      return get(by) > 0 ? formatNumber(get(value) / get(by))
                         : std::string("-");
    };
    table.add(name, {divide(work.prefill, other.prefill),
                     divide(work.decode, other.decode)});
  };
  addFactor("times that of " + tokens,
            [](const Work &of) { return of.getTotal(); });
  addFactor("times, along the sequence alone",
            [](const Work &of) { return of.getSequence(); });
}

StringRef getLimit(const StepBound &bound) {
  return bound.isMemoryBound() ? "memory" : "arithmetic";
}

void printDevice(raw_ostream &os, const PlanReport &report) {
  if (!report.device)
    return;
  const Device &device = *report.request.device;
  const DeviceReport &found = *report.device;
  os << "\ndevice     ";
  if (report.request.deviceCount > 1)
    os << report.request.deviceCount << " x ";
  os << device.name << ": " << formatCount(device.flops) << "FLOP/s, "
     << formatCount(device.bandwidth) << "B/s, "
     << formatBytes(double(device.memory)) << ", of which "
     << formatPercent(report.request.memoryFraction) << " are used\n";
  if (!found.cacheMemory)
    os << "           the weights do not fit; more devices, or narrower "
          "weights\n";
  else
    os << "           " << formatBytes(double(*found.cacheMemory))
       << " for the cache: " << found.fitPaged
       << " sequences of the context in pages of " << report.request.page
       << ", " << found.fitContiguous << " with " << report.request.longest
       << " tokens reserved\n";
  os << "prefill    at least " << formatSeconds(found.prefill.getSeconds())
     << " (" << getLimit(found.prefill) << ")\n";
  os << "decoding   ";
  if (found.computeBoundBatch)
    os << "limited by arithmetic from " << *found.computeBoundBatch
       << " sequences on\n";
  else
    os << "limited by memory for any number of sequences\n";
  Table table(os << "\n", 12, 14);
  table.add("sequences", {"step, least", "tokens/s, most", "limit", "fit"});
  for (const BatchReport &batch : found.batches)
    table.add(std::to_string(batch.sequences),
              {formatSeconds(batch.bound.getSeconds()),
               formatNumber(batch.getTokensPerSecond()),
               getLimit(batch.bound).str(), batch.fits ? "yes" : "no"});
}

void printTraffic(raw_ostream &os, const PlanReport &report) {
  if (!report.traffic)
    return;
  const Traffic &traffic = *report.request.traffic;
  os << "\ntraffic    " << traffic.lengths.text << ", mean "
     << formatNumber(traffic.lengths.getMean()) << " tokens, "
     << formatPercent(traffic.promptShare) << " of each the prompt\n";
  if (traffic.lengths.shareCut > 0)
    os << "           " << formatPercent(traffic.lengths.shareCut)
       << " were longer than " << report.request.longest
       << " tokens and are cut\n";
  os << "\n";
  Table table(os, 24, 10);
  table.add("memory of a sequence",
            {"held", "used", "reserved", "internal", "external", "sequences"});
  auto add = [&](const std::string &name, const Occupancy &occupancy) {
    table.add(name,
              {formatBytes(occupancy.bytesHeld), formatPercent(occupancy.used),
               formatPercent(occupancy.reserved),
               formatPercent(occupancy.internal),
               orDash<double>(occupancy.external, formatPercent),
               orDash<uint64_t>(occupancy.sequences, formatInteger)});
  };
  add("contiguous, " + std::to_string(report.request.longest) + " tokens",
      report.traffic->contiguous);
  add("pages of " + std::to_string(report.request.page) + " tokens",
      report.traffic->paged);
}

void printCrossovers(raw_ostream &os, const PlanReport &report) {
  if (report.crossovers.empty())
    return;
  std::vector<std::string> names;
  for (const CrossoverReport &entry : report.crossovers)
    names.push_back(entry.candidate + " / " + entry.other);
  Table table(os << "\n", getWidth(names, 40), 12);
  table.add("takes less from this many tokens on",
            {"memory", "FLOPs/token", "prefill"});
  for (auto [name, entry] : llvm::zip_equal(names, report.crossovers))
    table.add(name,
              {orDash<uint64_t>(entry.crossover.memory, formatInteger),
               orDash<uint64_t>(entry.crossover.decodeFlops, formatInteger),
               orDash<uint64_t>(entry.crossover.prefillFlops, formatInteger)});
}

} // namespace

void attnc::printPlanText(raw_ostream &os, const PlanReport &report) {
  printModel(os, report);
  printReductions(os, report);
  printLayers(os, report);
  printWork(os, report);
  printDevice(os, report);
  printTraffic(os, report);
  printCrossovers(os, report);
}
