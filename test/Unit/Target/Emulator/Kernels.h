//===- Kernels.h - small kernels on the emulator ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the tests of the emulator have in common: a kernel around some
// instructions, and a launch of it.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_TEST_UNIT_TARGET_EMULATOR_KERNELS_H
#define ATTNC_TEST_UNIT_TARGET_EMULATOR_KERNELS_H

#include "Machine.h"
#include <gtest/gtest.h>

namespace attnc::emulator {

class EmulatorTest : public ::testing::Test {
protected:
  /// A kernel with the parameters `in` and `out`, pointers to `words` words
  /// of global memory, which %in and %out hold; %thread is %tid.x.
  static std::string kernel(const std::string &body,
                            const std::string &variables = "") {
    return ".version 8.6\n.target sm_90a\n.address_size 64\n" + variables +
           "\n.visible .entry k(.param .u64 in, .param .u64 out)\n{\n"
           ".reg .pred %p<8>;\n.reg .b16 %h<8>;\n"
           ".reg .b32 %r<16>, %thread;\n.reg .b64 %w<16>, %in, %out, %at;\n"
           ".reg .f32 %f<64>;\n"
           "ld.param.u64 %in, [in];\nld.param.u64 %out, [out];\n"
           "mov.u32 %thread, %tid.x;\nmul.wide.u32 %at, %thread, 4;\n" +
           body + "\nret;\n}\n";
  }

  /// Runs it and returns the report, empty if nothing is wrong. `in` is 0, 1,
  /// 2, ... and `out` is not initialised.
  std::string launch(const std::string &text, unsigned threads = 32,
                     unsigned blocks = 1, unsigned sharedBytes = 0) {
    std::unique_ptr<LoadedModule> module;
    std::string report = machine.load(text, module);
    if (!report.empty())
      return report;
    uint64_t in = allocate(), to = allocate();
    for (unsigned i = 0; i < words; ++i)
      reinterpret_cast<uint32_t *>(in)[i] = i;
    if (prepare)
      prepare(in);
    machine.memory.markInitialized(in, words * 4);
    Kernel &k = module->kernels.at("k");
    k.maxDynamicShared = Machine::maxShared;
    void *parameters[] = {&in, &to};
    report = machine.launch(k, {blocks, 1, 1}, {threads, 1, 1}, sharedBytes,
                            parameters);
    out.assign(reinterpret_cast<uint32_t *>(to),
               reinterpret_cast<uint32_t *>(to) + words);
    machine.memory.release(in);
    machine.memory.release(to);
    machine.unload(*module);
    return report;
  }

  static void expectHas(const std::string &report, const std::string &text) {
    EXPECT_NE(report.find(text), std::string::npos)
        << "expected '" << text << "' in: " << report;
  }
  /// The report has to contain `text` with every schedule.
  void expectFault(const std::string &ptx, const std::string &text,
                   unsigned threads = 32, unsigned blocks = 1,
                   unsigned sharedBytes = 0) {
    for (bool lazy : {true, false})
      for (uint32_t seed : {0u, 1u, 2u, 3u}) {
        machine.options = {seed, lazy};
        expectHas(launch(ptx, threads, blocks, sharedBytes), text);
      }
  }
  /// Some check has to fail with every schedule; which one depends on it.
  void expectSomeFault(const std::string &ptx, unsigned threads,
                       unsigned sharedBytes, bool lazyOnly = false) {
    for (bool lazy : {true, false})
      for (uint32_t seed : {0u, 1u, 2u, 3u}) {
        machine.options = {seed, lazy};
        if (lazy || !lazyOnly) {
          EXPECT_NE(launch(ptx, threads, 1, sharedBytes), "")
              << "seed " << seed << ", lazy " << lazy;
        }
      }
  }
  void expectPasses(const std::string &ptx, unsigned threads = 32,
                    unsigned blocks = 1, unsigned sharedBytes = 0) {
    for (bool lazy : {true, false})
      for (uint32_t seed : {0u, 1u, 2u, 3u}) {
        machine.options = {seed, lazy};
        EXPECT_EQ(launch(ptx, threads, blocks, sharedBytes), "")
            << "seed " << seed << ", lazy " << lazy;
      }
  }
  /// `text` with one occurrence of `from` replaced, which has to be there.
  static std::string mutate(std::string text, const std::string &from,
                            const std::string &to) {
    size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    if (at != std::string::npos)
      text.replace(at, from.size(), to);
    return text;
  }

  static constexpr unsigned words = 4096;
  Machine machine;
  std::vector<uint32_t> out;
  /// Changes what `in` points to before a launch.
  std::function<void(uint64_t in)> prepare;

private:
  uint64_t allocate() {
    return reinterpret_cast<uintptr_t>(machine.memory.allocate(words * 4, 256));
  }
};

} // namespace attnc::emulator

#endif // ATTNC_TEST_UNIT_TARGET_EMULATOR_KERNELS_H
