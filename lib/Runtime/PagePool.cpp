//===- PagePool.cpp - Making a pool of pages ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The arena and the tables of a pool. They are reserved here, once: the
// operating system gives memory to what is touched, and no later call can run
// out of it.
//
//===----------------------------------------------------------------------===//

#include "PagePool.h"

#include <cstdlib>
#include <cstring>
#include <new>

using namespace attnc;
using namespace attnc::rt;

/// Zeroed memory for `count` elements, or null; also where the size overflows.
template <typename T>
static bool allocate(T *&array, int64_t count) {
  array = static_cast<T *>(
      std::calloc(static_cast<size_t>(count), static_cast<size_t>(sizeof(T))));
  return array != nullptr;
}

PagePool::~PagePool() {
  std::free(ownArena);
  std::free(pages);
  std::free(sequences);
  std::free(tables);
  std::free(publications);
  std::free(tokenIds);
  std::free(buckets);
}

/// Checks an extent against its limit.
static int32_t checkExtent(const char *name, int64_t value, int64_t limit) {
  if (value >= 1 && value <= limit)
    return ATTNC_OK;
  return fail(ATTNC_INVALID_ARGUMENT,
              "attnc_rt_pool_create: %s is %lld but must be from 1 to %lld",
              name, static_cast<long long>(value),
              static_cast<long long>(limit));
}

static int32_t checkOptions(const attnc_rt_pool_options &options) {
  struct {
    const char *name;
    int64_t value, limit;
  } extents[] = {
      {"num_pages", options.num_pages, INT32_MAX},
      {"page_tokens", options.page_tokens, INT32_MAX},
      {"page_bytes", options.page_bytes, ATTNC_RT_MAX_BYTES},
      {"max_sequences", options.max_sequences, ATTNC_RT_POOL_MAX_SEQUENCES},
      {"max_pages_per_sequence", options.max_pages_per_sequence, INT32_MAX}};
  for (const auto &extent : extents)
    if (int32_t status = checkExtent(extent.name, extent.value, extent.limit))
      return status;
  if (options.max_pages_per_sequence > INT32_MAX / options.page_tokens)
    return fail(ATTNC_INVALID_ARGUMENT,
                "attnc_rt_pool_create: max_pages_per_sequence %lld times "
                "page_tokens %lld is more than 2^31 - 1 tokens",
                static_cast<long long>(options.max_pages_per_sequence),
                static_cast<long long>(options.page_tokens));
  if (options.page_bytes > ATTNC_RT_MAX_BYTES / options.num_pages)
    return fail(ATTNC_INVALID_ARGUMENT,
                "attnc_rt_pool_create: num_pages %lld times page_bytes %lld is "
                "more than 2^46 bytes",
                static_cast<long long>(options.num_pages),
                static_cast<long long>(options.page_bytes));
  int64_t bytes = options.num_pages * options.page_bytes;
  if (options.arena && options.arena_bytes < bytes)
    return fail(ATTNC_INVALID_ARGUMENT,
                "attnc_rt_pool_create: the arena has %lld bytes but the pages "
                "need %lld",
                static_cast<long long>(options.arena_bytes),
                static_cast<long long>(bytes));
  return ATTNC_OK;
}

int32_t PagePool::allocateTables(const attnc_rt_pool_options &options) {
  pageBytes = options.page_bytes;
  pageTokens = static_cast<int32_t>(options.page_tokens);
  numPages = numFree = static_cast<int32_t>(options.num_pages);
  maxSequences = static_cast<int32_t>(options.max_sequences);
  maxPages = static_cast<int32_t>(options.max_pages_per_sequence);
  numOrphanings = 1;
  freePages = oldestCached = newestCached = freeSequences = noPage;

  int64_t arenaBytes = options.num_pages * pageBytes;
  arena = static_cast<char *>(options.arena);
  if (!arena) {
    void *memory = nullptr;
    if (posix_memalign(&memory, 64, static_cast<size_t>(arenaBytes)) != 0)
      return fail(ATTNC_OUT_OF_MEMORY,
                  "attnc_rt_pool_create: cannot allocate the arena of %lld "
                  "bytes",
                  static_cast<long long>(arenaBytes));
    arena = ownArena = static_cast<char *>(memory);
  }
  int64_t numBuckets = 1;
  while (numBuckets < numPages)
    numBuckets *= 2;
  bucketMask = static_cast<uint64_t>(numBuckets) - 1;
  // None of the products overflows: each factor is below 2^31.
  if (!allocate(pages, numPages) || !allocate(sequences, maxSequences) ||
      !allocate(tables, options.max_sequences * maxPages) ||
      !allocate(publications, numPages) ||
      !allocate(tokenIds, options.num_pages * pageTokens) ||
      !allocate(buckets, numBuckets))
    return fail(ATTNC_OUT_OF_MEMORY,
                "attnc_rt_pool_create: cannot allocate the tables for %d pages "
                "of %d tokens and %d sequences of up to %d pages",
                numPages, pageTokens, maxSequences, maxPages);
  std::memset(buckets, -1, static_cast<size_t>(numBuckets) * sizeof(int32_t));
  return ATTNC_OK;
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
int32_t attnc_rt_pool_create(const attnc_rt_pool_options *options,
                             attnc_rt_pool **pool) {
  if (!options || !pool)
    return fail(ATTNC_INVALID_ARGUMENT,
                "attnc_rt_pool_create: an argument is null");
  if (int32_t status = checkOptions(*options))
    return status;
  void *memory = std::malloc(sizeof(attnc_rt_pool));
  if (!memory)
    return fail(ATTNC_OUT_OF_MEMORY,
                "attnc_rt_pool_create: cannot allocate the pool");
  auto *created = new (memory) attnc_rt_pool();
  if (int32_t status = created->allocateTables(*options)) {
    attnc_rt_pool_destroy(created);
    return status;
  }
  *pool = created;
  return ATTNC_OK;
}

void attnc_rt_pool_destroy(attnc_rt_pool *pool) {
  if (!pool)
    return;
  pool->~attnc_rt_pool();
  std::free(pool);
}

void *attnc_rt_pool_arena(const attnc_rt_pool *pool) {
  return pool ? pool->arena : nullptr;
}
// NOLINTEND(readability-identifier-naming)
