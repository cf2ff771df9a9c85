//===- Work.cpp - the arithmetic of a sequence ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations of layers and models, and where two of them cross. All that is
// compared is a polynomial of at most the second degree between the places
// where a window fills.
//
//===----------------------------------------------------------------------===//

#include "attnc/Plan/Work.h"

#include "llvm/ADT/STLExtras.h"

using namespace attnc::plan;

double attnc::plan::getPairs(const Layer &layer, uint64_t tokens, Phase phase) {
  if (!layer.isAttention())
    return 0;
  auto visible = double(layer.getVisibleKeys(tokens));
  if (phase == Phase::Decode)
    return visible;
  // The first rows are a triangle, the others as long as the window.
  return visible * (visible + 1) / 2 + (double(tokens) - visible) * visible;
}

double attnc::plan::getSequenceFlops(const Layer &layer, uint64_t tokens,
                                     Phase phase) {
  double read = phase == Phase::Prefill ? double(tokens) : 1;
  return getPairs(layer, tokens, phase) * layer.getPairFlops(phase) +
         read * layer.flopsPerToken;
}

Work attnc::plan::getWork(const Model &model, uint64_t tokens, Phase phase) {
  Work work;
  for (const Layer &layer : model.layers)
    (layer.isAttention() ? work.attention : work.scan) +=
        double(model.getCount(layer)) * getSequenceFlops(layer, tokens, phase);
  double read = phase == Phase::Prefill ? double(tokens) : 1;
  work.weights = 2 * double(model.activeParameters) * read;
  return work;
}

namespace {

/// Whether the value of a function rises from `at` to the next number.
bool isRising(llvm::function_ref<double(uint64_t)> of, uint64_t at) {
  return of(at + 1) > of(at);
}

/// The least number in (begin, end] for which `is` holds, which holds at `end`
/// and from its first number on.
uint64_t bisect(uint64_t begin, uint64_t end,
                llvm::function_ref<bool(uint64_t)> is) {
  while (end - begin > 1) {
    uint64_t middle = begin + (end - begin) / 2;
    (is(middle) ? end : begin) = middle;
  }
  return end;
}

} // namespace

std::optional<uint64_t> attnc::plan::findLastingNegative(
    llvm::function_ref<double(uint64_t)> difference,
    std::vector<uint64_t> breaks) {
  breaks.insert(breaks.end(), {1, mostTokens});
  llvm::sort(breaks);
  breaks.erase(llvm::unique(breaks), breaks.end());
  auto isNegative = [&](uint64_t tokens) { return difference(tokens) < 0; };
  if (!isNegative(breaks.back()))
    return std::nullopt;
  // From the end on, as long as all is negative.
  for (size_t i = breaks.size() - 1; i > 0; --i) {
    uint64_t begin = breaks[i - 1], end = breaks[i], highest = begin;
    // A concave function may bulge above zero between its ends.
    if (isNegative(begin) && isRising(difference, begin) &&
        !isRising(difference, end - 1))
      highest = bisect(begin, end - 1, [&](uint64_t tokens) {
        return !isRising(difference, tokens);
      });
    if (!isNegative(highest))
      return bisect(highest, end, isNegative);
  }
  return 1;
}

/// The numbers of tokens at which a window is full. The polynomials before and
/// after it agree there.
static std::vector<uint64_t> getBreaks(llvm::ArrayRef<Layer> layers) {
  std::vector<uint64_t> breaks;
  for (const Layer &layer : layers)
    if (layer.window)
      breaks.push_back(*layer.window);
  return breaks;
}

Crossover attnc::plan::getModelCrossover(const Model &candidate,
                                         const Model &other,
                                         const CacheFormat &format) {
  std::vector<uint64_t> breaks = getBreaks(candidate.layers);
  llvm::append_range(breaks, getBreaks(other.layers));
  auto compareFlops = [&](Phase phase) {
    return findLastingNegative(
        [&](uint64_t tokens) {
          return getWork(candidate, tokens, phase).getSequence() -
                 getWork(other, tokens, phase).getSequence();
        },
        breaks);
  };
  Crossover crossover;
  crossover.memory = findLastingNegative(
      [&](uint64_t tokens) {
        uint64_t mine = getSequenceBytes(candidate, format, tokens);
        uint64_t theirs = getSequenceBytes(other, format, tokens);
        return mine < theirs ? -double(theirs - mine) : double(mine - theirs);
      },
      breaks);
  crossover.decodeFlops = compareFlops(Phase::Decode);
  crossover.prefillFlops = compareFlops(Phase::Prefill);
  return crossover;
}

Crossover attnc::plan::getLayerCrossover(const Layer &candidate,
                                         const Layer &other,
                                         const CacheFormat &format) {
  Model mine, theirs;
  mine.layers = {candidate};
  theirs.layers = {other};
  mine.layers.front().count = theirs.layers.front().count = 1;
  return getModelCrossover(mine, theirs, format);
}
