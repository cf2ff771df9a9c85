//===- PagePoolReportsTest.cpp - Block tables and statistics --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tables that kernels read, and what is counted.
//
//===----------------------------------------------------------------------===//

#include "PagePoolFixture.h"

namespace {

using PagePoolReportsTest = PagePoolTest;

TEST_F(PagePoolReportsTest, TheTableOfASequenceFollowsIt) {
  attnc_rt_sequence sequence = create();
  const int32_t *pages = nullptr;
  int32_t length = -1;
  ASSERT_EQ(attnc_rt_pool_block_table(pool, sequence, &pages, &length),
            ATTNC_OK);
  EXPECT_EQ(length, 0);
  EXPECT_EQ(Ids(pages, pages + 6), Ids(6, -1));
  append(sequence, Ids(5, 1));
  EXPECT_EQ(Ids(pages, pages + 6), Ids({0, 1, -1, -1, -1, -1}));
  ASSERT_EQ(attnc_rt_pool_truncate(pool, sequence, 4), ATTNC_OK);
  EXPECT_EQ(Ids(pages, pages + 6), Ids({0, -1, -1, -1, -1, -1}));
}

TEST_F(PagePoolReportsTest, ABatchHasARowForEachSequence) {
  attnc_rt_sequence first = create(), second = create(), rolled = create();
  append(first, Ids(9, 1));
  ASSERT_EQ(attnc_rt_pool_set_window(pool, rolled, 1), ATTNC_OK);
  append(rolled, Ids(5, 1));
  append(rolled, {2});
  attnc_rt_sequence batch[] = {rolled, first, second, first};
  Ids filled(4 * 4 + 1, 77), lengths(4, 77);
  ASSERT_EQ(attnc_rt_pool_fill_block_table(pool, batch, 4, filled.data(), 4,
                                           lengths.data()),
            ATTNC_OK);
  EXPECT_EQ(lengths, Ids({6, 9, 0, 9}));
  EXPECT_EQ(filled,
            Ids({-1, 4, -1, -1, 0, 1, 2, -1, -1, -1, -1, -1, 0, 1, 2, -1, 77}));
  EXPECT_EQ(
      attnc_rt_pool_fill_block_table(pool, nullptr, 0, nullptr, 4, nullptr),
      ATTNC_OK);
}

TEST_F(PagePoolReportsTest, ATableThatDoesNotFitIsNotWritten) {
  attnc_rt_sequence first = create(), second = create();
  append(second, Ids(9, 1));
  attnc_rt_sequence batch[] = {first, second};
  Ids filled(4, 77), lengths(2, 77);
  EXPECT_REFUSED(
      attnc_rt_pool_fill_block_table(pool, batch, 2, filled.data(), 2,
                                     lengths.data()),
      ATTNC_INVALID_ARGUMENT,
      "attnc_rt_pool_fill_block_table: sequence %s has 3 pages but a "
      "row of the table has 2 entries",
      second);
  batch[1] = 1;
  EXPECT_EQ(attnc_rt_pool_fill_block_table(pool, batch, 2, filled.data(), 2,
                                           lengths.data()),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_REFUSED(attnc_rt_pool_fill_block_table(pool, batch, 2, filled.data(),
                                                int64_t(1) << 40,
                                                lengths.data()),
                 ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_fill_block_table: a table of 2 rows of "
                 "1099511627776 entries is not from 0 to 2^40 entries");
  EXPECT_EQ(attnc_rt_pool_fill_block_table(pool, batch, -1, filled.data(), 2,
                                           lengths.data()),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_fill_block_table(pool, batch, 1, filled.data(), -1,
                                           lengths.data()),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(filled, Ids(4, 77));
  EXPECT_EQ(lengths, Ids(2, 77));
}

TEST_F(PagePoolReportsTest, RefusesNull) {
  attnc_rt_sequence sequence = create();
  const int32_t *pages = nullptr;
  EXPECT_REFUSED(attnc_rt_pool_block_table(pool, sequence, &pages, nullptr),
                 ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_block_table: an argument is null");
  EXPECT_REFUSED(
      attnc_rt_pool_fill_block_table(pool, &sequence, 1, nullptr, 1, nullptr),
      ATTNC_INVALID_ARGUMENT,
      "attnc_rt_pool_fill_block_table: an argument is null");
  EXPECT_REFUSED(attnc_rt_pool_get_statistics(pool, nullptr),
                 ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_get_statistics: an argument is null");
}

TEST_F(PagePoolReportsTest, StatisticsCountAPageOnce) {
  attnc_rt_sequence first = create();
  append(first, {1, 2, 3, 4, 5, 6});
  attnc_rt_sequence second = fork(first);
  int32_t single = 0;
  ASSERT_EQ(attnc_rt_pool_allocate_page(pool, &single), ATTNC_OK);
  attnc_rt_pool_statistics counted = statistics();
  EXPECT_EQ(counted.total_pages, 8);
  EXPECT_EQ(counted.used_pages, 3);
  EXPECT_EQ(counted.free_pages, 5);
  EXPECT_EQ(counted.shared_pages, 2);
  EXPECT_EQ(counted.sequences, 2);
  EXPECT_EQ(counted.stored_tokens, 6);
  EXPECT_EQ(counted.unused_slots, 2);
  // The page has as many tokens as the owner with the most.
  ASSERT_EQ(attnc_rt_pool_truncate(pool, second, 5), ATTNC_OK);
  EXPECT_EQ(statistics().stored_tokens, 6);
  ASSERT_EQ(attnc_rt_pool_truncate(pool, first, 1), ATTNC_OK);
  EXPECT_EQ(statistics().stored_tokens, 5);
  EXPECT_EQ(statistics().unused_slots, 3);
  free(second);
  EXPECT_EQ(statistics().stored_tokens, 1);
  // A page that is full for one owner is full.
  append(first, {2, 3, 4});
  second = fork(first);
  ASSERT_EQ(attnc_rt_pool_truncate(pool, second, 1), ATTNC_OK);
  EXPECT_EQ(statistics().stored_tokens, 4);
  EXPECT_EQ(statistics().unused_slots, 0);
}

} // namespace
