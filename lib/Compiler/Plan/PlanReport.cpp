//===- PlanReport.cpp - what attnc plan tells -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Asks the library of plans for every number of a request.
//
//===----------------------------------------------------------------------===//

#include "PlanReport.h"

#include "llvm/ADT/STLExtras.h"

using namespace attnc;
using namespace attnc::plan;

static WorkReport getWorkReport(const Model &model, uint64_t tokens) {
  return {tokens, getWork(model, tokens, Phase::Prefill),
          getWork(model, tokens, Phase::Decode)};
}

PlanReport::PlanReport(PlanRequest asked) : request(std::move(asked)) {
  const Model &model = request.model;
  bytesPerToken = getBytesPerToken(model, request.format);
  stateBytes = plan::getStateBytes(model);
  sequenceBytes = getSequenceBytes(model, request.format, request.tokens);
  reductions = getReductions(model, request.format, request.tokens);
  work = getWorkReport(model, request.tokens);
  if (request.otherTokens)
    otherWork = getWorkReport(model, *request.otherTokens);
  addLayers();
  if (request.device)
    addDevice();
  if (request.traffic)
    addTraffic();
  addCrossovers();
}

double PlanReport::getReduction() const {
  return reductions.empty() ? 1
                            : double(reductions.front().bytes) /
                                  double(reductions.back().bytes);
}

void PlanReport::addLayers() {
  for (const Layer &layer : request.model.layers)
    layers.push_back(
        {layer, request.model.getCount(layer),
         getSequenceFlops(layer, request.tokens, Phase::Prefill),
         getSequenceFlops(layer, request.tokens, Phase::Decode),
         getScoreMatrixBytes(layer, request.tokens, NumberType::F16),
         getScoreMatrixBytes(layer, request.tokens, NumberType::F32)});
}

std::optional<uint64_t> PlanReport::getCacheMemory() const {
  if (!request.device)
    return std::nullopt;
  auto usable =
      uint64_t(double(request.device->memory) * request.memoryFraction);
  uint64_t weights = request.model.getWeightBytes();
  if (weights > usable)
    return std::nullopt;
  return usable - weights;
}

void PlanReport::addDevice() {
  const auto &[model, format] = std::tie(request.model, request.format);
  DeviceReport &found = device.emplace();
  found.cacheMemory = getCacheMemory();
  found.prefill =
      getPrefillBound(model, format, *request.device, request.tokens);
  found.computeBoundBatch =
      getComputeBoundBatch(model, format, *request.device, request.tokens);
  if (found.cacheMemory) {
    found.fitContiguous =
        countFitting(model, format, request.longest, 1, *found.cacheMemory);
    found.fitPaged = countFitting(model, format, request.tokens, request.page,
                                  *found.cacheMemory);
  }
  std::vector<uint64_t> batches = request.batches;
  if (batches.empty()) {
    // A model whose sequences take no memory would fit any number of times.
    uint64_t most = std::min(found.fitPaged, mostSequences);
    for (uint64_t batch = 1; batch < std::max<uint64_t>(most, 2); batch *= 2)
      batches.push_back(batch);
    if (most > 1)
      batches.push_back(most);
  }
  for (uint64_t batch : batches)
    found.batches.push_back({batch, batch <= found.fitPaged,
                             getDecodeBound(model, format, *request.device,
                                            batch, request.tokens)});
}

void PlanReport::addTraffic() {
  std::optional<uint64_t> memory = getCacheMemory();
  traffic = {getContiguousOccupancy(request.model, request.format,
                                    *request.traffic, request.longest, memory),
             getPagedOccupancy(request.model, request.format, *request.traffic,
                               request.page, memory)};
}

void PlanReport::addCrossovers() {
  const auto &[model, format] = std::tie(request.model, request.format);
  const Layer *attention = model.getFirstAttention();
  Model allAttention = model;
  for (const Layer &layer : model.layers) {
    if (layer.isAttention() || !attention)
      continue;
    Layer &replaced = allAttention.layers[&layer - model.layers.data()];
    replaced = *attention;
    replaced.count = layer.count;
    CrossoverReport found{"layer: " + layer.describe(), attention->describe(),
                          getLayerCrossover(layer, *attention, format)};
    // A pattern has the same layer several times.
    if (llvm::none_of(crossovers, [&](const CrossoverReport &known) {
          return known.candidate == found.candidate;
        }))
      crossovers.push_back(std::move(found));
  }
  if (!crossovers.empty())
    crossovers.push_back({model.name, "attention in all its layers",
                          getModelCrossover(model, allAttention, format)});
  if (request.against) {
    crossovers.push_back({model.name, request.against->name,
                          getModelCrossover(model, *request.against, format)});
    crossovers.push_back({request.against->name, model.name,
                          getModelCrossover(*request.against, model, format)});
  }
}
