//===- MemoryMap.h - what memory may be used for ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For tests of what loads code.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_TEST_UNIT_MEMORYMAP_H
#define ATTNC_TEST_UNIT_MEMORYMAP_H

#include "gtest/gtest.h"
#include <fstream>
#include <string>

namespace attnc {

/// Expects that no memory of this process is writable and executable. Returns
/// the permissions of what has `address`, such as "r-xp", or "" if nothing has
/// it.
inline std::string findPermissions(const void *address) {
  auto wanted = reinterpret_cast<uintptr_t>(address);
  std::ifstream maps("/proc/self/maps");
  std::string found;
  for (std::string line; std::getline(maps, line);) {
    // "begin-end rwxp offset device inode path"
    std::string permissions = line.substr(line.find(' ') + 1, 4);
    EXPECT_FALSE(permissions[1] == 'w' && permissions[2] == 'x') << line;
    auto begin = std::stoull(line, nullptr, 16);
    auto end = std::stoull(line.substr(line.find('-') + 1), nullptr, 16);
    if (begin <= wanted && wanted < end)
      found = permissions;
  }
  return found;
}

} // namespace attnc

#endif // ATTNC_TEST_UNIT_MEMORYMAP_H
