//===- PagePoolSequences.cpp - Sequences of pages -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Making, growing, cutting, forking and freeing sequences. Each function first
// finds out whether all of it can be done, and then cannot fail.
//
//===----------------------------------------------------------------------===//

#include "PagePool.h"

#include <algorithm>
#include <cstring>

using namespace attnc;
using namespace attnc::rt;

/// The sequence of a handle is in its low bits, and a serial number in the
/// others. 2^44 of these last for centuries at a thousand a second.
static constexpr int slotBits = 20;
static_assert(ATTNC_RT_POOL_MAX_SEQUENCES == int64_t(1) << slotBits,
              "a handle has room for the number of each sequence");

/// Numbers are unique in the process, so that the handle of one pool is never
/// that of another.
static std::atomic<uint64_t> lastSerial{0};

static attnc_rt_sequence handleOf(uint64_t serial, int64_t slot) {
  return serial << slotBits | static_cast<uint64_t>(slot);
}

static unsigned long long printed(attnc_rt_sequence handle) { return handle; }

Sequence *PagePool::find(const char *function, attnc_rt_sequence handle) {
  auto slot = static_cast<int64_t>(handle & ((uint64_t(1) << slotBits) - 1));
  uint64_t serial = handle >> slotBits;
  if (serial != 0 && slot < firstUnusedSequence &&
      sequences[slot].serial == serial)
    return &sequences[slot];
  fail(ATTNC_INVALID_ARGUMENT,
       "%s: sequence %llu is not in this pool; it was freed, or is that of "
       "another pool",
       function, printed(handle));
  return nullptr;
}

Sequence *PagePool::makeSequence(const char *function,
                                 attnc_rt_sequence &handle) {
  int32_t slot = freeSequences;
  if (slot != noPage) {
    freeSequences = sequences[slot].nextFree;
  } else if (firstUnusedSequence < maxSequences) {
    slot = firstUnusedSequence++;
    std::fill_n(tableOf(sequences[slot]), maxPages, noPage);
  } else {
    fail(ATTNC_EXHAUSTED, "%s: all %d sequences are in use", function,
         maxSequences);
    return nullptr;
  }
  ++numSequences;
  sequences[slot] = {};
  sequences[slot].serial = ++lastSerial;
  handle = handleOf(sequences[slot].serial, slot);
  return &sequences[slot];
}

void PagePool::dropPages(Sequence &sequence, int32_t begin, int32_t end) {
  int32_t *table = tableOf(sequence);
  // What was published stays cached; of a prefix the end is evicted first,
  // because it is of use only together with what precedes it.
  for (int32_t i = end; i-- > begin;) {
    dropOwner(table[i]);
    table[i] = noPage;
  }
}

void PagePool::freeSequence(Sequence &sequence) {
  dropPages(sequence, sequence.firstPage, pagesFor(sequence.length));
  sequence.serial = 0;
  sequence.nextFree = freeSequences;
  freeSequences = static_cast<int32_t>(&sequence - sequences);
  --numSequences;
}

/// The first page with a key that a token appended next sees.
int32_t PagePool::roll(const Sequence &sequence) const {
  if (sequence.window == 0 || sequence.length + 1LL <= sequence.window)
    return sequence.firstPage;
  return std::max(sequence.firstPage,
                  pageAt(sequence.length + 1LL - sequence.window));
}

/// How many pages become free or cached when the sequence drops [begin, end).
int32_t PagePool::countGain(const Sequence &sequence, int32_t begin,
                            int32_t end) const {
  const int32_t *table = tableOf(sequence);
  int32_t gain = 0;
  for (int32_t i = begin; i < end; ++i)
    gain += pages[table[i]].owners == 1;
  return gain;
}

