//===- page_pool_model.cpp - A page pool beside a naive one ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   page_pool_model SEED OPERATIONS
//
// Random calls on small pools. The model keeps the tokens of each sequence, the
// owners of each page, and what is published and cached, in plain containers
// that it searches from end to end; it predicts each status and each count, and
// each sequence has to read the stamps of its tokens in the arena.
//
//===----------------------------------------------------------------------===//

#include "page_pool_checks.h"

#include <algorithm>
#include <cstring>
#include <list>
#include <random>

namespace {

/// What happened in all pools of a run.
int64_t totalCopied, totalEvicted, totalReused, totalRolled, totalExhausted;

struct ModelSequence {
  attnc_rt_sequence handle = 0;
  uint64_t domain = 0;
  Ids ids;
  /// The pages as the pool gave them, -1 where one was given back.
  Ids pages;
  int32_t firstPage = 0;
  int64_t window = 0;
};

/// A published page: `id` is unique, and 0 is the parent of first pages.
struct Entry {
  int64_t id, parent;
  uint64_t domain;
  Ids ids;
};

class Model {
public:
  Model(uint64_t seed) : random(seed) {
    options.num_pages = below(30) + 1;
    options.page_tokens = pageTokens;
    options.page_bytes = pageTokens * sizeof(uint64_t);
    options.max_sequences = below(8) + 1;
    options.max_pages_per_sequence = below(12) + 1;
    CHECK(attnc_rt_pool_create(&options, &pool) == ATTNC_OK, "no pool");
    numFree = options.num_pages;
  }

  ~Model() {
    while (!sequences.empty())
      freeSequence();
    while (!singles.empty())
      release();
    checkAll();
    CHECK(numFree + int64_t(cached.size()) == options.num_pages,
          "pages are lost");
    totalCopied += numCopied;
    totalEvicted += numEvicted;
    totalReused += numReused;
    attnc_rt_pool_destroy(pool);
  }

  void step() {
    switch (below(16)) {
    case 0:
    case 1:
      return create();
    case 2:
      return fork();
    case 3:
      return freeSequence();
    case 4:
      return truncate();
    case 5:
    case 6:
      return publish();
    case 7:
      return setWindow();
    case 8:
      return below(4) ? misuse() : clearCache();
    case 9:
      return singles.size() < 3 ? allocate() : release();
    default:
      return append();
    }
  }

  void checkAll() {
    for (const ModelSequence &sequence : sequences)
      checkSequence(sequence);
    checkBooks(*pool, singles);
  }

  /// Each count of the statistics, from the definition.
  void checkStatistics() {
    attnc_rt_pool_statistics counted;
    CHECK(attnc_rt_pool_get_statistics(pool, &counted) == ATTNC_OK, "counts");
    std::map<int32_t, int64_t> filled;
    int64_t numShared = 0, numStored = 0;
    for (const ModelSequence &of : sequences)
      for (size_t i = of.firstPage; i < of.pages.size(); ++i) {
        int64_t tokens = std::min<int64_t>(pageTokens, of.ids.size() - 4 * i);
        int64_t &most = filled[of.pages[i]];
        most = std::max(most, tokens);
      }
    for (auto [page, tokens] : filled)
      numStored += tokens;
    for (auto [page, count] : owners)
      numShared += count > 1;
    CHECK(counted.free_pages == numFree, "free pages differ");
    CHECK(counted.cached_pages == int64_t(cached.size()),
          "cached pages differ");
    CHECK(counted.used_pages == int64_t(owners.size()), "used pages differ");
    CHECK(counted.shared_pages == numShared, "shared pages differ");
    CHECK(counted.sequences == int64_t(sequences.size()), "sequences differ");
    CHECK(counted.stored_tokens == numStored, "stored tokens differ");
    CHECK(counted.unused_slots ==
              int64_t(filled.size()) * pageTokens - numStored,
          "unused slots differ");
    CHECK(counted.copied_pages == numCopied, "copied pages differ");
    CHECK(counted.evicted_pages == numEvicted, "evicted pages differ");
    CHECK(counted.reused_pages == numReused, "reused pages differ");
  }

private:
  uint64_t below(uint64_t limit) { return random() % limit; }
  ModelSequence &any() { return sequences[below(sequences.size())]; }
  int64_t available() const { return numFree + int64_t(cached.size()); }
  static int64_t pagesFor(int64_t tokens) {
    return (tokens + pageTokens - 1) / pageTokens;
  }

  /// Few ids, so that prefixes recur, and now and then a long run of them.
  Ids someIds(int64_t count) {
    Ids ids(count);
    int64_t same = below(8);
    for (int64_t i = 0; i < count; ++i)
      ids[i] = i < same ? 1 : int32_t(below(2));
    return ids;
  }

