//===- Blake3.h - the hash function BLAKE3 ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names and checks cache entries. LLVM has the same function, but a program
// that finds its kernels in the cache does not load LLVM; the tests compare the
// two. From the definition: O'Connor, Aumasson, Neves, Wilcox-O'Hearn, "BLAKE3:
// one function, fast everywhere", 2020.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_CACHE_BLAKE3_H
#define ATTNC_CACHE_BLAKE3_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace attnc {

using Blake3Digest = std::array<uint8_t, 32>;

/// Hashes bytes that come in any number of pieces.
class Blake3 {
public:
  Blake3();

  void update(std::string_view bytes);
  /// The hash of everything so far.
  Blake3Digest finish() const;

  static Blake3Digest hash(std::string_view bytes);

private:
  using Words = std::array<uint32_t, 8>;

  /// What the compression function is given at the end of a chunk or a parent:
  /// it depends on whether the node is the root.
  struct Node {
    Words chaining;
    uint8_t block[64];
    uint64_t counter;
    uint32_t length, flags;

    Words compress(uint32_t moreFlags) const;
  };

  static Node getParent(const Words &left, const Words &right);
  Node getChunk() const;
  void startChunk();
  void pushChunk(Words chaining);

  /// The chunk at hand: its chaining value, its last block, its number.
  Words chaining;
  uint8_t block[64];
  size_t blockLength, numBlocks;
  uint64_t chunk;
  /// The roots of the complete trees to the left, largest first: one for each
  /// bit of the number of chunks.
  std::array<Words, 54> stack;
  size_t depth;
};

/// Lower-case hexadecimal.
std::string getHex(const Blake3Digest &digest);

} // namespace attnc

#endif // ATTNC_CACHE_BLAKE3_H
