//===- Wording.cpp - numbers and facts in words ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shares are rounded so that they never claim more than is so: a mask with one
// empty tile among thousands is not "0.0 %" sparse.
//
//===----------------------------------------------------------------------===//

#include "Wording.h"

#include "attnc/Support/HostTensor.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace attnc;

std::string attnc::formatCount(int64_t count) {
  std::string digits = std::to_string(count);
  for (size_t at = digits.size(); at > 3 + (count < 0 ? 1u : 0u); at -= 3)
    digits.insert(at - 3, " ");
  return digits;
}

std::string attnc::formatShare(double share) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (share > 0 && share < 0.0005)
    stream << "< 0.1 %";
  else if (share < 1 && share >= 0.9995)
    stream << "> 99.9 %";
  else
    stream << llvm::format("%.1f %%", share * 100);
  return text;
}

std::string attnc::formatScaled(double value) {
  constexpr StringRef prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  size_t prefix = 0;
  // 999.95 would be printed as 1000.0.
  while (value >= 999.95 && prefix + 1 < std::size(prefixes)) {
    value /= 1000;
    ++prefix;
  }
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (prefix == 0)
    stream << llvm::format("%.0f ", value);
  else
    stream << llvm::format("%.*f ", value < 10 ? 2 : 1, value);
  stream << prefixes[prefix];
  return text;
}

/// "1 query", "2 queries".
static std::string formatNumber(int64_t count, StringRef one, StringRef many) {
  return formatCount(count) + " " + (count == 1 ? one : many).str();
}

static Fact describePairs(const PairCounts &pairs) {
  if (!pairs.visited)
    return {"pairs", "not counted without the values"};
  std::string text = formatCount(*pairs.visited) + " visited";
  if (pairs.all > 0)
    text += " (" + formatShare(double(*pairs.visited) / double(pairs.all)) +
            " of all), " + formatCount(*pairs.tested) +
            " of them under the predicate";
  return {"pairs", text};
}

static Fact describeAllowed(const PairCounts &pairs) {
  if (!pairs.visited)
    return {"allowed", "not counted without the values"};
  if (!pairs.allowed)
    return {"allowed",
            "not counted: too many pairs would have to be tested one "
            "by one"};
  return {"allowed", formatCount(*pairs.allowed) + "; " +
                         formatShare(*pairs.getWaste()) +
                         " of what is visited is wasted"};
}

static Fact describeWork(const NeededWork &work) {
  std::string text;
  if (work.flops) {
    text = formatScaled(*work.flops) + "FLOP useful";
    if (work.getBytes() > 0) {
      llvm::raw_string_ostream stream(text);
      stream << llvm::format(", %.3g per byte",
                             *work.flops / double(work.getBytes()));
    }
    text += ", in all batches and heads";
  } else {
    text = "useful FLOPs not counted";
  }
  return {"work", text};
}

static Fact describeMemory(const NeededWork &work) {
  std::vector<std::string> parts;
  for (const TensorBytes &tensor : work.tensors)
    parts.push_back(tensor.name + " " + formatScaled(double(tensor.bytes)) +
                    "B");
  return {"memory", formatScaled(double(work.getBytes())) +
                        "B if touched once: " + llvm::join(parts, ", ")};
}

std::vector<Fact> attnc::getNumbers(const ExplainedMask &mask) {
  const TileCounts &tiles = mask.tiles;
  const PictureFrame &frame = mask.picture.frame;
  std::vector<Fact> facts;
  if (mask.picture.isKnown) {
    facts.push_back({"tiles", std::to_string(frame.queryTile) + " x " +
                                  std::to_string(frame.keyTile) + ": " +
                                  formatCount(tiles.all) + ", of which " +
                                  formatCount(tiles.full) + " full, " +
                                  formatCount(tiles.partial) + " partial, " +
                                  formatCount(tiles.getEmpty()) + " empty"});
    facts.push_back(
        {"sparsity", formatShare(tiles.getSparsity()) + " of the tiles"});
    facts.push_back(describePairs(mask.picture.pairs));
    facts.push_back(describeAllowed(mask.picture.pairs));
  }
  facts.push_back(describeWork(mask.work));
  facts.push_back(describeMemory(mask.work));
  return facts;
}

