//===- Warp.cpp - between lanes -------------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The entries of warp.ptx, each result as a formula of the words of all lanes.
//
//===----------------------------------------------------------------------===//

#include "Bench.h"
#include <algorithm>
#include <functional>

namespace conformance {

namespace {

struct Lanes {
  const uint32_t *a, *b;

  uint32_t low(int lane) const { return b[lane] & 63; }
  /// A bit for each lane where the predicate holds.
  template <typename Predicate>
  uint32_t bits(Predicate predicate) const {
    uint32_t result = 0;
    for (int lane = 0; lane < 32; ++lane)
      result |= uint32_t(bool(predicate(lane))) << lane;
    return result;
  }
  template <typename Combine>
  uint32_t fold(Combine combine, int first = 0, int end = 32) const {
    uint32_t result = a[first];
    for (int lane = first + 1; lane < end; ++lane)
      result = combine(result, a[lane]);
    return result;
  }
};

struct Form {
  const char *name;
  std::function<uint32_t(const Lanes &, int lane)> expected;
};

uint32_t least(uint32_t a, uint32_t b) {
  return int32_t(a) < int32_t(b) ? a : b;
}

std::vector<Form> shuffleForms() {
  using L = const Lanes &;
  return {
      {"shfl.idx", [](L x, int i) { return x.a[x.low(i) & 31]; }},
      {"shfl.bfly", [](L x, int i) { return x.a[i ^ 5]; }},
      {"shfl.up", [](L x, int i) { return x.a[i < 3 ? i : i - 3]; }},
      {"shfl.down", [](L x, int i) { return x.a[i > 28 ? i : i + 3]; }},
      // Segments of eight lanes.
      {"shfl.idx in segments",
       [](L x, int i) { return x.a[(i & 24) | (x.low(i) & 7)]; }},
      {"shfl.down in segments",
       [](L x, int i) { return x.a[(i & 7) > 5 ? i : i + 2]; }},
      {"shfl.up in segments",
       [](L x, int i) { return x.a[(i & 7) < 2 ? i : i - 2]; }},
      {"shfl.down predicate", [](L, int i) { return i <= 28; }},
      {"shfl.up predicate", [](L, int i) { return (i & 7) >= 2; }},
  };
}

std::vector<Form> otherForms() {
  using L = const Lanes &;
  auto below = [](L x, uint32_t limit) {
    return x.bits([&](int i) { return x.low(i) < limit; });
  };
  auto same = [](L x, int lane) {
    return x.bits([&](int i) { return (x.b[i] & 3) == (x.b[lane] & 3); });
  };
  return {
      {"vote.ballot", [=](L x, int) { return below(x, 32); }},
      {"vote.ballot negated", [=](L x, int) { return ~below(x, 32); }},
      {"vote.all", [](L, int) { return 1; }},
      {"vote.any", [=](L x, int) { return ~below(x, 63) != 0; }},
      {"vote.uni", [=](L x, int) { return !below(x, 32) || !~below(x, 32); }},
      {"match.any", same},
      {"match.all that differ",
       [=](L x, int i) { return ~same(x, i) ? 0 : 0xffffffff + 1; }},
      {"match.all that agree", [](L, int) { return 0xfffffffe; }},
      {"redux.add",
       [](L x, int) {
         return x.fold([](uint32_t a, uint32_t b) { return a + b; });
       }},
      {"redux.min.s32", [](L x, int) { return x.fold(least); }},
      {"redux.max.u32",
       [](L x, int) {
         return x.fold([](uint32_t a, uint32_t b) { return std::max(a, b); });
       }},
      {"redux.and",
       [](L x, int) {
         return x.fold([](uint32_t a, uint32_t b) { return a & b; });
       }},
      {"redux.or",
       [](L x, int) {
         return x.fold([](uint32_t a, uint32_t b) { return a | b; });
       }},
      {"redux.xor",
       [](L x, int) {
         return x.fold([](uint32_t a, uint32_t b) { return a ^ b; });
       }},
      // Any lane may be the leader, but only one: checked below.
      {"elect.sync", nullptr},
      {"activemask", [](L, int) { return ~0u; }},
      {"%laneid", [](L, int i) { return i; }},
      {"%lanemask_lt", [](L, int i) { return (1u << i) - 1; }},
      {"%lanemask_ge", [](L, int i) { return ~((1u << i) - 1); }},
      {"shfl of half a warp",
       [](L x, int i) { return i < 16 ? x.a[i ^ 1] : 0; }},
      {"activemask of 20 lanes", [](L, int i) { return i < 20 ? 0xfffff : 0; }},
      {"redux of 12 lanes",
       [](L x, int i) {
         return i < 20
                    ? 7
                    : x.fold([](uint32_t a, uint32_t b) { return a + b; }, 20);
       }},
  };
}

void runForms(Bench &bench) {
  std::vector<Form> forms = shuffleForms();
  for (Form &form : otherForms())
    forms.push_back(form);
  Words in = bench.randomWords(96);
  Words out = bench.run("warp", "communicate", 32, in,
                        Words(forms.size() * 32, 0xdeadbeef));
  Lanes lanes{in.data(), in.data() + 32};
  for (size_t i = 0; i < forms.size(); ++i) {
    const uint32_t *actual = out.data() + i * 32;
    std::string name = std::string("warp/") + forms[i].name, why;
    if (!forms[i].expected) {
      uint32_t leaders = std::count(actual, actual + 32, 1u);
      bench.finish(name, leaders == 1 ? "" : "there is not one leader");
      continue;
    }
    for (int lane = 0; lane < 32 && why.empty(); ++lane)
      if (uint32_t expected = forms[i].expected(lanes, lane);
          actual[lane] != expected)
        why = Bench::describe(size_t(lane), actual[lane], expected);
    bench.finish(name, why);
  }
}

/// The loop of the entry `diverge`, for one lane.
uint32_t loop(uint32_t lane, uint32_t count) {
  uint32_t value = 0;
  for (uint32_t i = 0;;) {
    if (i % 2 == 0) {
      value += lane;
      if (value > 100000)
        break;
    } else {
      value = value * 3 + i;
    }
    if (++i >= count)
      break;
  }
  return value;
}

void runDivergence(Bench &bench) {
  Words in(32), expected(32);
  for (uint32_t lane = 0; lane < 32; ++lane)
    in[lane] = bench.randomWord() % 40;
  uint32_t seventh = loop(7, in[7]);
  for (uint32_t lane = 0; lane < 32; ++lane)
    expected[lane] = loop(lane, in[lane]) ^ seventh;
  bench.compare("warp/divergent loop",
                bench.run("warp", "diverge", 32, in, Words(32)), expected);

  in = Words(64), expected = Words(32, 77);
  for (uint32_t lane = 0; lane < 32; ++lane) {
    uint32_t value = in[lane] = bench.randomWord() % 2000,
             addend = in[32 + lane] = bench.randomWord() % 100;
    if (lane != 5)
      expected[lane] = value > 1000 ? value - addend : value * 3 + addend;
  }
  bench.compare("warp/call of a function",
                bench.run("warp", "calls", 32, in, Words(32, 77)), expected);
}

} // namespace

void runWarp(Bench &bench) {
  runForms(bench);
  runDivergence(bench);
  Words in = bench.randomWords(64), expected(32);
  for (uint32_t lane = 0; lane < 32; ++lane) {
    in[32 + lane] = lane % 5 == 0 ? 3 : bench.randomWord();
    bool isThird = in[32 + lane] % 16 == 3;
    expected[lane] = isThird ? in[32 + lane] : in[lane];
  }
  bench.compare("warp/local memory",
                bench.run("warp", "local", 32, in, Words(32)), expected);
}

} // namespace conformance
