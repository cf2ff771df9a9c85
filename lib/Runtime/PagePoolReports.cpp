//===- PagePoolReports.cpp - Block tables and statistics ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What leaves the pool: the pages of sequences in the layout that kernels read,
// and counts.
//
//===----------------------------------------------------------------------===//

#include "PagePool.h"

#include <algorithm>

using namespace attnc;
using namespace attnc::rt;

/// Counts what is used. Only the last page of a sequence may have slots without
/// a token, and such a page has as many tokens as the owner with the most: so
/// each held page notes for how many owners it is partly filled, and how far.
void PagePool::countTokens(attnc_rt_pool_statistics &statistics) {
  int64_t numHeld = 0;
  for (int32_t page = 0; page < firstUnused; ++page) {
    Page &of = pages[page];
    statistics.shared_pages += of.owners > 1;
    if (of.state != PageState::Held)
      continue;
    ++numHeld;
    of.next = of.previous = 0;
  }
  statistics.stored_tokens = numHeld * pageTokens;
  for (int32_t slot = 0; slot < firstUnusedSequence; ++slot) {
    const Sequence &sequence = sequences[slot];
    int32_t filled = sequence.length % pageTokens;
    if (sequence.serial == 0 || filled == 0)
      continue;
    Page &last = pages[tableOf(sequence)[pageAt(sequence.length)]];
    last.previous = std::max(last.previous, filled);
    // All owners agree that it is not full.
    if (++last.next == last.owners)
      statistics.unused_slots += pageTokens - last.previous;
  }
  statistics.stored_tokens -= statistics.unused_slots;
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
int32_t attnc_rt_pool_block_table(attnc_rt_pool *pool,
                                  attnc_rt_sequence sequence,
                                  const int32_t **table, int32_t *length) {
  if (!pool || !table || !length)
    return fail(ATTNC_INVALID_ARGUMENT, "%s: an argument is null", __func__);
  Guard guard(pool->lock);
  const Sequence *of = pool->find(__func__, sequence);
  if (!of)
    return ATTNC_INVALID_ARGUMENT;
  *table = pool->tableOf(*of);
  *length = of->length;
  return ATTNC_OK;
}

int32_t attnc_rt_pool_fill_block_table(attnc_rt_pool *pool,
                                       const attnc_rt_sequence *sequences,
                                       int64_t count, int32_t *table,
                                       int64_t row_stride, int32_t *lengths) {
  if (!pool || (count != 0 && (!sequences || !table || !lengths)))
    return fail(ATTNC_INVALID_ARGUMENT, "%s: an argument is null", __func__);
  if (count < 0 || row_stride < 0 ||
      (count > 0 && row_stride > ATTNC_RT_MAX_ELEMENTS / count))
    return fail(ATTNC_INVALID_ARGUMENT,
                "%s: a table of %lld rows of %lld entries is not from 0 to "
                "2^40 entries",
                __func__, static_cast<long long>(count),
                static_cast<long long>(row_stride));
  Guard guard(pool->lock);
  for (int64_t i = 0; i < count; ++i) {
    const Sequence *sequence = pool->find(__func__, sequences[i]);
    if (!sequence)
      return ATTNC_INVALID_ARGUMENT;
    if (pool->pagesFor(sequence->length) > row_stride)
      return fail(ATTNC_INVALID_ARGUMENT,
                  "%s: sequence %llu has %d pages but a row of the table has "
                  "%lld entries",
                  __func__, static_cast<unsigned long long>(sequences[i]),
                  pool->pagesFor(sequence->length),
                  static_cast<long long>(row_stride));
  }
  for (int64_t i = 0; i < count; ++i) {
    const Sequence *sequence = pool->find(__func__, sequences[i]);
    int32_t *row = table + i * row_stride;
    int32_t *end = std::copy_n(pool->tableOf(*sequence),
                               pool->pagesFor(sequence->length), row);
    std::fill(end, row + row_stride, noPage);
    lengths[i] = sequence->length;
  }
  return ATTNC_OK;
}

int32_t attnc_rt_pool_get_statistics(attnc_rt_pool *pool,
                                     attnc_rt_pool_statistics *statistics) {
  if (!pool || !statistics)
    return fail(ATTNC_INVALID_ARGUMENT, "%s: an argument is null", __func__);
  *statistics = {};
  Guard guard(pool->lock);
  statistics->total_pages = pool->numPages;
  statistics->used_pages = pool->numPages - pool->numAvailable();
  statistics->cached_pages = pool->numCached;
  statistics->free_pages = pool->numFree;
  statistics->sequences = pool->numSequences;
  statistics->copied_pages = pool->numCopied;
  statistics->evicted_pages = pool->numEvicted;
  statistics->reused_pages = pool->numReused;
  pool->countTokens(*statistics);
  return ATTNC_OK;
}
// NOLINTEND(readability-identifier-naming)
