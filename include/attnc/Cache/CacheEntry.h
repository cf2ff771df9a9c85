//===- CacheEntry.h - one file of the cache ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A header and three parts:
//
//   offset  bytes
//        0      8  "ATTNCKE1"; another layout has another number
//        8     24  the sizes of the parts, little-endian
//       32     32  the digest of the key
//       64     32  BLAKE3 of bytes 0 to 63 and of the parts
//       96         the fields of the key, the description, the object
//
// One file, so that no two files can disagree; a checksum over all of it,
// because what is loaded is run.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_CACHE_CACHEENTRY_H
#define ATTNC_CACHE_CACHEENTRY_H

#include "attnc/Support/Problem.h"
#include <string>
#include <string_view>

namespace attnc {

/// The largest entry that is written or read.
inline constexpr size_t maxEntryBytes = size_t(256) << 20;

/// The content of an entry.
struct CacheEntry {
  /// `CacheKey::print`; what the entry's maker says of the object; the object.
  std::string fields, description, object;

  /// The bytes of the file; empty if they are more than `maxEntryBytes`.
  std::string write(std::string_view digest) const;
  /// Reads a file, which has to be intact and of the key `digest`. The message
  /// says what is wrong with it, without naming it.
  static Problem read(std::string_view file, std::string_view digest,
                      CacheEntry &entry);
};

} // namespace attnc

#endif // ATTNC_CACHE_CACHEENTRY_H
