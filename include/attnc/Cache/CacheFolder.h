//===- CacheFolder.h - the cache on disk ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A folder of entries, each a file named after its key. Any number of processes
// use it at once, without a lock: an entry is written under another name,
// flushed and renamed, so a reader sees none or a whole one, and two writers of
// one key write the same. What is found damaged is not used, and is replaced by
// what is compiled in its place.
//
// Code in the folder is run, so nobody else may be able to put some there: the
// folder and each entry belong to this user or to root, only the owner may
// write, and neither is a symbolic link.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_CACHE_CACHEFOLDER_H
#define ATTNC_CACHE_CACHEFOLDER_H

#include "attnc/Cache/CacheEntry.h"
#include <cstdint>
#include <memory>
#include <vector>

namespace attnc {

/// What pruning keeps.
struct CacheLimits {
  uint64_t maxBytes = uint64_t(1) << 30;
  uint64_t maxDays = 90;
};

/// A file of the folder.
struct CacheFile {
  /// The digest of the key.
  std::string digest;
  uint64_t bytes = 0;
  /// Seconds since the epoch: when it was written, and last used, to an hour.
  int64_t written = 0, used = 0;
};

/// An open folder.
class CacheFolder {
public:
  enum class Find { Hit, Miss, Damaged };

  /// Opens the folder at `path`, or creates it with those above it, for this
  /// user alone. Fails if it does not exist and cannot be created, or if it
  /// cannot be trusted.
  static Problem open(const std::string &path,
                      std::unique_ptr<CacheFolder> &folder);
  ~CacheFolder();
  CacheFolder(const CacheFolder &) = delete;
  CacheFolder &operator=(const CacheFolder &) = delete;

  const std::string &getPath() const { return path; }

  /// Reads an entry. `why` says what is wrong with one that is damaged.
  Find load(const std::string &digest, CacheEntry &entry,
            std::string &why) const;
  /// Writes an entry, in the place of one that there may be. Prunes once in an
  /// hour.
  Problem store(const std::string &digest, const CacheEntry &entry,
                const CacheLimits &limits) const;

  /// The entries, in the order of their digests.
  std::vector<CacheFile> list() const;
  bool remove(const std::string &digest) const;
  /// Removes what was not used for too long, then what was used longest ago
  /// until the rest is small enough, and what writers left that were killed.
  /// Returns the number of entries removed.
  size_t prune(const CacheLimits &limits) const;
  /// Removes all entries.
  size_t clear() const;

private:
  CacheFolder(std::string path, int directory)
      : path(std::move(path)), directory(directory) {}

  Problem write(const std::string &temporary, const std::string &bytes) const;
  void pruneNowAndThen(const CacheLimits &limits) const;
  void removeLeftovers() const;

  std::string path;
  int directory;
};

/// Whether a name is that of an entry; its digest then.
bool isEntryName(std::string_view name, std::string &digest);

} // namespace attnc

#endif // ATTNC_CACHE_CACHEFOLDER_H
