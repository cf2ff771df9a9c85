//===- Model.cpp - what a plan has to know of a model ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a layer caches and computes, and the bounds of a description.
//
//===----------------------------------------------------------------------===//

#include "attnc/Plan/Model.h"

#include "attnc/Support/StrictJson.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace attnc;
using namespace attnc::plan;
using llvm::StringRef;
using llvm::Twine;

Layer Layer::getAttention(uint64_t count, uint64_t queryHeads, uint64_t kvHeads,
                          uint64_t dim, std::optional<uint64_t> window) {
  Layer layer;
  layer.count = count;
  layer.queryHeads = queryHeads;
  layer.kvHeads = kvHeads;
  layer.keyDim = layer.valueDim = dim;
  layer.window = window;
  return layer;
}

Layer Layer::getScan(uint64_t count, uint64_t stateBytes,
                     double flopsPerToken) {
  Layer layer;
  layer.kind = Kind::Scan;
  layer.count = count;
  layer.stateBytes = stateBytes;
  layer.flopsPerToken = flopsPerToken;
  return layer;
}

uint64_t Layer::getVisibleKeys(uint64_t tokens) const {
  return window ? std::min(*window, tokens) : tokens;
}

uint64_t Layer::getBytesPerToken(const CacheFormat &format) const {
  switch (kind) {
  case Kind::Attention:
    return kvHeads *
           (format.getVectorBytes(keyDim) + format.getVectorBytes(valueDim));
  case Kind::Latent:
    return format.getVectorBytes(latentDim) + format.getVectorBytes(ropeDim);
  case Kind::Scan:
    return 0;
  }
  llvm_unreachable("all kinds are above");
}

Layer Layer::getMultiHead() const {
  Layer layer = *this;
  if (isAttention()) {
    layer.kind = Kind::Attention;
    layer.kvHeads = queryHeads;
  }
  return layer;
}

Layer Layer::getUnwindowed() const {
  Layer layer = *this;
  layer.window = std::nullopt;
  return layer;
}

double Layer::getPairFlops(Phase phase) const {
  // A scan has no pairs; its dims are 0.
  double dims = double(keyDim + valueDim);
  if (kind == Kind::Latent && phase == Phase::Decode)
    dims = double(latentDim + ropeDim + latentDim);
  return 2 * double(queryHeads) * dims;
}

StringRef Layer::getKindName() const {
  switch (kind) {
  case Kind::Attention:
    return "attention";
  case Kind::Latent:
    return "latent";
  case Kind::Scan:
    return "scan";
  }
  llvm_unreachable("all kinds are above");
}

std::string Layer::describe() const {
  std::string text = getKindName().str();
  if (kind == Kind::Scan)
    return text + ", a state of " + std::to_string(stateBytes) + " bytes";
  text += ", " + std::to_string(queryHeads) + " heads";
  if (kind == Kind::Latent)
    text += ", latent dim " + std::to_string(latentDim) + " and rotary dim " +
            std::to_string(ropeDim);
  else
    text += " on " + std::to_string(kvHeads) + ", dim " +
            std::to_string(keyDim) +
            (valueDim == keyDim ? "" : " and " + std::to_string(valueDim));
  if (window)
    text += ", window " + std::to_string(*window);
  return text;
}

namespace {

/// Checks the numbers of a description.
class ModelChecker {
public:
  explicit ModelChecker(const Model &model) : model(model) {}

  llvm::Error run();

private:
  llvm::Error fail(const Twine &what) const {
    return llvm::createStringError("model " + quoteForMessage(model.name) +
                                   ": " + what);
  }
  llvm::Error expectIn(StringRef name, uint64_t value, uint64_t least,
                       uint64_t most) const {
    if (value >= least && value <= most)
      return llvm::Error::success();
    return fail(name + " is " + Twine(value) + " and must be from " +
                Twine(least) + " to " + Twine(most));
  }
  llvm::Error checkLayer(const Layer &layer) const;
  llvm::Error checkAttention(const Layer &layer) const;

