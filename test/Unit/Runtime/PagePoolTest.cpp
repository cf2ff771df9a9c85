//===- PagePoolTest.cpp - Making a pool of pages --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which extents a pool may have, and whose memory it uses. Long runs of calls
// are tried in test/Runtime/page-pool.test.
//
//===----------------------------------------------------------------------===//

#include "PagePoolFixture.h"

#include <cstring>

namespace {

class PagePoolCreateTest : public PagePoolTest {
protected:
  attnc_rt_pool_options options = {8, 4, 16, 6, 6, nullptr, 0};

  int32_t tryOptions() {
    attnc_rt_pool *untouched = pool;
    int32_t status = attnc_rt_pool_create(&options, &untouched);
    EXPECT_EQ(untouched, pool);
    return status;
  }

  void expectRefused(const std::string &text) {
    EXPECT_EQ(tryOptions(), ATTNC_INVALID_ARGUMENT);
    EXPECT_EQ(attnc_last_error(), "attnc_rt_pool_create: " + text);
    options = {8, 4, 16, 6, 6, nullptr, 0};
  }
};

TEST_F(PagePoolCreateTest, RefusesNull) {
  EXPECT_EQ(attnc_rt_pool_create(nullptr, &pool), ATTNC_INVALID_ARGUMENT);
  EXPECT_STREQ(attnc_last_error(), "attnc_rt_pool_create: an argument is null");
  EXPECT_EQ(attnc_rt_pool_create(&options, nullptr), ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_rt_pool_arena(nullptr), nullptr);
  attnc_rt_pool_destroy(nullptr);
}

TEST_F(PagePoolCreateTest, RefusesExtentsBeyondTheirLimits) {
  options.num_pages = 0;
  expectRefused("num_pages is 0 but must be from 1 to 2147483647");
  options.num_pages = int64_t(1) << 31;
  expectRefused("num_pages is 2147483648 but must be from 1 to 2147483647");
  options.page_tokens = -1;
  expectRefused("page_tokens is -1 but must be from 1 to 2147483647");
  options.page_bytes = 0;
  expectRefused("page_bytes is 0 but must be from 1 to 70368744177664");
  options.max_sequences = (1 << 20) + 1;
  expectRefused("max_sequences is 1048577 but must be from 1 to 1048576");
  options.max_pages_per_sequence = INT64_MIN;
  expectRefused("max_pages_per_sequence is -9223372036854775808 but must be "
                "from 1 to 2147483647");
}

TEST_F(PagePoolCreateTest, RefusesProductsBeyondTheirLimits) {
  options.max_pages_per_sequence = int64_t(1) << 29;
  expectRefused("max_pages_per_sequence 536870912 times page_tokens 4 is more "
                "than 2^31 - 1 tokens");
  options.page_bytes = (int64_t(1) << 43) + 1;
  expectRefused("num_pages 8 times page_bytes 8796093022209 is more than 2^46 "
                "bytes");
  options.num_pages = INT32_MAX;
  options.page_bytes = int64_t(1) << 46;
  expectRefused("num_pages 2147483647 times page_bytes 70368744177664 is more "
                "than 2^46 bytes");
}

TEST_F(PagePoolCreateTest, RefusesAnArenaThatIsTooSmall) {
  char memory[128];
  options.arena = memory;
  options.arena_bytes = 127;
  expectRefused("the arena has 127 bytes but the pages need 128");
}

TEST_F(PagePoolCreateTest, UsesTheArenaOfTheCaller) {
  char memory[128];
  std::memset(memory, 7, sizeof(memory));
  make({8, 4, 16, 6, 6, memory, 128});
  EXPECT_EQ(attnc_rt_pool_arena(pool), memory);
  attnc_rt_sequence sequence = create();
  append(sequence, {1, 2, 3});
  EXPECT_EQ(read(sequence), Ids({1, 2, 3}));
  attnc_rt_pool_destroy(pool);
  pool = nullptr;
  EXPECT_EQ(memory[127], 7);
}

TEST_F(PagePoolCreateTest, AnArenaOfItsOwnIsAligned) {
  make({3, 5, 7, 1, 1, nullptr, 0});
  void *arena = attnc_rt_pool_arena(pool);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(arena) % 64, 0u);
  std::memset(arena, 1, 21);
}

#ifndef ATTNC_RT_IS_INSTRUMENTED
TEST_F(PagePoolCreateTest, SaysWhatCannotBeAllocated) {
  options.num_pages = 1;
  options.page_bytes = int64_t(1) << 46;
  EXPECT_EQ(tryOptions(), ATTNC_OUT_OF_MEMORY);
  EXPECT_STREQ(attnc_last_error(), "attnc_rt_pool_create: cannot allocate the "
                                   "arena of 70368744177664 bytes");
  // Of 2^51 bytes, in the caller's arena.
  options = {1, 1, 1, 1 << 20, INT32_MAX, this, 1};
  EXPECT_EQ(tryOptions(), ATTNC_OUT_OF_MEMORY);
  EXPECT_STREQ(attnc_last_error(),
               "attnc_rt_pool_create: cannot allocate the tables for 1 pages "
               "of 1 tokens and 1048576 sequences of up to 2147483647 pages");
}
#endif

} // namespace
