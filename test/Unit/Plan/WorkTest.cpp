//===- WorkTest.cpp - the arithmetic of a sequence ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations against sums pair by pair, and crossings against a search that
// tries every length.
//
//===----------------------------------------------------------------------===//

#include "attnc/Plan/Work.h"
#include "gtest/gtest.h"

using namespace attnc::plan;

namespace {

const CacheFormat f16 = CacheFormat::get(NumberType::F16);

TEST(WorkTest, PairsAreThoseOfEachQuery) {
  for (uint64_t window : {1, 2, 5, 7, 8, 100}) {
    Layer layer = Layer::getAttention(1, 1, 1, 1, window);
    double sum = 0;
    for (uint64_t tokens = 1; tokens <= 20; ++tokens) {
      auto visible = double(std::min(tokens, window));
      sum += visible;
      EXPECT_EQ(getPairs(layer, tokens, Phase::Decode), visible);
      EXPECT_EQ(getPairs(layer, tokens, Phase::Prefill), sum);
    }
  }
  EXPECT_EQ(getPairs(Layer::getAttention(1, 1, 1, 1), 1000, Phase::Prefill),
            500500);
}

TEST(WorkTest, CausalAttentionIsHalfOfWhatFlashAttentionCounts) {
  // Dao 2023: 4 n^2 d h for the forward pass, half of it if causal.
  Layer layer = Layer::getAttention(1, 32, 8, 128);
  double tokens = 16384;
  double flops = getSequenceFlops(layer, 16384, Phase::Prefill);
  EXPECT_NEAR(flops / (4 * tokens * tokens * 128 * 32 / 2), 1, 1e-4);
  // The heads that share keys compute all the same.
  EXPECT_EQ(flops, getSequenceFlops(Layer::getAttention(1, 32, 32, 128), 16384,
                                    Phase::Prefill));
}

TEST(WorkTest, QuadraticWorkGrowsBy1024From4KTo128K) {
  const Model &llama = *findModelPreset("llama-2-7b");
  double factor = getWork(llama, 131072, Phase::Prefill).attention /
                  getWork(llama, 4096, Phase::Prefill).attention;
  EXPECT_NEAR(factor, 1024, 0.3);
  // A decoded token grows with the length, a window not at all.
  EXPECT_EQ(getWork(llama, 131072, Phase::Decode).attention /
                getWork(llama, 4096, Phase::Decode).attention,
            32);
  const Model &mistral = *findModelPreset("mistral-7b");
  EXPECT_EQ(getWork(mistral, 131072, Phase::Decode).attention,
            getWork(mistral, 4096, Phase::Decode).attention);
}

TEST(WorkTest, WeightsTakeTwoOperationsEach) {
  const Model &llama = *findModelPreset("llama-2-7b");
  EXPECT_EQ(getWork(llama, 100, Phase::Decode).weights, 2 * 6738415616.0);
  EXPECT_EQ(getWork(llama, 100, Phase::Prefill).weights, 200 * 6738415616.0);
  // Of a mixture those that a token meets.
  EXPECT_EQ(getWork(*findModelPreset("jamba-v0.1"), 1, Phase::Decode).weights,
            2 * 12e9);
}

TEST(WorkTest, LatentAttentionDecodesOnTheLatentVectors) {
  const Layer &layer = findModelPreset("deepseek-v2")->layers[0];
  EXPECT_EQ(layer.getPairFlops(Phase::Prefill), 2.0 * 128 * (192 + 128));
  EXPECT_EQ(layer.getPairFlops(Phase::Decode), 2.0 * 128 * (576 + 512));
}

TEST(WorkTest, MambaCountsItsRecurrence) {
  const Layer &layer = findModelPreset("mamba-2.8b")->layers[0];
  // 7 for each of 5120 x 16 elements, 3 and a convolution of 4 for a channel.
  EXPECT_EQ(layer.flopsPerToken, 7.0 * 5120 * 16 + 3 * 5120 + 8 * 5120);
  EXPECT_EQ(getSequenceFlops(layer, 1000, Phase::Decode), layer.flopsPerToken);
  EXPECT_EQ(getSequenceFlops(layer, 1000, Phase::Prefill),
            1000 * layer.flopsPerToken);
  Work work = getWork(*findModelPreset("mamba-2.8b"), 10, Phase::Prefill);
  EXPECT_EQ(work.attention, 0);
  EXPECT_EQ(work.getSequence(), 640 * layer.flopsPerToken);
}

TEST(WorkTest, AScanWinsOverAttentionFromALengthOn) {
  // 1000 bytes against 4 x 2 x 16 x 2 = 256 a token, and 3000 operations
  // against 2 x 8 x 32 = 512 a pair.
  Layer scan = Layer::getScan(1, 1000, 3000);
  Layer attention = Layer::getAttention(1, 8, 4, 16);
  Crossover crossover = getLayerCrossover(scan, attention, f16);
  EXPECT_EQ(crossover.memory, 4u);
  EXPECT_EQ(crossover.decodeFlops, 6u);
  // n (n + 1) / 2 x 512 > 3000 n from n = 11 on.
  EXPECT_EQ(crossover.prefillFlops, 11u);
  // How many such layers there are does not matter.
  scan.count = 7;
  EXPECT_EQ(getLayerCrossover(scan, attention, f16).memory, 4u);
}

TEST(WorkTest, AWindowMayBeSmallerForever) {
  Layer scan = Layer::getScan(1, 1000, 3000);
  // 3 x 256 bytes at most.
  Layer attention = Layer::getAttention(1, 8, 4, 16, 3);
  Crossover crossover = getLayerCrossover(scan, attention, f16);
  EXPECT_EQ(crossover.memory, std::nullopt);
  EXPECT_EQ(crossover.decodeFlops, std::nullopt);
  EXPECT_EQ(crossover.prefillFlops, std::nullopt);
}

TEST(WorkTest, CrossingsAreThoseOfASearch) {
  std::vector<std::pair<Layer, Layer>> pairs;
  for (uint64_t window : {1, 4, 9})
    for (uint64_t heads : {1, 2, 3})
      for (uint64_t state : {0, 10, 64, 300}) {
        pairs.emplace_back(Layer::getScan(1, state, double(state)),
                           Layer::getAttention(1, heads, heads, 2, window));
        pairs.emplace_back(Layer::getAttention(1, heads, heads, 2, window),
                           Layer::getScan(1, state, double(state)));
        pairs.emplace_back(Layer::getAttention(1, heads, heads, 2, window),
                           Layer::getAttention(1, 2, 1, 3, state + 1));
      }
  auto search = [](auto isLess) -> std::optional<uint64_t> {
    uint64_t last = 20000;
    if (!isLess(last))
      return std::nullopt;
    while (last > 1 && isLess(last - 1))
      --last;
    return last;
  };
  for (const auto &[mine, theirs] : pairs) {
    Model a, b;
    a.layers = {mine};
    b.layers = {theirs};
    Crossover crossover = getLayerCrossover(mine, theirs, f16);
    SCOPED_TRACE(mine.describe() + " / " + theirs.describe());
    EXPECT_EQ(crossover.memory, search([&](uint64_t tokens) {
                return getSequenceBytes(a, f16, tokens) <
                       getSequenceBytes(b, f16, tokens);
              }));
    for (auto [phase, found] : {std::pair(Phase::Decode, crossover.decodeFlops),
                                {Phase::Prefill, crossover.prefillFlops}})
      EXPECT_EQ(found, search([&, phase = phase](uint64_t tokens) {
                  return getWork(a, tokens, phase).getSequence() <
                         getWork(b, tokens, phase).getSequence();
                }));
  }
}

TEST(WorkTest, WhatGrowsTakesLessForAWhileOnly) {
  const Model &llama = *findModelPreset("llama-2-7b");
  const Model &mamba = *findModelPreset("mamba-2.8b");
  Crossover crossover = getModelCrossover(llama, mamba, f16);
  EXPECT_EQ(crossover.memory, std::nullopt);
  EXPECT_EQ(crossover.decodeFlops, std::nullopt);
  crossover = getModelCrossover(mamba, llama, f16);
  // 12.5 MiB of states against half a MiB a token.
  EXPECT_EQ(crossover.memory, 26u);
}

TEST(WorkTest, BulgesAreSeen) {
  auto bulge = [](uint64_t at) {
    double off = double(at) - 1000;
    return 100 - off * off;
  };
  EXPECT_EQ(findLastingNegative(bulge, {}), 1010u + 1);
  EXPECT_EQ(findLastingNegative(bulge, {1000, 2000}), 1010u + 1);
  EXPECT_EQ(findLastingNegative(bulge, {1011}), 1010u + 1);
  auto dip = [&](uint64_t at) { return -bulge(std::min<uint64_t>(at, 1005)); };
  EXPECT_EQ(findLastingNegative(dip, {1005}), 990u + 1);
  EXPECT_EQ(findLastingNegative([](uint64_t) { return 0.0; }, {5}),
            std::nullopt);
  EXPECT_EQ(findLastingNegative([](uint64_t) { return -1.0; }, {5}), 1u);
  EXPECT_EQ(findLastingNegative(
                [](uint64_t at) { return at == mostTokens ? -1.0 : 0.0; },
                {mostTokens - 1}),
            mostTokens);
}

} // namespace
