//===- KeySegmentsTest.cpp - the keys that a strip of queries visits ------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The list of ranges that compiled kernels fill, against a bitmap: each key is
// in one segment if some range has it, and in a full one if some range is full
// there.
//
//===----------------------------------------------------------------------===//
#include "attnc-c/runtime.h"
#include "gtest/gtest.h"
#include <array>
#include <random>
#include <vector>

namespace {

struct Range {
  int64_t begin, fullBegin, fullEnd, end;
};

/// The list of one thread, as a kernel keeps it.
class KeySegmentsTest : public testing::Test {
protected:
  KeySegmentsTest() { attnc_rt_segments_init(getList()); }
  ~KeySegmentsTest() override { attnc_rt_segments_free(getList()); }

  int64_t getList() { return reinterpret_cast<int64_t>(memory); }

  void add(const Range &range) {
    attnc_rt_segments_add(getList(), range.begin, range.fullBegin,
                          range.fullEnd, range.end);
  }

  /// Finishes the list and compares with `ranges`, all below `keys`.
  void check(const std::vector<Range> &ranges, int64_t keys) {
    enum : char { unvisited, tested, full };
    std::vector<char> expected(keys, unvisited);
    for (const Range &range : ranges)
      for (int64_t k = range.begin; k < range.end; ++k)
        if (k >= range.fullBegin && k < range.fullEnd)
          expected[k] = full;
        else if (expected[k] == unvisited)
          expected[k] = tested;
    std::vector<char> actual(keys, unvisited);
    int64_t count = attnc_rt_segments_finish(getList()), last = 0;
    for (int64_t i = 0; i < count; ++i) {
      int64_t begin = attnc_rt_segments_begin(getList(), i);
      int64_t end = attnc_rt_segments_end(getList(), i);
      ASSERT_LE(last, begin) << "unsorted or not disjoint";
      ASSERT_LT(begin, end);
      ASSERT_LE(end, keys);
      for (int64_t k = begin; k < end; ++k)
        actual[k] = attnc_rt_segments_is_full(getList(), i) ? full : tested;
      last = end;
    }
    ASSERT_EQ(actual, expected);
  }

  /// Ranges in any order: some empty, some without a full part, some all full.
  std::vector<Range> draw(int64_t count, int64_t keys, int64_t length) {
    std::vector<Range> ranges;
    auto below = [&](int64_t bound) {
      return static_cast<int64_t>(random() % bound);
    };
    for (int64_t i = 0; i < count; ++i) {
      Range range;
      range.begin = below(keys);
      range.end = std::min(keys, range.begin + below(length + 1));
      int64_t size = range.end - range.begin;
      range.fullBegin = range.begin + (below(3) ? below(size + 1) : 0);
      range.fullEnd =
          below(3) ? range.fullBegin + below(range.end - range.fullBegin + 1)
                   : range.end;
      ranges.push_back(range);
    }
    return ranges;
  }

  /// The selected segments, as begin, end, full or not.
  std::vector<std::array<int64_t, 3>> read(int64_t count) {
    std::vector<std::array<int64_t, 3>> segments;
    for (int64_t i = 0; i < count; ++i)
      segments.push_back({attnc_rt_segments_begin(getList(), i),
                          attnc_rt_segments_end(getList(), i),
                          attnc_rt_segments_is_full(getList(), i)});
    return segments;
  }

  void addAndCheck(const std::vector<Range> &ranges, int64_t keys) {
    for (const Range &range : ranges)
      add(range);
    check(ranges, keys);
  }

