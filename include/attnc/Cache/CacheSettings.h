//===- CacheSettings.h - what the environment says of the cache -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The variables ATTNC_... of the environment, read in one place. Those of a
// program that runs with another user's rights are not heeded.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_CACHE_CACHESETTINGS_H
#define ATTNC_CACHE_CACHESETTINGS_H

#include "attnc/Cache/CacheFolder.h"
#include <string>
#include <vector>

namespace attnc {

/// Whether kernels may be compiled while a program runs.
enum class JITMode {
  /// What is not in the cache is compiled.
  Auto,
  /// Nothing is compiled or taken from the cache.
  Off,
  /// What is not in the cache is an error.
  RequireCache
};

struct CacheSettings {
  JITMode mode = JITMode::Auto;
  /// The folder; empty for no cache, and why then.
  std::string folder, whyNone;
  CacheLimits limits;

  /// Reads ATTNC_JIT, ATTNC_CACHE_DIR, ATTNC_CACHE_MAX_MIB and
  /// ATTNC_CACHE_MAX_DAYS; without the second the folder is
  /// $XDG_CACHE_HOME/attnc or ~/.cache/attnc. Fails for a value that is none of
  /// those that a variable has. Adds a warning for each variable ATTNC_... that
  /// is not known.
  static Problem read(CacheSettings &settings,
                      std::vector<std::string> &warnings);
};

/// Parses auto, off and require-cache.
Problem parseJITMode(std::string_view text, JITMode &mode);
const char *getName(JITMode mode);

} // namespace attnc

#endif // ATTNC_CACHE_CACHESETTINGS_H
