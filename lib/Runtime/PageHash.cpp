//===- PageHash.cpp - The hash of the tokens of a page --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// MurmurHash3_x64_128 of Appleby, who placed it in the public domain, over the
// hash of the page before and the token ids. The words are taken as numbers, so
// that the result is that of a little-endian machine everywhere.
//
//===----------------------------------------------------------------------===//

#include "attnc-c/pool.h"

static constexpr uint64_t factor1 = 0x87c37b91114253d5;
static constexpr uint64_t factor2 = 0x4cf5ad432745937f;

static uint64_t rotate(uint64_t value, int bits) {
  return value << bits | value >> (64 - bits);
}

static uint64_t scramble1(uint64_t word) {
  return rotate(word * factor1, 31) * factor2;
}

static uint64_t scramble2(uint64_t word) {
  return rotate(word * factor2, 33) * factor1;
}

static uint64_t finish(uint64_t word) {
  word = (word ^ word >> 33) * 0xff51afd7ed558ccd;
  word = (word ^ word >> 33) * 0xc4ceb9fe1a85ec53;
  return word ^ word >> 33;
}

namespace {
struct State {
  uint64_t first = 0, second = 0;

  void add(uint64_t low, uint64_t high) {
    first = rotate(first ^ scramble1(low), 27) + second;
    first = first * 5 + 0x52dce729;
    second = rotate(second ^ scramble2(high), 31) + first;
    second = second * 5 + 0x38495ab5;
  }
};
} // namespace

static uint64_t pairOf(int32_t low, int32_t high) {
  return static_cast<uint32_t>(low) |
         static_cast<uint64_t>(static_cast<uint32_t>(high)) << 32;
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
attnc_rt_page_hash attnc_rt_pool_hash_page(attnc_rt_page_hash parent,
                                           const int32_t *token_ids,
                                           int64_t num_tokens) {
  State state;
  state.add(parent.words[0], parent.words[1]);
  const int32_t *id = token_ids;
  for (int64_t i = num_tokens / 4; i > 0; --i, id += 4)
    state.add(pairOf(id[0], id[1]), pairOf(id[2], id[3]));
  int64_t rest = num_tokens % 4;
  if (rest > 2)
    state.second ^= scramble2(pairOf(id[2], 0));
  if (rest > 0)
    state.first ^= scramble1(pairOf(id[0], rest > 1 ? id[1] : 0));

  uint64_t numBytes = sizeof(parent) + 4 * static_cast<uint64_t>(num_tokens);
  uint64_t first = state.first ^ numBytes, second = state.second ^ numBytes;
  first += second;
  second += first;
  first = finish(first);
  second = finish(second);
  first += second;
  second += first;
  return {{first, second}};
}
// NOLINTEND(readability-identifier-naming)
