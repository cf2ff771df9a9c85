//===- VisitCost.cpp - what it costs to visit keys ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Looks at some strips of a sequence and takes their mean.
//
//===----------------------------------------------------------------------===//
#include "attnc/Analysis/VisitCost.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

namespace attnc {

/// The prices were measured at head dim 64, where a pair takes 2 ns on a core
/// with AVX-512 and 4 ns on one with AVX2: a tested pair is a fifth dearer, a
/// step costs 0.2 us in strips of 48 rows (a check for rescaling, of each row
/// and of them all), a strip of 48 rows 2 us (queries in, outputs out).
constexpr double kTestedPair = 1.2, kStep = 80, kStepRow = 1, kRow = 21;
/// The keys of a step.
constexpr int64_t kStepKeys = 128;
constexpr int64_t kAssumedNumber = 1024;
/// A mask with rows of keys is evaluated row by row.
constexpr int64_t kSamples = 24, kSamplesOfRows = 12;

/// The strip of `strips` that is looked at as the number `sample` of `samples`.
/// Each lies in a part of its own of the sequence, at another place in it, or
/// they would all meet a mask with blocks at the same places.
static int64_t getSampledStrip(int64_t sample, int64_t samples,
                               int64_t strips) {
  constexpr double goldenRatio = 0.6180339887498949;
  double place = (double(sample) + 0.5) * goldenRatio;
  place -= std::floor(place);
  return static_cast<int64_t>((double(sample) + place) * double(strips) /
                              double(samples));
}

double estimateRowCost(const KeyVisits &visits, int64_t length, int64_t lanes,
                       KnownTermReader readKnown) {
  auto read = [&](const MaskTerm &term, ArrayRef<int64_t> indices) {
    return readKnown(term, indices)
        .value_or(std::min(kAssumedNumber, term.highest));
  };
  // What is read of a block of keys is the same everywhere.
  BlockSummaries summaries;
  const MaskSet &set = visits.getSet();
  for (auto [term, role] :
       llvm::zip_equal(set.getMask().terms.getTerms(), set.getRoles())) {
    summaries.emplace_back();
    int64_t number = std::clamp(kAssumedNumber, term.lowest, term.highest);
    if (role == TermRole::key)
      summaries.back().assign(
          size_t(llvm::divideCeil(length, KeyVisits::blockSize)),
          {number, number});
  }
  int64_t strips = llvm::divideCeil(length, lanes);
  int64_t samples =
      std::min(visits.getRows() ? kSamplesOfRows : kSamples, strips);
  double cost = 0;
  for (int64_t sample = 0; sample < samples; ++sample) {
    QueryTile tile;
    tile.first = getSampledStrip(sample, samples, strips) * lanes;
    tile.count = std::min(lanes, length - tile.first);
    tile.keys = length;
    cost += kRow * double(lanes);
    for (const KeySegment &segment :
         makeSegments(visits.evaluate(tile, read, &summaries))) {
      int64_t keys = segment.end - segment.begin;
      cost += double(keys * lanes) * (segment.isFull ? 1 : kTestedPair) +
              double(llvm::divideCeil(keys, kStepKeys)) *
                  (kStep + kStepRow * double(lanes));
    }
  }
  double rows = double(length) / double(strips) * double(samples);
  return rows > 0 ? cost / rows : 0;
}

} // namespace attnc
