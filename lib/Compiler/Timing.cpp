//===- Timing.cpp - how long calls take -----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Wall clock of single calls, or of several where one is too short.
//
//===----------------------------------------------------------------------===//

#include "Timing.h"
#include "CacheInputs.h"

#include "CommandLine.h"
#include "attnc-c/runtime.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>
#include <thread>

using namespace attnc;

double attnc::secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double Samples::quantile(double at) const {
  SmallVector<double> sorted(values);
  llvm::sort(sorted);
  return sorted[size_t(at * double(sorted.size() - 1) + 0.5)];
}

llvm::Expected<TimedCall> TimedCall::create(PreparedCall prepared) {
  constexpr double shortest = 0.005;
  TimedCall timed(std::move(prepared));
  if (llvm::Error error = timed.call())
    return std::move(error);
  Clock::time_point start = Clock::now();
  if (llvm::Error error = timed.call())
    return std::move(error);
  timed.once = std::max(secondsSince(start), 1e-7);
  timed.calls = int64_t(std::max(1.0, shortest / timed.once));
  return timed;
}

llvm::Error TimedCall::warm() {
  if (once < 0.1)
    return call();
  return llvm::Error::success();
}

llvm::Expected<double> TimedCall::sample() {
  Clock::time_point start = Clock::now();
  for (int64_t i = 0; i < calls; ++i)
    if (llvm::Error error = call())
      return std::move(error);
  return secondsSince(start) / double(calls);
}

llvm::Expected<std::vector<HostTensor>>
attnc::createRandomInputs(const attn::FunctionSignature &signature,
                          const Shapes &shapes) {
  std::vector<HostTensor> inputs;
  for (unsigned i = 0, e = signature.getNumInputs(); i < e; ++i) {
    auto input = createRandomInput(signature, shapes, i, /*seed=*/0);
    if (!input)
      return input.takeError();
    inputs.push_back(std::move(*input));
  }
  fillLengths(signature, shapes, inputs);
  return inputs;
}

unsigned attnc::setThreads(unsigned threads) {
  if (threads > 0)
    attnc_rt_set_num_threads(int32_t(threads));
  return unsigned(attnc_rt_get_num_threads());
}

std::vector<std::string> attnc::findDisturbances(unsigned threads) {
  std::vector<std::string> warnings;
  unsigned processors = std::max(1u, std::thread::hardware_concurrency());
  if (threads > processors)
    warnings.push_back(std::to_string(threads) + " threads on " +
                       std::to_string(processors) + " processors");
  double load = 0;
  if (getloadavg(&load, 1) == 1 && load + threads > processors + 0.5) {
    std::string text;
    llvm::raw_string_ostream(text)
        << "the machine is busy: load " << llvm::format("%.1f", load) << " on "
        << processors << " processors";
    warnings.push_back(text);
  }
  auto governor = llvm::MemoryBuffer::getFileAsStream(
      "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  if (governor && (*governor)->getBuffer().trim() != "performance")
    warnings.push_back("the clock is scaled: governor '" +
                       (*governor)->getBuffer().trim().str() + "'");
  return warnings;
}
