//===- Server.cpp - Continuous batching over a cache ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Server.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>

namespace serving {

/// Queries of a prompt in one call.
static constexpr int64_t chunkTokens = 512;

Server::Server(const Workload &workload, Cache &cache, Answers &answers,
               const std::vector<uint64_t> &weights)
    : workload(workload), cache(cache), answers(answers), weights(weights),
      generated(workload.size(), 0) {
  record.name = cache.name();
  for (int64_t session = 0; session < workload.size(); ++session)
    waiting.push_back(session);
}

Record Server::run() {
  start = std::chrono::steady_clock::now();
  while (!waiting.empty() || !running.empty()) {
    admitWaiting();
    growRunning();
    decode();
    readWeights();
    record.samples.push_back({now(), int64_t(running.size()),
                              int64_t(waiting.size()), cache.occupancy()});
    retire();
  }
  record.seconds = now();
  record.largestDifference = answers.takeLargestDifference();
  return record;
}

/// The prompt, and what was generated and read again before a preemption.
int64_t Server::tokensToAdmit(int64_t session) const {
  return workload[session].promptTokens +
         std::max<int64_t>(generated[session], 1) - 1;
}

void Server::admitWaiting() {
  while (!waiting.empty()) {
    int64_t session = waiting.front(), tokens = tokensToAdmit(session);
    std::optional<int64_t> present = cache.admit(session, tokens);
    if (!present) {
      if (!running.empty())
        return;
      std::fprintf(stderr, "serving: no room for a session of %lld tokens\n",
                   static_cast<long long>(tokens));
      std::exit(1);
    }
    waiting.pop_front();
    running.push_back(session);
    record.reusedTokens += *present;
    record.prefilledTokens += tokens - *present;
    if (generated[session] > 0)
      record.recomputedTokens += tokens - *present;
    for (int64_t begin = *present; begin < tokens; begin += chunkTokens)
      prefill(session, begin, std::min(begin + chunkTokens, tokens));
    cache.publish(session, tokens);

    // The last token of what was computed gives the next one of the answer; it
    // did so before if the session was preempted.
    int64_t rows = batch.queriesPerSession;
    int64_t index = std::max<int64_t>(generated[session], 1) - 1;
    answers.record(session, index, &batch.results[(rows - 1) * headDim],
                   rows * headDim);
    if (generated[session] == 0) {
      generated[session] = 1;
      ++record.generatedTokens;
    }
  }
}

/// Computes the tokens [begin, end) of a session that is admitted.
void Server::prefill(int64_t session, int64_t begin, int64_t end) {
  int64_t rows = end - begin;
  batch.queriesPerSession = rows;
  batch.sessions = {session};
  batch.lengths = {int32_t(end)};
  batch.queries.resize(rows * rowElements);
  for (int64_t position = begin; position < end; ++position) {
    cache.write(session, position);
    workload.makeQuery(session, position,
                       &batch.queries[(position - begin) * headDim],
                       rows * headDim);
  }
  attend(record.prefillSeconds);
}

void Server::growRunning() {
  for (size_t i = 0; i < running.size(); ++i)
    while (i < running.size() && !cache.grow(running[i]))
      preemptLast();
}

void Server::preemptLast() {
  int64_t session = running.back();
  running.pop_back();
  cache.release(session);
  waiting.push_front(session);
  ++record.preemptions;
}

/// The newest token of each running session is read, and gives the next one.
void Server::decode() {
  batch.queriesPerSession = 1;
  batch.sessions = running;
  batch.lengths.clear();
  batch.queries.resize(running.size() * rowElements);
  for (size_t i = 0; i < running.size(); ++i) {
    int64_t session = running[i];
    int64_t position = workload[session].promptTokens + generated[session] - 1;
    batch.lengths.push_back(int32_t(position + 1));
    cache.write(session, position);
    workload.makeQuery(session, position, &batch.queries[i * rowElements],
                       headDim);
  }
  attend(record.decodeSeconds);
  for (size_t i = 0; i < running.size(); ++i)
    answers.record(running[i], generated[running[i]]++,
                   &batch.results[i * rowElements], headDim);
  record.generatedTokens += int64_t(running.size());
}

/// Lets go of the sessions that are answered.
void Server::retire() {
  auto isDone = [&](int64_t session) {
    return generated[session] == workload[session].newTokens;
  };
  for (int64_t session : running)
    if (isDone(session))
      cache.release(session);
  running.erase(std::remove_if(running.begin(), running.end(), isDone),
                running.end());
}

void Server::readWeights() {
  double begin = now();
  // Volatile, so that the sum is needed.
  volatile uint64_t sum =
      std::accumulate(weights.begin(), weights.end(), uint64_t(0));
  static_cast<void>(sum);
  record.weightsSeconds += now() - begin;
}

void Server::attend(double &seconds) {
  batch.results.resize(batch.queries.size());
  double begin = now();
  cache.attend(batch);
  seconds += now() - begin;
}

double Server::now() const {
  std::chrono::duration<double> since =
      std::chrono::steady_clock::now() - start;
  return since.count();
}

} // namespace serving
