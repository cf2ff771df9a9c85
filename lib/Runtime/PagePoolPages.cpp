//===- PagePoolPages.cpp - Giving out pages and taking them back ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The states of a page, and the functions for pages outside of sequences. Each
// step takes constant time.
//
//===----------------------------------------------------------------------===//

#include "PagePool.h"

using namespace attnc;
using namespace attnc::rt;

void PagePool::pushFree(int32_t page) {
  pages[page].state = PageState::Free;
  pages[page].next = freePages;
  freePages = page;
  ++numFree;
}

void PagePool::linkCached(int32_t page) {
  pages[page].state = PageState::Cached;
  pages[page].next = noPage;
  pages[page].previous = newestCached;
  (newestCached == noPage ? oldestCached : pages[newestCached].next) = page;
  newestCached = page;
  ++numCached;
}

void PagePool::unlinkCached(int32_t page) {
  auto [state, owners, next, previous] = pages[page];
  (previous == noPage ? oldestCached : pages[previous].next) = next;
  (next == noPage ? newestCached : pages[next].previous) = previous;
  --numCached;
}

int32_t PagePool::takePage(PageState state) {
  int32_t page = freePages;
  if (page != noPage) {
    freePages = pages[page].next;
    --numFree;
  } else if (firstUnused < numPages) {
    page = firstUnused++;
    --numFree;
  } else {
    page = oldestCached;
    unlinkCached(page);
    unpublish(page);
    ++numEvicted;
  }
  pages[page].state = state;
  pages[page].owners = 1;
  return page;
}

void PagePool::addOwner(int32_t page) {
  if (pages[page].state == PageState::Cached) {
    unlinkCached(page);
    pages[page].state = PageState::Held;
  }
  ++pages[page].owners;
}

void PagePool::dropOwner(int32_t page) {
  if (--pages[page].owners > 0)
    return;
  if (isPublished(page))
    linkCached(page);
  else
    pushFree(page);
}

int32_t PagePool::findSingle(const char *function, int32_t page) const {
  if (page < 0 || page >= numPages)
    return fail(ATTNC_INVALID_ARGUMENT,
                "%s: there is no page %d in a pool of %d pages", function, page,
                numPages);
  switch (pages[page].state) {
  case PageState::Single:
    return ATTNC_OK;
  case PageState::Free:
  case PageState::Cached:
    return fail(ATTNC_INVALID_ARGUMENT,
                "%s: page %d has no owner; it was released before, or never "
                "allocated",
                function, page);
  case PageState::Held:
    return fail(ATTNC_INVALID_ARGUMENT,
                "%s: page %d belongs to sequences; it goes with them", function,
                page);
  }
  __builtin_unreachable();
}

static int32_t failNull(const char *function) {
  return fail(ATTNC_INVALID_ARGUMENT, "%s: an argument is null", function);
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
int32_t attnc_rt_pool_allocate_page(attnc_rt_pool *pool, int32_t *page) {
  if (!pool || !page)
    return failNull(__func__);
  Guard guard(pool->lock);
  if (pool->numAvailable() == 0)
    return fail(ATTNC_EXHAUSTED, "%s: all %d pages are in use", __func__,
                pool->numPages);
  *page = pool->takePage(PageState::Single);
  return ATTNC_OK;
}

int32_t attnc_rt_pool_retain_page(attnc_rt_pool *pool, int32_t page) {
  if (!pool)
    return failNull(__func__);
  Guard guard(pool->lock);
  if (int32_t status = pool->findSingle(__func__, page))
    return status;
  if (pool->pages[page].owners == ATTNC_RT_POOL_MAX_OWNERS)
    return fail(ATTNC_INVALID_ARGUMENT, "%s: page %d has %d owners already",
                __func__, page, pool->pages[page].owners);
  pool->addOwner(page);
  return ATTNC_OK;
}

int32_t attnc_rt_pool_release_page(attnc_rt_pool *pool, int32_t page) {
  if (!pool)
    return failNull(__func__);
  Guard guard(pool->lock);
  if (int32_t status = pool->findSingle(__func__, page))
    return status;
  pool->dropOwner(page);
  return ATTNC_OK;
}

int32_t attnc_rt_pool_write_page(attnc_rt_pool *pool, int32_t page,
                                 void **memory) {
  if (!pool || !memory)
    return failNull(__func__);
  Guard guard(pool->lock);
  if (int32_t status = pool->findSingle(__func__, page))
    return status;
  if (pool->pages[page].owners > 1)
    return fail(ATTNC_INVALID_ARGUMENT,
                "%s: page %d has %d owners; a shared page is not written",
                __func__, page, pool->pages[page].owners);
  *memory = pool->bytesOf(page);
  return ATTNC_OK;
}
// NOLINTEND(readability-identifier-naming)