  void checkSequence(const ModelSequence &sequence) {
    const int32_t *table = nullptr;
    int32_t length = -1;
    CHECK(attnc_rt_pool_block_table(pool, sequence.handle, &table, &length) ==
              ATTNC_OK,
          "a sequence is lost");
    CHECK(length == int32_t(sequence.ids.size()), "a length differs");
    auto *arena = static_cast<uint64_t *>(attnc_rt_pool_arena(pool));
    uint64_t stamp = firstStamp(sequence.domain);
    for (int32_t i = 0; i < length; ++i) {
      int32_t page = table[i / pageTokens];
      CHECK(page == sequence.pages[i / pageTokens], "a table differs");
      stamp = nextStamp(stamp, sequence.ids[i]);
      CHECK(page < 0 || arena[page * pageTokens + i % pageTokens] == stamp,
            "a token is not what was appended");
    }
  }

  // What becomes of pages.
  void take() {
    if (numFree > 0) {
      --numFree;
      return;
    }
    published.erase(cached.front());
    cached.pop_front();
    ++numEvicted;
  }
  void own(int32_t page) {
    cached.remove(page);
    ++owners[page];
  }
  void drop(int32_t page) {
    if (--owners[page] > 0)
      return;
    owners.erase(page);
    if (published.count(page))
      cached.push_back(page);
    else
      ++numFree;
  }
  void dropFrom(ModelSequence &sequence, int64_t first) {
    while (int64_t(sequence.pages.size()) > first) {
      if (sequence.pages.back() >= 0)
        drop(sequence.pages.back());
      sequence.pages.pop_back();
    }
  }
  int32_t findEntry(int64_t parent, uint64_t domain, const int32_t *ids) {
    for (const auto &[page, entry] : published)
      if (entry.parent == parent && entry.domain == domain &&
          std::equal(entry.ids.begin(), entry.ids.end(), ids))
        return page;
    return -1;
  }

  // Calls.
  void create() {
    ModelSequence made;
    made.domain = below(8) == 0;
    Ids ids = someIds(below(40));
    if (!sequences.empty() && below(2)) {
      const Ids &start = any().ids;
      ids.insert(ids.begin(), start.begin(), start.end());
    }
    int64_t numCached = -1;
    int32_t status = attnc_rt_pool_create_sequence(
        pool, made.domain, ids.data(), int64_t(ids.size()), &made.handle,
        &numCached);
    if (int64_t(sequences.size()) == options.max_sequences) {
      CHECK(status == ATTNC_EXHAUSTED, "a sequence too many");
      return;
    }
    CHECK(status == ATTNC_OK, "a sequence was not made");
    int64_t parent = 0;
    while (int64_t(made.pages.size()) < options.max_pages_per_sequence &&
           made.pages.size() < ids.size() / pageTokens) {
      int32_t page = findEntry(parent, made.domain,
                               ids.data() + made.pages.size() * pageTokens);
      if (page < 0)
        break;
      parent = published[page].id;
      own(page);
      ++numReused;
      made.pages.push_back(page);
    }
    CHECK(numCached == int64_t(made.pages.size()) * pageTokens,
          "another prefix was found");
    made.ids.assign(ids.begin(), ids.begin() + numCached);
    sequences.push_back(made);
    checkSequence(made);
  }

  void fork() {
    if (sequences.empty())
      return;
    ModelSequence made = any();
    int32_t status =
        attnc_rt_pool_fork_sequence(pool, made.handle, &made.handle);
    if (int64_t(sequences.size()) == options.max_sequences) {
      CHECK(status == ATTNC_EXHAUSTED, "a fork too many");
      return;
    }
    CHECK(status == ATTNC_OK, "a fork was not made");
    for (int32_t page : made.pages)
      if (page >= 0)
        own(page);
    sequences.push_back(made);
  }

  void freeSequence() {
    if (sequences.empty())
      return;
    std::swap(any(), sequences.back());
    ModelSequence &freed = sequences.back();
    CHECK(attnc_rt_pool_free_sequence(pool, freed.handle) == ATTNC_OK,
          "a sequence was not freed");
    dropFrom(freed, 0);
    formerHandle = freed.handle;
    sequences.pop_back();
  }

