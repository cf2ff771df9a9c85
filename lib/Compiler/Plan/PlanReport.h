//===- PlanReport.h - what attnc plan tells ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All numbers of a plan, found once; text and JSON only format them.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_PLAN_PLANREPORT_H
#define ATTNC_LIB_COMPILER_PLAN_PLANREPORT_H

#include "attnc/Plan/Serving.h"
#include "attnc/Support/LLVM.h"
#include <optional>
#include <string>
#include <vector>

namespace attnc {

/// What a command line asks for.
struct PlanRequest {
  plan::Model model;
  plan::CacheFormat format;
  uint64_t tokens = 4096;
  std::optional<uint64_t> otherTokens;
  std::optional<plan::Model> against;
  /// All devices together.
  std::optional<plan::Device> device;
  uint64_t deviceCount = 1;
  double memoryFraction = 0.9;
  /// Empty for powers of two.
  std::vector<uint64_t> batches;
  uint64_t page = 16;
  /// What a contiguous cache reserves.
  uint64_t longest = 4096;
  std::optional<plan::Traffic> traffic;
};

/// One entry of the model's layers; of one layer where nothing else is said.
struct LayerReport {
  plan::Layer layer;
  uint64_t count = 0;
  double prefillFlops = 0, decodeFlops = 0;
  double scoresF16 = 0, scoresF32 = 0;
};

/// The operations for a number of tokens.
struct WorkReport {
  uint64_t tokens = 0;
  plan::Work prefill, decode;
};

struct BatchReport {
  uint64_t sequences = 0;
  bool fits = false;
  plan::StepBound bound;

  double getTokensPerSecond() const {
    return double(sequences) / bound.getSeconds();
  }
};

struct DeviceReport {
  /// What is left for the cache; none if the weights do not fit.
  std::optional<uint64_t> cacheMemory;
  plan::StepBound prefill;
  std::vector<BatchReport> batches;
  std::optional<uint64_t> computeBoundBatch;
  /// Sequences of the context that fit, if each reserves `longest` tokens and
  /// in pages.
  uint64_t fitContiguous = 0, fitPaged = 0;
};

struct TrafficReport {
  plan::Occupancy contiguous, paged;
};

/// From how many tokens on `candidate` takes less than `other`.
struct CrossoverReport {
  std::string candidate, other;
  plan::Crossover crossover;
};

struct PlanReport {
  explicit PlanReport(PlanRequest request);

  PlanRequest request;
  uint64_t bytesPerToken = 0, stateBytes = 0, sequenceBytes = 0;
  std::vector<plan::Reduction> reductions;
  std::vector<LayerReport> layers;
  WorkReport work;
  std::optional<WorkReport> otherWork;
  std::optional<DeviceReport> device;
  std::optional<TrafficReport> traffic;
  std::vector<CrossoverReport> crossovers;

  /// The product of all reductions.
  double getReduction() const;

private:
  void addLayers();
  void addDevice();
  void addTraffic();
  void addCrossovers();
  std::optional<uint64_t> getCacheMemory() const;
};

/// The report as one JSON object, described in docs/plan.md.
std::string emitPlanJson(const PlanReport &report);

/// The report as tables.
void printPlanText(raw_ostream &os, const PlanReport &report);

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_PLAN_PLANREPORT_H
