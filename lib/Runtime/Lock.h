//===- Lock.h - A lock of four bytes ----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Mutual exclusion for sections of a few instructions: one atomic operation to
// enter and one to leave while nobody waits. Who has to wait spins for a
// moment, since the section is short, and then sleeps in the kernel, since its
// owner may have been interrupted. This is the second mutex of Drepper,
// "Futexes Are Tricky".
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_RUNTIME_LOCK_H
#define ATTNC_LIB_RUNTIME_LOCK_H

#include <atomic>
#include <cstdint>

namespace attnc::rt {

class Lock {
public:
  void acquire() {
    uint32_t expected = isFree;
    if (!state.compare_exchange_strong(expected, isHeld,
                                       std::memory_order_acquire))
      wait();
  }

  void release() {
    if (state.exchange(isFree, std::memory_order_release) == isAwaited)
      wakeOne();
  }

private:
  static constexpr uint32_t isFree = 0, isHeld = 1, isAwaited = 2;

  void wait();
  void wakeOne();

  std::atomic<uint32_t> state{isFree};
};

/// Holds a lock as long as it lives.
class Guard {
public:
  explicit Guard(Lock &lock) : lock(lock) { lock.acquire(); }
  ~Guard() { lock.release(); }
  Guard(const Guard &) = delete;
  Guard &operator=(const Guard &) = delete;

private:
  Lock &lock;
};

} // namespace attnc::rt

#endif // ATTNC_LIB_RUNTIME_LOCK_H
