//===- PageHashTest.cpp - The hash of the tokens of a page ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The values are those of another implementation of MurmurHash3_x64_128, mmh3
// for Python, over the same bytes.
//
//===----------------------------------------------------------------------===//

#include "attnc-c/pool.h"

#include "gtest/gtest.h"

#include <vector>

namespace {

void expectHash(attnc_rt_page_hash parent, const std::vector<int32_t> &ids,
                uint64_t first, uint64_t second) {
  attnc_rt_page_hash hash =
      attnc_rt_pool_hash_page(parent, ids.data(), int64_t(ids.size()));
  EXPECT_EQ(hash.words[0], first) << ids.size();
  EXPECT_EQ(hash.words[1], second) << ids.size();
}

TEST(PageHashTest, AgreesWithAnotherImplementation) {
  expectHash({{0, 0}}, {}, 0x4bbd1bf27da918d6, 0xb465a9eccd791cb6);
  expectHash({{7, 0}}, {1}, 0xf6ace4fc171206f, 0xc8ad5cb3bf75dd4e);
  expectHash({{7, 0}}, {1, -2}, 0xd5addffab4de47dd, 0x79beee4d12249be0);
  expectHash({{7, 0}}, {1, 2, 3}, 0xfe1d64d874884133, 0x77984a7bd0271e0b);
  expectHash({{7, 0}}, {1, 2, 3, 4}, 0xb7e7eca4d7252c0, 0xecd6571f57c2f1b7);
  expectHash({{UINT64_MAX, 0x0123456789abcdef}},
             {-3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7}, 0x9a0870c55f67c697,
             0x5bb71a99f8d3f0f2);
}

} // namespace
