//===- Workload.cpp - The sessions of a server, and their tensors ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Workload.h"

#include <algorithm>
#include <cmath>

namespace serving {

namespace {

constexpr int64_t numSystemPrompts = 4;

/// What a number is drawn for; keeps the streams of numbers apart.
enum Purpose : uint64_t { Lengths, TokenIds, Queries, Keys, Values };

/// The finaliser of SplitMix64: a bijection that spreads each bit over all.
uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

uint64_t draw(uint64_t seed, Purpose purpose, uint64_t a, uint64_t b) {
  return mix(mix(mix(seed * 8 + purpose) ^ a) ^ b);
}

/// Numbers for one session: uniform in (0, 1), and standard normal.
class Numbers {
public:
  Numbers(uint64_t seed, uint64_t session) : seed(seed), session(session) {}
  double uniform() {
    return (double(draw(seed, Lengths, session, next++) >> 11) + 0.5) * 0x1p-53;
  }
  double normal() {
    double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(2 * std::acos(-1.0) * uniform());
  }

private:
  uint64_t seed, session, next = 0;
};

/// Where sessions may have 2048 tokens: system prompts of 129, 193, 257 and
/// 321, so that their last pages are filled from the prompts behind them; these
/// are log-normal with the median 125, and answers exponential with the
/// mean 64.
Session drawSession(const WorkloadOptions &options, int64_t index) {
  Numbers numbers(options.seed, uint64_t(index));
  Session session;
  session.systemPrompt = int64_t(numbers.uniform() * numSystemPrompts);
  session.systemTokens =
      (2 + session.systemPrompt) * options.maxTokens / 32 + 1;
  double scale = double(options.maxTokens) / 4096;
  double own = 250 * scale * std::exp(1.1 * numbers.normal());
  double answer = -128 * scale * std::log(numbers.uniform());
  int64_t newTokens =
      std::clamp(int64_t(answer), int64_t(2), options.maxTokens / 4);
  int64_t longest = options.maxTokens - session.systemTokens - newTokens + 1;
  session.promptTokens =
      session.systemTokens + std::clamp(int64_t(own), int64_t(1), longest);
  session.newTokens = newTokens;
  return session;
}

/// Writes multiples of 1/64 in [-limit, limit), which f16 has exactly; `limit`
/// is a power of two up to 16.
void fill(uint64_t seed, Purpose purpose, uint64_t text, uint64_t position,
          float limit, Element *elements, int64_t count) {
  uint64_t key = draw(seed, purpose, text, position);
  for (int64_t i = 0; i < count; i += 8) {
    uint64_t bits = mix(key + uint64_t(i));
    for (int64_t j = 0; j < 8; ++j, bits >>= 8)
      elements[i + j] = Element(float(int8_t(bits)) * limit / 128);
  }
}

} // namespace

Workload::Workload(const WorkloadOptions &options) : seed(options.seed) {
  for (int64_t i = 0; i < options.numSessions; ++i)
    sessions.push_back(drawSession(options, i));
}

/// A number for the system prompt, or for the session's own text.
uint64_t Workload::textOf(int64_t session, int64_t position) const {
  const Session &of = sessions[session];
  return uint64_t(position < of.systemTokens ? of.systemPrompt
                                             : numSystemPrompts + session);
}

std::vector<int32_t> Workload::tokenIds(int64_t session, int64_t count) const {
  std::vector<int32_t> ids;
  ids.reserve(count);
  for (int64_t p = 0; p < count; ++p)
    ids.push_back(
        int32_t(draw(seed, TokenIds, textOf(session, p), uint64_t(p)) >> 33));
  return ids;
}

void Workload::makeKey(int64_t session, int64_t position, Element *key) const {
  fill(seed, Keys, textOf(session, position), uint64_t(position), 1, key,
       tokenElements);
}

void Workload::makeValue(int64_t session, int64_t position,
                         Element *value) const {
  fill(seed, Values, textOf(session, position), uint64_t(position), 1, value,
       tokenElements);
}

void Workload::makeQuery(int64_t session, int64_t position, Element *query,
                         int64_t headStride) const {
  Element row[rowElements];
  fill(seed, Queries, textOf(session, position), uint64_t(position), 4, row,
       rowElements);
  for (int64_t head = 0; head < queryHeads; ++head)
    std::copy_n(row + head * headDim, headDim, query + head * headStride);
}

std::vector<double> Workload::attend(int64_t session, int64_t position) const {
  Element query[rowElements], key[tokenElements], value[tokenElements];
  makeQuery(session, position, query, headDim);
  std::vector<double> sums(rowElements, 0), weights(queryHeads, 0);
  for (int64_t p = 0; p <= position; ++p) {
    makeKey(session, p, key);
    makeValue(session, p, value);
    for (int64_t head = 0; head < queryHeads; ++head) {
      int64_t begin = head / (queryHeads / kvHeads) * headDim;
      double score = 0;
      for (int64_t d = 0; d < headDim; ++d)
        score += double(query[head * headDim + d]) * double(key[begin + d]);
      // Scores are at most 4 sqrt(headDim), so nothing overflows.
      double weight = std::exp(score / std::sqrt(double(headDim)));
      weights[head] += weight;
      for (int64_t d = 0; d < headDim; ++d)
        sums[head * headDim + d] += weight * double(value[begin + d]);
    }
  }
  for (int64_t i = 0; i < rowElements; ++i)
    sums[i] /= weights[i / headDim];
  return sums;
}

} // namespace serving
