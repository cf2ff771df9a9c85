//===- PartVisits.cpp - what one part of a mask visits --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tile of the user's rows holds rows of several residue classes, each of
// which visits its own keys: where all classes are there the keys are one run,
// else they are as many runs as there are gaps between the classes.
//
//===----------------------------------------------------------------------===//

#include "PartVisits.h"

#include "llvm/ADT/STLExtras.h"
#include <map>
#include <tuple>

using namespace attnc;

bool PartVisits::visitClass(const QueryPlane &plane, Strips *strips,
                            PairCounts &counts, int64_t count,
                            int64_t &cost) const {
  int64_t stripCost = part.getStripCost(plane, stripRows);
  part.forEachStrip(plane, stripRows, values, [&](const MaskPart::Strip &s) {
    cost -= stripCost + int64_t(s.segments.size()) * part.getSegmentCost();
    for (const KeySegment &segment : s.segments) {
      int64_t pairs = count * s.rows * (segment.end - segment.begin);
      *counts.visited += pairs;
      if (!segment.isFull)
        *counts.tested += pairs;
    }
    if (strips)
      strips->push_back(s.segments.vec());
    return cost >= 0;
  });
  return cost >= 0;
}

bool PartVisits::visitStrips(PairCounts &counts, int64_t &cost) {
  counts.visited = counts.tested = 0;
  QueryPlane plane = frame.getPlane();
  int64_t modulus = part.getModulus();
  if (modulus == 1)
    return visitClass(plane, nullptr, counts, 1, cost);
  using Lengths = std::tuple<int64_t, int64_t, int64_t>;
  std::map<Lengths, std::shared_ptr<const Strips>> alike;
  for (const MaskPart::PlaneClass &some : part.getClasses(plane)) {
    auto strips = std::make_shared<Strips>();
    if (!visitClass(some.plane, strips.get(), counts, some.count, cost))
      return false;
    alike[{some.plane.first, some.plane.queries, some.plane.keys}] = strips;
    if (!part.hasAlikeClasses()) {
      classes.resize(size_t(some.plane.residue) + 1);
      classes.back() = std::move(strips);
    }
  }
  if (!part.hasAlikeClasses())
    return true;
  for (int64_t r = 0, end = std::min(modulus, plane.keys); r < end; ++r) {
    QueryPlane ofClass = plane.getResidueClass(modulus, r);
    classes.push_back(alike[{ofClass.first, ofClass.queries, ofClass.keys}]);
  }
  return true;
}

namespace {

/// Where a residue class begins or ends to be visited.
struct Event {
  int64_t key;
  int64_t residue;
  bool isBegin;
};

/// Appends the keys of [begin, end) of a class for each class in `active`, in
/// order. False if that makes `left` negative.
bool addKeys(int64_t begin, int64_t end, const std::map<int64_t, int> &active,
             int64_t modulus, std::vector<KeyRange> &ranges, int64_t &left) {
  auto add = [&](int64_t first, int64_t last) {
    --left;
    ranges.push_back({first, first, first, last});
  };
  if (active.empty())
    return true;
  if (int64_t(active.size()) == modulus) {
    add(begin * modulus, end * modulus);
    return left >= 0;
  }
  SmallVector<std::pair<int64_t, int64_t>> runs;
  for (auto [residue, count] : active)
    if (!runs.empty() && runs.back().second == residue)
      ++runs.back().second;
    else
      runs.emplace_back(residue, residue + 1);
  for (int64_t key = begin; key < end && left >= 0; ++key)
    for (auto [first, last] : runs)
      add(key * modulus + first, key * modulus + last);
  return left >= 0;
}

} // namespace

bool PartVisits::addLatticeTile(int64_t row, int64_t count,
                                std::vector<KeyRange> &tile,
                                int64_t &left) const {
  QueryPlane plane = frame.getPlane();
  int64_t modulus = part.getModulus();
  std::vector<Event> events;
  for (int64_t i = row; i < std::min(row + modulus, row + count); ++i) {
    int64_t residue =
        plane.first + i -
        modulus * llvm::divideFloorSigned(plane.first + i, modulus);
    if (residue >= int64_t(classes.size()) || !classes[size_t(residue)])
      continue;
    const Strips &strips = *classes[size_t(residue)];
    int64_t firstRow = plane.getFirstRow(modulus, residue);
    int64_t last = i + (row + count - 1 - i) / modulus * modulus;
    int64_t strip = (i - firstRow) / modulus / stripRows;
    int64_t lastStrip = (last - firstRow) / modulus / stripRows;
    for (; strip <= lastStrip; ++strip)
      for (const KeySegment &segment : strips[size_t(strip)]) {
        events.push_back({segment.begin, residue, true});
        events.push_back({segment.end, residue, false});
      }
  }
  llvm::sort(events,
             [](const Event &a, const Event &b) { return a.key < b.key; });
  // How many of the strips visit the key, for each class.
  std::map<int64_t, int> active;
  int64_t key = 0;
  for (const Event &event : events) {
    if (event.key > key &&
        !addKeys(key, event.key, active, modulus, tile, left))
      return false;
    key = event.key;
    int &strips = active[event.residue];
    strips += event.isBegin ? 1 : -1;
    if (strips == 0)
      active.erase(event.residue);
  }
  return true;
}

bool PartVisits::addTiles(std::vector<std::vector<KeyRange>> &tiles,
                          int64_t &cost) const {
  QueryPlane plane = frame.getPlane();
  int64_t left = MaskPicture::maxRows;
  if (part.getModulus() > 1) {
    for (auto [i, tile] : llvm::enumerate(tiles)) {
      int64_t row = int64_t(i) * frame.queryTile;
      int64_t count = std::min(frame.queryTile, frame.queryLength - row);
      if (!addLatticeTile(row, count, tile, left))
        return false;
    }
    return true;
  }
  int64_t tileCost = part.getStripCost(plane, frame.queryTile);
  size_t number = 0;
  part.forEachStrip(
      plane, frame.queryTile, values, [&](const MaskPart::Strip &strip) {
        for (const KeySegment &segment : strip.segments)
          tiles[number].push_back({segment.begin, segment.begin,
                                   segment.isFull ? segment.end : segment.begin,
                                   segment.end});
        ++number;
        auto found = int64_t(strip.segments.size());
        cost -= tileCost + found * part.getSegmentCost();
        left -= found;
        return cost >= 0 && left >= 0;
      });
  return cost >= 0 && left >= 0;
}
