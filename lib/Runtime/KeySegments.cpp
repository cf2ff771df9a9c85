//===- KeySegments.cpp - the keys that a strip of queries visits ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A mask with several pieces gives a strip of query rows several ranges of
// keys, which may overlap and come in any order. Here they become segments:
// sorted, disjoint, each either allowed to all rows or to be tested. One pass
// over sorted ranges; memory grows with their number and never with the keys'.
//
//===----------------------------------------------------------------------===//
#include "attnc-c/runtime.h"
#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace {

struct Interval {
  int64_t begin, end;
};

struct Segment {
  int64_t begin, end, isFull;
};

/// Ranges that fit without an allocation.
constexpr int64_t kInline = 48;

/// Visited and full intervals, appended in pairs, and the segments made of
/// them: at most one per visited interval and two per full one.
struct KeySegments {
  int64_t count, capacity, numSegments;
  /// The selected segments, and the keys they are cut to.
  const Segment *selected;
  Interval window;
  Interval *visited, *full;
  Segment *segments;
  /// Null, or the allocation that the three arrays lie in.
  void *heap;
  Interval inlineVisited[kInline], inlineFull[kInline];
  Segment inlineSegments[3 * kInline];
};
static_assert(sizeof(KeySegments) <= ATTNC_RT_SEGMENTS_BYTES,
              "compiled kernels reserve this much");

KeySegments &get(int64_t list) {
  return *reinterpret_cast<KeySegments *>(list);
}

/// Doubles the capacity. Without memory for that the list stays as it is.
bool grow(KeySegments &list) {
  int64_t capacity = 2 * list.capacity;
  size_t bytes = capacity * (2 * sizeof(Interval) + 3 * sizeof(Segment));
  void *heap = std::malloc(bytes);
  if (!heap)
    return false;
  auto *visited = static_cast<Interval *>(heap);
  Interval *full = visited + capacity;
  std::memcpy(visited, list.visited, list.count * sizeof(Interval));
  std::memcpy(full, list.full, list.count * sizeof(Interval));
  std::free(list.heap);
  list.heap = heap;
  list.visited = visited;
  list.full = full;
  list.segments = reinterpret_cast<Segment *>(full + capacity);
  list.capacity = capacity;
  return true;
}

/// Sorts by begin and merges what overlaps or touches; empty intervals vanish.
int64_t unite(Interval *intervals, int64_t count) {
  Interval *end = std::remove_if(
      intervals, intervals + count,
      [](const Interval &interval) { return interval.begin >= interval.end; });
  std::sort(intervals, end, [](const Interval &a, const Interval &b) {
    return a.begin < b.begin;
  });
  Interval *last = intervals;
  for (Interval *next = intervals; next != end; ++next)
    if (last != intervals && next->begin <= last[-1].end)
      last[-1].end = std::max(last[-1].end, next->end);
    else
      *last++ = *next;
  return last - intervals;
}

} // namespace

void attnc_rt_segments_init(int64_t list) {
  KeySegments &self = get(list);
  self.count = self.numSegments = 0;
  self.capacity = kInline;
  self.visited = self.inlineVisited;
  self.full = self.inlineFull;
  self.selected = self.segments = self.inlineSegments;
  self.window = {INT64_MIN, INT64_MAX};
  self.heap = nullptr;
}

void attnc_rt_segments_free(int64_t list) { std::free(get(list).heap); }

void attnc_rt_segments_clear(int64_t list) { get(list).count = 0; }

void attnc_rt_segments_add(int64_t list, int64_t begin, int64_t full_begin,
                           int64_t full_end, int64_t end) {
  KeySegments &self = get(list);
  if (begin >= end)
    return;
  if (self.count == self.capacity && !grow(self)) {
    // Testing more keys than necessary is right, if slow.
    Interval &last = self.visited[self.count - 1];
    last = {std::min(last.begin, begin), std::max(last.end, end)};
    return;
  }
  self.visited[self.count] = {begin, end};
  self.full[self.count] = {full_begin, full_end};
  ++self.count;
}

int64_t attnc_rt_segments_finish(int64_t list) {
  KeySegments &self = get(list);
  int64_t numVisited = unite(self.visited, self.count);
  int64_t numFull = unite(self.full, self.count);
  Segment *next = self.segments;
  const Interval *full = self.full, *fullEnd = full + numFull;
  for (int64_t i = 0; i < numVisited; ++i) {
    int64_t key = self.visited[i].begin, end = self.visited[i].end;
    for (; full != fullEnd && full->begin < end; ++full) {
      if (key < full->begin)
        *next++ = {key, full->begin, 0};
      *next++ = {full->begin, full->end, 1};
      key = full->end;
    }
    if (key < end)
      *next++ = {key, end, 0};
  }
  self.numSegments = next - self.segments;
  self.selected = self.segments;
  self.window = {INT64_MIN, INT64_MAX};
  return self.numSegments;
}

void attnc_rt_segments_add_list(int64_t list, int64_t other) {
  const KeySegments &from = get(other);
  for (int64_t i = 0; i < from.numSegments; ++i) {
    int64_t begin = from.segments[i].begin, end = from.segments[i].end;
    attnc_rt_segments_add(list, begin, begin, end, end);
  }
}

int64_t attnc_rt_segments_select(int64_t list, int64_t begin, int64_t end) {
  KeySegments &self = get(list);
  // Blocks of keys come in ascending order.
  const Segment *last = self.segments + self.numSegments;
  if (begin < self.window.begin)
    self.selected = self.segments;
  self.window = {begin, end};
  while (self.selected != last && self.selected->end <= begin)
    ++self.selected;
  const Segment *next = self.selected;
  while (next != last && next->begin < end)
    ++next;
  return next - self.selected;
}

int64_t attnc_rt_segments_begin(int64_t list, int64_t index) {
  const KeySegments &self = get(list);
  return std::max(self.selected[index].begin, self.window.begin);
}

int64_t attnc_rt_segments_end(int64_t list, int64_t index) {
  const KeySegments &self = get(list);
  return std::min(self.selected[index].end, self.window.end);
}

int64_t attnc_rt_segments_is_full(int64_t list, int64_t index) {
  return get(list).selected[index].isFull;
}
