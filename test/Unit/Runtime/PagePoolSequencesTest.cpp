//===- PagePoolSequencesTest.cpp - Sequences of pages ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What sequences hold after they have grown, were cut, forked and freed, and
// that a call that fails changes nothing.
//
//===----------------------------------------------------------------------===//

#include "PagePoolFixture.h"

#include <set>
#include <utility>

namespace {

using PagePoolSequencesTest = PagePoolTest;

TEST_F(PagePoolSequencesTest, AppendSaysWhichSlotsToWrite) {
  attnc_rt_sequence sequence = create();
  int64_t slots[6] = {};
  ASSERT_EQ(attnc_rt_pool_append(pool, sequence, 3, slots), ATTNC_OK);
  int64_t page = table(sequence)[0];
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(slots[i], page * 4 + i);
  ASSERT_EQ(attnc_rt_pool_append(pool, sequence, 6, slots), ATTNC_OK);
  EXPECT_EQ(slots[0], page * 4 + 3);
  EXPECT_EQ(slots[1], table(sequence)[1] * 4);
  EXPECT_EQ(slots[5], table(sequence)[2] * 4);
  // The slots may be asked of the table instead.
  ASSERT_EQ(attnc_rt_pool_append(pool, sequence, 3, nullptr), ATTNC_OK);
  EXPECT_EQ(table(sequence).size(), 3u);
  ASSERT_EQ(attnc_rt_pool_append(pool, sequence, 0, nullptr), ATTNC_OK);
  EXPECT_EQ(statistics().stored_tokens, 12);
}

TEST_F(PagePoolSequencesTest, ForkSharesUntilOneWrites) {
  attnc_rt_sequence first = create();
  append(first, {1, 2, 3, 4, 5, 6});
  attnc_rt_sequence second = fork(first);
  EXPECT_EQ(table(second), table(first));
  EXPECT_EQ(statistics().used_pages, 2);
  EXPECT_EQ(statistics().shared_pages, 2);
  append(second, {70});
  EXPECT_EQ(table(second)[0], table(first)[0]);
  EXPECT_NE(table(second)[1], table(first)[1]);
  // No page is shared any more but the first, so nothing is copied again.
  append(first, {7, 8});
  append(second, {80});
  EXPECT_EQ(statistics().copied_pages, 1);
  EXPECT_EQ(read(first), Ids({1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(read(second), Ids({1, 2, 3, 4, 5, 6, 70, 80}));
  free(first);
  EXPECT_EQ(read(second), Ids({1, 2, 3, 4, 5, 6, 70, 80}));
  free(second);
  EXPECT_EQ(statistics().free_pages, 8);
}

TEST_F(PagePoolSequencesTest, AFullSharedPageIsNotCopied) {
  attnc_rt_sequence first = create();
  append(first, {1, 2, 3, 4});
  attnc_rt_sequence second = fork(first);
  append(second, {5});
  EXPECT_EQ(statistics().copied_pages, 0);
  EXPECT_EQ(statistics().used_pages, 2);
}

TEST_F(PagePoolSequencesTest, CutSequenceDoesNotWriteASharedPage) {
  attnc_rt_sequence first = create();
  append(first, {1, 2, 3, 4, 5, 6});
  attnc_rt_sequence second = fork(first);
  ASSERT_EQ(attnc_rt_pool_truncate(pool, second, 2), ATTNC_OK);
  EXPECT_EQ(table(second).size(), 1u);
  append(second, {30, 40, 50});
  EXPECT_EQ(read(first), Ids({1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(read(second), Ids({1, 2, 30, 40, 50}));
  ASSERT_EQ(attnc_rt_pool_truncate(pool, second, 0), ATTNC_OK);
  append(second, {9});
  EXPECT_EQ(read(second), Ids({9}));
}

TEST_F(PagePoolSequencesTest, ExhaustionLeavesTheSequenceAsItWas) {
  attnc_rt_sequence first = create(), second = create();
  append(first, Ids(24, 1));
  append(second, {2, 2, 2});
  attnc_rt_sequence third = fork(second);
  // Two pages more than the last free one; slots are not written either.
  int64_t slots[9] = {-7};
  EXPECT_REFUSED(attnc_rt_pool_append(pool, third, 9, slots), ATTNC_EXHAUSTED,
                 "attnc_rt_pool_append: 9 tokens for sequence %s need 3 pages, "
                 "and 1 of 8 are free or cached",
                 third);
  EXPECT_EQ(slots[0], -7);
  EXPECT_EQ(read(third), Ids({2, 2, 2}));
  EXPECT_EQ(table(third), table(second));
  EXPECT_EQ(statistics().free_pages, 1);
  // The copy takes the last page.
  append(third, {3});
  EXPECT_REFUSED(attnc_rt_pool_append(pool, third, 1, slots), ATTNC_EXHAUSTED,
                 "attnc_rt_pool_append: 1 tokens for sequence %s need 1 pages, "
                 "and 0 of 8 are free or cached",
                 third);
  append(second, {4});
  free(first);
  append(third, {5});
  EXPECT_EQ(read(third), Ids({2, 2, 2, 3, 5}));
}

TEST_F(PagePoolSequencesTest, PagesBehindAWindowAreGivenBack) {
  attnc_rt_sequence sequence = create();
  ASSERT_EQ(attnc_rt_pool_set_window(pool, sequence, 5), ATTNC_OK);
  append(sequence, {0, 1, 2, 3, 4, 5, 6, 7});
  EXPECT_EQ(statistics().used_pages, 2);
  // Token 8 sees keys 4 to 8: the first page goes.
  append(sequence, {8});
  EXPECT_EQ(table(sequence)[0], -1);
  EXPECT_EQ(statistics().used_pages, 2);
  EXPECT_EQ(read(sequence), Ids({-1, -1, -1, -1, 4, 5, 6, 7, 8}));
  // Token 11 sees keys 7 to 11, token 12 keys 8 to 12.
  append(sequence, {9, 10});
  append(sequence, {11});
  EXPECT_NE(table(sequence)[1], -1);
  append(sequence, {12});
  EXPECT_EQ(table(sequence)[1], -1);
  EXPECT_EQ(statistics().stored_tokens, 5);
  free(sequence);
  EXPECT_EQ(statistics().free_pages, 8);
}

TEST_F(PagePoolSequencesTest, RolledPagesCountAsAvailable) {
  attnc_rt_sequence rolling = create(), other = create();
  append(rolling, Ids(8, 1));
  append(other, Ids(24, 2));
  EXPECT_EQ(attnc_rt_pool_append(pool, rolling, 4, nullptr), ATTNC_EXHAUSTED);
  ASSERT_EQ(attnc_rt_pool_set_window(pool, rolling, 4), ATTNC_OK);
  append(rolling, Ids(4, 3));
  EXPECT_EQ(read(rolling), Ids({-1, -1, -1, -1, 1, 1, 1, 1, 3, 3, 3, 3}));
  // Two pages do not fit; the one behind the window stays for now.
  Ids before = table(rolling);
  EXPECT_REFUSED(attnc_rt_pool_append(pool, rolling, 5, nullptr),
                 ATTNC_EXHAUSTED,
                 "attnc_rt_pool_append: 5 tokens for sequence %s need 2 pages, "
                 "and 1 of 8 are free or cached",
                 rolling);
  EXPECT_EQ(table(rolling), before);
  EXPECT_EQ(statistics().free_pages, 0);
}

TEST_F(PagePoolSequencesTest, AWindowThatReachesGivenBackKeysIsRefused) {
  attnc_rt_sequence sequence = create();
  ASSERT_EQ(attnc_rt_pool_set_window(pool, sequence, 2), ATTNC_OK);
  append(sequence, Ids(10, 1));
  append(sequence, {2}); // gives back positions 0 to 7
  EXPECT_REFUSED(attnc_rt_pool_set_window(pool, sequence, 5),
                 ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_set_window: with the window 5 the next token "
                 "of sequence %s sees keys before position 8, which were given "
                 "back",
                 sequence);
  EXPECT_EQ(attnc_rt_pool_set_window(pool, sequence, 0),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_set_window(pool, sequence, 4), ATTNC_OK);
  EXPECT_REFUSED(attnc_rt_pool_truncate(pool, sequence, 10),
                 ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_truncate: sequence %s cannot be cut to 10 "
                 "tokens: the next one sees keys from position 7 on, and those "
                 "before 8 were given back",
                 sequence);
  EXPECT_EQ(attnc_rt_pool_set_window(pool, sequence, 1), ATTNC_OK);
  EXPECT_EQ(attnc_rt_pool_truncate(pool, sequence, 7), ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_truncate(pool, sequence, 8), ATTNC_OK);
  append(sequence, {3});
  EXPECT_EQ(read(sequence), Ids({-1, -1, -1, -1, -1, -1, -1, -1, 3}));
  // From the start, nothing was given back.
  EXPECT_EQ(attnc_rt_pool_truncate(pool, sequence, 0), ATTNC_OK);
  EXPECT_EQ(attnc_rt_pool_set_window(pool, sequence, 0), ATTNC_OK);
  append(sequence, {4, 5, 6, 7, 8});
  EXPECT_EQ(read(sequence), Ids({4, 5, 6, 7, 8}));
}

TEST_F(PagePoolSequencesTest, RefusesFreedAndForeignHandles) {
  attnc_rt_sequence freed = create();
  free(freed);
  EXPECT_REFUSED(attnc_rt_pool_free_sequence(pool, freed),
                 ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_free_sequence: sequence %s is not in this "
                 "pool; it was freed, or is that of another pool",
                 freed);
  attnc_rt_sequence again = create(); // takes the same place
  EXPECT_NE(again, freed);
  EXPECT_EQ(attnc_rt_pool_append(pool, freed, 1, nullptr),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_truncate(pool, freed, 0), ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_set_window(pool, freed, 1), ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_publish(pool, freed, nullptr, 0),
            ATTNC_INVALID_ARGUMENT);
  attnc_rt_sequence other = 5;
  EXPECT_EQ(attnc_rt_pool_fork_sequence(pool, freed, &other),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(other, 5u);
  const int32_t *pages = nullptr;
  int32_t length = 0;
  EXPECT_EQ(attnc_rt_pool_block_table(pool, freed, &pages, &length),
            ATTNC_INVALID_ARGUMENT);
  for (uint64_t invented :
       {uint64_t(0), UINT64_MAX, again + 1, again ^ 1 << 20})
    EXPECT_EQ(attnc_rt_pool_free_sequence(pool, invented),
              ATTNC_INVALID_ARGUMENT);

  attnc_rt_pool *here = pool;
  pool = nullptr;
  make({8, 4, 16, 6, 6, nullptr, 0});
  attnc_rt_sequence foreign = create();
  std::swap(pool, here);
  EXPECT_EQ(attnc_rt_pool_free_sequence(pool, foreign), ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_free_sequence(here, again), ATTNC_INVALID_ARGUMENT);
  attnc_rt_pool_destroy(here);
  EXPECT_EQ(statistics().sequences, 1);
}

TEST_F(PagePoolSequencesTest, SequencesRunOut) {
  std::set<attnc_rt_sequence> sequences;
  for (int i = 0; i < 6; ++i)
    EXPECT_TRUE(sequences.insert(create()).second);
  attnc_rt_sequence one = *sequences.begin(), none = 9;
  int64_t numCached = 7;
  EXPECT_REFUSED(
      attnc_rt_pool_create_sequence(pool, 0, nullptr, 0, &none, &numCached),
      ATTNC_EXHAUSTED,
      "attnc_rt_pool_create_sequence: all 6 sequences are in use");
  EXPECT_REFUSED(attnc_rt_pool_fork_sequence(pool, one, &none), ATTNC_EXHAUSTED,
                 "attnc_rt_pool_fork_sequence: all 6 sequences are in use");
  EXPECT_EQ(none, 9u);
  EXPECT_EQ(numCached, 7);
  free(one);
  create();
}

TEST_F(PagePoolSequencesTest, RefusesLengthsThatDoNotFit) {
  attnc_rt_sequence sequence = create();
  append(sequence, {1, 2});
  EXPECT_REFUSED(attnc_rt_pool_append(pool, sequence, 23, nullptr),
                 ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_append: 23 tokens cannot be appended to the 2 "
                 "tokens of sequence %s; it can have 24",
                 sequence);
  EXPECT_EQ(attnc_rt_pool_append(pool, sequence, INT64_MAX, nullptr),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_append(pool, sequence, -1, nullptr),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_REFUSED(attnc_rt_pool_truncate(pool, sequence, 3),
                 ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_truncate: sequence %s has 2 tokens and cannot "
                 "be cut to 3",
                 sequence);
  EXPECT_EQ(attnc_rt_pool_truncate(pool, sequence, -1), ATTNC_INVALID_ARGUMENT);
  EXPECT_REFUSED(attnc_rt_pool_set_window(pool, sequence, -1),
                 ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_set_window: the window -1 must be from 0 to "
                 "2^31 - 1");
  int64_t numCached = 0;
  int32_t id = 0;
  EXPECT_REFUSED(
      attnc_rt_pool_create_sequence(pool, 0, &id, -3, &sequence, &numCached),
      ATTNC_INVALID_ARGUMENT,
      "attnc_rt_pool_create_sequence: -3 is no number of tokens");
  append(sequence, Ids(22, 3));
  EXPECT_EQ(table(sequence).size(), 6u);
}

TEST_F(PagePoolSequencesTest, RefusesNull) {
  attnc_rt_sequence sequence = create();
  int64_t numCached = 0;
  EXPECT_REFUSED(
      attnc_rt_pool_create_sequence(pool, 0, nullptr, 1, &sequence, &numCached),
      ATTNC_INVALID_ARGUMENT,
      "attnc_rt_pool_create_sequence: an argument is null");
  EXPECT_EQ(
      attnc_rt_pool_create_sequence(pool, 0, nullptr, 0, nullptr, &numCached),
      ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_free_sequence(nullptr, sequence),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_fork_sequence(pool, sequence, nullptr),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_append(nullptr, sequence, 1, nullptr),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_truncate(nullptr, sequence, 1),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_set_window(nullptr, sequence, 1),
            ATTNC_INVALID_ARGUMENT);
}

} // namespace
