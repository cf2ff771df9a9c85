//===- PlanJson.cpp - attnc plan, for programs ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Schema 1, described in docs/plan.md. Keys are only ever added within a
// schema; a reader ignores those it does not know.
//
//===----------------------------------------------------------------------===//

#include "PlanReport.h"
#include "attnc/Compiler/Artifacts.h"
#include <nlohmann/json.hpp>

using namespace attnc;
using namespace attnc::plan;
using Json = nlohmann::ordered_json;

namespace {

template <typename T>
Json orNull(const std::optional<T> &value) {
  return value ? Json(*value) : Json(nullptr);
}

Json getCache(const PlanReport &report) {
  const CacheFormat &format = report.request.format;
  bool hasScales = format.elementsPerScale > 0;
  return {{"type", getName(format.type).str()},
          {"elements_per_scale", !hasScales ? Json(nullptr)
                                 : format.elementsPerScale >= wholeVector
                                     ? Json("token")
                                     : Json(format.elementsPerScale)},
          {"scale_type",
           hasScales ? Json(getName(format.scaleType).str()) : Json(nullptr)},
          {"zero_points", format.hasZeroPoints},
          {"bytes_per_token", report.bytesPerToken},
          {"state_bytes", report.stateBytes},
          {"bytes_per_sequence", report.sequenceBytes}};
}

Json getReductions(const PlanReport &report) {
  if (report.reductions.empty())
    return nullptr;
  Json steps = Json::array();
  for (const Reduction &step : report.reductions)
    steps.push_back({{"what", step.what},
                     {"bytes_per_sequence", step.bytes},
                     {"factor", step.factor}});
  return {{"steps", steps}, {"factor", report.getReduction()}};
}

Json getLayers(const PlanReport &report) {
  Json list = Json::array();
  for (const LayerReport &entry : report.layers) {
    const Layer &layer = entry.layer;
    bool isAttention = layer.isAttention();
    list.push_back(
        {{"kind", layer.getKindName().str()},
         {"layers", entry.count},
         {"bytes_per_token", layer.getBytesPerToken(report.request.format)},
         {"state_bytes", layer.stateBytes},
         {"visible_keys",
          isAttention ? Json(layer.getVisibleKeys(report.request.tokens))
                      : Json(nullptr)},
         {"prefill_flops", entry.prefillFlops},
         {"decode_flops", entry.decodeFlops},
         {"score_matrix_bytes",
          isAttention ? Json{{"f16", entry.scoresF16}, {"f32", entry.scoresF32}}
                      : Json(nullptr)}});
  }
  return list;
}

Json getWork(const Work &work) {
  return {{"attention", work.attention},
          {"scan", work.scan},
          {"weights", work.weights},
          {"total", work.getTotal()}};
}

Json getWork(const WorkReport &work) {
  return {{"tokens", work.tokens},
          {"prefill", getWork(work.prefill)},
          {"decode", getWork(work.decode)}};
}

Json getFactors(const Work &work, const Work &other) {
  auto divide = [](double value, double by) {
    return by > 0 ? Json(value / by) : Json(nullptr);
  };
  return {{"sequence", divide(work.getSequence(), other.getSequence())},
          {"total", divide(work.getTotal(), other.getTotal())}};
}

Json getComparison(const PlanReport &report) {
  if (!report.otherWork)
    return nullptr;
  Json json = getWork(*report.otherWork);
  json["factors"] = {
      {"prefill", getFactors(report.work.prefill, report.otherWork->prefill)},
      {"decode", getFactors(report.work.decode, report.otherWork->decode)}};
  return json;
}

Json getBound(const StepBound &bound) {
  return {{"bytes", bound.bytes},
          {"flops", bound.flops},
          {"memory_seconds", bound.memorySeconds},
          {"compute_seconds", bound.computeSeconds},
          {"seconds", bound.getSeconds()},
          {"limit", bound.isMemoryBound() ? "memory" : "compute"}};
}

Json getDevice(const PlanReport &report) {
  if (!report.device)
    return nullptr;
  const DeviceReport &found = *report.device;
  const Device &device = *report.request.device;
  Json batches = Json::array();
  for (const BatchReport &batch : found.batches) {
    Json json = {{"sequences", batch.sequences},
                 {"fits", batch.fits},
                 {"tokens_per_second", batch.getTokensPerSecond()}};
    json.update(getBound(batch.bound));
    batches.push_back(std::move(json));
  }
  return {{"name", device.name},
          {"count", report.request.deviceCount},
          {"flops", device.flops},
          {"bandwidth", device.bandwidth},
          {"memory", device.memory},
          {"memory_fraction", report.request.memoryFraction},
          {"cache_memory", orNull(found.cacheMemory)},
          {"prefill", getBound(found.prefill)},
          {"decode", batches},
          {"compute_bound_from", orNull(found.computeBoundBatch)},
          {"sequences_contiguous", found.fitContiguous},
          {"sequences_paged", found.fitPaged}};
}

Json getOccupancy(const Occupancy &occupancy) {
  return {{"bytes_held", occupancy.bytesHeld},
          {"used", occupancy.used},
          {"reserved", occupancy.reserved},
          {"internal", occupancy.internal},
          {"waste", occupancy.getWaste()},
          {"external", orNull(occupancy.external)},
          {"sequences", orNull(occupancy.sequences)}};
}

Json getTraffic(const PlanReport &report) {
  if (!report.traffic)
    return nullptr;
  const Lengths &lengths = report.request.traffic->lengths;
  return {{"lengths", lengths.text},
          {"mean_length", lengths.getMean()},
          {"share_cut", lengths.shareCut},
          {"prompt_share", report.request.traffic->promptShare},
          {"max_length", report.request.longest},
          {"page", report.request.page},
          {"contiguous", getOccupancy(report.traffic->contiguous)},
          {"paged", getOccupancy(report.traffic->paged)}};
}

Json getCrossovers(const PlanReport &report) {
  Json list = Json::array();
  for (const CrossoverReport &entry : report.crossovers)
    list.push_back(
        {{"candidate", entry.candidate},
         {"other", entry.other},
         {"memory_from", orNull(entry.crossover.memory)},
         {"decode_flops_from", orNull(entry.crossover.decodeFlops)},
         {"prefill_flops_from", orNull(entry.crossover.prefillFlops)}});
  return list;
}

} // namespace

std::string attnc::emitPlanJson(const PlanReport &report) {
  const Model &model = report.request.model;
  Json json = {{"schema", 1},
               {"producer", "attnc " + getVersion().str()},
               {"model", Json::parse(model.emitJson())},
               {"weight_bytes", model.getWeightBytes()},
               {"layers", model.countLayers()},
               {"context", report.request.tokens},
               {"cache", getCache(report)},
               {"reductions", getReductions(report)},
               {"layer_list", getLayers(report)},
               {"work", getWork(report.work)},
               {"compared", getComparison(report)},
               {"device", getDevice(report)},
               {"traffic", getTraffic(report)},
               {"crossovers", getCrossovers(report)}};
  return json.dump(2) + "\n";
}
