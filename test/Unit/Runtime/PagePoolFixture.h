//===- PagePoolFixture.h - A small pool for tests ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A pool of few short pages, what is written as a call in C is an expression,
// and failures are compared with the whole message. A token is four bytes, its
// stamp, in the arena.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_TEST_UNIT_RUNTIME_PAGEPOOLFIXTURE_H
#define ATTNC_TEST_UNIT_RUNTIME_PAGEPOOLFIXTURE_H

#include "attnc-c/pool.h"

#include "gtest/gtest.h"

#include <string>
#include <vector>

/// Expects a call to be refused with a message, in which `%s` stands for the
/// sequence.
#define EXPECT_REFUSED(call, status, ...)                                      \
  do {                                                                         \
    EXPECT_EQ(call, status);                                                   \
    EXPECT_EQ(attnc_last_error(), message(__VA_ARGS__));                       \
  } while (false)

using Ids = std::vector<int32_t>;

class PagePoolTest : public testing::Test {
protected:
  void SetUp() override { make({8, 4, 16, 6, 6, nullptr, 0}); }
  void TearDown() override { attnc_rt_pool_destroy(pool); }

  void make(const attnc_rt_pool_options &options) {
    attnc_rt_pool_destroy(pool);
    pool = nullptr;
    ASSERT_EQ(attnc_rt_pool_create(&options, &pool), ATTNC_OK)
        << attnc_last_error();
  }

  static std::string message(std::string text, uint64_t sequence = 0) {
    size_t at = text.find("%s");
    return at == std::string::npos
               ? text
               : text.replace(at, 2, std::to_string(sequence));
  }

  attnc_rt_sequence create(const Ids &ids = {}, uint64_t domain = 0,
                           int64_t expectedCached = 0) {
    attnc_rt_sequence sequence = 0;
    int64_t numCached = -1;
    EXPECT_EQ(attnc_rt_pool_create_sequence(pool, domain, ids.data(),
                                            int64_t(ids.size()), &sequence,
                                            &numCached),
              ATTNC_OK)
        << attnc_last_error();
    EXPECT_EQ(numCached, expectedCached);
    return sequence;
  }

  attnc_rt_sequence fork(attnc_rt_sequence of) {
    attnc_rt_sequence sequence = 0;
    EXPECT_EQ(attnc_rt_pool_fork_sequence(pool, of, &sequence), ATTNC_OK)
        << attnc_last_error();
    return sequence;
  }

  void free(attnc_rt_sequence sequence) {
    EXPECT_EQ(attnc_rt_pool_free_sequence(pool, sequence), ATTNC_OK)
        << attnc_last_error();
  }

  /// Appends one token for each stamp and writes it.
  void append(attnc_rt_sequence sequence, const Ids &stamps) {
    std::vector<int64_t> slots(stamps.size());
    ASSERT_EQ(attnc_rt_pool_append(pool, sequence, int64_t(stamps.size()),
                                   slots.data()),
              ATTNC_OK)
        << attnc_last_error();
    auto *arena = static_cast<int32_t *>(attnc_rt_pool_arena(pool));
    for (size_t i = 0; i < stamps.size(); ++i)
      arena[slots[i]] = stamps[i];
  }

  void publish(attnc_rt_sequence sequence, const Ids &ids) {
    EXPECT_EQ(
        attnc_rt_pool_publish(pool, sequence, ids.data(), int64_t(ids.size())),
        ATTNC_OK)
        << attnc_last_error();
  }

  Ids table(attnc_rt_sequence sequence) {
    const int32_t *pages = nullptr;
    int32_t length = 0;
    EXPECT_EQ(attnc_rt_pool_block_table(pool, sequence, &pages, &length),
              ATTNC_OK)
        << attnc_last_error();
    return {pages, pages + (length + 3) / 4};
  }

  /// The stamps of the tokens of a sequence, -1 where a page was given back.
  Ids read(attnc_rt_sequence sequence) {
    const int32_t *pages = nullptr;
    int32_t length = 0;
    EXPECT_EQ(attnc_rt_pool_block_table(pool, sequence, &pages, &length),
              ATTNC_OK);
    auto *arena = static_cast<const int32_t *>(attnc_rt_pool_arena(pool));
    Ids stamps;
    for (int32_t i = 0; i < length; ++i)
      stamps.push_back(pages[i / 4] < 0 ? -1 : arena[pages[i / 4] * 4 + i % 4]);
    return stamps;
  }

  attnc_rt_pool_statistics statistics() {
    attnc_rt_pool_statistics result = {};
    EXPECT_EQ(attnc_rt_pool_get_statistics(pool, &result), ATTNC_OK);
    EXPECT_EQ(result.used_pages + result.cached_pages + result.free_pages,
              result.total_pages);
    return result;
  }

  attnc_rt_pool *pool = nullptr;
};

#endif // ATTNC_TEST_UNIT_RUNTIME_PAGEPOOLFIXTURE_H
