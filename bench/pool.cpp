//===- pool.cpp - What the page pool costs --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times the calls of attnc-c/pool.h with Google Benchmark. The rate is that of
// the calls that the name says; with threads, that of all threads together.
//
//===----------------------------------------------------------------------===//

#include "attnc-c/pool.h"

#include <benchmark/benchmark.h>
#include <cstdlib>
#include <vector>

namespace {

constexpr int64_t pageTokens = 16;
/// Keys and values of 16 tokens, 8 heads of 128 elements of 2 bytes, one layer.
constexpr int64_t pageBytes = pageTokens * 2 * 8 * 128 * 2;

/// Ends the program where a call that has to succeed does not.
void require(int32_t status) {
  if (status == ATTNC_OK)
    return;
  std::fprintf(stderr, "%s\n", attnc_last_error());
  std::exit(1);
}

attnc_rt_pool *makePool(int64_t numPages, int64_t maxSequences = 1024,
                        int64_t bytes = 1) {
  attnc_rt_pool_options options = {numPages, pageTokens, bytes, maxSequences,
                                   4096,     nullptr,    0};
  attnc_rt_pool *pool = nullptr;
  require(attnc_rt_pool_create(&options, &pool));
  return pool;
}

attnc_rt_sequence makeSequence(attnc_rt_pool *pool,
                               const std::vector<int32_t> &ids = {}) {
  attnc_rt_sequence sequence = 0;
  int64_t numCached = 0;
  require(attnc_rt_pool_create_sequence(
      pool, 0, ids.data(), int64_t(ids.size()), &sequence, &numCached));
  return sequence;
}

/// The pool of the benchmarks with threads.
attnc_rt_pool *sharedPool = nullptr;

void setUp(const benchmark::State &) { sharedPool = makePool(65536); }
void tearDown(const benchmark::State &) {
  attnc_rt_pool_destroy(sharedPool);
  sharedPool = nullptr;
}

/// A page is taken and given back: two calls, counted as one pair.
void pagePair(benchmark::State &state) {
  int32_t page = 0;
  for (auto _ : state) {
    require(attnc_rt_pool_allocate_page(sharedPool, &page));
    require(attnc_rt_pool_release_page(sharedPool, page));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(pagePair)->Setup(setUp)->Teardown(tearDown);
BENCHMARK(pagePair)
    ->Setup(setUp)
    ->Teardown(tearDown)
    ->Threads(2)
    ->UseRealTime();

/// Many pages are taken, then given back in another order.
void pageBurst(benchmark::State &state) {
  std::vector<int32_t> pages(4096);
  for (auto _ : state) {
    for (int32_t &page : pages)
      require(attnc_rt_pool_allocate_page(sharedPool, &page));
    for (size_t i = 0; i < pages.size(); ++i)
      require(attnc_rt_pool_release_page(sharedPool, pages[i * 1365 % 4096]));
  }
  state.SetItemsProcessed(state.iterations() * int64_t(pages.size()));
}
BENCHMARK(pageBurst)->Setup(setUp)->Teardown(tearDown);

/// Decoding: one token for each of 256 sequences, and the block table of all.
void appendOne(benchmark::State &state) {
  attnc_rt_pool *pool = makePool(65536);
  std::vector<attnc_rt_sequence> sequences(256);
  for (attnc_rt_sequence &sequence : sequences)
    sequence = makeSequence(pool);
  int64_t length = 0, slot = 0;
  for (auto _ : state) {
    if (++length == 256 * pageTokens) {
      for (attnc_rt_sequence sequence : sequences)
        require(attnc_rt_pool_truncate(pool, sequence, 0));
      length = 1;
    }
    for (attnc_rt_sequence sequence : sequences)
      require(attnc_rt_pool_append(pool, sequence, 1, &slot));
  }
  state.SetItemsProcessed(state.iterations() * int64_t(sequences.size()));
  attnc_rt_pool_destroy(pool);
}
BENCHMARK(appendOne);

/// Prefill: a sequence of 8192 tokens comes and goes.
void appendPrompt(benchmark::State &state) {
  attnc_rt_pool *pool = makePool(65536);
  std::vector<int64_t> slots(8192);
  for (auto _ : state) {
    attnc_rt_sequence sequence = makeSequence(pool);
    require(attnc_rt_pool_append(pool, sequence, 8192, slots.data()));
    require(attnc_rt_pool_free_sequence(pool, sequence));
  }
  state.SetItemsProcessed(state.iterations() * 8192);
  attnc_rt_pool_destroy(pool);
}
BENCHMARK(appendPrompt);

/// A sequence of `range` tokens is forked and the fork freed.
void forkAndFree(benchmark::State &state) {
  attnc_rt_pool *pool = makePool(65536);
  attnc_rt_sequence sequence = makeSequence(pool), fork = 0;
  require(attnc_rt_pool_append(pool, sequence, state.range(), nullptr));
  for (auto _ : state) {
    require(attnc_rt_pool_fork_sequence(pool, sequence, &fork));
    require(attnc_rt_pool_free_sequence(pool, fork));
  }
  state.SetItemsProcessed(state.iterations());
  attnc_rt_pool_destroy(pool);
}
BENCHMARK(forkAndFree)->Arg(100)->Arg(8200);

/// The same, with an append that copies the last page of 64 KiB.
void forkAndWrite(benchmark::State &state) {
  attnc_rt_pool *pool = makePool(64, 8, pageBytes);
  attnc_rt_sequence sequence = makeSequence(pool), fork = 0;
  require(attnc_rt_pool_append(pool, sequence, 100, nullptr));
  for (auto _ : state) {
    require(attnc_rt_pool_fork_sequence(pool, sequence, &fork));
    require(attnc_rt_pool_append(pool, fork, 1, nullptr));
    require(attnc_rt_pool_free_sequence(pool, fork));
  }
  state.SetItemsProcessed(state.iterations());
  attnc_rt_pool_destroy(pool);
}
BENCHMARK(forkAndWrite);

/// A prompt of 8192 tokens is found in the cache: hashing and comparing.
void findPrefix(benchmark::State &state) {
  attnc_rt_pool *pool = makePool(65536);
  std::vector<int32_t> ids(8192);
  for (size_t i = 0; i < ids.size(); ++i)
    ids[i] = int32_t(i * 7919 % 50257);
  attnc_rt_sequence sequence = makeSequence(pool);
  require(attnc_rt_pool_append(pool, sequence, 8192, nullptr));
  require(attnc_rt_pool_publish(pool, sequence, ids.data(), 8192));
  for (auto _ : state)
    require(attnc_rt_pool_free_sequence(pool, makeSequence(pool, ids)));
  state.SetItemsProcessed(state.iterations() * 8192);
  attnc_rt_pool_destroy(pool);
}
BENCHMARK(findPrefix);

/// The block tables of 256 sequences of 128 pages.
void fillBlockTable(benchmark::State &state) {
  attnc_rt_pool *pool = makePool(65536);
  std::vector<attnc_rt_sequence> sequences(256);
  for (attnc_rt_sequence &sequence : sequences) {
    sequence = makeSequence(pool);
    require(attnc_rt_pool_append(pool, sequence, 2048, nullptr));
  }
  std::vector<int32_t> table(256 * 128), lengths(256);
  for (auto _ : state) {
    require(attnc_rt_pool_fill_block_table(pool, sequences.data(), 256,
                                           table.data(), 128, lengths.data()));
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * 256);
  attnc_rt_pool_destroy(pool);
}
BENCHMARK(fillBlockTable);

} // namespace

BENCHMARK_MAIN();