  std::mt19937 random{11};

private:
  alignas(8) char memory[ATTNC_RT_SEGMENTS_BYTES];
};

TEST_F(KeySegmentsTest, AnEmptyListHasNoSegments) {
  EXPECT_EQ(attnc_rt_segments_finish(getList()), 0);
  // A range without keys, wherever it lies.
  add({7, 7, 7, 7});
  add({9, 9, 9, 9});
  EXPECT_EQ(attnc_rt_segments_finish(getList()), 0);
}

TEST_F(KeySegmentsTest, OneRangeIsUpToThreeSegments) {
  addAndCheck({{2, 4, 7, 9}}, 12);
  EXPECT_EQ(attnc_rt_segments_finish(getList()), 3);
  attnc_rt_segments_clear(getList());
  addAndCheck({{2, 2, 9, 9}}, 12);
  EXPECT_EQ(attnc_rt_segments_finish(getList()), 1);
  EXPECT_EQ(attnc_rt_segments_is_full(getList(), 0), 1);
  attnc_rt_segments_clear(getList());
  addAndCheck({{2, 2, 2, 9}}, 12);
  EXPECT_EQ(attnc_rt_segments_finish(getList()), 1);
  EXPECT_EQ(attnc_rt_segments_is_full(getList(), 0), 0);
}

/// A block of keys has parts of some segments; finishing selects them all
/// again.
TEST_F(KeySegmentsTest, SelectsPartsOfSegments) {
  using Segments = std::vector<std::array<int64_t, 3>>;
  const Segments all = {{2, 4, 0}, {4, 7, 1}, {7, 9, 0}, {20, 30, 1}};
  EXPECT_EQ(attnc_rt_segments_select(getList(), 0, 9), 0) << "an empty list";
  add({2, 4, 7, 9});
  add({20, 20, 30, 30});
  EXPECT_EQ(read(attnc_rt_segments_finish(getList())), all);
  auto select = [&](int64_t begin, int64_t end) {
    return read(attnc_rt_segments_select(getList(), begin, end));
  };
  EXPECT_EQ(select(0, 2), Segments());
  EXPECT_EQ(select(0, 3), Segments({{2, 3, 0}}));
  EXPECT_EQ(select(3, 8), Segments({{3, 4, 0}, {4, 7, 1}, {7, 8, 0}}));
  EXPECT_EQ(select(9, 20), Segments());
  EXPECT_EQ(select(22, 25), Segments({{22, 25, 1}}));
  EXPECT_EQ(select(30, 99), Segments());
  EXPECT_EQ(select(0, 99), all) << "a block before the last one";
  select(25, 26);
  EXPECT_EQ(read(attnc_rt_segments_finish(getList())), all);
}

/// Blocks of the keys of several lists: together they are those of each.
TEST_F(KeySegmentsTest, AListOfListsHasTheKeysOfAll) {
  constexpr int64_t keys = 400, block = 16;
  for (int round = 0; round < 200; ++round) {
    attnc_rt_segments_clear(getList());
    std::vector<Range> united;
    alignas(8) char memory[3][ATTNC_RT_SEGMENTS_BYTES];
    std::vector<int64_t> lists;
    for (char *other : memory) {
      auto list = reinterpret_cast<int64_t>(other);
      lists.push_back(list);
      attnc_rt_segments_init(list);
      for (const Range &r : draw(60, keys, 1 + random() % 20)) {
        attnc_rt_segments_add(list, r.begin, r.fullBegin, r.fullEnd, r.end);
        united.push_back({r.begin, r.begin, r.end, r.end});
      }
      attnc_rt_segments_finish(list);
      attnc_rt_segments_add_list(getList(), list);
    }
    check(united, keys);
    for (int i = 0; i < 3; ++i) {
      std::vector<char> seen(keys), expected(keys);
      int64_t count = attnc_rt_segments_finish(lists[i]);
      for (int64_t s = 0; s < count; ++s)
        for (int64_t k = attnc_rt_segments_begin(lists[i], s);
             k < attnc_rt_segments_end(lists[i], s); ++k)
          expected[k] = 1 + attnc_rt_segments_is_full(lists[i], s);
      for (int64_t begin = 0; begin < keys; begin += block) {
        count = attnc_rt_segments_select(lists[i], begin, begin + block);
        for (int64_t s = 0; s < count; ++s)
          for (int64_t k = attnc_rt_segments_begin(lists[i], s);
               k < attnc_rt_segments_end(lists[i], s); ++k)
            seen[k] += 1 + attnc_rt_segments_is_full(lists[i], s);
      }
      ASSERT_EQ(seen, expected);
      attnc_rt_segments_free(lists[i]);
    }
  }
}

/// Ranges that touch are one segment: a kernel starts fewer tiles.
TEST_F(KeySegmentsTest, TouchingRangesAreMerged) {
  addAndCheck({{8, 8, 8, 12}, {0, 0, 0, 4}, {4, 4, 4, 8}}, 12);
  EXPECT_EQ(attnc_rt_segments_finish(getList()), 1);
  attnc_rt_segments_clear(getList());
  addAndCheck({{4, 4, 8, 8}, {0, 0, 4, 4}}, 12);
  EXPECT_EQ(attnc_rt_segments_finish(getList()), 1);
}

/// What is full in one range is full wherever another has it, too.
TEST_F(KeySegmentsTest, FullPartsLieAcrossRanges) {
  addAndCheck({{0, 6, 6, 6}, {2, 3, 9, 10}, {5, 5, 5, 8}, {8, 9, 12, 12}}, 12);
}

TEST_F(KeySegmentsTest, RandomRangesAndReuse) {
  for (int64_t round = 0; round < 1500 && !HasFatalFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    attnc_rt_segments_clear(getList());
    int64_t keys = 1 + round % 97;
    addAndCheck(draw(round % 13, keys, 1 + round % 23), keys);
  }
}

/// 48 ranges fit without an allocation.
TEST_F(KeySegmentsTest, LongListsGrow) {
  for (int64_t count : {47, 48, 49, 96, 97, 1000, 5000}) {
    SCOPED_TRACE(std::to_string(count) + " ranges");
    // Far apart, so that each is segments of its own, and close together.
    for (int64_t keys : {int64_t(300), 40 * count}) {
      attnc_rt_segments_clear(getList());
      addAndCheck(draw(count, keys, 9), keys);
      ASSERT_FALSE(HasFatalFailure());
    }
  }
  // A list that was long is a list like any other afterwards.
  attnc_rt_segments_clear(getList());
  addAndCheck({{3, 4, 5, 6}}, 10);
}

/// Every range is three segments, and none touches another.
TEST_F(KeySegmentsTest, SegmentsAreUpToThreeForEachRange) {
  for (int64_t count : {48, 49, 200}) {
    attnc_rt_segments_clear(getList());
    std::vector<Range> ranges;
    for (int64_t i = count; i-- > 0;)
      ranges.push_back({8 * i, 8 * i + 2, 8 * i + 4, 8 * i + 6});
    addAndCheck(ranges, 8 * count);
    EXPECT_EQ(attnc_rt_segments_finish(getList()), 3 * count);
  }
}

} // namespace