std::optional<Fact> attnc::describeNeeded(const ExplainedMask &mask) {
  if (mask.needed.empty())
    return std::nullopt;
  std::vector<std::string> parts;
  for (const NeededValue &value : mask.needed)
    parts.push_back(value.name + " (" +
                    (value.option.empty()
                         ? "computed by the function; it cannot be given"
                         : value.option) +
                    ")");
  return Fact{"needed",
              "for tiles and pairs, the values of " + llvm::join(parts, ", ")};
}

std::string attnc::describeSchedule(const ExplainedMask &mask, size_t part) {
  const ChosenSchedule &schedule = mask.parts[part].schedule;
  std::string text = "query_tile " + std::to_string(schedule.queryTile) +
                     ", key_tile " + std::to_string(schedule.keyTile) +
                     ", lanes " + std::to_string(schedule.lanes) + ", splits " +
                     std::to_string(schedule.splits) + ", products " +
                     schedule.products;
  if (part == 0 && !mask.isSchedulePictured)
    text += "; tiles below are those of the command line";
  return text;
}

/// Functions that no one will read are cut off.
static std::string describeKeyRanges(StringRef text) {
  constexpr size_t longestLine = 240;
  SmallVector<StringRef> lines;
  text.rtrim().split(lines, '\n');
  std::string result;
  for (StringRef line : lines) {
    result += "\n" + line.substr(0, longestLine).str();
    if (line.size() > longestLine)
      result += " ... (" + formatCount(int64_t(line.size())) + " characters)";
  }
  return result;
}

std::vector<Fact> attnc::describePart(const ExplainedMask &mask, size_t part) {
  const PartPicture &picture = mask.picture.parts[part];
  bool isOnly = mask.picture.parts.size() == 1;
  std::vector<Fact> facts;
  if (!isOnly) {
    facts.push_back({"mask", mask.parts[part].mask});
    facts.push_back({"set", "{ (b, h, q, k) : " + picture.set + " }"});
  }
  if (picture.lattice > 1)
    facts.push_back({"lattice", std::to_string(picture.lattice)});
  facts.push_back({"rule", picture.rule.text});
  std::string ranges;
  if (!picture.keyRanges.empty())
    ranges = std::string("of `count` queries from position `first` on, of "
                         "`keys` keys") +
             (picture.lattice > 1 ? ", in a residue class" : "") +
             describeKeyRanges(picture.keyRanges);
  else
    ranges = picture.rule.kind == "no-mask" ? "[0, keys)" : "none";
  facts.push_back({"key ranges", ranges});
  facts.push_back({"schedule", describeSchedule(mask, part)});
  std::string strips = "of " + formatNumber(picture.stripRows, "row", "rows") +
                       (picture.lattice > 1 ? " of a residue class" : "");
  facts.push_back({"strips", strips});
  if (isOnly || !picture.pairs.visited)
    return facts;
  facts.push_back(describePairs(picture.pairs));
  facts.push_back(describeAllowed(picture.pairs));
  return facts;
}

std::string attnc::describeFrame(const PictureFrame &frame) {
  std::string text = "batch " + std::to_string(frame.batch) + ", head " +
                     std::to_string(frame.head) + ": " +
                     formatNumber(frame.queryLength, "query", "queries") +
                     ", " + formatNumber(frame.keyLength, "key", "keys");
  if (frame.getFirstPosition() != 0)
    text +=
        ", query row 0 at position " + std::to_string(frame.getFirstPosition());
  return text;
}

std::string attnc::formatInputs(const ExplainReport &report) {
  std::vector<std::string> parts;
  for (const InputShape &input : report.inputs)
    parts.push_back(input.name + "=" + formatShape(input.extents));
  return llvm::join(parts, " ");
}

std::string attnc::formatRuns(ArrayRef<Run> runs) {
  if (runs.empty())
    return "nothing";
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::interleaveComma(runs, stream, [&](const Run &run) {
    stream << '[' << run.begin << ", " << run.end << ") "
           << getName(run.coverage);
  });
  return text;
}

StringRef attnc::getName(Coverage coverage) {
  return coverage == Coverage::Full ? "full" : "partial";
}

ListedRows attnc::chooseRows(size_t rows, size_t head, size_t tail) {
  if (rows <= head + tail + 1)
    return {rows, 0, 0};
  return {head, tail, rows - head - tail};
}

int64_t NeededWork::getBytes() const {
  int64_t bytes = 0;
  for (const TensorBytes &tensor : tensors)
    bytes += tensor.bytes;
  return bytes;
}
