//===- VisitCost.cpp - what it costs to visit keys ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Looks at some strips of a sequence and takes their mean.
//
//===----------------------------------------------------------------------===//
#include "attnc/Analysis/VisitCost.h"
#include "llvm/Support/MathExtras.h"

namespace attnc {

/// The prices were measured on a core with AVX-512 at head dim 64, where a pair
/// takes 2 ns: a tested pair is a fifth dearer, a step costs 0.2 us (two passes
/// over its scores, a check for rescaling), a strip 2 us (queries in, outputs
/// out).
constexpr double kTestedPair = 1.2, kStep = 128, kStrip = 1024;
/// The keys of a step.
constexpr int64_t kStepKeys = 128;
constexpr int64_t kAssumedNumber = 1024;
constexpr int64_t kSamples = 12;

double estimateRowCost(const KeyVisits &visits, int64_t length, int64_t lanes) {
  auto read = [](const MaskTerm &term, ArrayRef<int64_t>) {
    return std::min(kAssumedNumber, term.highest);
  };
  // What is read is the same everywhere.
  BlockSummaries summaries;
  const MaskSet &set = visits.getSet();
  for (auto [term, role] :
       llvm::zip_equal(set.getMask().terms.getTerms(), set.getRoles())) {
    summaries.emplace_back();
    int64_t number = std::max(read(term, {}), term.lowest);
    if (role == TermRole::key)
      summaries.back().assign(
          size_t(llvm::divideCeil(length, KeyVisits::blockSize)),
          {number, number});
  }
  int64_t strips = llvm::divideCeil(length, lanes);
  int64_t samples = std::min(kSamples, strips);
  double cost = 0;
  for (int64_t sample = 0; sample < samples; ++sample) {
    QueryTile tile;
    // Not the first strips: what sees everything from there is rare.
    tile.first = (2 * sample + 1) * strips / (2 * samples) * lanes;
    tile.count = std::min(lanes, length - tile.first);
    tile.keys = length;
    cost += kStrip;
    for (const KeySegment &segment :
         makeSegments(visits.evaluate(tile, read, &summaries))) {
      int64_t keys = segment.end - segment.begin;
      cost += double(keys * lanes) * (segment.isFull ? 1 : kTestedPair) +
              double(llvm::divideCeil(keys, kStepKeys)) * kStep;
    }
  }
  double rows = double(length) / double(strips) * double(samples);
  return rows > 0 ? cost / rows : 0;
}

} // namespace attnc
