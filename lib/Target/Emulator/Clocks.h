//===- Clocks.h - what happened before --------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vector clocks. The agents of a block are its warps and, one per mbarrier, the
// copies that complete on it. An agent's own entry counts its synchronisations;
// an access is labelled with it, and another agent may touch the same place
// only if it has seen that count.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_TARGET_EMULATOR_CLOCKS_H
#define ATTNC_LIB_TARGET_EMULATOR_CLOCKS_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace attnc::emulator {

struct Clocks {
  Clocks() = default;
  Clocks(unsigned agents, uint32_t start)
      : seen(agents, start), proxied(agents, start) {}

  /// What is known of each agent.
  std::vector<uint32_t> seen;
  /// Of each agent, what the async proxy sees too: everything that was seen at
  /// the last fence.proxy.async.
  std::vector<uint32_t> proxied;

  void join(const Clocks &other) {
    for (size_t i = 0; i < seen.size(); ++i) {
      seen[i] = seen[i] > other.seen[i] ? seen[i] : other.seen[i];
      proxied[i] =
          proxied[i] > other.proxied[i] ? proxied[i] : other.proxied[i];
    }
  }
};

/// Who makes an access: an agent with what it knows.
struct Agent {
  unsigned id;
  Clocks &clocks;

  uint32_t now() const { return clocks.seen[id]; }
};

/// Ordinary instructions, or TMA and wgmma.
enum class Proxy : uint8_t { Generic, Async };

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_CLOCKS_H
