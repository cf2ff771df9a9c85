//===- Workload.h - The sessions of a server, and their tensors -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sessions with long-tailed lengths, drawn from a seed. What a model would
// compute, token ids, queries, keys and values, is made up: functions of the
// position and of whose text the position is in, so that positions in the same
// system prompt have the same keys and values, and no others have.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_EXAMPLES_SERVING_WORKLOAD_H
#define ATTNC_EXAMPLES_SERVING_WORKLOAD_H

#include <cstdint>
#include <vector>

namespace serving {

/// The dims of kernels.mlir.
constexpr int64_t kvHeads = 2;
constexpr int64_t queryHeads = 8;
constexpr int64_t headDim = 32;
constexpr int64_t pageTokens = 16;
using Element = _Float16;

/// The keys, or the values, of one token; and both, in bytes.
constexpr int64_t tokenElements = kvHeads * headDim;
constexpr int64_t tokenBytes = 2 * tokenElements * int64_t(sizeof(Element));
/// The queries, or the results, of one position.
constexpr int64_t rowElements = queryHeads * headDim;

struct Session {
  /// Which system prompt the prompt begins with, and how long that is.
  int64_t systemPrompt;
  int64_t systemTokens;
  int64_t promptTokens;
  /// Tokens that are generated. The first follows from the prompt, and the last
  /// one is not read again: it needs no place in a cache.
  int64_t newTokens;

  int64_t cacheTokens() const { return promptTokens + newTokens - 1; }
};

struct WorkloadOptions {
  int64_t numSessions = 1000;
  /// The longest session that the server has to be ready for.
  int64_t maxTokens = 2048;
  uint64_t seed = 1;
};

class Workload {
public:
  explicit Workload(const WorkloadOptions &options);

  int64_t size() const { return int64_t(sessions.size()); }
  const Session &operator[](int64_t session) const { return sessions[session]; }

  /// The ids of the first `count` tokens.
  std::vector<int32_t> tokenIds(int64_t session, int64_t count) const;
  /// The key and the value of a position, [kvHeads, headDim] each.
  void makeKey(int64_t session, int64_t position, Element *key) const;
  void makeValue(int64_t session, int64_t position, Element *value) const;
  /// The queries of a position; head h begins at `query` + h * headStride.
  void makeQuery(int64_t session, int64_t position, Element *query,
                 int64_t headStride) const;

  /// Causal attention at a position from its definition, in double and without
  /// a cache: [queryHeads, headDim].
  std::vector<double> attend(int64_t session, int64_t position) const;

private:
  uint64_t textOf(int64_t session, int64_t position) const;

  uint64_t seed;
  std::vector<Session> sessions;
};

} // namespace serving

#endif // ATTNC_EXAMPLES_SERVING_WORKLOAD_H
