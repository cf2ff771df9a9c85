//===- ScratchTest.cpp - memory that kernel instances work in -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "attnc-c/runtime.h"
#include "gtest/gtest.h"
#include <cstring>
#include <random>
#include <set>
#include <thread>
#include <vector>

namespace {

TEST(ScratchTest, BlocksAreAlignedAndDistinct) {
  std::set<void *> blocks;
  for (size_t bytes : {size_t(0), size_t(1), size_t(63), size_t(64),
                       size_t(4096), size_t(3) << 20, size_t(9) << 20}) {
    void *block = attnc_rt_scratch_allocate(bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 64, 0u);
    std::memset(block, 1, bytes);
    EXPECT_TRUE(blocks.insert(block).second);
  }
  for (void *block : blocks)
    attnc_rt_scratch_free(block);
  attnc_rt_scratch_free(nullptr);
}

TEST(ScratchTest, TheNextInstanceGetsTheSameBlocks) {
  void *small = attnc_rt_scratch_allocate(5000);
  void *large = attnc_rt_scratch_allocate(200000);
  attnc_rt_scratch_free(large);
  attnc_rt_scratch_free(small);
  EXPECT_EQ(attnc_rt_scratch_allocate(5000), small);
  EXPECT_EQ(attnc_rt_scratch_allocate(200000), large);
  attnc_rt_scratch_free(large);
  // Not what is far too large.
  void *tiny = attnc_rt_scratch_allocate(100);
  EXPECT_NE(tiny, large);
  attnc_rt_scratch_free(tiny);
  attnc_rt_scratch_free(small);
}

/// Random allocations: every block keeps its content while it is held.
void useAtRandom(unsigned seed) {
  std::minstd_rand generator(seed);
  struct Held {
    unsigned char *block;
    size_t bytes;
    unsigned char mark;
  };
  std::vector<Held> held;
  for (unsigned i = 0; i < 2000; ++i) {
    if (held.size() < 40 && generator() % 2) {
      size_t bytes = generator() % (generator() % 10 ? 9000 : 6000000);
      auto mark = static_cast<unsigned char>(i);
      void *block = attnc_rt_scratch_allocate(bytes);
      std::memset(block, mark, bytes);
      held.push_back({static_cast<unsigned char *>(block), bytes, mark});
    } else if (!held.empty()) {
      std::swap(held[generator() % held.size()], held.back());
      for (size_t j = 0; j < held.back().bytes; j += 97)
        ASSERT_EQ(held.back().block[j], held.back().mark);
      attnc_rt_scratch_free(held.back().block);
      held.pop_back();
    }
  }
  for (const Held &block : held)
    attnc_rt_scratch_free(block.block);
}

TEST(ScratchTest, ThreadsHaveTheirOwn) {
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 4; ++seed)
    threads.emplace_back(useAtRandom, seed);
  for (std::thread &thread : threads)
    thread.join();
}

TEST(ScratchTest, AnotherThreadMayFree) {
  void *block = attnc_rt_scratch_allocate(1000);
  std::thread([&] { attnc_rt_scratch_free(block); }).join();
}

TEST(ScratchDeathTest, OutOfMemoryIsSaid) {
  EXPECT_DEATH(attnc_rt_scratch_allocate(SIZE_MAX / 2),
               "attnc: out of memory for [0-9]+ bytes of a kernel");
}

} // namespace
