//===- ModelJson.cpp - descriptions of models as JSON ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Version 1 of the format that docs/plan.md describes. Files are untrusted: one
// is accepted whole or refused with a message that names it.
//
//===----------------------------------------------------------------------===//

#include "attnc/Plan/Model.h"
#include "attnc/Support/BoundedFile.h"
#include "attnc/Support/StrictJson.h"

using namespace attnc;
using namespace attnc::plan;
using llvm::ArrayRef;
using llvm::StringRef;
using llvm::Twine;
using Json = nlohmann::ordered_json;

namespace {

constexpr uint64_t modelVersion = 1;
constexpr size_t maxNameBytes = 128;
constexpr JsonKind modelKind = {"model", "a model", size_t(1) << 20};

/// A number of a layer, and whether it has to be there.
struct LayerField {
  const char *key;
  uint64_t Layer::*value;
  uint64_t least, most;
  bool isRequired;
};

constexpr LayerField countField = {"count", &Layer::count, 1, mostLayers,
                                   false};
constexpr LayerField attentionFields[] = {
    countField,
    {"query_heads", &Layer::queryHeads, 1, mostElements, true},
    {"kv_heads", &Layer::kvHeads, 1, mostElements, true},
    {"key_dim", &Layer::keyDim, 1, mostElements, true},
    {"value_dim", &Layer::valueDim, 1, mostElements, false}};
constexpr LayerField latentFields[] = {
    countField,
    {"query_heads", &Layer::queryHeads, 1, mostElements, true},
    {"key_dim", &Layer::keyDim, 1, mostElements, true},
    {"value_dim", &Layer::valueDim, 1, mostElements, false},
    {"latent_dim", &Layer::latentDim, 1, mostElements, true},
    {"rope_dim", &Layer::ropeDim, 0, mostElements, true}};
constexpr LayerField scanFields[] = {
    countField, {"state_bytes", &Layer::stateBytes, 0, mostStateBytes, true}};

struct KindFields {
  Layer::Kind kind;
  ArrayRef<LayerField> fields;
  /// Keys that are not numbers in a range of integers.
  StringRef otherKey;
};

const KindFields kinds[] = {{Layer::Kind::Attention, attentionFields, "window"},
                            {Layer::Kind::Latent, latentFields, "window"},
                            {Layer::Kind::Scan, scanFields, "flops_per_token"}};

const KindFields *findKind(StringRef name) {
  for (const KindFields &entry : kinds) {
    Layer layer;
    layer.kind = entry.kind;
    if (layer.getKindName() == name)
      return &entry;
  }
  return nullptr;
}

llvm::Expected<Layer> readLayer(const JsonNode &node) {
  if (!node.isObject())
    return node.fail("must be an object");
  auto name = node.getString("kind", maxNameBytes);
  if (!name)
    return name.takeError();
  const KindFields *kind = findKind(*name);
  if (!kind)
    return node.fail("has the kind " + quoteForMessage(*name) +
                     "; kinds are attention, latent, scan");
  llvm::SmallVector<StringRef> keys = {"kind", kind->otherKey};
  for (const LayerField &field : kind->fields)
    keys.push_back(field.key);
  if (llvm::Error error = node.expectObject(keys))
    return std::move(error);
  Layer layer;
  layer.kind = kind->kind;
  for (const LayerField &field : kind->fields) {
    if (!field.isRequired && !node.has(field.key))
      continue;
    auto value = node.getNumber(field.key, field.least, field.most);
    if (!value)
      return value.takeError();
    layer.*field.value = *value;
  }
  if (layer.valueDim == 0)
    layer.valueDim = layer.keyDim;
  if (!layer.isAttention()) {
    auto flops = node.getReal("flops_per_token", 0, mostFlopsPerToken);
    if (!flops)
      return flops.takeError();
    layer.flopsPerToken = *flops;
  } else if (node.has("window")) {
    auto window = node.getNumber("window", 1, mostTokens);
    if (!window)
      return window.takeError();
    layer.window = *window;
  }
  return layer;
}

llvm::Error readWeights(const JsonNode &root, Model &model) {
  auto parameters = root.getNumber("parameters", 1, mostParameters);
  if (!parameters)
    return parameters.takeError();
  model.parameters = model.activeParameters = *parameters;
  if (root.has("active_parameters")) {
    auto active = root.getNumber("active_parameters", 1, *parameters);
    if (!active)
      return active.takeError();
    model.activeParameters = *active;
  }
  if (!root.has("weights"))
    return llvm::Error::success();
  auto weights = root.getString("weights", maxNameBytes);
  if (!weights)
    return weights.takeError();
  auto type = parseNumberType(*weights);
  if (!type)
    return root.fail("has weights of " + quoteForMessage(*weights) +
                     "; types are " + listNumberTypes());
  model.weights = *type;
  return llvm::Error::success();
}

llvm::Expected<Model> readModel(const JsonNode &root) {
  // Before anything that another version may spell differently.
  auto version = root.getNumber("version");
  if (!version)
    return version.takeError();
  if (*version != modelVersion)
    return root.fail("has version " + Twine(*version) +
                     ", and this attnc reads version " + Twine(modelVersion));
  if (llvm::Error error = root.expectObject({"version", "name", "source",
                                             "parameters", "active_parameters",
                                             "weights", "repeat", "layers"}))
    return std::move(error);
  Model model;
  auto name = root.getString("name", maxNameBytes);
  if (!name)
    return name.takeError();
  model.name = std::move(*name);
  if (root.has("source")) {
    auto source = root.getString("source", size_t(1) << 10);
    if (!source)
      return source.takeError();
    model.source = std::move(*source);
  }
  if (llvm::Error error = readWeights(root, model))
    return std::move(error);
  if (root.has("repeat")) {
    auto repeat = root.getNumber("repeat", 1, mostLayers);
    if (!repeat)
      return repeat.takeError();
    model.repeat = *repeat;
  }
  auto layers = root.getArray("layers");
  if (!layers)
    return layers.takeError();
  for (const JsonNode &element : *layers) {
    auto layer = readLayer(element);
    if (!layer)
      return layer.takeError();
    model.layers.push_back(*layer);
  }
  return model;
}

/// Whole numbers without a point, as they are written in the sources.
Json getReal(double value) {
  if (value == double(uint64_t(value)))
    return uint64_t(value);
  return value;
}

Json getLayer(const Layer &layer) {
  Json json = {{"kind", layer.getKindName().str()}};
  for (const LayerField &field : findKind(layer.getKindName())->fields)
    json[field.key] = layer.*field.value;
  if (!layer.isAttention())
    json["flops_per_token"] = getReal(layer.flopsPerToken);
  if (layer.window)
    json["window"] = *layer.window;
  return json;
}

} // namespace

llvm::Expected<Model> Model::parse(StringRef text, StringRef path) {
  auto document = JsonDocument::parse(text, path, modelKind);
  if (!document)
    return document.takeError();
  auto model = readModel(document->getRoot());
  if (model)
    if (llvm::Error error = model->check())
      return std::move(error);
  return model;
}

llvm::Expected<Model> Model::load(StringRef path) {
  auto text = readAtMost(path, modelKind.mostBytes);
  if (!text)
    return text.takeError();
  return parse(*text, path);
}

std::string Model::emitJson() const {
  Json json = {{"version", modelVersion}, {"name", name}};
  if (!source.empty())
    json["source"] = source;
  json["parameters"] = parameters;
  if (activeParameters != parameters)
    json["active_parameters"] = activeParameters;
  json["weights"] = getName(weights).str();
  json["repeat"] = repeat;
  json["layers"] = Json::array();
  for (const Layer &layer : layers)
    json["layers"].push_back(getLayer(layer));
  return json.dump(2) + "\n";
}
