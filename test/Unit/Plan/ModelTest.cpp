//===- ModelTest.cpp - what a plan has to know of a model -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Descriptions that are refused, with the message, and presets that survive
// being printed and read.
//
//===----------------------------------------------------------------------===//

#include "attnc/Plan/Model.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace attnc::plan;

namespace {

std::string refuse(const std::string &text) {
  auto model = Model::parse(text, "m.json");
  if (model)
    return "no error";
  return llvm::toString(model.takeError());
}

std::string refuseLayer(const std::string &layer) {
  return refuse(R"({"version": 1, "name": "m", "parameters": 10, "layers": [)" +
                layer + "]}");
}

std::string refuseModel(const std::string &keys) {
  return refuse(R"({"version": 1, "name": "m", "layers": [{"kind": "scan", )"
                R"("state_bytes": 1, "flops_per_token": 1}], )" +
                keys + "}");
}

TEST(ModelTest, PresetsAreInBoundsAndSurviveARoundTrip) {
  ASSERT_GE(getModelPresets().size(), 14u);
  for (const Model &model : getModelPresets()) {
    SCOPED_TRACE(model.name);
    EXPECT_FALSE(bool(model.check()));
    EXPECT_FALSE(model.source.empty());
    EXPECT_EQ(findModelPreset(model.name), &model);
    auto read = Model::parse(model.emitJson(), "preset");
    ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
    EXPECT_EQ(read->emitJson(), model.emitJson());
    EXPECT_EQ(read->countLayers(), model.countLayers());
    EXPECT_EQ(read->activeParameters, model.activeParameters);
  }
  EXPECT_EQ(findModelPreset("gpt-5"), nullptr);
}

/// Counts the weights of a decoder with a gated feed-forward part, as Llama.
uint64_t countGated(uint64_t layers, uint64_t width, uint64_t inner,
                    uint64_t vocabulary, uint64_t heads, uint64_t kvHeads,
                    uint64_t dim, uint64_t embeddings, uint64_t norms) {
  uint64_t attention = 2 * width * dim * (heads + kvHeads);
  return layers * (attention + 3 * width * inner + norms * width) +
         embeddings * vocabulary * width + width;
}

TEST(ModelTest, WeightsFollowFromTheConfigurations) {
  auto getParameters = [](llvm::StringRef name) {
    return findModelPreset(name)->parameters;
  };
  EXPECT_EQ(getParameters("llama-2-7b"),
            countGated(32, 4096, 11008, 32000, 32, 32, 128, 2, 2));
  EXPECT_EQ(getParameters("llama-2-70b"),
            countGated(80, 8192, 28672, 32000, 64, 8, 128, 2, 2));
  EXPECT_EQ(getParameters("llama-3-8b"),
            countGated(32, 4096, 14336, 128256, 32, 8, 128, 2, 2));
  EXPECT_EQ(getParameters("llama-3-70b"),
            countGated(80, 8192, 28672, 128256, 64, 8, 128, 2, 2));
  EXPECT_EQ(getParameters("mistral-7b"),
            countGated(32, 4096, 14336, 32000, 32, 8, 128, 2, 2));
  EXPECT_EQ(getParameters("gemma-7b"),
            countGated(28, 3072, 24576, 256000, 16, 16, 256, 1, 2));
  EXPECT_EQ(getParameters("gemma-2-9b"),
            countGated(42, 3584, 14336, 256000, 16, 8, 256, 1, 4));
  // Falcon: an inner width of 4 times the width, one or two norms with biases,
  // tied embeddings.
  auto countFalcon = [](uint64_t layers, uint64_t width, uint64_t heads,
                        uint64_t kvHeads, uint64_t norms) {
    return layers * (width * 64 * (heads + 2 * kvHeads) + 9 * width * width +
                     2 * norms * width) +
           65024 * width + 2 * width;
  };
  EXPECT_EQ(getParameters("falcon-7b"), countFalcon(32, 4544, 71, 1, 1));
  EXPECT_EQ(getParameters("falcon-40b"), countFalcon(60, 8192, 128, 8, 2));
  // OPT: biases everywhere, 2050 learned positions.
  uint64_t width = 5120, inner = 20480;
  EXPECT_EQ(getParameters("opt-13b"),
            40 * (4 * (width + 1) * width + 2 * width * inner + inner + width +
                  4 * width) +
                (50272 + 2050 + 2) * width);
}

TEST(ModelTest, WeightsOfMambaFollowFromItsConfiguration) {
  // In, convolution, to dt, B and C, from dt, A, D, out, norm.
  uint64_t width = 2560, channels = 5120, states = 16, rank = 160, taps = 4;
  uint64_t layer = 2 * width * channels + channels * (taps + 1) +
                   channels * (rank + 2 * states) + (rank + 1) * channels +
                   channels * states + channels + channels * width + width;
  EXPECT_EQ(findModelPreset("mamba-2.8b")->parameters,
            64 * layer + 50280 * width + width);
}

TEST(ModelTest, ThePatternOfAHybridRepeats) {
  const Model &jamba = *findModelPreset("jamba-v0.1");
  EXPECT_EQ(jamba.countLayers(), 32u);
  EXPECT_EQ(jamba.getFirstAttention(), &jamba.layers[1]);
  EXPECT_EQ(jamba.getCount(jamba.layers[1]), 4u);
  EXPECT_EQ(findModelPreset("gemma-2-9b")->countLayers(), 42u);
  EXPECT_EQ(findModelPreset("mamba-2.8b")->getFirstAttention(), nullptr);
}

TEST(ModelTest, WeightsTakeTheirWidth) {
  Model model = *findModelPreset("llama-2-7b");
  EXPECT_EQ(model.getWeightBytes(), 2 * model.parameters);
  model.weights = NumberType::I4;
  EXPECT_EQ(model.getWeightBytes(), model.parameters / 2);
  EXPECT_EQ(findModelPreset("jamba-v0.1")->getActiveWeightBytes(),
            24000000000u);
}

TEST(ModelTest, MissingFieldsHaveDefaults) {
  auto model = Model::parse(
      R"({"version": 1, "name": "m", "parameters": 10, "layers": [)"
      R"({"kind": "attention", "query_heads": 4, "kv_heads": 2,)"
      R"( "key_dim": 8}]})",
      "m.json");
  ASSERT_TRUE(bool(model)) << llvm::toString(model.takeError());
  EXPECT_EQ(model->activeParameters, 10u);
  EXPECT_EQ(model->weights, NumberType::BF16);
  EXPECT_EQ(model->countLayers(), 1u);
  EXPECT_EQ(model->layers[0].valueDim, 8u);
  EXPECT_EQ(model->layers[0].window, std::nullopt);
}

TEST(ModelTest, KeysAreKnown) {
  EXPECT_EQ(refuseModel(R"("parameters": 10, "heads": 3)"),
            "model 'm.json' has the key 'heads'; it may have version, name, "
            "source, parameters, active_parameters, weights, repeat, layers");
  EXPECT_EQ(refuseLayer(R"({"kind": "scan", "window": 3})"),
            "model 'm.json': /layers/0 has the key 'window'; it may have kind, "
            "flops_per_token, count, state_bytes");
  EXPECT_EQ(refuseLayer(R"({"kind": "conv"})"),
            "model 'm.json': /layers/0 has the kind 'conv'; kinds are "
            "attention, latent, scan");
  EXPECT_EQ(refuseLayer("7"), "model 'm.json': /layers/0 must be an object");
  EXPECT_EQ(refuseLayer("{}"), "model 'm.json': /layers/0 has no 'kind'");
}

TEST(ModelTest, NumbersAreBounded) {
  EXPECT_EQ(refuseModel(R"("parameters": 0)"),
            "model 'm.json': /parameters must be a whole number from 1 to "
            "1125899906842624");
  EXPECT_EQ(refuseModel(R"("parameters": 18446744073709551615)"),
            refuseModel(R"("parameters": 0)"));
  // Beyond 64 bits JSON is read as a floating-point number.
  EXPECT_EQ(refuseModel(R"("parameters": 184467440737095516160)"),
            refuseModel(R"("parameters": 0)"));
  EXPECT_EQ(refuseModel(R"("parameters": -1)"),
            refuseModel(R"("parameters": 0)"));
  EXPECT_EQ(refuseModel(R"("parameters": 2.5)"),
            refuseModel(R"("parameters": 0)"));
  EXPECT_EQ(refuseModel(R"("parameters": 4, "active_parameters": 5)"),
            "model 'm.json': /active_parameters must be a whole number from 1 "
            "to 4");
  EXPECT_EQ(refuseModel(R"("parameters": 4, "repeat": 1025)"),
            "model 'm.json': /repeat must be a whole number from 1 to 1024");
  EXPECT_EQ(refuseModel(R"("parameters": 4, "weights": "f7")"),
            "model 'm.json' has weights of 'f7'; types are f32, f16, bf16, f8, "
            "i8, i4");
  EXPECT_EQ(
      refuseLayer(
          R"({"kind": "scan", "state_bytes": 1, "flops_per_token": 1e16})"),
      "model 'm.json': /layers/0/flops_per_token must be a number from 0 to "
      "1e+15");
}

TEST(ModelTest, NumbersFitTogether) {
  EXPECT_EQ(refuseLayer(R"({"kind": "attention", "query_heads": 6,)"
                        R"( "kv_heads": 4, "key_dim": 8})"),
            "model 'm': query_heads is 6 and must be a multiple of kv_heads, "
            "which is 4");
  EXPECT_EQ(refuseLayer(R"({"kind": "attention", "query_heads": 4194304,)"
                        R"( "kv_heads": 1, "key_dim": 4194304})"),
            "model 'm': a layer has more than 4194304 elements of keys and "
            "values in all query heads");
  EXPECT_EQ(refuseLayer(R"({"kind": "latent", "query_heads": 1,)"
                        R"( "key_dim": 8, "latent_dim": 4194304,)"
                        R"( "rope_dim": 4194304})"),
            "model 'm': latent_dim and rope_dim are together more than "
            "4194304");
  EXPECT_EQ(refuse(R"({"version": 1, "name": "m", "parameters": 10,)"
                   R"( "layers": []})"),
            "model 'm': layers has 0 entries and must have from 1 to 1024");
  EXPECT_EQ(refuse(R"({"version": 1, "name": "m", "parameters": 10,)"
                   R"( "repeat": 1024, "layers": [{"kind": "scan",)"
                   R"( "count": 2, "state_bytes": 0, "flops_per_token": 0}]})"),
            "model 'm': has 2048 layers; a plan takes at most 1024");
}

TEST(ModelTest, ModelsMadeByProgramsAreChecked) {
  auto refuseChange = [](auto change) {
    Model model = *findModelPreset("jamba-v0.1");
    change(model);
    return llvm::toString(model.check());
  };
  EXPECT_EQ(refuseChange([](Model &model) { model.layers[1].kvHeads = 0; }),
            "model 'jamba-v0.1': query_heads is 32 and must be a multiple of "
            "kv_heads, which is 0");
  EXPECT_EQ(refuseChange([](Model &model) { model.layers[1].window = 0; }),
            "model 'jamba-v0.1': window is 0 and must be from 1 to 268435456");
  EXPECT_EQ(
      refuseChange([](Model &model) { model.layers[0].flopsPerToken = NAN; }),
      "model 'jamba-v0.1': flops_per_token must be from 0 to 1e15");
}

TEST(ModelTest, VersionsAreRead) {
  EXPECT_EQ(refuse(R"({"name": "m"})"), "model 'm.json' has no 'version'");
  EXPECT_EQ(refuse(R"({"version": 2, "future": 1})"),
            "model 'm.json' has version 2, and this attnc reads version 1");
}

} // namespace
