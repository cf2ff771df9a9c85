//===- Server.h - Continuous batching over a cache --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A scheduler in discrete steps (Yu et al. 2022; Kwon et al. 2023). A step lets
// in waiting sessions in order while the cache has room and computes their
// prompts, then generates one token for each running session by one call of the
// kernel. Where a session cannot grow, the one that came last is put back in
// front of the queue; its tokens are computed again when it returns.
//
// What a model has beside attention is its weights, which a step reads once for
// all its sessions. Memory of their size stands for them, and is read.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_EXAMPLES_SERVING_SERVER_H
#define ATTNC_EXAMPLES_SERVING_SERVER_H

#include "Answers.h"
#include "Cache.h"

#include <chrono>
#include <deque>
#include <string>
#include <vector>

namespace serving {

/// A server at one step.
struct Sample {
  /// Since the server began, at the end of the step.
  double seconds;
  int64_t batch;
  /// Sessions that there was no room for.
  int64_t waiting;
  Occupancy occupancy;
};

/// What became of a run.
struct Record {
  std::string name;
  std::vector<Sample> samples;
  int64_t generatedTokens = 0;
  /// Tokens of prompts whose keys and values were computed, those among them
  /// that had been computed before a preemption, and those that were found.
  int64_t prefilledTokens = 0;
  int64_t recomputedTokens = 0;
  int64_t reusedTokens = 0;
  int64_t preemptions = 0;
  /// All, and in calls of the kernel.
  double seconds = 0;
  double prefillSeconds = 0;
  double decodeSeconds = 0;
  double weightsSeconds = 0;
  /// From the results of the first server.
  double largestDifference = 0;
};

class Server {
public:
  Server(const Workload &workload, Cache &cache, Answers &answers,
         const std::vector<uint64_t> &weights);

  /// Answers all sessions, which wait from the beginning.
  Record run();

private:
  void admitWaiting();
  void prefill(int64_t session, int64_t begin, int64_t end);
  void growRunning();
  void preemptLast();
  void decode();
  void retire();
  void readWeights();
  void attend(double &seconds);
  int64_t tokensToAdmit(int64_t session) const;
  double now() const;

  const Workload &workload;
  Cache &cache;
  Answers &answers;
  const std::vector<uint64_t> &weights;
  Record record;
  std::chrono::steady_clock::time_point start;
  std::deque<int64_t> waiting;
  /// In the order in which they were admitted.
  std::vector<int64_t> running;
  /// By session: tokens of the answer so far.
  std::vector<int64_t> generated;
  Batch batch;
};

} // namespace serving

#endif // ATTNC_EXAMPLES_SERVING_SERVER_H
