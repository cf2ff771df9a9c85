//===- CacheSizeTest.cpp - the memory of a sequence -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Figures of papers for published models, and the largest model that is
// allowed.
//
//===----------------------------------------------------------------------===//

#include "attnc/Plan/CacheSize.h"
#include "gtest/gtest.h"

using namespace attnc::plan;

namespace {

constexpr uint64_t kib = uint64_t(1) << 10;
constexpr uint64_t gib = uint64_t(1) << 30;

const CacheFormat f16 = CacheFormat::get(NumberType::F16);

uint64_t getPresetBytes(llvm::StringRef name, const CacheFormat &format = f16) {
  return getBytesPerToken(*findModelPreset(name), format);
}

TEST(CacheSizeTest, Llama2TakesHalfAMebibyteAToken) {
  // 2 x 32 layers x 4096 x 2 bytes.
  EXPECT_EQ(getPresetBytes("llama-2-7b"), 512 * kib);
}

TEST(CacheSizeTest, Opt13bIsThatOfThePagedAttentionPaper) {
  // Kwon et al. 2023, section 3: 800 KB a token, 1.6 GB for 2048 tokens.
  const Model &opt = *findModelPreset("opt-13b");
  EXPECT_EQ(getBytesPerToken(opt, f16), 800 * kib);
  EXPECT_EQ(getSequenceBytes(opt, f16, 2048), 1600 * 1024 * kib);
}

TEST(CacheSizeTest, JambaIsThatOfItsPaper) {
  // Lieber et al. 2024, table 1, 256K tokens in 16 bits: Jamba 4 GB, Llama 2
  // 128 GB, Mistral 32 GB (without its window).
  const Model &jamba = *findModelPreset("jamba-v0.1");
  uint64_t tokens = 256 * kib;
  EXPECT_EQ(getBytesPerToken(jamba, f16) * tokens, 4 * gib);
  EXPECT_EQ(getPresetBytes("llama-2-7b") * tokens, 128 * gib);
  EXPECT_EQ(getPresetBytes("mistral-7b") * tokens, 32 * gib);
  // 28 Mamba layers of 8192 x (16 + 4) numbers.
  EXPECT_EQ(getStateBytes(jamba), 28u * 8192 * 20 * 2);
  EXPECT_EQ(getSequenceBytes(jamba, f16, tokens),
            4 * gib + getStateBytes(jamba));
}

TEST(CacheSizeTest, MultiHeadAttentionOf540BIsThatOfPope) {
  // Pope et al. 2022: for a model of more than 500B with multi-head attention,
  // batch 512 and context 2048, 3 TB; with heads of 128 in the place of 256.
  Model palm = *findModelPreset("palm-540b");
  palm.layers = {Layer::getAttention(118, 48, 48, 128)};
  double bytes = 512 * double(getSequenceBytes(palm, f16, 2048));
  EXPECT_NEAR(bytes, 3e12, 0.05e12);
}

TEST(CacheSizeTest, LatentAttentionIsGroupedAttentionWith2Point25Groups) {
  // DeepSeek-AI 2024, table 1: (d_c + d_r) l = 4.5 d_h l elements.
  uint64_t layers = 60, headDim = 128;
  EXPECT_EQ(getPresetBytes("deepseek-v2"), (512 + 64) * layers * 2);
  EXPECT_EQ(getPresetBytes("deepseek-v2"), 9 * headDim * layers);
}

TEST(CacheSizeTest, SharedHeadsDivideByTheirRatio) {
  // Ainslie et al. 2023: h heads in g groups divide the cache by h/g.
  auto steps = getReductions(*findModelPreset("llama-2-70b"), f16, 4096);
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].bytes, 10 * gib);
  EXPECT_EQ(steps[1].factor, 8);
  // Shazeer 2019: by the number of heads.
  steps = getReductions(*findModelPreset("falcon-7b"), f16, 1);
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[1].factor, 71);
}

