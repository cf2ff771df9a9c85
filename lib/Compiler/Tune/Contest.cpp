//===- Contest.cpp - times taken side by side -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each round begins with another contestant, so that none is always behind the
// same one.
//
//===----------------------------------------------------------------------===//

#include "Contest.h"

#include <cmath>

using namespace attnc;

llvm::Expected<Contestant>
Contestant::create(Kernel loaded, const attn::FunctionSignature &signature,
                   ArrayRef<CallTensors *> shapes) {
  Contestant contestant(std::move(loaded));
  for (CallTensors *tensors : shapes) {
    auto prepared =
        contestant.kernel.prepare(signature, tensors->inputs, tensors->outputs);
    if (!prepared)
      return prepared.takeError();
    auto call = TimedCall::create(std::move(*prepared));
    if (!call)
      return call.takeError();
    contestant.calls.push_back(std::move(*call));
  }
  return contestant;
}

llvm::Expected<std::vector<Times>>
attnc::measureInRounds(ArrayRef<Contestant *> contestants, double minSeconds) {
  // As many as quartiles need; fewer where a round takes long.
  constexpr size_t usualRounds = 9, minRounds = 5, maxRounds = 500;
  size_t numShapes = contestants.front()->getCalls().size();
  std::vector<Times> times(contestants.size(), Times(numShapes));
  for (Contestant *contestant : contestants)
    for (auto [call, first] : llvm::zip_equal(contestant->getCalls(),
                                              contestants.front()->getCalls()))
      call.matchSamples(first);
  double enough = minSeconds * double(contestants.size() * numShapes);
  double spent = 0;
  auto isDone = [&](size_t rounds) {
    if (rounds < usualRounds)
      return rounds >= minRounds && spent > 4 * enough;
    return spent >= enough || rounds >= maxRounds;
  };
  for (size_t round = 0; !isDone(round); ++round) {
    Clock::time_point start = Clock::now();
    for (size_t shape = 0; shape < numShapes; ++shape)
      for (size_t i = 0; i < contestants.size(); ++i) {
        size_t at = (i + round) % contestants.size();
        TimedCall &call = contestants[at]->getCalls()[shape];
        if (llvm::Error error = call.warm())
          return std::move(error);
        llvm::Expected<double> seconds = call.sample();
        if (!seconds)
          return seconds.takeError();
        times[at][shape].add(std::max(*seconds, 1e-9));
      }
    spent += secondsSince(start);
  }
  return times;
}

PairedRatios PairedRatios::get(const Times &times, const Times &base) {
  PairedRatios ratios;
  size_t numShapes = times.size(), numRounds = times.front().size();
  ratios.ofShape.resize(numShapes);
  for (size_t round = 0; round < numRounds; ++round) {
    double sum = 0;
    for (size_t shape = 0; shape < numShapes; ++shape) {
      double ratio = times[shape].get()[round] / base[shape].get()[round];
      ratios.ofShape[shape].add(ratio);
      sum += std::log(ratio);
    }
    ratios.all.add(std::exp(sum / double(numShapes)));
  }
  return ratios;
}

bool attnc::isFaster(const PairedRatios &ratios) {
  constexpr double margin = 0.97;
  return ratios.all.quantile(0.75) < 1 && ratios.all.median() <= margin &&
         llvm::none_of(
             ratios.ofShape,
             [](const Samples &ofShape) { return ofShape.quantile(0.25) > 1; });
}
