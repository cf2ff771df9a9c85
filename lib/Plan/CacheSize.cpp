//===- CacheSize.cpp - the memory of a sequence ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums over layers.
//
//===----------------------------------------------------------------------===//

#include "attnc/Plan/CacheSize.h"

#include "llvm/Support/MathExtras.h"

using namespace attnc::plan;

uint64_t attnc::plan::getBytesPerToken(const Model &model,
                                       const CacheFormat &format) {
  uint64_t bytes = 0;
  for (const Layer &layer : model.layers)
    bytes += model.getCount(layer) * layer.getBytesPerToken(format);
  return bytes;
}

uint64_t attnc::plan::getStateBytes(const Model &model) {
  uint64_t bytes = 0;
  for (const Layer &layer : model.layers)
    bytes += model.getCount(layer) * layer.stateBytes;
  return bytes;
}

uint64_t attnc::plan::getSequenceBytes(const Model &model,
                                       const CacheFormat &format,
                                       uint64_t tokens) {
  return getPagedBytes(model, format, tokens, /*page=*/1);
}

uint64_t attnc::plan::getPagedBytes(const Model &model,
                                    const CacheFormat &format, uint64_t tokens,
                                    uint64_t page) {
  uint64_t bytes = getStateBytes(model);
  for (const Layer &layer : model.layers)
    bytes += model.getCount(layer) * layer.getBytesPerToken(format) *
             llvm::alignTo(layer.getVisibleKeys(tokens), page);
  return bytes;
}

namespace {

/// Changes a model step by step and notes what changed the bytes.
class Ladder {
public:
  Ladder(const Model &model, uint64_t tokens) : model(model), tokens(tokens) {}

  void note(std::string what, const CacheFormat &format) {
    uint64_t bytes = getSequenceBytes(model, format, tokens);
    if (!steps.empty() && bytes == steps.back().bytes)
      return;
    double before = steps.empty() ? double(bytes) : double(steps.back().bytes);
    steps.push_back({std::move(what), bytes, before / double(bytes)});
  }

  Model model;
  uint64_t tokens;
  std::vector<Reduction> steps;
};

} // namespace

std::vector<Reduction> attnc::plan::getReductions(const Model &model,
                                                  const CacheFormat &format,
                                                  uint64_t tokens) {
  const Layer *first = model.getFirstAttention();
  if (!first)
    return {};
  CacheFormat plain = CacheFormat::get(NumberType::F16);
  Ladder ladder(model, tokens);
  auto rewrite = [&](auto change) {
    for (auto [layer, original] :
         llvm::zip_equal(ladder.model.layers, model.layers))
      layer = change(original);
  };
  rewrite([&](const Layer &layer) {
    Layer full = (layer.isAttention() ? layer : *first).getMultiHead();
    full.count = layer.count;
    return full.getUnwindowed();
  });
  ladder.note("multi-head attention in all layers, f16", plain);
  rewrite(
      [](const Layer &layer) { return layer.getMultiHead().getUnwindowed(); });
  ladder.note("scans in the place of attention", plain);
  rewrite([](const Layer &layer) { return layer.getUnwindowed(); });
  ladder.note("keys and values shared by heads", plain);
  rewrite([](const Layer &layer) { return layer; });
  ladder.note("windows", plain);
  ladder.note("cache in " + format.describe(), format);
  return ladder.steps;
}

double attnc::plan::getScoreMatrixBytes(const Layer &layer, uint64_t tokens,
                                        NumberType type) {
  return double(tokens) * double(tokens) * double(layer.queryHeads) *
         (double(getBitWidth(type)) / 8);
}
