//===- PagedCache.cpp - Pages of the runtime's pool -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A page has the keys of its tokens, then their values, [pageTokens, kvHeads,
// headDim] each. The kernel reads both where they are: as tensors of pages,
// with the size of a page as the distance from one to the next.
//
//===----------------------------------------------------------------------===//

#include "Cache.h"
#include "Tensor.h"
#include "attnc-c/pool.h"
#include "kernels.h"

namespace serving {

namespace {

constexpr int64_t pageElements = 2 * pageTokens * tokenElements;
constexpr int64_t pageBytes = pageElements * int64_t(sizeof(Element));

int64_t pagesFor(int64_t tokens) {
  return (tokens + pageTokens - 1) / pageTokens;
}

class PagedCache : public Cache {
public:
  PagedCache(const Workload &workload, int64_t budgetBytes, int64_t maxTokens,
             bool sharesPrefixes);
  ~PagedCache() override { attnc_rt_pool_destroy(pool); }
  PagedCache(const PagedCache &) = delete;
  PagedCache &operator=(const PagedCache &) = delete;

  const char *name() const override {
    return sharesPrefixes ? "paged + shared prefix" : "paged";
  }

  std::optional<int64_t> admit(int64_t session, int64_t tokens) override;
  void publish(int64_t session, int64_t tokens) override;
  bool grow(int64_t session) override;

  void release(int64_t session) override {
    require(attnc_rt_pool_free_sequence(pool, sequences[session]));
    sequences[session] = 0;
  }

  void write(int64_t session, int64_t position) override;
  void attend(Batch &batch) override;

  Occupancy occupancy() const override {
    attnc_rt_pool_statistics now = statistics();
    return {now.total_pages * pageTokens, now.used_pages * pageTokens,
            now.stored_tokens};
  }

private:
  attnc_rt_pool_statistics statistics() const {
    attnc_rt_pool_statistics now;
    require(attnc_rt_pool_get_statistics(pool, &now));
    return now;
  }

  const Workload &workload;
  bool sharesPrefixes;
  int64_t numPages, maxPages;
  attnc_rt_pool *pool = nullptr;
  Element *arena = nullptr;
  /// By session; 0 for one that is not admitted.
  std::vector<attnc_rt_sequence> sequences;
  /// Arguments of a call.
  std::vector<attnc_rt_sequence> rows;
  std::vector<int32_t> table, lengths;
};

PagedCache::PagedCache(const Workload &workload, int64_t budgetBytes,
                       int64_t maxTokens, bool sharesPrefixes)
    : workload(workload), sharesPrefixes(sharesPrefixes),
      numPages(budgetBytes / pageBytes), maxPages(pagesFor(maxTokens)),
      sequences(workload.size(), 0) {
  attnc_rt_pool_options options = {};
  options.num_pages = numPages;
  options.page_tokens = pageTokens;
  options.page_bytes = pageBytes;
  options.max_sequences = workload.size();
  options.max_pages_per_sequence = maxPages;
  require(attnc_rt_pool_create(&options, &pool));
  arena = static_cast<Element *>(attnc_rt_pool_arena(pool));
}

/// A hundredth of the pages stays free for sessions to grow, so that not every
/// admission is paid with a preemption; but a session alone gets all.
std::optional<int64_t> PagedCache::admit(int64_t session, int64_t tokens) {
  // The result at the last token is needed, so that token is always computed.
  std::vector<int32_t> ids;
  if (sharesPrefixes)
    ids = workload.tokenIds(session, tokens - 1);
  int64_t numCached = 0;
  require(attnc_rt_pool_create_sequence(pool, 0, ids.data(),
                                        int64_t(ids.size()),
                                        &sequences[session], &numCached));
  attnc_rt_pool_statistics now = statistics();
  int64_t needed = pagesFor(tokens) - numCached / pageTokens;
  int64_t kept = now.sequences > 1 ? numPages / 100 : 0;
  if (needed + kept > now.free_pages + now.cached_pages) {
    release(session);
    return std::nullopt;
  }
  require(attnc_rt_pool_append(pool, sequences[session], tokens - numCached,
                               nullptr));
  return numCached;
}

void PagedCache::publish(int64_t session, int64_t tokens) {
  if (!sharesPrefixes)
    return;
  std::vector<int32_t> ids = workload.tokenIds(session, tokens);
  require(attnc_rt_pool_publish(pool, sequences[session], ids.data(), tokens));
}

bool PagedCache::grow(int64_t session) {
  int32_t status =
      attnc_rt_pool_append(pool, sequences[session], 1, /*slots=*/nullptr);
  if (status != ATTNC_EXHAUSTED)
    require(status);
  return status == ATTNC_OK;
}

void PagedCache::write(int64_t session, int64_t position) {
  const int32_t *pages = nullptr;
  int32_t length = 0;
  require(attnc_rt_pool_block_table(pool, sequences[session], &pages, &length));
  Element *page = arena + pages[position / pageTokens] * pageElements;
  Element *key = page + position % pageTokens * tokenElements;
  workload.makeKey(session, position, key);
  workload.makeValue(session, position, key + pageElements / 2);
}

void PagedCache::attend(Batch &batch) {
  int64_t count = int64_t(batch.sessions.size());
  rows.clear();
  for (int64_t session : batch.sessions)
    rows.push_back(sequences[session]);
  table.resize(count * maxPages);
  lengths.resize(count);
  require(attnc_rt_pool_fill_block_table(pool, rows.data(), count, table.data(),
                                         maxPages, lengths.data()));
  int64_t each = batch.queriesPerSession;
  require(attend_paged(
      Tensor(batch.queries.data(), {count, queryHeads, each, headDim}),
      Tensor(arena, {numPages, pageTokens, kvHeads, headDim}, pageElements),
      Tensor(arena + pageElements / 2, {numPages, pageTokens, kvHeads, headDim},
             pageElements),
      Tensor(table.data(), {count, maxPages}),
      // A chunk ends before the tokens that were appended do.
      Tensor(batch.lengths.data(), {count}),
      Tensor(batch.results.data(), {count, queryHeads, each, headDim})));
}

} // namespace

std::unique_ptr<Cache> makePagedCache(const Workload &workload,
                                      int64_t budgetBytes, int64_t maxTokens,
                                      bool sharesPrefixes) {
  return std::make_unique<PagedCache>(workload, budgetBytes, maxTokens,
                                      sharesPrefixes);
}

} // namespace serving
