//===- Report.cpp - What a comparison of servers shows --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace serving {

Summary summarise(const Record &record) {
  Summary result = {};
  bool everWaiting = std::any_of(record.samples.begin(), record.samples.end(),
                                 [](const Sample &s) { return s.waiting > 0; });
  int64_t steps = 0, decoded = 0;
  for (const Sample &sample : record.samples) {
    result.largestBatch = std::max(result.largestBatch, sample.batch);
    decoded += sample.batch;
    if (everWaiting && sample.waiting == 0)
      continue;
    ++steps;
    const Occupancy &slots = sample.occupancy;
    result.sustainedBatch += double(sample.batch);
    result.stored += double(slots.stored) / double(slots.total);
    result.wasted += 1 - double(slots.stored) / double(slots.reserved);
  }
  result.sustainedBatch /= double(steps);
  result.stored /= double(steps);
  result.wasted /= double(steps);
  result.tokensPerSecond = double(record.generatedTokens) / record.seconds;
  result.decodedPerKernelSecond = double(decoded) / record.decodeSeconds;
  return result;
}

std::string formatTable(const std::vector<Record> &records) {
  std::string table =
      "                        batch        tokens/s         memory         "
      "tokens of prompts                seconds\n"
      "                       mean  max   all  in kernel  stored wasted  "
      "computed   found    again  preempted  all  prefill  decode  weights\n";
  for (const Record &record : records) {
    Summary is = summarise(record);
    table += format("%-22s %5.1f %4lld %5.0f %10.0f  %5.1f%% %5.1f%% %9lld "
                    "%7lld %8lld %10lld %4.1f %8.1f %7.1f %8.1f\n",
                    record.name.c_str(), is.sustainedBatch,
                    static_cast<long long>(is.largestBatch), is.tokensPerSecond,
                    is.decodedPerKernelSecond, 100 * is.stored, 100 * is.wasted,
                    static_cast<long long>(record.prefilledTokens),
                    static_cast<long long>(record.reusedTokens),
                    static_cast<long long>(record.recomputedTokens),
                    static_cast<long long>(record.preemptions), record.seconds,
                    record.prefillSeconds, record.decodeSeconds,
                    record.weightsSeconds);
  }
  return table;
}

std::string formatJson(const std::vector<Record> &records) {
  nlohmann::json result = nlohmann::json::array();
  for (const Record &record : records) {
    Summary is = summarise(record);
    nlohmann::json seconds = nlohmann::json::array(), batch = seconds;
    for (const Sample &sample : record.samples) {
      seconds.push_back(sample.seconds);
      batch.push_back(sample.batch);
    }
    result.push_back({{"cache", record.name},
                      {"sustained_batch", is.sustainedBatch},
                      {"largest_batch", is.largestBatch},
                      {"tokens_per_second", is.tokensPerSecond},
                      {"decoded_per_kernel_second", is.decodedPerKernelSecond},
                      {"stored_share", is.stored},
                      {"wasted_share", is.wasted},
                      {"generated_tokens", record.generatedTokens},
                      {"prefilled_tokens", record.prefilledTokens},
                      {"reused_tokens", record.reusedTokens},
                      {"recomputed_tokens", record.recomputedTokens},
                      {"preemptions", record.preemptions},
                      {"seconds", record.seconds},
                      {"prefill_seconds", record.prefillSeconds},
                      {"decode_seconds", record.decodeSeconds},
                      {"weights_seconds", record.weightsSeconds},
                      {"largest_difference", record.largestDifference},
                      {"step_seconds", std::move(seconds)},
                      {"step_batch", std::move(batch)}});
  }
  return result.dump(1) + "\n";
}

} // namespace serving
