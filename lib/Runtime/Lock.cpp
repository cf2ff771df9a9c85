//===- Lock.cpp - A lock of four bytes ------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The way of those who find the lock held.
//
//===----------------------------------------------------------------------===//

#include "Lock.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace attnc;

/// Longer than a section of the page pool that touches one page.
static constexpr int spinsBeforeSleep = 200;

static void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

void rt::Lock::wait() {
  for (int i = 0; i < spinsBeforeSleep; ++i) {
    uint32_t expected = isFree;
    // Reading first keeps the cache line shared while it is held.
    if (state.load(std::memory_order_relaxed) == isFree &&
        state.compare_exchange_weak(expected, isHeld,
                                    std::memory_order_acquire))
      return;
    relax();
  }
  // Others may sleep, too, and this thread cannot know: whoever wakes up leaves
  // the lock marked as awaited.
  while (state.exchange(isAwaited, std::memory_order_acquire) != isFree)
    syscall(SYS_futex, &state, FUTEX_WAIT_PRIVATE, isAwaited, nullptr);
}

void rt::Lock::wakeOne() { syscall(SYS_futex, &state, FUTEX_WAKE_PRIVATE, 1); }
