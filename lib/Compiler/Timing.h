//===- Timing.h - how long calls take ---------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the commands that measure share: samples of calls long enough for the
// clock, their quantiles, and what makes figures wrong on this machine, now.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_TIMING_H
#define ATTNC_LIB_COMPILER_TIMING_H

#include "attnc/Compiler/Kernel.h"
#include "attnc/Compiler/Shapes.h"
#include <chrono>
#include <string>
#include <vector>

namespace attnc {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start);

/// Numbers of one kind, one for each round.
class Samples {
public:
  void add(double value) { values.push_back(value); }
  size_t size() const { return values.size(); }
  ArrayRef<double> get() const { return values; }
  /// The value below which the share `at` of the samples lies.
  double quantile(double at) const;
  double median() const { return quantile(0.5); }

private:
  SmallVector<double> values;
};

/// A call and how often it has to be made for a sample that the clock resolves.
class TimedCall {
public:
  /// Calls twice: the first call touches all pages and starts the threads, the
  /// second one is timed.
  static llvm::Expected<TimedCall> create(PreparedCall call);

  /// Fills the caches again, which hold what something else worked on. A call
  /// so long that this is not felt is not made.
  llvm::Error warm();
  /// Seconds of one call, the mean of those in a sample.
  llvm::Expected<double> sample();
  /// About how long a sample takes.
  double getSampleSeconds() const { return once * double(calls); }
  /// Makes samples of as many calls as those of `other` have.
  void matchSamples(const TimedCall &other) { calls = other.calls; }

private:
  TimedCall(PreparedCall call) : call(std::move(call)) {}

  PreparedCall call;
  double once = 0;
  int64_t calls = 1;
};

/// All inputs, filled with random values.
llvm::Expected<std::vector<HostTensor>>
createRandomInputs(const attn::FunctionSignature &signature,
                   const Shapes &shapes);

/// Sets the number of threads, 0 for as many as OpenMP chooses, and returns how
/// many there are.
unsigned setThreads(unsigned threads);

/// What makes figures wrong on this machine, now.
std::vector<std::string> findDisturbances(unsigned threads);

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_TIMING_H
