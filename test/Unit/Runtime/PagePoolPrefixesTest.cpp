//===- PagePoolPrefixesTest.cpp - Pages shared by what they hold ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which pages a new sequence finds, which of them stay when pages run out, and
// that only equal prefixes are shared, even where their hashes are equal.
//
//===----------------------------------------------------------------------===//

#include "PagePoolFixture.h"

namespace {

class PagePoolPrefixesTest : public PagePoolTest {
protected:
  /// A sequence with these tokens, all of which are published.
  attnc_rt_sequence createPublished(const Ids &ids, uint64_t domain = 0) {
    attnc_rt_sequence sequence = create({}, domain);
    append(sequence, ids);
    publish(sequence, ids);
    return sequence;
  }

  /// How many of the first tokens are in the pool.
  int64_t countCached(const Ids &ids, uint64_t domain = 0) {
    attnc_rt_sequence sequence = 0;
    int64_t numCached = -1;
    EXPECT_EQ(attnc_rt_pool_create_sequence(pool, domain, ids.data(),
                                            int64_t(ids.size()), &sequence,
                                            &numCached),
              ATTNC_OK);
    EXPECT_EQ(read(sequence), Ids(ids.begin(), ids.begin() + numCached));
    free(sequence);
    return numCached;
  }
};

TEST_F(PagePoolPrefixesTest, ANewSequenceSharesWhatWasPublished) {
  attnc_rt_sequence first = createPublished({1, 2, 3, 4, 5, 6, 7, 8, 9});
  attnc_rt_sequence second = create({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0, 8);
  EXPECT_EQ(table(second)[0], table(first)[0]);
  EXPECT_EQ(table(second)[1], table(first)[1]);
  EXPECT_EQ(statistics().used_pages, 3);
  EXPECT_EQ(statistics().reused_pages, 2);
  append(second, {90, 100});
  EXPECT_EQ(read(first), Ids({1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(read(second), Ids({1, 2, 3, 4, 5, 6, 7, 8, 90, 100}));
}

TEST_F(PagePoolPrefixesTest, OnlyWholePagesOfEqualPrefixesAreShared) {
  createPublished({1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(countCached({1, 2, 3}), 0);
  EXPECT_EQ(countCached({1, 2, 3, 4, 5, 6, 7}), 4);
  EXPECT_EQ(countCached({1, 2, 3, 4, 5, 6, 7, 9}), 4);
  EXPECT_EQ(countCached({0, 2, 3, 4, 5, 6, 7, 8}), 0);
  EXPECT_EQ(countCached({5, 6, 7, 8}), 0);
  EXPECT_EQ(countCached({1, 2, 3, 4, 1, 2, 3, 4}), 4);
}

TEST_F(PagePoolPrefixesTest, DomainsShareNothing) {
  createPublished({1, 2, 3, 4}, 1);
  EXPECT_EQ(countCached({1, 2, 3, 4}, 1), 4);
  EXPECT_EQ(countCached({1, 2, 3, 4}, 2), 0);
  createPublished({1, 2, 3, 4}, 2);
  EXPECT_EQ(statistics().used_pages, 2);
}

TEST_F(PagePoolPrefixesTest, WhatIsNotPublishedIsNotShared) {
  attnc_rt_sequence sequence = create();
  append(sequence, {1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(countCached({1, 2, 3, 4, 5, 6, 7, 8}), 0);
  publish(sequence, {1, 2, 3, 4, 5, 6, 7});
  EXPECT_EQ(countCached({1, 2, 3, 4, 5, 6, 7, 8}), 4);
  publish(sequence, {1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(countCached({1, 2, 3, 4, 5, 6, 7, 8}), 8);
}

TEST_F(PagePoolPrefixesTest, TheLeastRecentlyUsedPagesAreEvicted) {
  free(createPublished({1, 1, 1, 1, 2, 2, 2, 2}));
  free(createPublished({3, 3, 3, 3, 4, 4, 4, 4}));
  EXPECT_EQ(statistics().cached_pages, 4);
  EXPECT_EQ(countCached({1, 1, 1, 1}), 4); // used again
  attnc_rt_sequence other = create();
  append(other, Ids(16, 9));
  EXPECT_EQ(statistics().evicted_pages, 0);
  append(other, {9}); // the end of a prefix goes before what precedes it
  EXPECT_EQ(countCached({1, 1, 1, 1, 2, 2, 2, 2}), 4);
  append(other, Ids(4, 9));
  EXPECT_EQ(countCached({3, 3, 3, 3, 4, 4, 4, 4}), 4);
  append(create(), Ids(4, 9));
  EXPECT_EQ(countCached({1, 1, 1, 1}), 0);
  EXPECT_EQ(countCached({3, 3, 3, 3}), 4);
  EXPECT_EQ(statistics().evicted_pages, 3);
}

TEST_F(PagePoolPrefixesTest, ContentThatIsPublishedTwiceIsEnteredOnce) {
  attnc_rt_sequence first = createPublished({1, 2, 3, 4, 5, 6, 7, 8});
  attnc_rt_sequence second = createPublished({1, 2, 3, 4, 0, 0, 0, 0});
  // Its second page follows the first page of the other one.
  EXPECT_EQ(countCached({1, 2, 3, 4, 0, 0, 0, 0}), 8);
  free(second);
  EXPECT_EQ(statistics().cached_pages, 1);
  free(first);
  EXPECT_EQ(statistics().cached_pages, 3);
}

TEST_F(PagePoolPrefixesTest, APrefixWhoseStartIsLostIsPublishedAgain) {
  attnc_rt_sequence first = createPublished({1, 2, 3, 4});
  attnc_rt_sequence second = createPublished({1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(attnc_rt_pool_truncate(pool, first, 3), ATTNC_OK);
  append(first, {40}); // takes the page that was entered out of the table
  EXPECT_EQ(countCached({1, 2, 3, 4, 5, 6, 7, 8}), 0);
  append(second, {9, 9, 9, 9});
  publish(second, {1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9});
  EXPECT_EQ(countCached({1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9}), 12);
  EXPECT_EQ(read(first), Ids({1, 2, 3, 40}));
}

TEST_F(PagePoolPrefixesTest, APublishedPageIsNotWritten) {
  attnc_rt_sequence first = createPublished({1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(attnc_rt_pool_truncate(pool, first, 6), ATTNC_OK);
  EXPECT_EQ(countCached({1, 2, 3, 4, 5, 6, 7, 8}), 8);
  attnc_rt_sequence second = create({1, 2, 3, 4, 5, 6, 7, 8}, 0, 8);
  append(first, {70}); // shared with the second: a copy
  EXPECT_EQ(read(second), Ids({1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(countCached({1, 2, 3, 4, 5, 6, 7, 8}), 8);
  free(first);
  EXPECT_EQ(attnc_rt_pool_truncate(pool, second, 7), ATTNC_OK);
  append(second, {80}); // its own: no copy, and published no more
  EXPECT_EQ(statistics().copied_pages, 1);
  EXPECT_EQ(countCached({1, 2, 3, 4, 5, 6, 7, 8}), 4);
  publish(second, {1, 2, 3, 4, 5, 6, 7, 80});
  EXPECT_EQ(countCached({1, 2, 3, 4, 5, 6, 7, 80}), 8);
}

TEST_F(PagePoolPrefixesTest, AWindowLeavesPublishedPagesInTheCache) {
  attnc_rt_sequence sequence = createPublished({1, 2, 3, 4, 5, 6, 7, 8});
  ASSERT_EQ(attnc_rt_pool_set_window(pool, sequence, 2), ATTNC_OK);
  append(sequence, {9, 10, 11, 12});
  EXPECT_EQ(statistics().cached_pages, 1);
  publish(sequence, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  EXPECT_EQ(countCached({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}), 12);
  // Once its start is lost nothing more can be found.
  ASSERT_EQ(attnc_rt_pool_clear_cache(pool), ATTNC_OK);
  publish(sequence, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  EXPECT_EQ(countCached({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}), 0);
}

TEST_F(PagePoolPrefixesTest, ClearedCacheIsForgotten) {
  free(createPublished({1, 2, 3, 4}));
  attnc_rt_sequence held = createPublished({5, 6, 7, 8});
  ASSERT_EQ(attnc_rt_pool_clear_cache(pool), ATTNC_OK);
  EXPECT_EQ(countCached({1, 2, 3, 4}), 0);
  EXPECT_EQ(countCached({5, 6, 7, 8}), 0);
  EXPECT_EQ(statistics().free_pages, 7);
  EXPECT_EQ(read(held), Ids({5, 6, 7, 8}));
}

TEST_F(PagePoolPrefixesTest, APrefixLongerThanASequenceIsCut) {
  make({8, 4, 16, 6, 2, nullptr, 0});
  createPublished({1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(countCached({1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9}), 8);
}

TEST_F(PagePoolPrefixesTest, RefusesWhatCannotBePublished) {
  attnc_rt_sequence sequence = create();
  append(sequence, {1, 2, 3, 4, 5});
  Ids ids(6, 0);
  EXPECT_REFUSED(attnc_rt_pool_publish(pool, sequence, ids.data(), 6),
                 ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_publish: sequence %s has 5 tokens, and 6 "
                 "cannot be published",
                 sequence);
  EXPECT_EQ(attnc_rt_pool_publish(pool, sequence, ids.data(), -1),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_REFUSED(attnc_rt_pool_publish(pool, sequence, nullptr, 1),
                 ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_publish: an argument is null");
  EXPECT_EQ(attnc_rt_pool_publish(nullptr, sequence, nullptr, 0),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_REFUSED(attnc_rt_pool_clear_cache(nullptr), ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_clear_cache: an argument is null");
}

TEST_F(PagePoolPrefixesTest, RefusesOtherIdsForAPublishedPage) {
  attnc_rt_sequence first = create();
  append(first, {0, 0, 0, 0, 1, 2, 3, 4});
  attnc_rt_sequence second = fork(first);
  publish(first, {0, 0, 0, 0, 1, 2, 3, 4});
  Ids other = {0, 0, 0, 0, 1, 2, 3, 5};
  EXPECT_REFUSED(attnc_rt_pool_publish(pool, second, other.data(), 8),
                 ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_publish: sequence %s: page 1, with the tokens "
                 "from position 4 on, was published with other ids",
                 second);
  EXPECT_EQ(countCached({0, 0, 0, 0, 1, 2, 3, 5}), 4);
}

/// The rounds of MurmurHash3_x64_128, and their inverse: which block leads from
/// one state to another.
struct Murmur {
  static constexpr uint64_t factor1 = 0x87c37b91114253d5;
  static constexpr uint64_t factor2 = 0x4cf5ad432745937f;
  struct Pair {
    uint64_t first, second;
  };

  static uint64_t rotate(uint64_t value, int bits) {
    return value << bits | value >> (64 - bits);
  }
  static uint64_t inverse(uint64_t odd) {
    uint64_t result = odd; // right in 3 bits, then in twice as many
    for (int i = 0; i < 5; ++i)
      result *= 2 - odd * result;
    return result;
  }
  static Pair add(Pair state, Pair block) {
    uint64_t low = rotate(block.first * factor1, 31) * factor2;
    uint64_t high = rotate(block.second * factor2, 33) * factor1;
    Pair next;
    next.first = rotate(state.first ^ low, 27) + state.second;
    next.first = next.first * 5 + 0x52dce729;
    next.second = rotate(state.second ^ high, 31) + next.first;
    next.second = next.second * 5 + 0x38495ab5;
    return next;
  }
  static Pair blockBetween(Pair from, Pair to) {
    uint64_t fifth = inverse(5);
    uint64_t low = (to.first - 0x52dce729) * fifth - from.second;
    uint64_t high = (to.second - 0x38495ab5) * fifth - to.first;
    low = rotate(low, 64 - 27) ^ from.first;
    high = rotate(high, 64 - 31) ^ from.second;
    return {rotate(low * inverse(factor2), 64 - 31) * inverse(factor1),
            rotate(high * inverse(factor1), 64 - 33) * inverse(factor2)};
  }
};

TEST_F(PagePoolPrefixesTest, EqualHashesOfOtherTokensShareNothing) {
  make({8, 8, 32, 6, 6, nullptr, 0});
  // Two pages of eight tokens whose hashes, of 128 bits, are equal.
  Murmur::Pair root = Murmur::add({0, 0}, {0, 0});
  Murmur::Pair firstBlock = {2ull << 32 | 1, 4ull << 32 | 3};
  Murmur::Pair secondBlock = {6ull << 32 | 5, 8ull << 32 | 7};
  Murmur::Pair target = Murmur::add(Murmur::add(root, firstBlock), secondBlock);
  Murmur::Pair otherBlock = {1, 1};
  Murmur::Pair closing =
      Murmur::blockBetween(Murmur::add(root, otherBlock), target);
  Ids ids = {1, 2, 3, 4, 5, 6, 7, 8}, other;
  for (uint64_t word :
       {otherBlock.first, otherBlock.second, closing.first, closing.second}) {
    other.push_back(int32_t(uint32_t(word)));
    other.push_back(int32_t(uint32_t(word >> 32)));
  }
  attnc_rt_page_hash first = attnc_rt_pool_hash_page({{0, 0}}, ids.data(), 8);
  attnc_rt_page_hash second =
      attnc_rt_pool_hash_page({{0, 0}}, other.data(), 8);
  ASSERT_EQ(first.words[0], second.words[0]);
  ASSERT_EQ(first.words[1], second.words[1]);
  ASSERT_NE(ids, other);

  auto publishTwice = [&](const Ids &start) {
    Ids both = start;
    both.insert(both.end(), start.begin(), start.end());
    attnc_rt_sequence sequence = create();
    ASSERT_EQ(attnc_rt_pool_append(pool, sequence, 16, nullptr), ATTNC_OK);
    publish(sequence, both);
  };
  publishTwice(ids);
  create(other, 0, 0);
  publishTwice(other);
  // The second page of each has a parent of the same hash, too.
  EXPECT_EQ(statistics().used_pages, 4);
  Ids mixed = ids;
  mixed.insert(mixed.end(), other.begin(), other.end());
  create(mixed, 0, 8);
  mixed = other;
  mixed.insert(mixed.end(), other.begin(), other.end());
  create(mixed, 0, 16);
}

} // namespace
