//===- PagePoolPrefixes.cpp - Pages shared by what they hold --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The table of published pages, and the two walks over it: a new sequence
// follows its token ids from page to page, and a sequence that publishes
// follows its own and enters the pages that are missing.
//
//===----------------------------------------------------------------------===//

#include "PagePool.h"

#include <cstring>

using namespace attnc;
using namespace attnc::rt;

static bool areEqual(attnc_rt_page_hash a, attnc_rt_page_hash b) {
  return a.words[0] == b.words[0] && a.words[1] == b.words[1];
}

Chain PagePool::rootOf(const Sequence &sequence) const {
  Chain root;
  root.hash = {{sequence.domain, 0}};
  return root;
}

/// What follows `parent` in a whole chain: the published page `page`.
Chain PagePool::follow(const Chain &parent, int32_t page) const {
  return {parent.count + 1, page, publications[page].serial,
          publications[page].hash, numOrphanings};
}

/// Whether all pages of the chain are still published as that. Pages are lost
/// in the order of their use, so that hardly ever one goes before its children,
/// and all of the chain has to be looked at.
bool PagePool::isWhole(const Chain &chain) const {
  if (chain.count == 0)
    return true;
  int32_t page = chain.page;
  uint64_t serial = chain.serial;
  if (publications[page].serial != serial)
    return false;
  if (chain.numOrphanings == numOrphanings)
    return true;
  for (;;) {
    const Publication &publication = publications[page];
    if (publication.serial != serial)
      return false;
    serial = publication.parentSerial;
    page = publication.parentPage;
    if (serial == 0)
      return true;
  }
}

Chain PagePool::cutChain(const Sequence &sequence, int32_t count) const {
  // The sequence's own page ends the chain unless another one with the same
  // content was published before; then publishing starts again from the root.
  int32_t page = count > 0 ? tableOf(sequence)[count - 1] : noPage;
  if (page == noPage || !isPublished(page))
    return rootOf(sequence);
  Chain chain;
  chain.count = count - 1;
  chain = follow(chain, page);
  chain.numOrphanings = 0;
  return chain;
}

bool PagePool::hasIds(int32_t page, const int32_t *ids) const {
  return std::memcmp(tokenIds + static_cast<int64_t>(page) * pageTokens, ids,
                     static_cast<size_t>(pageTokens) * sizeof(int32_t)) == 0;
}

int32_t PagePool::findPublished(const Chain &parent, attnc_rt_page_hash hash,
                                uint64_t domain, const int32_t *ids) const {
  for (int32_t page = buckets[hash.words[0] & bucketMask]; page != noPage;
       page = publications[page].nextInBucket) {
    const Publication &candidate = publications[page];
    if (areEqual(candidate.hash, hash) &&
        candidate.parentSerial == parent.serial && candidate.domain == domain &&
        hasIds(page, ids))
      return page;
  }
  return noPage;
}

void PagePool::enter(int32_t page, const Chain &parent, attnc_rt_page_hash hash,
                     uint64_t domain, const int32_t *ids) {
  std::memcpy(tokenIds + static_cast<int64_t>(page) * pageTokens, ids,
              static_cast<size_t>(pageTokens) * sizeof(int32_t));
  if (parent.count > 0)
    ++publications[parent.page].numChildren;
  int32_t &bucket = buckets[hash.words[0] & bucketMask];
  publications[page] = {
      hash, domain, ++lastPublication, parent.serial, parent.page, 0, bucket};
  bucket = page;
}

void PagePool::unpublish(int32_t page) {
  Publication &publication = publications[page];
  int32_t *link = &buckets[publication.hash.words[0] & bucketMask];
  while (*link != page)
    link = &publications[*link].nextInBucket;
  *link = publication.nextInBucket;
  publication.serial = 0;
  numOrphanings += publication.numChildren > 0;
  if (publication.parentSerial != 0 &&
      publications[publication.parentPage].serial == publication.parentSerial)
    --publications[publication.parentPage].numChildren;
}