  const Model &model;
};

} // namespace

llvm::Error ModelChecker::checkAttention(const Layer &layer) const {
  struct {
    StringRef name;
    uint64_t value;
  } dims[] = {{"query_heads", layer.queryHeads},
              {"key_dim", layer.keyDim},
              {"value_dim", layer.valueDim},
              {"window", layer.window.value_or(1)},
              {"latent_dim", layer.kind == Layer::Kind::Latent ? layer.latentDim
                                                               : layer.keyDim}};
  for (const auto &[name, value] : dims)
    if (llvm::Error error = expectIn(
            name, value, 1, name == "window" ? mostTokens : mostElements))
      return error;
  // Both factors are at most 2^23.
  if (layer.queryHeads * (layer.keyDim + layer.valueDim) > mostElements)
    return fail("a layer has more than " + Twine(mostElements) +
                " elements of keys and values in all query heads");
  if (layer.kind == Layer::Kind::Latent) {
    if (layer.ropeDim > mostElements ||
        layer.latentDim + layer.ropeDim > mostElements)
      return fail("latent_dim and rope_dim are together more than " +
                  Twine(mostElements));
    return llvm::Error::success();
  }
  if (layer.kvHeads == 0 || layer.queryHeads % layer.kvHeads != 0)
    return fail("query_heads is " + Twine(layer.queryHeads) +
                " and must be a multiple of kv_heads, which is " +
                Twine(layer.kvHeads));
  return llvm::Error::success();
}

llvm::Error ModelChecker::checkLayer(const Layer &layer) const {
  if (llvm::Error error = expectIn("count", layer.count, 1, mostLayers))
    return error;
  if (layer.isAttention())
    return checkAttention(layer);
  if (!(layer.flopsPerToken >= 0 && layer.flopsPerToken <= mostFlopsPerToken))
    return fail("flops_per_token must be from 0 to 1e15");
  return expectIn("state_bytes", layer.stateBytes, 0, mostStateBytes);
}

llvm::Error ModelChecker::run() {
  if (llvm::Error error =
          expectIn("parameters", model.parameters, 1, mostParameters))
    return error;
  if (llvm::Error error = expectIn("active_parameters", model.activeParameters,
                                   1, model.parameters))
    return error;
  if (llvm::Error error = expectIn("repeat", model.repeat, 1, mostLayers))
    return error;
  if (model.layers.empty() || model.layers.size() > mostLayers)
    return fail("layers has " + Twine(model.layers.size()) +
                " entries and must have from 1 to " + Twine(mostLayers));
  for (const Layer &layer : model.layers)
    if (llvm::Error error = checkLayer(layer))
      return error;
  if (model.countLayers() > mostLayers)
    return fail("has " + Twine(model.countLayers()) +
                " layers; a plan takes at most " + Twine(mostLayers));
  return llvm::Error::success();
}

llvm::Error Model::check() const { return ModelChecker(*this).run(); }

uint64_t Model::countLayers() const {
  uint64_t number = 0;
  for (const Layer &layer : layers)
    number += getCount(layer);
  return number;
}

const Layer *Model::getFirstAttention() const {
  auto found = llvm::find_if(
      layers, [](const Layer &layer) { return layer.isAttention(); });
  return found == layers.end() ? nullptr : &*found;
}

uint64_t Model::getWeightBytes() const {
  return llvm::divideCeil(parameters * getBitWidth(weights), 8);
}

uint64_t Model::getActiveWeightBytes() const {
  return llvm::divideCeil(activeParameters * getBitWidth(weights), 8);
}

const Model *plan::findModelPreset(StringRef name) {
  auto found = llvm::find_if(getModelPresets(), [&](const Model &model) {
    return model.name == name;
  });
  return found == getModelPresets().end() ? nullptr : &*found;
}