  void append() {
    if (sequences.empty())
      return;
    ModelSequence &sequence = any();
    int64_t length = int64_t(sequence.ids.size());
    int64_t count = below(below(4) ? 4 : 60);
    std::vector<int64_t> slots(count, -1);
    int32_t status =
        attnc_rt_pool_append(pool, sequence.handle, count, slots.data());
    if (length + count > options.max_pages_per_sequence * pageTokens) {
      CHECK(status == ATTNC_INVALID_ARGUMENT, "a sequence is too long");
      return;
    }
    if (count == 0)
      return;
    int64_t firstPage = sequence.firstPage;
    if (sequence.window > 0)
      firstPage =
          std::max(firstPage, (length + 1 - sequence.window) / pageTokens);
    int64_t gain = 0;
    for (int64_t i = sequence.firstPage; i < firstPage; ++i)
      gain += owners[sequence.pages[i]] == 1;
    bool isPartial = length % pageTokens != 0;
    bool copies = isPartial && owners[sequence.pages.back()] > 1;
    int64_t needed = pagesFor(length + count) - pagesFor(length) + copies;
    if (needed > available() + gain) {
      ++totalExhausted;
      CHECK(status == ATTNC_EXHAUSTED, "pages from nowhere");
      CHECK(slots[0] == -1, "slots are written in spite of the failure");
      return checkSequence(sequence);
    }
    CHECK(status == ATTNC_OK, "tokens were not appended");
    for (int64_t i = firstPage; i-- > sequence.firstPage;) {
      drop(sequence.pages[i]);
      sequence.pages[i] = -1;
      ++totalRolled;
    }
    sequence.firstPage = int32_t(firstPage);
    appendTaken(sequence, count, slots, isPartial, copies);
  }

  /// The part of append that cannot fail.
  void appendTaken(ModelSequence &sequence, int64_t count,
                   const std::vector<int64_t> &slots, bool isPartial,
                   bool copies) {
    const int32_t *table = nullptr;
    int32_t newLength = 0;
    attnc_rt_pool_block_table(pool, sequence.handle, &table, &newLength);
    if (copies) {
      take();
      ++numCopied;
      int32_t from = sequence.pages.back();
      sequence.pages.back() = table[sequence.pages.size() - 1];
      CHECK(!owners.count(sequence.pages.back()), "a copy is another's page");
      own(sequence.pages.back());
      drop(from);
    } else if (isPartial) {
      published.erase(sequence.pages.back());
    }
    while (int64_t(sequence.pages.size()) < pagesFor(newLength)) {
      take();
      int32_t page = table[sequence.pages.size()];
      CHECK(!owners.count(page) && !published.count(page),
            "a page was given out that is in use");
      own(page);
      sequence.pages.push_back(page);
    }
    uint64_t stamp = firstStamp(sequence.domain);
    for (int32_t id : sequence.ids)
      stamp = nextStamp(stamp, id);
    Ids ids = someIds(count);
    auto *arena = static_cast<uint64_t *>(attnc_rt_pool_arena(pool));
    for (int64_t i = 0; i < count; ++i) {
      size_t position = sequence.ids.size();
      CHECK(slots[i] == int64_t(table[position / pageTokens]) * pageTokens +
                            int64_t(position % pageTokens),
            "a slot is not where the table says");
      sequence.ids.push_back(ids[i]);
      arena[slots[i]] = stamp = nextStamp(stamp, ids[i]);
    }
    checkSequence(sequence);
  }

  void truncate() {
    if (sequences.empty())
      return;
    ModelSequence &sequence = any();
    int64_t length = int64_t(sequence.ids.size());
    int64_t kept = below(2) ? std::max<int64_t>(0, length - int64_t(below(6)))
                            : int64_t(below(length + 2));
    int32_t status = attnc_rt_pool_truncate(pool, sequence.handle, kept);
    int64_t firstKept = int64_t(sequence.firstPage) * pageTokens;
    bool losesKeys = kept > 0 && kept < length && firstKept > 0 &&
                     kept + 1 - sequence.window < firstKept;
    if (kept > length || losesKeys) {
      CHECK(status == ATTNC_INVALID_ARGUMENT, "a sequence was cut wrongly");
      return checkSequence(sequence);
    }
    CHECK(status == ATTNC_OK, "a sequence was not cut");
    sequence.ids.resize(kept);
    dropFrom(sequence, pagesFor(kept));
    sequence.firstPage =
        std::min(sequence.firstPage, int32_t(sequence.pages.size()));
    checkSequence(sequence);
  }

  void publish() {
    if (sequences.empty())
      return;
    ModelSequence &sequence = any();
    int64_t count = below(sequence.ids.size() + 1);
    CHECK(attnc_rt_pool_publish(pool, sequence.handle, sequence.ids.data(),
                                count) == ATTNC_OK,
          "a sequence was not published");
    int64_t parent = 0;
    for (int64_t i = 0; i < count / pageTokens; ++i) {
      const int32_t *ids = sequence.ids.data() + i * pageTokens;
      int32_t page = findEntry(parent, sequence.domain, ids);
      if (page < 0) {
        page = sequence.pages[i];
        if (page < 0)
          break;
        published[page] = {++lastEntry, parent, sequence.domain,
                           Ids(ids, ids + pageTokens)};
      }
      parent = published[page].id;
    }
  }

