//===- ExplainJson.cpp - attnc explain, for programs ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Schema 1, described in docs/explain.md. Keys are only ever added within a
// schema; a reader ignores those it does not know.
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "Wording.h"
#include "attnc/Compiler/Artifacts.h"
#include <nlohmann/json.hpp>

using namespace attnc;
using Json = nlohmann::ordered_json;

namespace {

/// The most rows of tiles that are listed.
constexpr size_t maxListed = 4096;

template <typename T>
Json orNull(const std::optional<T> &value) {
  return value ? Json(*value) : Json(nullptr);
}

Json getRule(const MaskRule &rule) {
  return {{"kind", rule.kind},
          {"exact", rule.isExact},
          {"reason", rule.reason},
          {"text", rule.text}};
}

Json getSchedule(const ChosenSchedule &schedule) {
  return {{"query_tile", schedule.queryTile},
          {"key_tile", schedule.keyTile},
          {"lanes", schedule.lanes},
          {"splits", schedule.splits},
          {"products", schedule.products}};
}

Json getPairs(const PairCounts &pairs) {
  return {{"all", pairs.all},
          {"visited", orNull(pairs.visited)},
          {"tested", orNull(pairs.tested)},
          {"allowed", orNull(pairs.allowed)},
          {"waste", orNull(pairs.getWaste())}};
}

Json getParts(const ExplainedMask &mask) {
  Json list = Json::array();
  for (auto [part, picture] : llvm::zip_equal(mask.parts, mask.picture.parts))
    list.push_back(
        {{"mask", part.mask.empty() ? Json(nullptr) : Json(part.mask)},
         {"set", picture.set},
         {"lattice",
          picture.lattice > 1 ? Json(picture.lattice) : Json(nullptr)},
         {"rule", getRule(picture.rule)},
         {"key_ranges", picture.keyRanges},
         {"schedule", getSchedule(part.schedule)},
         {"strip_rows", picture.stripRows},
         {"pairs", getPairs(picture.pairs)}});
  return list;
}

Json getNeeded(const ExplainedMask &mask) {
  Json list = Json::array();
  for (const NeededValue &value : mask.needed)
    list.push_back({{"name", value.name},
                    {"option", value.option.empty() ? Json(nullptr)
                                                    : Json(value.option)}});
  return list;
}

Json getTiles(const ExplainedMask &mask) {
  const TileCounts &tiles = mask.tiles;
  if (!mask.picture.isKnown)
    return nullptr;
  return {{"all", tiles.all},
          {"full", tiles.full},
          {"partial", tiles.partial},
          {"empty", tiles.getEmpty()},
          {"sparsity", tiles.getSparsity()}};
}

Json getFrame(const PictureFrame &frame) {
  return {{"batch", frame.batch},
          {"head", frame.head},
          {"query_length", frame.queryLength},
          {"key_length", frame.keyLength},
          {"first_position", frame.getFirstPosition()},
          {"query_tile", frame.queryTile},
          {"key_tile", frame.keyTile},
          {"strip_rows", frame.stripRows}};
}

Json getRows(const MaskPicture &picture) {
  if (!picture.isKnown)
    return nullptr;
  const PictureFrame &frame = picture.frame;
  size_t listed = std::min(picture.rows.size(), maxListed);
  Json list = Json::array();
  for (size_t row = 0; row < listed; ++row) {
    int64_t first = int64_t(row) * frame.queryTile;
    Json runs = Json::array();
    for (const Run &run : picture.rows[row])
      runs.push_back({run.begin, run.end, getName(run.coverage).str()});
    list.push_back(
        {{"first_row", first},
         {"rows", std::min(frame.queryTile, frame.queryLength - first)},
         {"keys", runs}});
  }
  return {{"count", picture.rows.size()}, {"listed", listed}, {"list", list}};
}

Json getWork(const NeededWork &work) {
  Json tensors = Json::object();
  for (const TensorBytes &tensor : work.tensors)
    tensors[tensor.name] = tensor.bytes;
  std::optional<double> intensity;
  if (work.flops && work.getBytes() > 0)
    intensity = *work.flops / double(work.getBytes());
  return {{"useful_flops", orNull(work.flops)},
          {"bytes", work.getBytes()},
          {"tensor_bytes", tensors},
          {"flops_per_byte", orNull(intensity)}};
}

Json getMask(const ExplainedMask &mask) {
  const MaskPicture &picture = mask.picture;
  bool isOnePart = picture.parts.size() == 1;
  return {{"operation", mask.operation},
          {"location", mask.location},
          {"mask", mask.mask.empty() ? Json(nullptr) : Json(mask.mask)},
          {"set", picture.set},
          {"rule", getRule(picture.rule)},
          {"key_ranges", isOnePart ? picture.parts.front().keyRanges : ""},
          {"schedule", getSchedule(mask.parts.front().schedule)},
          {"parts", getParts(mask)},
          {"needed", getNeeded(mask)},
          {"picture", getFrame(picture.frame)},
          {"tiles", getTiles(mask)},
          {"pairs", getPairs(picture.pairs)},
          {"work", getWork(mask.work)},
          {"rows", getRows(picture)}};
}

} // namespace

std::string attnc::emitExplainJson(const ExplainReport &report) {
  Json dims = Json::object();
  for (const InputShape &input : report.inputs)
    dims[input.name] =
        std::vector<int64_t>(input.extents.begin(), input.extents.end());
  Json masks = Json::array();
  for (const ExplainedMask &mask : report.masks)
    masks.push_back(getMask(mask));
  Json json = {
      {"schema", 1},
      {"producer", {{"name", "attnc"}, {"version", getVersion().str()}}},
      {"spec", report.spec},
      {"function", report.function},
      {"target", report.target},
      {"dims", dims},
      {"masks", masks}};
  // Masks hold text that came through the parser and may be any bytes: replace
  // what is not UTF-8 rather than throw.
  return json.dump(2, ' ', /*ensure_ascii=*/false,
                   Json::error_handler_t::replace) +
         "\n";
}
