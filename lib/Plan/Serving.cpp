//===- Serving.cpp - sequences on a device --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bounds of time, and mean occupancy in closed form for each length.
//
//===----------------------------------------------------------------------===//

#include "attnc/Plan/Serving.h"

#include <cmath>

using namespace attnc::plan;

static StepBound getBound(double bytes, double flops, const Device &device) {
  return {bytes, flops, bytes / device.bandwidth, flops / device.flops};
}

/// What a sequence reads and writes of its own in a step.
static double getStepBytes(const Model &model, const CacheFormat &format,
                           uint64_t tokens) {
  // Keys and values are read; states are read and written.
  return double(getSequenceBytes(model, format, tokens)) +
         double(getStateBytes(model));
}

StepBound attnc::plan::getDecodeBound(const Model &model,
                                      const CacheFormat &format,
                                      const Device &device, uint64_t sequences,
                                      uint64_t tokens) {
  auto batch = double(sequences);
  return getBound(double(model.getActiveWeightBytes()) +
                      batch * getStepBytes(model, format, tokens),
                  batch * getWork(model, tokens, Phase::Decode).getTotal(),
                  device);
}

StepBound attnc::plan::getPrefillBound(const Model &model,
                                       const CacheFormat &format,
                                       const Device &device, uint64_t tokens) {
  return getBound(double(model.getActiveWeightBytes()) +
                      double(getSequenceBytes(model, format, tokens)),
                  getWork(model, tokens, Phase::Prefill).getTotal(), device);
}

std::optional<uint64_t>
attnc::plan::getComputeBoundBatch(const Model &model, const CacheFormat &format,
                                  const Device &device, uint64_t tokens) {
  double weights = double(model.getActiveWeightBytes()) / device.bandwidth;
  double memory = getStepBytes(model, format, tokens) / device.bandwidth;
  double compute =
      getWork(model, tokens, Phase::Decode).getTotal() / device.flops;
  if (compute <= memory)
    return std::nullopt;
  double batch = std::floor(weights / (compute - memory)) + 1;
  if (batch > double(mostSequences))
    return std::nullopt;
  return uint64_t(batch);
}

namespace {

/// The sum of the bytes that sequences of 1 to `tokens` tokens hold in pages.
double sumPagedBytes(const Model &model, const CacheFormat &format,
                     uint64_t tokens, uint64_t page) {
  double sum = double(tokens) * double(getStateBytes(model));
  for (const Layer &layer : model.layers) {
    uint64_t growing = layer.getVisibleKeys(tokens);
    uint64_t whole = growing / page, rest = growing % page;
    // Pages of 1 to `growing` tokens, and full windows after that.
    double pages =
        double(page) * double(whole) * double(whole + 1) / 2 +
        double(rest) * double(whole + 1) +
        double(tokens - growing) * double(whole + (rest > 0 ? 1 : 0));
    sum += pages * double(page) *
           double(model.getCount(layer) * layer.getBytesPerToken(format));
  }
  return sum;
}

/// The mean of the bytes of a sequence between its prompt and its end.
double getMeanBytes(const Model &model, const CacheFormat &format,
                    uint64_t prompt, uint64_t length, uint64_t page) {
  if (length - prompt < 2)
    return double(getPagedBytes(model, format, length, page));
  return (sumPagedBytes(model, format, length, page) -
          sumPagedBytes(model, format, prompt, page)) /
         double(length - prompt);
}

/// Means over the sequences of a moment.
struct Moment {
  /// Tokens that are there, those of whole pages, and those at the end.
  double used = 0, paged = 0, final = 0;
};

Moment getMoment(const Model &model, const CacheFormat &format,
                 const Traffic &traffic, uint64_t page) {
  Moment sum;
  double weights = 0;
  for (uint64_t length : traffic.lengths.points) {
    auto prompt = uint64_t(double(length) * traffic.promptShare);
    // As many moments as tokens are generated.
    auto weight = double(std::max<uint64_t>(length - prompt, 1));
    weights += weight;
    sum.used += weight * getMeanBytes(model, format, prompt, length, 1);
    sum.paged += weight * getMeanBytes(model, format, prompt, length, page);
    sum.final += weight * double(getSequenceBytes(model, format, length));
  }
  return {sum.used / weights, sum.paged / weights, sum.final / weights};
}

/// What a division by nothing leaves is no number that JSON has.
double getShare(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

} // namespace

Occupancy attnc::plan::getContiguousOccupancy(const Model &model,
                                              const CacheFormat &format,
                                              const Traffic &traffic,
                                              uint64_t longest,
                                              std::optional<uint64_t> memory) {
  Moment moment = getMoment(model, format, traffic, 1);
  uint64_t slot = getSequenceBytes(model, format, longest);
  Occupancy occupancy;
  occupancy.bytesHeld = double(slot);
  occupancy.used = getShare(moment.used, double(slot));
  occupancy.reserved = getShare(moment.final - moment.used, double(slot));
  occupancy.internal = getShare(double(slot) - moment.final, double(slot));
  if (memory && slot > 0) {
    occupancy.sequences = *memory / slot;
    if (*occupancy.sequences > 0)
      occupancy.external = double(*memory % slot) / double(*memory);
  }
  return occupancy;
}

Occupancy attnc::plan::getPagedOccupancy(const Model &model,
                                         const CacheFormat &format,
                                         const Traffic &traffic, uint64_t page,
                                         std::optional<uint64_t> memory) {
  Moment moment = getMoment(model, format, traffic, page);
  Occupancy occupancy;
  occupancy.bytesHeld = moment.paged;
  occupancy.used = getShare(moment.used, moment.paged);
  occupancy.internal = getShare(moment.paged - moment.used, moment.paged);
  if (memory && moment.paged > 0) {
    occupancy.sequences = uint64_t(double(*memory) / moment.paged);
    uint64_t pageBytes = page * getBytesPerToken(model, format);
    if (*occupancy.sequences > 0)
      occupancy.external =
          pageBytes > 0 ? double(*memory % pageBytes) / double(*memory) : 0;
  }
  return occupancy;
}

uint64_t attnc::plan::countFitting(const Model &model,
                                   const CacheFormat &format, uint64_t tokens,
                                   uint64_t page, uint64_t memory) {
  uint64_t bytes = getPagedBytes(model, format, tokens, page);
  return bytes > 0 ? memory / bytes : 0;
}