  void setWindow() {
    if (sequences.empty())
      return;
    ModelSequence &sequence = any();
    int64_t window = below(3) ? int64_t(below(20)) : 0;
    int32_t status = attnc_rt_pool_set_window(pool, sequence.handle, window);
    int64_t firstKept = int64_t(sequence.firstPage) * pageTokens;
    int64_t firstSeen = int64_t(sequence.ids.size()) + 1 - window;
    if (firstKept > 0 && (window == 0 || firstSeen < firstKept)) {
      CHECK(status == ATTNC_INVALID_ARGUMENT, "a window reaches lost keys");
      return;
    }
    CHECK(status == ATTNC_OK, "a window was not set");
    sequence.window = window;
  }

  void clearCache() {
    CHECK(attnc_rt_pool_clear_cache(pool) == ATTNC_OK, "not cleared");
    numFree += int64_t(cached.size());
    cached.clear();
    published.clear();
  }

  void allocate() {
    int32_t page = -1;
    int32_t status = attnc_rt_pool_allocate_page(pool, &page);
    if (available() == 0) {
      CHECK(status == ATTNC_EXHAUSTED, "a page from nowhere");
      return;
    }
    CHECK(status == ATTNC_OK, "no page was given out");
    take();
    CHECK(!owners.count(page), "a page was given out that is in use");
    own(page);
    ++singles[page];
    void *memory = nullptr;
    CHECK(attnc_rt_pool_write_page(pool, page, &memory) == ATTNC_OK,
          "unshared");
    memset(memory, 0x5a, size_t(options.page_bytes));
    if (below(2)) {
      CHECK(attnc_rt_pool_retain_page(pool, page) == ATTNC_OK, "not retained");
      own(page);
      ++singles[page];
      CHECK(attnc_rt_pool_write_page(pool, page, &memory) ==
                ATTNC_INVALID_ARGUMENT,
            "a shared page may be written");
    }
  }

  void release() {
    int32_t page = singles.begin()->first;
    CHECK(attnc_rt_pool_release_page(pool, page) == ATTNC_OK, "not released");
    drop(page);
    if (--singles[page] == 0)
      singles.erase(page);
  }

  /// Calls that have to be refused.
  void misuse() {
    CHECK(attnc_rt_pool_free_sequence(pool, formerHandle) ==
              ATTNC_INVALID_ARGUMENT,
          "a sequence was freed twice");
    CHECK(attnc_rt_pool_append(pool, formerHandle, 1, nullptr) ==
              ATTNC_INVALID_ARGUMENT,
          "a freed sequence grows");
    auto page = int32_t(below(options.num_pages));
    if (!singles.count(page))
      CHECK(attnc_rt_pool_release_page(pool, page) == ATTNC_INVALID_ARGUMENT,
            "a page was released by a stranger");
  }

  std::mt19937_64 random;
  attnc_rt_pool_options options = {};
  attnc_rt_pool *pool = nullptr;
  std::vector<ModelSequence> sequences;
  std::map<int32_t, int32_t> owners, singles;
  std::map<int32_t, Entry> published;
  /// From the least to the most recently used.
  std::list<int32_t> cached;
  int64_t numFree = 0, lastEntry = 0;
  int64_t numCopied = 0, numEvicted = 0, numReused = 0;
  attnc_rt_sequence formerHandle = 0;
};

} // namespace

int main(int argc, char **argv) {
  unsigned long long seed = argc > 1 ? strtoull(argv[1], nullptr, 10) : 1;
  unsigned long long operations = argc > 2 ? strtoull(argv[2], nullptr, 10) : 0;
  constexpr unsigned long long operationsOfPool = 2000;
  while (operationOfRun < operations) {
    seedOfRun = seed;
    Model model(seed * 1000003 + operationOfRun);
    for (unsigned long long i = 0; i < operationsOfPool; ++i) {
      ++operationOfRun;
      model.step();
      if (i % 8 == 0)
        model.checkStatistics();
      if (i % 64 == 0)
        model.checkAll();
    }
  }
  printf(
      "pages: %lld copied, %lld evicted, %lld found again, %lld behind a "
      "window; %lld appends without room\n",
      static_cast<long long>(totalCopied), static_cast<long long>(totalEvicted),
      static_cast<long long>(totalReused), static_cast<long long>(totalRolled),
      static_cast<long long>(totalExhausted));
  printf("%llu operations as the model has them\n", operationOfRun);
}
