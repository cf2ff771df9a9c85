//===- Cache.h - Where a server keeps keys and values -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The three ways to divide the same memory among sessions that examples/serving
// compares. A cache knows where the keys and values of a position are, and
// calls the kernel that reads them there.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_EXAMPLES_SERVING_CACHE_H
#define ATTNC_EXAMPLES_SERVING_CACHE_H

#include "Workload.h"

#include <memory>
#include <optional>
#include <vector>

namespace serving {

/// The arguments of one call: sequences with the same number of queries, which
/// are the last of their tokens.
struct Batch {
  int64_t queriesPerSession = 1;
  std::vector<int64_t> sessions;
  /// Tokens of each session, those of the queries included.
  std::vector<int32_t> lengths;
  /// [sessions, queryHeads, queriesPerSession, headDim].
  std::vector<Element> queries;
  std::vector<float> results;
};

/// How full a cache is, in tokens.
struct Occupancy {
  int64_t total;
  int64_t reserved;
  int64_t stored;
};

class Cache {
public:
  virtual ~Cache() = default;
  virtual const char *name() const = 0;

  /// Takes in a session with its first `tokens` tokens. Returns how many of
  /// them have their keys and values already; none if there is no room.
  virtual std::optional<int64_t> admit(int64_t session, int64_t tokens) = 0;
  /// The admitted tokens have been written.
  virtual void publish(int64_t session, int64_t tokens) = 0;
  /// Makes room for one token more; false if there is none.
  virtual bool grow(int64_t session) = 0;
  virtual void release(int64_t session) = 0;

  /// Writes the key and the value of a position.
  virtual void write(int64_t session, int64_t position) = 0;
  /// Calls the kernel.
  virtual void attend(Batch &batch) = 0;
  virtual Occupancy occupancy() const = 0;
};

/// Each session has room for the longest one from beginning to end.
std::unique_ptr<Cache> makeContiguousCache(const Workload &workload,
                                           int64_t budgetBytes,
                                           int64_t maxTokens);

/// Pages of the runtime's pool; sessions that begin alike share them on demand.
std::unique_ptr<Cache> makePagedCache(const Workload &workload,
                                      int64_t budgetBytes, int64_t maxTokens,
                                      bool sharesPrefixes);

/// Ends the program where a call of the runtime or of a kernel fails.
void require(int32_t status);

} // namespace serving

#endif // ATTNC_EXAMPLES_SERVING_CACHE_H
