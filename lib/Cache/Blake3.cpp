//===- Blake3.cpp - the hash function BLAKE3 ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Chunks of 1024 bytes are the leaves of a binary tree whose left children are
// complete; section 2 of the paper has the names that are used here.
//
//===----------------------------------------------------------------------===//

#include "attnc/Cache/Blake3.h"

#include <algorithm>
#include <cstring>

using namespace attnc;

namespace {

constexpr std::array<uint32_t, 8> initial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                             0xa54ff53a, 0x510e527f, 0x9b05688c,
                                             0x1f83d9ab, 0x5be0cd19};
constexpr uint32_t chunkStart = 1, chunkEnd = 2, parent = 4, root = 8;
constexpr size_t blockBytes = 64, blocksInChunk = 16;

/// The order of message words in each of the seven rounds, which applies one
/// permutation again and again.
constexpr std::array<std::array<uint8_t, 16>, 7> schedules = [] {
  constexpr uint8_t permutation[16] = {2, 6,  3,  10, 7, 0,  4,  13,
                                       1, 11, 12, 5,  9, 14, 15, 8};
  std::array<std::array<uint8_t, 16>, 7> result = {};
  for (uint8_t i = 0; i < 16; ++i)
    result[0][i] = i;
  for (size_t round = 1; round < 7; ++round)
    for (size_t i = 0; i < 16; ++i)
      result[round][i] = result[round - 1][permutation[i]];
  return result;
}();

uint32_t rotateRight(uint32_t word, unsigned count) {
  return (word >> count) | (word << (32 - count));
}

void mix(uint32_t *state, size_t a, size_t b, size_t c, size_t d, uint32_t x,
         uint32_t y) {
  state[a] += state[b] + x;
  state[d] = rotateRight(state[d] ^ state[a], 16);
  state[c] += state[d];
  state[b] = rotateRight(state[b] ^ state[c], 12);
  state[a] += state[b] + y;
  state[d] = rotateRight(state[d] ^ state[a], 8);
  state[c] += state[d];
  state[b] = rotateRight(state[b] ^ state[c], 7);
}

} // namespace

/// The compression function, its output cut to the chaining value.
static std::array<uint32_t, 8> compressBlock(const std::array<uint32_t, 8> &in,
                                             const uint8_t *block,
                                             uint64_t counter, uint32_t length,
                                             uint32_t flags) {
  uint32_t words[16];
  for (size_t i = 0; i < 16; ++i)
    words[i] = uint32_t(block[4 * i]) | uint32_t(block[4 * i + 1]) << 8 |
               uint32_t(block[4 * i + 2]) << 16 |
               uint32_t(block[4 * i + 3]) << 24;
  uint32_t state[16];
  std::copy(in.begin(), in.end(), state);
  std::copy(initial.begin(), initial.begin() + 4, state + 8);
  state[12] = uint32_t(counter);
  state[13] = uint32_t(counter >> 32);
  state[14] = length;
  state[15] = flags;
  for (const auto &order : schedules) {
    auto word = [&](size_t i) { return words[order[i]]; };
    for (size_t i = 0; i < 4; ++i)
      mix(state, i, 4 + i, 8 + i, 12 + i, word(2 * i), word(2 * i + 1));
    for (size_t i = 0; i < 4; ++i)
      mix(state, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4,
          word(8 + 2 * i), word(9 + 2 * i));
  }
  std::array<uint32_t, 8> out;
  for (size_t i = 0; i < 8; ++i)
    out[i] = state[i] ^ state[i + 8];
  return out;
}

Blake3::Words Blake3::Node::compress(uint32_t moreFlags) const {
  return compressBlock(chaining, block, counter, length, flags | moreFlags);
}

Blake3::Blake3() : chunk(0), depth(0) { startChunk(); }

void Blake3::startChunk() {
  chaining = initial;
  memset(block, 0, sizeof(block));
  blockLength = numBlocks = 0;
}

Blake3::Node Blake3::getParent(const Words &left, const Words &right) {
  Node node = {initial, {}, 0, blockBytes, parent};
  for (size_t i = 0; i < 16; ++i) {
    uint32_t word = i < 8 ? left[i] : right[i - 8];
    for (size_t byte = 0; byte < 4; ++byte)
      node.block[4 * i + byte] = uint8_t(word >> (8 * byte));
  }
  return node;
}

Blake3::Node Blake3::getChunk() const {
  Node node = {chaining,
               {},
               chunk,
               uint32_t(blockLength),
               chunkEnd | (numBlocks == 0 ? chunkStart : 0)};
  memcpy(node.block, block, sizeof(block));
  return node;
}

/// A tree is complete for each trailing zero of the new number of chunks.
void Blake3::pushChunk(Words value) {
  ++chunk;
  for (uint64_t count = chunk; count % 2 == 0; count /= 2)
    value = getParent(stack[--depth], value).compress(0);
  stack[depth++] = value;
}

void Blake3::update(std::string_view bytes) {
  while (!bytes.empty()) {
    // A full block is compressed when more follows: the last one is special.
    if (blockLength == blockBytes) {
      if (numBlocks + 1 == blocksInChunk) {
        Words value = getChunk().compress(0);
        pushChunk(value);
        startChunk();
      } else {
        chaining = compressBlock(chaining, block, chunk, blockBytes,
                                 numBlocks == 0 ? chunkStart : 0);
        ++numBlocks;
        memset(block, 0, sizeof(block));
        blockLength = 0;
      }
    }
    size_t count = std::min(blockBytes - blockLength, bytes.size());
    memcpy(block + blockLength, bytes.data(), count);
    blockLength += count;
    bytes.remove_prefix(count);
  }
}

Blake3Digest Blake3::finish() const {
  Node node = getChunk();
  for (size_t i = depth; i > 0; --i)
    node = getParent(stack[i - 1], node.compress(0));
  // The root's counter is that of the output block, the first.
  node.counter = 0;
  Words words = node.compress(root);
  Blake3Digest digest;
  for (size_t i = 0; i < digest.size(); ++i)
    digest[i] = uint8_t(words[i / 4] >> (8 * (i % 4)));
  return digest;
}

Blake3Digest Blake3::hash(std::string_view bytes) {
  Blake3 hasher;
  hasher.update(bytes);
  return hasher.finish();
}

std::string attnc::getHex(const Blake3Digest &digest) {
  std::string text;
  for (uint8_t byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}
