//===- CacheEntryTest.cpp - one file of the cache -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An entry that is not whole is never taken for one.
//
//===----------------------------------------------------------------------===//

#include "attnc/Cache/CacheEntry.h"

#include "gtest/gtest.h"

using namespace attnc;

namespace {

const std::string digest =
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const CacheEntry written = {"source 1\n", "{\"a\": 1}",
                            std::string("\x7f"
                                        "ELF\0\1\2",
                                        7)};

TEST(CacheEntry, is_read_as_it_was_written) {
  CacheEntry read;
  ASSERT_FALSE(CacheEntry::read(written.write(digest), digest, read));
  EXPECT_EQ(read.fields, written.fields);
  EXPECT_EQ(read.description, written.description);
  EXPECT_EQ(read.object, written.object);
}

TEST(CacheEntry, each_bit_counts) {
  std::string file = written.write(digest);
  for (size_t bit = 0; bit < 8 * file.size(); ++bit) {
    std::string damaged = file;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    CacheEntry read;
    EXPECT_TRUE(CacheEntry::read(damaged, digest, read)) << "bit " << bit;
  }
}

TEST(CacheEntry, each_length_but_its_own_is_refused) {
  std::string file = written.write(digest);
  CacheEntry read;
  for (size_t size = 0; size < file.size(); ++size)
    EXPECT_TRUE(CacheEntry::read(file.substr(0, size), digest, read)) << size;
  Problem problem = CacheEntry::read(file + "x", digest, read);
  EXPECT_EQ(problem.getMessage(), "it is longer than it says");
}

TEST(CacheEntry, that_of_another_key_is_refused) {
  std::string other = digest;
  other[0] = '1';
  CacheEntry read;
  Problem problem = CacheEntry::read(written.write(other), digest, read);
  EXPECT_EQ(problem.getMessage(), "it is the entry of another kernel");
}

TEST(CacheEntry, sizes_that_add_up_beyond_64_bits_are_refused) {
  std::string file = written.write(digest);
  for (size_t i = 8; i < 32; ++i)
    file[i] = '\xff';
  CacheEntry read;
  Problem problem = CacheEntry::read(file, digest, read);
  EXPECT_EQ(problem.getMessage(), "it is cut off");
}

} // namespace
