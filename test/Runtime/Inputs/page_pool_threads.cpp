//===- page_pool_threads.cpp - A page pool used by several threads --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   page_pool_threads SEED OPERATIONS
//
// Threads share the pages of one small pool, because their sequences have the
// same first tokens and because they fork sequences for each other. Each
// sequence reads its own tokens at all times, and in the end no page is lost.
//
//===----------------------------------------------------------------------===//

#include "page_pool_checks.h"

#include <atomic>
#include <mutex>
#include <random>
#include <thread>

namespace {

constexpr unsigned numThreads = 4;

struct OwnSequence {
  attnc_rt_sequence handle = 0;
  Ids ids;
};

attnc_rt_pool *pool = nullptr;
std::atomic<int64_t> numExhausted{0}, numReused{0};

/// Forks on their way to another thread.
std::mutex mailLock;
std::vector<OwnSequence> mail;

class Worker {
public:
  explicit Worker(uint64_t seed) : random(seed) {}

  void run(unsigned long long operations) {
    for (operationOfRun = 0; operationOfRun < operations; ++operationOfRun)
      step();
    while (!sequences.empty())
      freeSequence();
  }

private:
  uint64_t below(uint64_t limit) { return random() % limit; }
  OwnSequence &any() { return sequences[below(sequences.size())]; }

  /// Tells success from exhaustion, which other threads may cause.
  bool succeeds(int32_t status) {
    CHECK(status == ATTNC_OK || status == ATTNC_EXHAUSTED, attnc_last_error());
    numExhausted += status == ATTNC_EXHAUSTED;
    return status == ATTNC_OK;
  }

  void step() {
    if (sequences.size() < 2)
      return create();
    switch (below(8)) {
    case 0:
      return fork();
    case 1:
      return freeSequence();
    case 2:
      return publish();
    case 3:
      return truncate();
    case 4:
      return usePage();
    case 5:
      return report();
    default:
      return append();
    }
  }

  void check(const OwnSequence &sequence) {
    const int32_t *table = nullptr;
    int32_t length = -1;
    CHECK(succeeds(attnc_rt_pool_block_table(pool, sequence.handle, &table,
                                             &length)) &&
              length == int32_t(sequence.ids.size()),
          "a sequence is lost");
    auto *arena = static_cast<uint64_t *>(attnc_rt_pool_arena(pool));
    uint64_t stamp = firstStamp(0);
    for (int32_t i = 0; i < length; ++i) {
      stamp = nextStamp(stamp, sequence.ids[i]);
      CHECK(arena[table[i / pageTokens] * pageTokens + i % pageTokens] == stamp,
            "a token is not what was appended");
    }
  }

  Ids someIds(int64_t count) {
    Ids ids(count);
    for (int32_t &id : ids)
      id = int32_t(below(8) == 0);
    return ids;
  }

  void create() {
    OwnSequence made;
    Ids ids = someIds(below(24));
    int64_t numCached = 0;
    if (!succeeds(attnc_rt_pool_create_sequence(pool, 0, ids.data(),
                                                int64_t(ids.size()),
                                                &made.handle, &numCached)))
      return;
    numReused += numCached / pageTokens;
    made.ids.assign(ids.begin(), ids.begin() + numCached);
    check(made);
    sequences.push_back(made);
  }

  /// Makes a fork for another thread, and takes the one of another.
  void fork() {
    OwnSequence made = any();
    if (!succeeds(attnc_rt_pool_fork_sequence(pool, made.handle, &made.handle)))
      return;
    std::lock_guard<std::mutex> guard(mailLock);
    mail.push_back(made);
    std::swap(mail[below(mail.size())], mail.back());
    if (mail.size() > numThreads) {
      sequences.push_back(mail.back());
      mail.pop_back();
    }
  }

  void freeSequence() {
    std::swap(any(), sequences.back());
    check(sequences.back());
    CHECK(succeeds(attnc_rt_pool_free_sequence(pool, sequences.back().handle)),
          "not freed");
    sequences.pop_back();
  }

