//===- ModelPresets.cpp - published models --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Layers, heads, dims and windows are those of the published config.json or
// paper that `source` names. Counts of weights follow from the same figures,
// embeddings and norms included, unless docs/plan.md says that they are those
// of the paper.
//
//===----------------------------------------------------------------------===//

#include "attnc/Plan/Model.h"

using namespace attnc::plan;

/// The first Mamba: a state of `channels` by `stateDim` and the last `convDim`
/// inputs of the convolution, in 16 bits. An element of the state takes seven
/// operations for a token, exp(d*a)*h + (d*x)*b and its share of the sum with
/// c; a channel takes d*x, the skip and the convolution.
static Layer getMamba(uint64_t count, uint64_t channels, uint64_t stateDim,
                      uint64_t convDim) {
  return Layer::getScan(count, 2 * channels * (stateDim + convDim),
                        double(channels * (7 * stateDim + 3 + 2 * convDim)));
}

static Model getModel(std::string name, std::string source, uint64_t parameters,
                      uint64_t repeat, std::vector<Layer> layers) {
  Model model;
  model.name = std::move(name);
  model.source = std::move(source);
  model.parameters = model.activeParameters = parameters;
  model.repeat = repeat;
  model.layers = std::move(layers);
  return model;
}

static Model getMixture(Model model, uint64_t activeParameters) {
  model.activeParameters = activeParameters;
  return model;
}

static Layer getLatent(uint64_t count, uint64_t heads, uint64_t keyDim,
                       uint64_t valueDim, uint64_t latentDim,
                       uint64_t ropeDim) {
  Layer layer = Layer::getAttention(count, heads, 0, keyDim);
  layer.kind = Layer::Kind::Latent;
  layer.valueDim = valueDim;
  layer.latentDim = latentDim;
  layer.ropeDim = ropeDim;
  return layer;
}

static Model getWithF16(Model model) {
  model.weights = NumberType::F16;
  return model;
}

static std::vector<Model> getDenseModels() {
  auto attention = Layer::getAttention;
  return {
      getWithF16(getModel("llama-2-7b",
                          "config.json of Llama-2-7b; Touvron et al. 2023",
                          6738415616, 1, {attention(32, 32, 32, 128, {})})),
      getWithF16(getModel("llama-2-70b",
                          "config.json of Llama-2-70b; Touvron et al. 2023",
                          68976648192, 1, {attention(80, 64, 8, 128, {})})),
      getModel("llama-3-8b", "config.json of Meta-Llama-3-8B", 8030261248, 1,
               {attention(32, 32, 8, 128, {})}),
      getModel("llama-3-70b", "config.json of Meta-Llama-3-70B", 70553706496, 1,
               {attention(80, 64, 8, 128, {})}),
      getModel("mistral-7b",
               "config.json of Mistral-7B-v0.1; Jiang et al. 2023", 7241732096,
               1, {attention(32, 32, 8, 128, 4096)}),
      getModel("falcon-7b", "config.json of falcon-7b; Almazrouei et al. 2023",
               6921720704, 1, {attention(32, 71, 1, 64, {})}),
      getModel("falcon-40b",
               "config.json of falcon-40b; Almazrouei et al. 2023", 41303293952,
               1, {attention(60, 128, 8, 64, {})}),
      getWithF16(getModel("opt-13b",
                          "config.json of opt-13b; Zhang et al. 2022",
                          12853473280, 1, {attention(40, 40, 40, 128, {})})),
      getModel("palm-540b", "Chowdhery et al. 2022, table 1", 540350000000, 1,
               {attention(118, 48, 1, 256, {})}),
      getModel("gemma-7b", "config.json of gemma-7b; Gemma Team 2024",
               8537680896, 1, {attention(28, 16, 16, 256, {})}),
      getModel("gemma-2-9b", "config.json of gemma-2-9b; Gemma Team 2024",
               9241705984, 21,
               {attention(1, 16, 8, 256, 4096), attention(1, 16, 8, 256, {})}),
  };
}

static std::vector<Model> getAllModels() {
  std::vector<Model> models = getDenseModels();
  models.push_back(getModel("mamba-2.8b",
                            "config.json of mamba-2.8b; Gu and Dao 2023",
                            2768345600, 1, {getMamba(64, 5120, 16, 4)}));
  models.push_back(getMixture(
      getModel("jamba-v0.1", "config.json of Jamba-v0.1; Lieber et al. 2024",
               52000000000, 4,
               {getMamba(4, 8192, 16, 4), Layer::getAttention(1, 32, 8, 128),
                getMamba(3, 8192, 16, 4)}),
      12000000000));
  models.push_back(getMixture(
      getModel("deepseek-v2",
               "configuration of DeepSeek-V2 (236B); DeepSeek-AI "
               "2024",
               236000000000, 1, {getLatent(60, 128, 192, 128, 512, 64)}),
      21000000000));
  return models;
}

llvm::ArrayRef<Model> attnc::plan::getModelPresets() {
  static const std::vector<Model> models = getAllModels();
  return models;
}