int32_t PagePool::append(attnc_rt_sequence handle, int64_t count,
                         int64_t *slots, PageCopy &copy) {
  const char *function = "attnc_rt_pool_append";
  Sequence *sequence = find(function, handle);
  if (!sequence)
    return ATTNC_INVALID_ARGUMENT;
  int64_t capacity = static_cast<int64_t>(maxPages) * pageTokens;
  if (count < 0 || count > capacity - sequence->length)
    return fail(ATTNC_INVALID_ARGUMENT,
                "%s: %lld tokens cannot be appended to the %d tokens of "
                "sequence %llu; it can have %lld",
                function, static_cast<long long>(count), sequence->length,
                printed(handle), static_cast<long long>(capacity));
  if (count == 0)
    return ATTNC_OK;

  int32_t *table = tableOf(*sequence);
  int64_t length = sequence->length + count;
  int32_t numBefore = pagesFor(sequence->length);
  int32_t numAfter = pagesFor(length);
  bool writesLast = sequence->length % pageTokens != 0;
  bool copiesLast = writesLast && pages[table[numBefore - 1]].owners > 1;
  int32_t firstPage = roll(*sequence);
  int32_t needed = numAfter - numBefore + copiesLast;
  int32_t available =
      numAvailable() + countGain(*sequence, sequence->firstPage, firstPage);
  if (needed > available)
    return fail(ATTNC_EXHAUSTED,
                "%s: %lld tokens for sequence %llu need %d pages, and %d of %d "
                "are free or cached",
                function, static_cast<long long>(count), printed(handle),
                needed, available, numPages);

  dropPages(*sequence, sequence->firstPage, firstPage);
  sequence->firstPage = firstPage;
  if (copiesLast) {
    copy.from = table[numBefore - 1];
    copy.to = table[numBefore - 1] = takePage(PageState::Held);
    addOwner(copy.to);
    ++numCopied;
  } else if (writesLast && isPublished(table[numBefore - 1])) {
    unpublish(table[numBefore - 1]);
  }
  for (int32_t i = numBefore; i < numAfter; ++i)
    table[i] = takePage(PageState::Held);
  if (slots)
    for (int64_t position = sequence->length; position < length; ++position)
      *slots++ = static_cast<int64_t>(table[pageAt(position)]) * pageTokens +
                 position % pageTokens;
  sequence->length = static_cast<int32_t>(length);
  return ATTNC_OK;
}