TEST(CacheSizeTest, WindowsDivideOnceTheyAreFull) {
  const Model &mistral = *findModelPreset("mistral-7b");
  // Jiang et al. 2023: 8x at 32k tokens.
  auto steps = getReductions(mistral, f16, 32 * kib);
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[1].factor, 4);
  EXPECT_EQ(steps[2].what, "windows");
  EXPECT_EQ(steps[2].factor, 8);
  EXPECT_EQ(getReductions(mistral, f16, 4096).size(), 2u);
  EXPECT_EQ(getSequenceBytes(mistral, f16, 4096),
            getSequenceBytes(mistral, f16, mostTokens));
  // Of alternating layers half: (1 + 1/2) / 2 at 8192 tokens.
  steps = getReductions(*findModelPreset("gemma-2-9b"), f16, 8192);
  EXPECT_DOUBLE_EQ(steps[2].factor, 4.0 / 3);
}

TEST(CacheSizeTest, NarrowTypesDivideByLessThanTheirWidth) {
  const Model &llama = *findModelPreset("llama-2-70b");
  auto steps = getReductions(llama, CacheFormat::get(NumberType::I8), 4096);
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_DOUBLE_EQ(steps[2].factor, 256.0 / 132);
  steps = getReductions(llama, CacheFormat::get(NumberType::I4), 4096);
  EXPECT_DOUBLE_EQ(steps[2].factor, 256.0 / 80);
  steps = getReductions(llama, CacheFormat::get(NumberType::F32), 4096);
  EXPECT_DOUBLE_EQ(steps[2].factor, 0.5);
}

TEST(CacheSizeTest, ScansReplaceLayersOfAttention) {
  // One layer of eight is attention, with 8 of 32 heads.
  const Model &jamba = *findModelPreset("jamba-v0.1");
  uint64_t tokens = 256 * kib;
  auto steps = getReductions(jamba, f16, tokens);
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0].bytes, 128 * gib);
  EXPECT_EQ(steps[1].what, "scans in the place of attention");
  EXPECT_NEAR(steps[1].factor, 8, 0.01);
  EXPECT_NEAR(steps[2].factor, 4, 0.01);
  EXPECT_TRUE(getReductions(*findModelPreset("mamba-2.8b"), f16, 8).empty());
}

TEST(CacheSizeTest, PagesAreWhole) {
  const Model &llama = *findModelPreset("llama-2-7b");
  uint64_t token = 512 * kib;
  EXPECT_EQ(getPagedBytes(llama, f16, 1, 16), 16 * token);
  EXPECT_EQ(getPagedBytes(llama, f16, 16, 16), 16 * token);
  EXPECT_EQ(getPagedBytes(llama, f16, 17, 16), 32 * token);
  EXPECT_EQ(getPagedBytes(llama, f16, 17, 1), 17 * token);
  // A full window takes its pages, and no more.
  const Model &mistral = *findModelPreset("mistral-7b");
  EXPECT_EQ(getPagedBytes(mistral, f16, 100000, 16),
            getSequenceBytes(mistral, f16, 4096));
}

TEST(CacheSizeTest, TheScoreMatrixOf128KTokensAnd96HeadsIs3TiB) {
  Layer layer = Layer::getAttention(1, 96, 96, 128);
  EXPECT_EQ(getScoreMatrixBytes(layer, 128 * kib, NumberType::F16),
            3.0 * 1024 * double(gib));
  EXPECT_EQ(getScoreMatrixBytes(layer, 128 * kib, NumberType::F32),
            6.0 * 1024 * double(gib));
}

TEST(CacheSizeTest, TheLargestModelStaysIn64Bits) {
  Model model;
  model.name = "largest";
  model.parameters = model.activeParameters = mostParameters;
  model.layers = {
      Layer::getAttention(mostLayers, mostElements / 2, mostElements / 2, 1)};
  ASSERT_FALSE(bool(model.check()));
  CacheFormat widest = CacheFormat::get(NumberType::F32);
  widest.elementsPerScale = 1;
  widest.hasZeroPoints = true;
  auto exact = (__uint128_t(1) << 32) * 12 * mostTokens;
  EXPECT_EQ(__uint128_t(getSequenceBytes(model, widest, mostTokens)), exact);
  EXPECT_EQ(
      __uint128_t(getPagedBytes(model, widest, mostTokens - 1, mostPageTokens)),
      exact);
}

} // namespace
