//===- Blake3Test.cpp - the hash function BLAKE3 --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM has another implementation.
//
//===----------------------------------------------------------------------===//

#include "attnc/Cache/Blake3.h"

#include "llvm/Support/BLAKE3.h"
#include "gtest/gtest.h"

using namespace attnc;

namespace {

std::string makeBytes(size_t size) {
  std::string bytes(size, 0);
  for (size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<char>(i * 2654435761u >> 13);
  return bytes;
}

std::string hashWithLLVM(const std::string &bytes) {
  auto hash = llvm::BLAKE3::hash(llvm::ArrayRef<uint8_t>(
      reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()));
  Blake3Digest digest;
  std::copy(hash.begin(), hash.end(), digest.begin());
  return getHex(digest);
}

TEST(Blake3, agrees_with_the_published_value) {
  EXPECT_EQ(getHex(Blake3::hash("")),
            "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
}

TEST(Blake3, agrees_with_LLVM_around_blocks_chunks_and_trees) {
  // A block has 64 bytes and a chunk 1024; trees of up to nine chunks have
  // every shape that larger ones are made of.
  for (size_t boundary : {0, 64, 128, 1024, 2048, 3072, 4096, 5120, 6144, 7168,
                          8192, 9216, 65536, 100000})
    for (size_t size : {boundary, boundary + 1, boundary + 63}) {
      std::string bytes = makeBytes(size);
      EXPECT_EQ(getHex(Blake3::hash(bytes)), hashWithLLVM(bytes)) << size;
      if (size == 0)
        continue;
      bytes.pop_back();
      EXPECT_EQ(getHex(Blake3::hash(bytes)), hashWithLLVM(bytes)) << size - 1;
    }
}

TEST(Blake3, pieces_do_not_matter) {
  std::string bytes = makeBytes(5000);
  for (size_t piece : {1, 7, 64, 1000, 1024, 4999}) {
    Blake3 hasher;
    for (size_t i = 0; i < bytes.size(); i += piece)
      hasher.update(std::string_view(bytes).substr(i, piece));
    EXPECT_EQ(hasher.finish(), Blake3::hash(bytes)) << piece;
    // Asking does not change anything.
    EXPECT_EQ(hasher.finish(), Blake3::hash(bytes)) << piece;
  }
}

} // namespace