int32_t PagePool::truncate(attnc_rt_sequence handle, int64_t length) {
  const char *function = "attnc_rt_pool_truncate";
  Sequence *sequence = find(function, handle);
  if (!sequence)
    return ATTNC_INVALID_ARGUMENT;
  if (length < 0 || length > sequence->length)
    return fail(ATTNC_INVALID_ARGUMENT,
                "%s: sequence %llu has %d tokens and cannot be cut to %lld",
                function, printed(handle), sequence->length,
                static_cast<long long>(length));
  int64_t firstKept = static_cast<int64_t>(sequence->firstPage) * pageTokens;
  int64_t firstSeen = std::max<int64_t>(0, length + 1 - sequence->window);
  if (length > 0 && length < sequence->length && firstSeen < firstKept)
    return fail(ATTNC_INVALID_ARGUMENT,
                "%s: sequence %llu cannot be cut to %lld tokens: the next one "
                "sees keys from position %lld on, and those before %lld were "
                "given back",
                function, printed(handle), static_cast<long long>(length),
                static_cast<long long>(firstSeen),
                static_cast<long long>(firstKept));
  int32_t kept = pagesFor(length);
  dropPages(*sequence, std::max(kept, sequence->firstPage),
            pagesFor(sequence->length));
  sequence->length = static_cast<int32_t>(length);
  sequence->firstPage = std::min(sequence->firstPage, kept);
  int32_t numFull = static_cast<int32_t>(length / pageTokens);
  if (sequence->published.count > numFull)
    sequence->published = cutChain(*sequence, numFull);
  return ATTNC_OK;
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
int32_t attnc_rt_pool_create_sequence(attnc_rt_pool *pool, uint64_t domain,
                                      const int32_t *token_ids,
                                      int64_t num_tokens,
                                      attnc_rt_sequence *sequence,
                                      int64_t *num_cached) {
  if (!pool || !sequence || !num_cached || (num_tokens != 0 && !token_ids))
    return fail(ATTNC_INVALID_ARGUMENT, "%s: an argument is null", __func__);
  if (num_tokens < 0)
    return fail(ATTNC_INVALID_ARGUMENT, "%s: %lld is no number of tokens",
                __func__, static_cast<long long>(num_tokens));
  Guard guard(pool->lock);
  Sequence *created = pool->makeSequence(__func__, *sequence);
  if (!created)
    return ATTNC_EXHAUSTED;
  created->domain = domain;
  pool->adoptPrefix(*created, token_ids, num_tokens);
  *num_cached = created->length;
  return ATTNC_OK;
}

int32_t attnc_rt_pool_free_sequence(attnc_rt_pool *pool,
                                    attnc_rt_sequence sequence) {
  if (!pool)
    return fail(ATTNC_INVALID_ARGUMENT, "%s: an argument is null", __func__);
  Guard guard(pool->lock);
  Sequence *freed = pool->find(__func__, sequence);
  if (!freed)
    return ATTNC_INVALID_ARGUMENT;
  pool->freeSequence(*freed);
  return ATTNC_OK;
}

int32_t attnc_rt_pool_fork_sequence(attnc_rt_pool *pool,
                                    attnc_rt_sequence sequence,
                                    attnc_rt_sequence *fork) {
  if (!pool || !fork)
    return fail(ATTNC_INVALID_ARGUMENT, "%s: an argument is null", __func__);
  Guard guard(pool->lock);
  Sequence *from = pool->find(__func__, sequence);
  if (!from)
    return ATTNC_INVALID_ARGUMENT;
  Sequence *to = pool->makeSequence(__func__, *fork);
  if (!to)
    return ATTNC_EXHAUSTED;
  uint64_t serial = to->serial;
  *to = *from;
  to->serial = serial;
  int32_t numPages = pool->pagesFor(from->length);
  std::copy_n(pool->tableOf(*from), numPages, pool->tableOf(*to));
  for (int32_t i = from->firstPage; i < numPages; ++i)
    pool->addOwner(pool->tableOf(*to)[i]);
  return ATTNC_OK;
}

int32_t attnc_rt_pool_append(attnc_rt_pool *pool, attnc_rt_sequence sequence,
                             int64_t count, int64_t *slots) {
  if (!pool)
    return fail(ATTNC_INVALID_ARGUMENT, "%s: an argument is null", __func__);
  PageCopy copy;
  {
    Guard guard(pool->lock);
    if (int32_t status = pool->append(sequence, count, slots, copy))
      return status;
  }
  if (copy.to == noPage)
    return ATTNC_OK;
  // A page is large, so others go on meanwhile. Nobody writes the source: it
  // has this owner and another one. Nobody else gets the target, even if the
  // sequence is freed.
  std::memcpy(pool->bytesOf(copy.to), pool->bytesOf(copy.from),
              static_cast<size_t>(pool->pageBytes));
  Guard guard(pool->lock);
  pool->dropOwner(copy.from);
  pool->dropOwner(copy.to);
  return ATTNC_OK;
}

int32_t attnc_rt_pool_truncate(attnc_rt_pool *pool, attnc_rt_sequence sequence,
                               int64_t length) {
  if (!pool)
    return fail(ATTNC_INVALID_ARGUMENT, "%s: an argument is null", __func__);
  Guard guard(pool->lock);
  return pool->truncate(sequence, length);
}

int32_t attnc_rt_pool_set_window(attnc_rt_pool *pool,
                                 attnc_rt_sequence sequence, int64_t window) {
  if (!pool)
    return fail(ATTNC_INVALID_ARGUMENT, "%s: an argument is null", __func__);
  if (window < 0 || window > INT32_MAX)
    return fail(ATTNC_INVALID_ARGUMENT,
                "%s: the window %lld must be from 0 to 2^31 - 1", __func__,
                static_cast<long long>(window));
  Guard guard(pool->lock);
  Sequence *of = pool->find(__func__, sequence);
  if (!of)
    return ATTNC_INVALID_ARGUMENT;
  int64_t firstKept = static_cast<int64_t>(of->firstPage) * pool->pageTokens;
  int64_t firstSeen = window ? of->length + 1LL - window : 0;
  if (firstKept > 0 && firstSeen < firstKept)
    return fail(ATTNC_INVALID_ARGUMENT,
                "%s: with the window %lld the next token of sequence %llu sees "
                "keys before position %lld, which were given back",
                __func__, static_cast<long long>(window), printed(sequence),
                static_cast<long long>(firstKept));
  of->window = static_cast<int32_t>(window);
  return ATTNC_OK;
}
// NOLINTEND(readability-identifier-naming)
