//===- PagePool.h - The books of a page pool --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A page is in one of four states:
//
//             takePage             dropOwner, published
//     Free -------------> Held, -----------------------> Cached
//      ^  <------------- Single                            |
//      |   dropOwner                                       |
//      +------------- evicted, or the cache is cleared ----+
//
// Free pages are a stack, so that the next one is warm; cached pages are a
// list from the least to the most recently used. Published pages, cached or
// held, are in a hash table. All arrays have their final size from the start.
//
// What was published forms a tree: the parent of a page is the page before it.
// A page names its parent by the serial number of the parent's publication,
// which is never given again. So a page whose parent was evicted matches
// nothing, and equality of whole prefixes is that of parents and token ids,
// whatever the hash.
//
// Member functions expect the lock to be held.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_RUNTIME_PAGEPOOL_H
#define ATTNC_LIB_RUNTIME_PAGEPOOL_H

#include "LastError.h"
#include "Lock.h"

#include "attnc-c/pool.h"

namespace attnc::rt {

constexpr int32_t noPage = -1;

enum class PageState : int32_t {
  Free,
  /// Owned by sequences.
  Held,
  /// From attnc_rt_pool_allocate_page.
  Single,
  /// Published and without an owner.
  Cached
};

/// What every allocation touches: a quarter of a cache line.
struct Page {
  PageState state;
  int32_t owners;
  /// Neighbours in the stack of free pages (`next` alone) or in the list of
  /// cached ones, with `next` the more recently used. Of a held page, notes of
  /// the statistics.
  int32_t next, previous;
};

/// The content under which a page was published.
struct Publication {
  attnc_rt_page_hash hash;
  uint64_t domain;
  /// 0 if the page is not published.
  uint64_t serial;
  /// 0 for a first page.
  uint64_t parentSerial;
  int32_t parentPage;
  int32_t numChildren;
  int32_t nextInBucket;
};

/// Where the published prefix of a sequence ends: after `count` pages at the
/// publication `serial` of `page`, or at the root. It may be lost meanwhile.
struct Chain {
  int32_t count = 0;
  int32_t page = noPage;
  uint64_t serial = 0;
  attnc_rt_page_hash hash = {};
  /// The pool's numOrphanings when the chain was last known to be whole.
  uint64_t numOrphanings = 0;
};

struct Sequence {
  /// 0 if it is not in use.
  uint64_t serial;
  uint64_t domain;
  int32_t length;
  /// Keys that a token sees, or 0.
  int32_t window;
  /// The first page that was not given back behind the window.
  int32_t firstPage;
  int32_t nextFree;
  Chain published;
};

/// A page to be copied once the lock is released; both have one owner more
/// until that is done.
struct PageCopy {
  int32_t from = noPage, to = noPage;
};

class PagePool {
public:
  // PagePool.cpp
  int32_t allocateTables(const attnc_rt_pool_options &options);
  ~PagePool();

  // PagePoolPages.cpp
  int32_t numAvailable() const { return numFree + numCached; }
  /// A page with one owner, evicting one if none is free. There has to be one.
  int32_t takePage(PageState state);
  /// Gives a page that is held or cached one owner more.
  void addOwner(int32_t page);
  void dropOwner(int32_t page);
  /// A page from allocate_page, or a failure of `function`.
  int32_t findSingle(const char *function, int32_t page) const;

  // PagePoolSequences.cpp
  /// The sequence of a handle, or null after a failure of `function`.
  Sequence *find(const char *function, attnc_rt_sequence handle);
  Sequence *makeSequence(const char *function, attnc_rt_sequence &handle);
  void freeSequence(Sequence &sequence);
  int32_t append(attnc_rt_sequence handle, int64_t count, int64_t *slots,
                 PageCopy &copy);
  int32_t truncate(attnc_rt_sequence handle, int64_t length);
  /// Drops the pages [begin, end) of the sequence, the last one first.
  void dropPages(Sequence &sequence, int32_t begin, int32_t end);
  int32_t *tableOf(const Sequence &sequence) const {
    return tables + (&sequence - sequences) * maxPages;
  }
  int32_t pagesFor(int64_t tokens) const {
    return static_cast<int32_t>((tokens + pageTokens - 1) / pageTokens);
  }
  /// The page of a sequence in which the token at `position` lies.
  int32_t pageAt(int64_t position) const {
    return static_cast<int32_t>(position / pageTokens);
  }

  // PagePoolPrefixes.cpp
  bool isPublished(int32_t page) const {
    return publications[page].serial != 0;
  }
  void unpublish(int32_t page);
  void clearCache();
  void adoptPrefix(Sequence &sequence, const int32_t *tokenIds,
                   int64_t numTokens);
  int32_t publish(attnc_rt_sequence handle, const int32_t *tokenIds,
                  int64_t numTokens);
  /// The published prefix of the sequence, cut to `count` pages.
  Chain cutChain(const Sequence &sequence, int32_t count) const;

  // PagePoolReports.cpp
  void countTokens(attnc_rt_pool_statistics &statistics);

  char *bytesOf(int32_t page) const {
    return arena + static_cast<int64_t>(page) * pageBytes;
  }

  Lock lock;

  int64_t pageBytes;
  int32_t pageTokens, numPages, maxSequences, maxPages;
  char *arena, *ownArena;

  Page *pages;
  /// Free pages that were used before, and the pages from `firstUnused` on.
  int32_t freePages, firstUnused;
  int32_t oldestCached, newestCached;
  int32_t numFree, numCached;

  Sequence *sequences;
  /// Row i belongs to sequence i; -1 in all entries that are not in use.
  int32_t *tables;
  int32_t freeSequences, firstUnusedSequence, numSequences;

  Publication *publications;
  /// What pages were published with: pageTokens ids each.
  int32_t *tokenIds;
  /// First pages of the chains of the hash table, a power of two many.
  int32_t *buckets;
  uint64_t bucketMask;
  uint64_t lastPublication;
  /// How often a page ceased to be published before its children, from 1 on.
  uint64_t numOrphanings;

  int64_t numCopied, numEvicted, numReused;

private:
  int32_t roll(const Sequence &sequence) const;
  int32_t countGain(const Sequence &sequence, int32_t begin, int32_t end) const;
  void pushFree(int32_t page);
  void linkCached(int32_t page);
  void unlinkCached(int32_t page);
  Chain rootOf(const Sequence &sequence) const;
  bool isWhole(const Chain &chain) const;
  bool hasIds(int32_t page, const int32_t *ids) const;
  int32_t findPublished(const Chain &parent, attnc_rt_page_hash hash,
                        uint64_t domain, const int32_t *ids) const;
  void enter(int32_t page, const Chain &parent, attnc_rt_page_hash hash,
             uint64_t domain, const int32_t *ids);
  Chain follow(const Chain &parent, int32_t page) const;
};

} // namespace attnc::rt

struct attnc_rt_pool : attnc::rt::PagePool {};

#endif // ATTNC_LIB_RUNTIME_PAGEPOOL_H
