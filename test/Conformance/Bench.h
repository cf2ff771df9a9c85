//===- Bench.h - how a conformance case is run ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Cases run kernels of test/Conformance/Inputs and compare with formulas that
// share nothing with the emulator.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_TEST_CONFORMANCE_BENCH_H
#define ATTNC_TEST_CONFORMANCE_BENCH_H

#include "Driver.h"
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>

namespace conformance {

using Words = std::vector<uint32_t>;

class Bench {
public:
  /// The first `skipped` cases have been run before.
  explicit Bench(Driver &driver, unsigned skipped = 0)
      : driver(driver), skipped(skipped) {
    driver.isIdle = skipped > 0;
  }

  /// Device memory that holds `values`.
  template <typename T>
  uint64_t upload(const std::vector<T> &values) {
    uint64_t address = driver.allocate(values.size() * sizeof(T));
    driver.copyToDevice(address, values.data(), values.size() * sizeof(T));
    return address;
  }
  template <typename T>
  std::vector<T> download(uint64_t address, size_t count) {
    std::vector<T> values(count);
    driver.copyToHost(values.data(), address, count * sizeof(T));
    return values;
  }

  /// Runs a kernel with the parameters `in` and `out`.
  Words run(const std::string &file, const std::string &kernel,
            unsigned threads, const Words &in, const Words &out) {
    uint64_t from = upload(in), to = upload(out);
    driver.launch(file, kernel, threads, 0, {&from, &to});
    return download<uint32_t>(to, out.size());
  }

  /// Ends a case: `why` is empty if it passed.
  void finish(const std::string &name, std::string why) {
    if (driver.isIdle) {
      driver.isIdle = ++finished < skipped;
      return;
    }
    ++finished;
    if (!driver.problem.empty())
      why = driver.problem;
    // Without the context all cases of this launch have failed.
    driver.isReported = driver.isLost;
    if (!driver.isLost)
      driver.problem.clear();
    printf("%s %s%s%s\n", why.empty() ? "pass" : "FAIL", name.c_str(),
           why.empty() ? "" : ": ", why.c_str());
    ++(why.empty() ? passed : failed);
  }
  /// A case whose result has to be equal, word by word.
  void compare(const std::string &name, const Words &actual,
               const Words &expected) {
    std::string why;
    for (size_t i = 0; i < expected.size() && why.empty(); ++i)
      if (actual[i] != expected[i])
        why = describe(i, actual[i], expected[i]);
    finish(name, why);
  }
  static std::string describe(size_t index, uint32_t actual,
                              uint32_t expected) {
    char text[96];
    snprintf(text, sizeof(text), "word %zu is 0x%08x, expected 0x%08x", index,
             actual, expected);
    return text;
  }

  uint32_t randomWord() { return uint32_t(random()); }
  Words randomWords(size_t count) {
    Words words(count);
    for (uint32_t &word : words)
      word = randomWord();
    return words;
  }

  Driver &driver;
  unsigned passed = 0, failed = 0, finished = 0;
  std::mt19937 random{20};

private:
  unsigned skipped;
};

// The groups of cases, one for each file of Inputs.
void runArithmetic(Bench &bench);
void runWarp(Bench &bench);
void runMatrix(Bench &bench);
void runMma(Bench &bench);
void runMemory(Bench &bench);
void runBarrier(Bench &bench);
void runTma(Bench &bench);
void runWgmma(Bench &bench);

} // namespace conformance

#endif // ATTNC_TEST_CONFORMANCE_BENCH_H