void PagePool::clearCache() {
  for (int32_t page = 0; page < firstUnused; ++page) {
    if (!isPublished(page))
      continue;
    unpublish(page);
    if (pages[page].state == PageState::Cached) {
      unlinkCached(page);
      pushFree(page);
    }
  }
}

void PagePool::adoptPrefix(Sequence &sequence, const int32_t *ids,
                           int64_t numTokens) {
  sequence.published = rootOf(sequence);
  Chain &chain = sequence.published;
  while (chain.count < maxPages && chain.count < numTokens / pageTokens) {
    attnc_rt_page_hash hash =
        attnc_rt_pool_hash_page(chain.hash, ids, pageTokens);
    int32_t page = findPublished(chain, hash, sequence.domain, ids);
    if (page == noPage)
      break;
    addOwner(page);
    ++numReused;
    tableOf(sequence)[chain.count] = page;
    chain = follow(chain, page);
    ids += pageTokens;
  }
  sequence.length = chain.count * pageTokens;
}

int32_t PagePool::publish(attnc_rt_sequence handle, const int32_t *ids,
                          int64_t numTokens) {
  const char *function = "attnc_rt_pool_publish";
  Sequence *sequence = find(function, handle);
  if (!sequence)
    return ATTNC_INVALID_ARGUMENT;
  if (numTokens < 0 || numTokens > sequence->length)
    return fail(ATTNC_INVALID_ARGUMENT,
                "%s: sequence %llu has %d tokens, and %lld cannot be published",
                function, static_cast<unsigned long long>(handle),
                sequence->length, static_cast<long long>(numTokens));
  const int32_t *table = tableOf(*sequence);
  Chain chain = sequence->published;
  if (!isWhole(chain))
    chain = rootOf(*sequence);
  auto numFull = static_cast<int32_t>(numTokens / pageTokens);
  auto idsOf = [&](int32_t i) {
    return ids + static_cast<int64_t>(i) * pageTokens;
  };
  for (int32_t i = chain.count; i < numFull; ++i)
    if (table[i] != noPage && isPublished(table[i]) &&
        !hasIds(table[i], idsOf(i)))
      return fail(ATTNC_INVALID_ARGUMENT,
                  "%s: sequence %llu: page %d, with the tokens from position "
                  "%lld on, was published with other ids",
                  function, static_cast<unsigned long long>(handle), table[i],
                  static_cast<long long>(idsOf(i) - ids));
  while (chain.count < numFull) {
    int32_t own = table[chain.count];
    const int32_t *pageIds = idsOf(chain.count);
    attnc_rt_page_hash hash =
        attnc_rt_pool_hash_page(chain.hash, pageIds, pageTokens);
    int32_t page = findPublished(chain, hash, sequence->domain, pageIds);
    if (page == noPage) {
      if (own == noPage)
        break;
      // Published below a parent that was evicted since, it is of no use there.
      if (isPublished(own))
        unpublish(own);
      enter(own, chain, hash, sequence->domain, pageIds);
      page = own;
    }
    chain = follow(chain, page);
  }
  sequence->published = chain;
  return ATTNC_OK;
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
int32_t attnc_rt_pool_publish(attnc_rt_pool *pool, attnc_rt_sequence sequence,
                              const int32_t *token_ids, int64_t num_tokens) {
  if (!pool || (num_tokens != 0 && !token_ids))
    return fail(ATTNC_INVALID_ARGUMENT, "%s: an argument is null", __func__);
  Guard guard(pool->lock);
  return pool->publish(sequence, token_ids, num_tokens);
}

int32_t attnc_rt_pool_clear_cache(attnc_rt_pool *pool) {
  if (!pool)
    return fail(ATTNC_INVALID_ARGUMENT, "%s: an argument is null", __func__);
  Guard guard(pool->lock);
  pool->clearCache();
  return ATTNC_OK;
}
// NOLINTEND(readability-identifier-naming)
