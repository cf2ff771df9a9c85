//===- PagePoolPagesTest.cpp - Pages outside of sequences -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Single pages: who owns them, and what is refused to whom does not.
//
//===----------------------------------------------------------------------===//

#include "PagePoolFixture.h"

#include <set>

namespace {

class PagePoolPagesTest : public PagePoolTest {
protected:
  int32_t allocate() {
    int32_t page = -1;
    EXPECT_EQ(attnc_rt_pool_allocate_page(pool, &page), ATTNC_OK)
        << attnc_last_error();
    return page;
  }
};

TEST_F(PagePoolPagesTest, EachPageIsGivenOutOnce) {
  std::set<int32_t> pages;
  for (int i = 0; i < 8; ++i)
    EXPECT_TRUE(pages.insert(allocate()).second);
  EXPECT_EQ(*pages.begin(), 0);
  EXPECT_EQ(*pages.rbegin(), 7);
  int32_t page = -5;
  EXPECT_REFUSED(attnc_rt_pool_allocate_page(pool, &page), ATTNC_EXHAUSTED,
                 "attnc_rt_pool_allocate_page: all 8 pages are in use");
  EXPECT_EQ(page, -5);
  EXPECT_EQ(attnc_rt_pool_release_page(pool, 3), ATTNC_OK);
  EXPECT_EQ(allocate(), 3);
}

TEST_F(PagePoolPagesTest, TheLastOwnerGivesAPageBack) {
  int32_t page = allocate();
  EXPECT_EQ(attnc_rt_pool_retain_page(pool, page), ATTNC_OK);
  EXPECT_EQ(statistics().shared_pages, 1);
  EXPECT_EQ(attnc_rt_pool_release_page(pool, page), ATTNC_OK);
  EXPECT_EQ(statistics().used_pages, 1);
  EXPECT_EQ(statistics().shared_pages, 0);
  EXPECT_EQ(attnc_rt_pool_release_page(pool, page), ATTNC_OK);
  EXPECT_EQ(statistics().used_pages, 0);
}

TEST_F(PagePoolPagesTest, OwnersAreBounded) {
  int32_t page = allocate();
  for (int64_t i = 1; i < ATTNC_RT_POOL_MAX_OWNERS; ++i)
    ASSERT_EQ(attnc_rt_pool_retain_page(pool, page), ATTNC_OK);
  EXPECT_REFUSED(attnc_rt_pool_retain_page(pool, page), ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_retain_page: page 0 has 1048576 owners "
                 "already");
}

TEST_F(PagePoolPagesTest, ASharedPageIsNotWritten) {
  int32_t page = allocate();
  page = allocate();
  void *memory = nullptr;
  ASSERT_EQ(attnc_rt_pool_write_page(pool, page, &memory), ATTNC_OK);
  EXPECT_EQ(memory, static_cast<char *>(attnc_rt_pool_arena(pool)) + 16);
  attnc_rt_pool_retain_page(pool, page);
  memory = nullptr;
  EXPECT_REFUSED(attnc_rt_pool_write_page(pool, page, &memory),
                 ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_write_page: page 1 has 2 owners; a shared page "
                 "is not written");
  EXPECT_EQ(memory, nullptr);
  attnc_rt_pool_release_page(pool, page);
  EXPECT_EQ(attnc_rt_pool_write_page(pool, page, &memory), ATTNC_OK);
}

TEST_F(PagePoolPagesTest, RefusesPagesWithoutAnOwner) {
  int32_t page = allocate();
  attnc_rt_pool_release_page(pool, page);
  EXPECT_REFUSED(attnc_rt_pool_release_page(pool, page), ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_release_page: page 0 has no owner; it was "
                 "released before, or never allocated");
  EXPECT_REFUSED(attnc_rt_pool_retain_page(pool, 5), ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_retain_page: page 5 has no owner; it was "
                 "released before, or never allocated");
  // Nor one that is only cached.
  attnc_rt_sequence sequence = create();
  append(sequence, {1, 2, 3, 4});
  publish(sequence, {1, 2, 3, 4});
  free(sequence);
  EXPECT_EQ(statistics().cached_pages, 1);
  EXPECT_EQ(attnc_rt_pool_retain_page(pool, 0), ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(statistics().free_pages, 7);
}

TEST_F(PagePoolPagesTest, RefusesPagesThatDoNotExist) {
  EXPECT_REFUSED(attnc_rt_pool_release_page(pool, 8), ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_release_page: there is no page 8 in a pool of "
                 "8 pages");
  EXPECT_REFUSED(attnc_rt_pool_retain_page(pool, -1), ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_retain_page: there is no page -1 in a pool of "
                 "8 pages");
  EXPECT_EQ(attnc_rt_pool_release_page(pool, INT32_MIN),
            ATTNC_INVALID_ARGUMENT);
}

TEST_F(PagePoolPagesTest, RefusesPagesOfSequences) {
  attnc_rt_sequence sequence = create();
  append(sequence, {1});
  void *memory = nullptr;
  EXPECT_REFUSED(attnc_rt_pool_write_page(pool, 0, &memory),
                 ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_write_page: page 0 belongs to sequences; it "
                 "goes with them");
  EXPECT_EQ(attnc_rt_pool_release_page(pool, 0), ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_retain_page(pool, 0), ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(read(sequence), Ids({1}));
}

TEST_F(PagePoolPagesTest, RefusesNull) {
  int32_t page = 0;
  EXPECT_REFUSED(attnc_rt_pool_allocate_page(nullptr, &page),
                 ATTNC_INVALID_ARGUMENT,
                 "attnc_rt_pool_allocate_page: an argument is null");
  EXPECT_EQ(attnc_rt_pool_allocate_page(pool, nullptr), ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_retain_page(nullptr, 0), ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_release_page(nullptr, 0), ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_write_page(pool, 0, nullptr), ATTNC_INVALID_ARGUMENT);
}

} // namespace
