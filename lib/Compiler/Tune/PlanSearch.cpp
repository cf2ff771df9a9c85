//===- PlanSearch.cpp - the best plan near the model's --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For one number: both neighbours of the best plan so far, then on in the
// direction that was faster, until it is not.
//
//===----------------------------------------------------------------------===//

#include "PlanSearch.h"

using namespace attnc;

namespace {

/// How many alternatives of a plan are measured.
constexpr size_t mostAlternatives = 12;

Ratio summarize(const Samples &ratios) {
  return {ratios.median(), ratios.quantile(0.25), ratios.quantile(0.75)};
}

/// A plan with its kernel.
struct Candidate {
  Attribute plan;
  Contestant contestant;
  bool isLarger;
};

class PlanSearch {
public:
  explicit PlanSearch(PlanSearchSetup &setup) : setup(setup) {}

  llvm::Expected<FoundPlan> run();

private:
  llvm::Expected<std::vector<Candidate>> compile(PlanParameter parameter,
                                                 ArrayRef<bool> directions);
  llvm::Expected<std::optional<size_t>>
  findFaster(std::vector<Candidate> &candidates);
  llvm::Error improve(PlanParameter parameter);
  llvm::Error confirm();

  PlanSearchSetup &setup;
  FoundPlan found;
  std::optional<Contestant> model;
  /// Absent as long as it is the model's.
  std::optional<Contestant> best;
};

} // namespace

/// Neighbours of the best plan that were not measured before.
llvm::Expected<std::vector<Candidate>>
PlanSearch::compile(PlanParameter parameter, ArrayRef<bool> directions) {
  std::vector<Candidate> candidates;
  for (bool isLarger : directions) {
    Attribute plan =
        step(found.best, parameter, isLarger, setup.footprint, setup.width);
    bool isKnown =
        plan == setup.model ||
        llvm::any_of(found.alternatives, [&](const MeasuredPlan &alternative) {
          return alternative.plan == plan;
        });
    size_t count = found.alternatives.size() + candidates.size();
    if (!plan || isKnown || count >= mostAlternatives)
      continue;
    auto contestant = setup.compile(plan);
    if (!contestant)
      return contestant.takeError();
    candidates.push_back({plan, std::move(*contestant), isLarger});
  }
  return candidates;
}

/// The candidate that is the fastest of those that are faster than the best
/// plan, if there are some.
llvm::Expected<std::optional<size_t>>
PlanSearch::findFaster(std::vector<Candidate> &candidates) {
  SmallVector<Contestant *> contestants = {&*model};
  if (best)
    contestants.push_back(&*best);
  size_t first = contestants.size();
  for (Candidate &candidate : candidates)
    contestants.push_back(&candidate.contestant);
  auto times = measureInRounds(contestants, setup.minSeconds);
  if (!times)
    return times.takeError();
  const Times &modelTimes = times->front();
  const Times &bestTimes = (*times)[first - 1];
  std::optional<size_t> fastest;
  double least = 1;
  for (auto [i, candidate] : llvm::enumerate(candidates)) {
    const Times &own = (*times)[first + i];
    PairedRatios ratios = PairedRatios::get(own, bestTimes);
    bool isBetter = isFaster(ratios);
    if (isBetter && ratios.all.median() < least) {
      fastest = i;
      least = ratios.all.median();
    }
    found.alternatives.push_back(
        {candidate.plan, summarize(PairedRatios::get(own, modelTimes).all),
         isBetter});
    setup.report(found.alternatives.back());
  }
  return fastest;
}

llvm::Error PlanSearch::improve(PlanParameter parameter) {
  SmallVector<bool> directions = {false, true};
  while (true) {
    auto candidates = compile(parameter, directions);
    if (!candidates)
      return candidates.takeError();
    if (candidates->empty())
      return llvm::Error::success();
    auto fastest = findFaster(*candidates);
    if (!fastest)
      return fastest.takeError();
    if (!*fastest)
      return llvm::Error::success();
    Candidate &winner = (*candidates)[**fastest];
    found.best = winner.plan;
    directions = {winner.isLarger};
    best.emplace(std::move(winner.contestant));
  }
}

/// The best of several is in part the luckiest: it runs once more, against the
/// model's plan alone, and what is told are the figures of this run.
llvm::Error PlanSearch::confirm() {
  SmallVector<Contestant *> contestants = {&*model};
  if (best)
    contestants.push_back(&*best);
  auto times = measureInRounds(contestants, 2 * setup.minSeconds);
  if (!times)
    return times.takeError();
  const Times &own = times->back(), &base = times->front();
  PairedRatios ratios = PairedRatios::get(own, base);
  bool keepsModel = !best || !isFaster(ratios);
  if (keepsModel)
    found.best = setup.model;
  for (size_t shape = 0; shape < own.size(); ++shape) {
    MeasuredShape measured;
    measured.rounds = base[shape].size();
    measured.modelSeconds = measured.seconds = base[shape].median();
    if (!keepsModel) {
      measured.seconds = own[shape].median();
      measured.ratio = summarize(ratios.ofShape[shape]);
    }
    found.shapes.push_back(measured);
  }
  return llvm::Error::success();
}

llvm::Expected<FoundPlan> PlanSearch::run() {
  found.model = found.best = setup.model;
  auto contestant = setup.compile(setup.model);
  if (!contestant)
    return contestant.takeError();
  model.emplace(std::move(*contestant));
  for (PlanParameter parameter : getParameters(setup.model, setup.footprint))
    if (llvm::Error error = improve(parameter))
      return std::move(error);
  if (llvm::Error error = confirm())
    return std::move(error);
  return std::move(found);
}

llvm::Expected<FoundPlan> attnc::searchPlan(PlanSearchSetup &setup) {
  return PlanSearch(setup).run();
}
