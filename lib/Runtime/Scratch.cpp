//===- Scratch.cpp - memory that kernel instances work in -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A kernel instance takes the same few blocks every time. malloc gives blocks
// of this size back to the operating system, whose page faults cost more than
// attention over a short sequence; here each thread keeps those of its last
// instance. What a thread keeps is bounded, and freed when the thread or the
// library ends. Larger blocks, which hold what one kernel leaves for the next,
// go back, and are of huge pages where the system has them.
//
//===----------------------------------------------------------------------===//
#include "attnc-c/runtime.h"

#include <cstdio>
#include <cstdlib>
#include <pthread.h>
#include <sys/mman.h>

namespace {

/// What precedes a block, on a cache line of its own.
struct alignas(64) Header {
  size_t bytes;
};

/// The blocks that a thread keeps.
constexpr unsigned kMaxBlocks = 16;
/// The largest block that is kept.
constexpr size_t kMaxBytes = size_t(2) << 20;
/// The size of a huge page.
constexpr size_t kHugePage = size_t(2) << 20;

struct Cache {
  unsigned count;
  Header *blocks[kMaxBlocks];
};

// The address of a thread's cache is the value of a key, since only a key's
// destructor runs at the end of a thread without the C++ runtime library.
thread_local Cache *cache = nullptr;
pthread_key_t key;
pthread_once_t once = PTHREAD_ONCE_INIT;
bool hasKey = false;

void destroy(void *value) {
  auto *of = static_cast<Cache *>(value);
  for (unsigned i = 0; i < of->count; ++i)
    std::free(of->blocks[i]);
  std::free(of);
  cache = nullptr;
}

void createKey() { hasKey = pthread_key_create(&key, destroy) == 0; }

/// A library that is unloaded takes `destroy` with it.
__attribute__((destructor)) void deleteKey() {
  if (!hasKey)
    return;
  if (cache)
    destroy(cache);
  pthread_key_delete(key);
  hasKey = false;
}

/// This thread's cache, or null if it cannot have one.
Cache *getCache() {
  if (cache)
    return cache;
  pthread_once(&once, createKey);
  if (!hasKey)
    return nullptr;
  auto *created = static_cast<Cache *>(std::calloc(1, sizeof(Cache)));
  if (!created)
    return nullptr;
  if (pthread_setspecific(key, created) != 0) {
    std::free(created);
    return nullptr;
  }
  return cache = created;
}

} // namespace

// NOLINTBEGIN(readability-identifier-naming): the C interface.
void *attnc_rt_scratch_allocate(size_t bytes) {
  if (Cache *of = bytes <= kMaxBytes ? getCache() : nullptr) {
    // The last one freed is the first one needed again.
    for (unsigned i = of->count; i-- > 0;) {
      Header *block = of->blocks[i];
      if (block->bytes < bytes || block->bytes / 4 > bytes)
        continue;
      for (unsigned j = i + 1; j < of->count; ++j)
        of->blocks[j - 1] = of->blocks[j];
      --of->count;
      return block + 1;
    }
  }
  bool isHuge = bytes >= 2 * kHugePage;
  void *memory = nullptr;
  if (bytes > SIZE_MAX - sizeof(Header) ||
      posix_memalign(&memory, isHuge ? kHugePage : alignof(Header),
                     sizeof(Header) + bytes) != 0) {
    std::fprintf(stderr, "attnc: out of memory for %zu bytes of a kernel\n",
                 bytes);
    std::abort();
  }
#ifdef MADV_HUGEPAGE
  // Its pages are new ones in each call. A refusal costs time alone.
  if (isHuge)
    madvise(memory, sizeof(Header) + bytes, MADV_HUGEPAGE);
#endif
  auto *block = static_cast<Header *>(memory);
  block->bytes = bytes;
  return block + 1;
}

void attnc_rt_scratch_free(void *memory) {
  if (!memory)
    return;
  Header *block = static_cast<Header *>(memory) - 1;
  Cache *of = block->bytes <= kMaxBytes ? getCache() : nullptr;
  if (!of)
    return std::free(block);
  if (of->count == kMaxBlocks) {
    std::free(of->blocks[0]);
    for (unsigned i = 1; i < kMaxBlocks; ++i)
      of->blocks[i - 1] = of->blocks[i];
    --of->count;
  }
  of->blocks[of->count++] = block;
}
// NOLINTEND(readability-identifier-naming)
