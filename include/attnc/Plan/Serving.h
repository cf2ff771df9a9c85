//===- Serving.h - sequences on a device ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How fast tokens can come at best, and how many sequences fit.
//
// The time of a step is bounded from below by what has to be read at the
// bandwidth of the memory and by what has to be computed at the peak of the
// arithmetic, whichever takes longer. Of a mixture of experts the weights of
// one token are read; several tokens read more, so that the bound holds, but is
// not reached.
//
// How full memory is depends on when one looks. Sequences come and go in a
// steady state, and each stays for a step for every token that it generates, or
// for a single step if that is none. All these moments have the same
// probability.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_PLAN_SERVING_H
#define ATTNC_PLAN_SERVING_H

#include "attnc/Plan/Device.h"
#include "attnc/Plan/Lengths.h"
#include "attnc/Plan/Work.h"

namespace attnc::plan {

/// The most sequences that decode together.
inline constexpr uint64_t mostSequences = uint64_t(1) << 24;

/// The least time of a step.
struct StepBound {
  /// What is read and, of states, written; and what is computed.
  double bytes = 0, flops = 0;
  double memorySeconds = 0, computeSeconds = 0;

  bool isMemoryBound() const { return memorySeconds >= computeSeconds; }
  double getSeconds() const { return std::max(memorySeconds, computeSeconds); }
};

/// A step that gives each of `sequences` sequences, all of `tokens` tokens with
/// the new one, a token.
StepBound getDecodeBound(const Model &model, const CacheFormat &format,
                         const Device &device, uint64_t sequences,
                         uint64_t tokens);

/// Reading a prompt of `tokens` tokens.
StepBound getPrefillBound(const Model &model, const CacheFormat &format,
                          const Device &device, uint64_t tokens);

/// From how many sequences on arithmetic takes longer than memory; none if that
/// is never so, as with long contexts, or only above `mostSequences`.
std::optional<uint64_t> getComputeBoundBatch(const Model &model,
                                             const CacheFormat &format,
                                             const Device &device,
                                             uint64_t tokens);

/// What becomes of memory that sequences hold. The shares are of the memory
/// that is held, and their sum is 1.
struct Occupancy {
  /// What a sequence holds, on average.
  double bytesHeld = 0;
  /// Tokens that are there.
  double used = 0;
  /// Room for tokens that the sequence will still get.
  double reserved = 0;
  /// Room that the sequence never uses: behind its end, in its last pages.
  double internal = 0;
  /// How many sequences fit, and the share of the memory for the cache that is
  /// too small a rest to be used; none without a memory.
  std::optional<uint64_t> sequences;
  std::optional<double> external;

  double getWaste() const { return reserved + internal; }
};

/// What sequences do: lengths, of which the share `promptShare` is the prompt.
struct Traffic {
  Lengths lengths;
  double promptShare = 0.25;
};

/// Each sequence holds room for `longest` tokens; no length is above that.
Occupancy getContiguousOccupancy(const Model &model, const CacheFormat &format,
                                 const Traffic &traffic, uint64_t longest,
                                 std::optional<uint64_t> memory);

/// Each sequence holds the pages that its tokens have begun. How many fit is
/// their mean.
Occupancy getPagedOccupancy(const Model &model, const CacheFormat &format,
                            const Traffic &traffic, uint64_t page,
                            std::optional<uint64_t> memory);

/// How many sequences of `tokens` tokens fit, in whole pages.
uint64_t countFitting(const Model &model, const CacheFormat &format,
                      uint64_t tokens, uint64_t page, uint64_t memory);

} // namespace attnc::plan

#endif // ATTNC_PLAN_SERVING_H
