//===- ContiguousCache.cpp - A region of memory for each session ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The budget is cut into regions of the longest session, [kvHeads, maxTokens,
// headDim] of keys and as much of values. The kernel's batch is a range of
// regions; those in between that have no session in this call have no tokens.
//
//===----------------------------------------------------------------------===//

#include "Cache.h"
#include "Tensor.h"
#include "kernels.h"

#include <algorithm>

namespace serving {

namespace {

class ContiguousCache : public Cache {
public:
  ContiguousCache(const Workload &workload, int64_t budgetBytes,
                  int64_t maxTokens)
      : workload(workload), maxTokens(maxTokens),
        lengthOfRegion(budgetBytes / (maxTokens * tokenBytes), 0),
        regionOfSession(workload.size(), none),
        keys(regions() * maxTokens * tokenElements), values(keys.size()) {
    for (int64_t region = regions(); region-- > 0;)
      free.push_back(region);
  }

  const char *name() const override { return "contiguous"; }

  std::optional<int64_t> admit(int64_t session, int64_t tokens) override {
    if (free.empty())
      return std::nullopt;
    int64_t region = free.back();
    free.pop_back();
    regionOfSession[session] = region;
    lengthOfRegion[region] = tokens;
    return 0;
  }

  void publish(int64_t, int64_t) override {}

  bool grow(int64_t session) override {
    ++lengthOfRegion[regionOfSession[session]];
    return true;
  }

  void release(int64_t session) override {
    int64_t &region = regionOfSession[session];
    lengthOfRegion[region] = 0;
    free.push_back(region);
    region = none;
  }

  void write(int64_t session, int64_t position) override;
  void attend(Batch &batch) override;

  Occupancy occupancy() const override {
    Occupancy result = {regions() * maxTokens, 0, 0};
    result.reserved = (regions() - int64_t(free.size())) * maxTokens;
    for (int64_t length : lengthOfRegion)
      result.stored += length;
    return result;
  }

private:
  static constexpr int64_t none = -1;

  int64_t regions() const { return int64_t(lengthOfRegion.size()); }

  const Workload &workload;
  int64_t maxTokens;
  std::vector<int64_t> lengthOfRegion;
  std::vector<int64_t> regionOfSession;
  std::vector<int64_t> free;
  std::vector<Element> keys, values;
  /// The arguments of a call, by region.
  std::vector<Element> queries;
  std::vector<int32_t> lengths;
  std::vector<float> results;
};

void ContiguousCache::write(int64_t session, int64_t position) {
  Element key[tokenElements], value[tokenElements];
  workload.makeKey(session, position, key);
  workload.makeValue(session, position, value);
  for (int64_t head = 0; head < kvHeads; ++head) {
    int64_t row = regionOfSession[session] * kvHeads + head;
    int64_t place = (row * maxTokens + position) * headDim;
    std::copy_n(key + head * headDim, headDim, &keys[place]);
    std::copy_n(value + head * headDim, headDim, &values[place]);
  }
}

void ContiguousCache::attend(Batch &batch) {
  int64_t first = regions(), last = -1;
  for (int64_t session : batch.sessions) {
    first = std::min(first, regionOfSession[session]);
    last = std::max(last, regionOfSession[session]);
  }
  int64_t count = last - first + 1, each = batch.queriesPerSession;
  int64_t elements = each * rowElements;
  queries.resize(count * elements);
  results.resize(count * elements);
  lengths.assign(count, 0);
  for (size_t i = 0; i < batch.sessions.size(); ++i) {
    int64_t row = regionOfSession[batch.sessions[i]] - first;
    std::copy_n(&batch.queries[i * elements], elements,
                &queries[row * elements]);
    lengths[row] = batch.lengths[i];
  }
  int64_t begin = first * maxTokens * tokenElements;
  require(attend_contiguous(
      Tensor(queries.data(), {count, queryHeads, each, headDim}),
      Tensor(&keys[begin], {count, kvHeads, maxTokens, headDim}),
      Tensor(&values[begin], {count, kvHeads, maxTokens, headDim}),
      Tensor(lengths.data(), {count}),
      Tensor(results.data(), {count, queryHeads, each, headDim})));
  for (size_t i = 0; i < batch.sessions.size(); ++i) {
    int64_t row = regionOfSession[batch.sessions[i]] - first;
    std::copy_n(&results[row * elements], elements,
                &batch.results[i * elements]);
  }
}

} // namespace

std::unique_ptr<Cache> makeContiguousCache(const Workload &workload,
                                           int64_t budgetBytes,
                                           int64_t maxTokens) {
  return std::make_unique<ContiguousCache>(workload, budgetBytes, maxTokens);
}

} // namespace serving