  void publish() {
    OwnSequence &sequence = any();
    CHECK(succeeds(attnc_rt_pool_publish(pool, sequence.handle,
                                         sequence.ids.data(),
                                         int64_t(sequence.ids.size()))),
          "not published");
  }

  void truncate() {
    OwnSequence &sequence = any();
    sequence.ids.resize(below(sequence.ids.size() + 1));
    CHECK(succeeds(attnc_rt_pool_truncate(pool, sequence.handle,
                                          int64_t(sequence.ids.size()))),
          "not cut");
  }

  void append() {
    OwnSequence &sequence = any();
    Ids ids = someIds(below(6));
    if (sequence.ids.size() + ids.size() > 10 * pageTokens)
      return truncate();
    std::vector<int64_t> slots(ids.size());
    if (!succeeds(attnc_rt_pool_append(pool, sequence.handle,
                                       int64_t(ids.size()), slots.data())))
      return freeSequence();
    uint64_t stamp = firstStamp(0);
    for (int32_t id : sequence.ids)
      stamp = nextStamp(stamp, id);
    auto *arena = static_cast<uint64_t *>(attnc_rt_pool_arena(pool));
    for (size_t i = 0; i < ids.size(); ++i) {
      arena[slots[i]] = stamp = nextStamp(stamp, ids[i]);
      sequence.ids.push_back(ids[i]);
    }
    check(sequence);
  }

  void usePage() {
    int32_t page = -1;
    void *memory = nullptr;
    if (!succeeds(attnc_rt_pool_allocate_page(pool, &page)))
      return;
    CHECK(succeeds(attnc_rt_pool_write_page(pool, page, &memory)), "shared");
    *static_cast<uint64_t *>(memory) = 0;
    CHECK(succeeds(attnc_rt_pool_release_page(pool, page)), "not released");
  }

  void report() {
    const attnc_rt_sequence handles[] = {any().handle, any().handle};
    int32_t table[2 * 10], lengths[2];
    attnc_rt_pool_statistics statistics;
    CHECK(succeeds(attnc_rt_pool_fill_block_table(pool, handles, 2, table, 10,
                                                  lengths)) &&
              succeeds(attnc_rt_pool_get_statistics(pool, &statistics)),
          "no report");
    CHECK(statistics.used_pages + statistics.cached_pages +
                  statistics.free_pages ==
              statistics.total_pages,
          "pages are lost");
  }

  std::mt19937_64 random;
  std::vector<OwnSequence> sequences;
};

} // namespace

int main(int argc, char **argv) {
  unsigned long long seed = argc > 1 ? strtoull(argv[1], nullptr, 10) : 1;
  unsigned long long operations = argc > 2 ? strtoull(argv[2], nullptr, 10) : 0;
  attnc_rt_pool_options options = {};
  options.num_pages = 48;
  options.page_tokens = pageTokens;
  options.page_bytes = pageTokens * sizeof(uint64_t);
  options.max_sequences = 32;
  options.max_pages_per_sequence = 10;
  CHECK(attnc_rt_pool_create(&options, &pool) == ATTNC_OK, "no pool");
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < numThreads; ++i)
    threads.emplace_back([=] {
      seedOfRun = seed;
      Worker(seed * numThreads + i).run(operations / numThreads);
    });
  for (std::thread &thread : threads)
    thread.join();
  for (const OwnSequence &sequence : mail)
    CHECK(attnc_rt_pool_free_sequence(pool, sequence.handle) == ATTNC_OK,
          "a fork is lost");
  checkBooks(*pool, {});
  CHECK(pool->numAvailable() == options.num_pages, "pages are lost");
  CHECK(pool->numCopied > 0 && pool->numEvicted > 0 && numReused > 0 &&
            numExhausted > 0,
        "something never happened");
  attnc_rt_pool_destroy(pool);
  printf("%llu operations of %u threads\n", operations, numThreads);
}
