//===- page_pool_checks.h - What is always true of a page pool --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stamps that show whose bytes a page holds, and the invariants of the books of
// a pool, which these tests are compiled with. A failed check ends the program
// with what is needed to run it again.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_TEST_RUNTIME_PAGE_POOL_CHECKS_H
#define ATTNC_TEST_RUNTIME_PAGE_POOL_CHECKS_H

#include "PagePool.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <vector>

using Ids = std::vector<int32_t>;

/// Where the program is, for messages.
inline thread_local unsigned long long seedOfRun, operationOfRun;

#define CHECK(condition, what)                                                 \
  do {                                                                         \
    if (!(condition)) {                                                        \
      fprintf(stderr, "seed %llu, operation %llu: %s\n", seedOfRun,            \
              operationOfRun, what);                                           \
      exit(1);                                                                 \
    }                                                                          \
  } while (false)

constexpr int32_t pageTokens = 4;

/// What is stored for a token depends on all tokens before it, as keys and
/// values do. So a sequence reads its own stamps only in pages with its prefix.
inline uint64_t nextStamp(uint64_t previous, int32_t id) {
  return (previous ^ uint32_t(id) ^ 0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd;
}
inline uint64_t firstStamp(uint64_t domain) { return domain + 1; }

/// The table, the lists and the owners agree. `singles` are the owners of pages
/// that belong to no sequence.
inline void checkBooks(const attnc_rt_pool &pool,
                       const std::map<int32_t, int32_t> &singles) {
  std::vector<int32_t> owners(pool.numPages);
  for (auto [page, count] : singles)
    owners[page] += count;
  for (int32_t slot = 0; slot < pool.firstUnusedSequence; ++slot) {
    const attnc::rt::Sequence &sequence = pool.sequences[slot];
    const int32_t *table = pool.tableOf(sequence);
    int32_t begin = sequence.serial ? sequence.firstPage : 0;
    int32_t end = sequence.serial ? pool.pagesFor(sequence.length) : 0;
    for (int32_t i = 0; i < pool.maxPages; ++i) {
      bool hasPage = begin <= i && i < end;
      CHECK((table[i] != attnc::rt::noPage) == hasPage, "a table is torn");
      if (hasPage)
        ++owners[table[i]];
    }
  }
  int32_t numFree = 0, numCached = 0, numPublished = 0;
  for (int32_t page = 0; page < pool.numPages; ++page) {
    CHECK(pool.pages[page].owners == owners[page], "owners are miscounted");
    bool isIdle = pool.pages[page].state == attnc::rt::PageState::Free ||
                  pool.pages[page].state == attnc::rt::PageState::Cached;
    CHECK(isIdle == (owners[page] == 0), "a page has a wrong state");
    numPublished += pool.isPublished(page);
  }
  for (int32_t page = pool.freePages; page >= 0; page = pool.pages[page].next) {
    CHECK(pool.pages[page].state == attnc::rt::PageState::Free &&
              !pool.isPublished(page) && ++numFree <= pool.numPages,
          "the stack of free pages is torn");
  }
  CHECK(numFree + pool.numPages - pool.firstUnused == pool.numFree,
        "free pages are miscounted");
  int32_t previous = attnc::rt::noPage;
  for (int32_t page = pool.oldestCached; page >= 0;
       page = pool.pages[page].next) {
    CHECK(pool.pages[page].state == attnc::rt::PageState::Cached &&
              pool.isPublished(page) && ++numCached <= pool.numPages &&
              pool.pages[page].previous == previous,
          "the list of cached pages is torn");
    previous = page;
  }
  CHECK(previous == pool.newestCached && numCached == pool.numCached,
        "cached pages are miscounted");
  for (uint64_t bucket = 0; bucket <= pool.bucketMask; ++bucket)
    for (int32_t page = pool.buckets[bucket]; page >= 0;
         page = pool.publications[page].nextInBucket)
      CHECK(pool.isPublished(page) && numPublished-- > 0,
            "the table of published pages is torn");
  CHECK(numPublished == 0, "a published page is not in the table");
}

#endif // ATTNC_TEST_RUNTIME_PAGE_POOL_CHECKS_H
