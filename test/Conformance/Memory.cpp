//===- Memory.cpp - memory and barriers -----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The entries of memory.ptx and barrier.ptx.
//
//===----------------------------------------------------------------------===//

#include "Bench.h"
#include "Formats.h"
#include <algorithm>

namespace conformance {

namespace {

void runVectors(Bench &bench) {
  Words in = bench.randomWords(128), expected(128);
  auto byte = [&](int lane, int i) {
    return in[size_t(lane * 4 + i / 4)] >> i % 4 * 8 & 255;
  };
  for (int lane = 0; lane < 32; ++lane) {
    const uint32_t *from = &in[size_t(lane) * 4];
    uint32_t *to = &expected[size_t(lane) * 4];
    to[0] = from[0] ^ uint32_t(int8_t(byte(lane, 1)));
    to[1] = from[1] + (from[0] >> 16);
    to[2] = from[2] + byte(lane, 7);
    to[3] = from[3] + from[2];
  }
  bench.compare("memory/vectors and parts of words",
                bench.run("memory", "vectors", 32, in, Words(128)), expected);
}

void runGeneric(Bench &bench) {
  Words in = bench.randomWords(32), expected(32);
  for (size_t lane = 0; lane < 32; ++lane)
    expected[lane] = in[lane ^ 1];
  bench.compare("memory/generic addresses",
                bench.run("memory", "generic", 32, in, Words(32)), expected);
}

void runAtomics(Bench &bench) {
  Words in = bench.randomWords(32);
  Words before = {5,          0x80000000, ~0u, 0, ~0u, 0, asBits(2.0f),
                  0x3c003c00, 7,          1,   3, 3,   0};
  before.resize(64, 0);
  Words out = bench.run("memory", "atomics", 32, in, before);
  uint32_t sum = 5, highest = 0x80000000, lowest = ~0u, any = 0, all = ~0u,
           odd = 0;
  uint64_t wide = uint64_t(1) << 32 | 7;
  for (uint32_t word : in) {
    sum += word, any |= word, all &= word, odd ^= word, wide += word;
    highest = int32_t(word) > int32_t(highest) ? word : highest;
    lowest = std::min(lowest, word);
  }
  Words expected = {sum, highest, lowest, any, all, odd, asBits(34.0f),
                    // 1 + 32 in both halves.
                    0x50205020, uint32_t(wide), uint32_t(wide >> 32),
                    // From 3 by 32 steps modulo 10.
                    5, 8};
  bool isExchanged = std::count(in.begin(), in.end(), out[12]) > 0;
  bench.compare("memory/atomic operations",
                Words(out.begin(), out.begin() + 12), expected);
  bench.finish("memory/atom.exch",
               isExchanged ? "" : "the last word is none of those written");
  bench.compare("memory/atom.shared", Words(out.begin() + 16, out.begin() + 48),
                Words(32, 69));
}

void runCopies(Bench &bench) {
  Words in = bench.randomWords(128), expected(256);
  for (size_t lane = 0; lane < 32; ++lane) {
    const auto *from = reinterpret_cast<const uint8_t *>(&in[lane * 4]);
    auto *to = reinterpret_cast<uint8_t *>(&expected[lane * 4]);
    memcpy(to, from, lane % 16);
    memcpy(to + 512, from, 8);
    memcpy(to + 520, from + 12, 4);
    memcpy(to + 524, from + 8, 4);
  }
  bench.compare("memory/cp.async",
                bench.run("memory", "copies", 32, in, Words(256)), expected);
}

void runNamed(Bench &bench) {
  Words in = bench.randomWords(128), expected(512);
  uint32_t positive = 0;
  for (uint32_t word : in)
    positive += int32_t(word) > 0;
  for (size_t thread = 0; thread < 128; ++thread) {
    expected[thread] = thread < 96 ? in[thread ^ 32] : in[thread];
    expected[128 + thread] = positive;
    expected[256 + thread] = positive == 128;
    expected[384 + thread] = positive != 128;
  }
  bench.compare("barrier/bar.sync, bar.arrive and bar.red",
                bench.run("barrier", "named", 128, in, Words(512)), expected);
}

void runPhases(Bench &bench) {
  Words in = bench.randomWords(64), expected(64, 9);
  for (size_t lane = 0; lane < 32; ++lane) {
    uint32_t value = 0;
    for (uint32_t i = 0; i < 5; ++i)
      value = value * 31 + i * 1000 + in[32 + lane];
    expected[lane] = value;
  }
  bench.compare("barrier/phases of an mbarrier",
                bench.run("barrier", "phases", 64, in, Words(64, 9)), expected);
}

void runStates(Bench &bench) {
  // The first phase is over and the second is not.
  bench.compare("barrier/states of an mbarrier",
                bench.run("barrier", "states", 64, Words(64, 0), Words(64)),
                Words(64, 1));
}

void runCopyArrives(Bench &bench) {
  Words in = bench.randomWords(64), expected(64, 9);
  for (size_t lane = 0; lane < 32; ++lane)
    expected[lane] = in[32 + lane];
  bench.compare("barrier/cp.async.mbarrier.arrive",
                bench.run("barrier", "copy_arrives", 64, in, Words(64, 9)),
                expected);
}

} // namespace

void runMemory(Bench &bench) {
  runVectors(bench);
  runGeneric(bench);
  runAtomics(bench);
  runCopies(bench);
}

void runBarrier(Bench &bench) {
  runNamed(bench);
  runPhases(bench);
  runStates(bench);
  runCopyArrives(bench);
}

} // namespace conformance
