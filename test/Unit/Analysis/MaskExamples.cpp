//===- MaskExamples.cpp - masks to test with --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Constants are chosen so that every interesting position of a tile relative to
// the mask occurs within a couple of dozen queries and keys.
//
//===----------------------------------------------------------------------===//
#include "MaskExamples.h"

namespace attnc::test {

std::vector<NamedMask> MaskExamples::getNamed() const {
  auto floorDiv = [](AffineExpr expr, int64_t divisor) {
    return expr.floorDiv(divisor);
  };
  using P = Predicate;
  return {
      {"everything", all({}), 1},
      {"nothing", any({}), 0},
      {"causal", causal(), 1},
      {"not causal", no(causal()), 1},
      {"strictly causal", compare(k, P::lt, q), 1},
      {"everything in two halves", any({causal(), no(causal())}), 1},
      {"nothing by contradiction", all({causal(), no(causal())}), 0},
      {"window", window(5, 2), 1},
      {"window of one", window(0, 0), 1},
      {"window to the left", all({causal(), compare(q - k, P::lt, 4)}), 1},
      {"window to the right", window(0, 6), 1},
      {"window not at the diagonal",
       all({compare(q - k, P::ge, 3), compare(q - k, P::le, 7)}), 1},
      {"not a window", no(window(4, 1)), 2},
      {"two windows that overlap", any({window(5, 0), window(0, 5)}), 1},
      {"two windows that touch", any({compare(q - k, P::eq, 0), window(-1, 4)}),
       1},
      {"unbounded to the left", compare(k - q, P::le, 3), 1},
      {"unbounded to the right", compare(q - k, P::le, 3), 1},
      {"prefix", any({compare(k, P::lt, 6), causal()}), 2},
      {"sinks", any({compare(k, P::lt, 3), window(4, 0)}), 2},
      {"sinks and causal",
       all({causal(), any({compare(k, P::lt, 3), compare(q - k, P::lt, 4)})}),
       2},
      {"global tokens and a window",
       any({compare(q, P::lt, 2), compare(k, P::lt, 2), window(3, 3)}), 3},
      {"one key missing", all({causal(), compare(k, P::ne, 5)}), 2},
      {"some queries only", all({causal(), compare(q, P::ge, 7)}), 1},
      {"no query of the first half", compare(q, P::ge, 11), 1},
      {"anti-causal sum", compare(q + k, P::lt, 17), 1},
      {"tent", all({compare(k, P::ge, q - 4), compare(q + k, P::ge, 9)}), 1},
      {"block diagonal", compare(floorDiv(q, 8), P::eq, floorDiv(k, 8)), 1},
      {"block causal", compare(floorDiv(k, 4), P::le, floorDiv(q, 4)), 1},
      {"chunked causal",
       all({causal(), compare(floorDiv(q, 8), P::eq, floorDiv(k, 8))}), 1},
      {"chunked with a neighbour",
       all({causal(), compare(floorDiv(q, 4) - floorDiv(k, 4), P::le, 1)}), 1},
      {"blocks by rounding up", compare(q.ceilDiv(4), P::eq, k.ceilDiv(4)), 1},
      {"compressed keys", compare(k * 4 + 3, P::le, q), 1},
      {"stretched keys", compare(k * 2, P::le, q * 3), 1},
      {"slopes",
       all({compare(q * 2 + 5, P::ge, k * 3), compare(k * 2 + 7, P::ge, q)}),
       1},
      {"dilated", all({compare((q - k) % 4, P::eq, 0), window(11, 0)}), 1,
       /*isExact=*/false},
      {"dilated, other residues",
       all({compare((q - k) % 3, P::ne, 1), causal()}), 2, /*isExact=*/false},
      {"strided",
       all({causal(),
            any({compare(k % 8, P::ge, 6), compare(q - k, P::lt, 8)})}),
       2, /*isExact=*/false},
      {"columns", compare(q % 5, P::eq, k % 5), 1, /*isExact=*/false},
      {"every second query", all({compare(q % 2, P::eq, 0), causal()}), 1},
      {"heads that differ", any({compare(h, P::lt, 2), causal()}), 2},
      {"a window per head", all({causal(), compare(q - k, P::le, h * 3)}), 1},
      {"dense every second head", any({compare(h % 2, P::eq, 0), window(3, 0)}),
       2},
      {"batches that differ",
       all({causal(), any({compare(b, P::eq, 0), compare(k, P::gt, 4)})}), 2},
  };
}

MaskExpr MaskExamples::getRandomComparison(std::minstd_rand &generator) const {
  auto pick = [&](int64_t from, int64_t to) {
    return from + static_cast<int64_t>(generator() % (to - from + 1));
  };
  auto position = [&] { return pick(0, 1) ? q : k; };
  auto predicate = [&] { return static_cast<Predicate>(pick(0, 5)); };
  int64_t divisor = pick(2, 6);
  switch (pick(0, 9)) {
  case 0:
  case 1:
    return compare(k - q, predicate(), pick(-8, 8));
  case 2:
    return compare(position(), predicate(), pick(-2, 16));
  case 3:
    return compare(q.floorDiv(divisor), predicate(),
                   k.floorDiv(pick(0, 1) ? divisor : pick(2, 6)));
  case 4:
    return compare((q - k) % divisor, predicate(), pick(0, 3));
  case 5:
    return compare(position() % divisor, predicate(), pick(0, 3));
  case 6:
    return compare(q * pick(-2, 3), predicate(), k * pick(1, 3) + pick(-9, 9));
  case 7:
    return compare(h, predicate(), pick(0, 2));
  case 8:
    return compare(k - q, predicate(), h * pick(-3, 3));
  default:
    return compare((k + pick(-3, 3)).ceilDiv(divisor), predicate(),
                   q + pick(-4, 4));
  }
}

MaskExpr MaskExamples::getRandom(std::minstd_rand &generator,
                                 unsigned depth) const {
  auto below = [&](unsigned limit) { return generator() % limit; };
  unsigned kind = depth == 0 ? 0 : below(5);
  if (kind == 0)
    return getRandomComparison(generator);
  if (kind == 1)
    return no(getRandom(generator, depth - 1));
  std::vector<MaskExpr> operands;
  for (unsigned i = 0, e = 1 + below(3); i < e; ++i)
    operands.push_back(getRandom(generator, depth - 1));
  return kind < 4 ? all(std::move(operands)) : any(std::move(operands));
}

} // namespace attnc::test
