//===- CacheKey.h - what machine code depends on ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names everything that the code of a spec is a function of. Entries keep the
// fields beside their hash, so that a miss can be explained.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_CACHE_CACHEKEY_H
#define ATTNC_CACHE_CACHEKEY_H

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace attnc {

/// What a compilation is given.
struct KeyInputs {
  std::string_view source;
  bool isBytecode = false;
  std::string_view name, target;
  bool threads = true;
  /// The text of a tuning file; empty for none.
  std::string_view tuning;
  /// The compiler: its release and its build.
  std::string_view release, build;
};

/// The fields of a key in their order, and the hash over all of them.
class CacheKey {
public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  explicit CacheKey(const KeyInputs &inputs);

  const Fields &getFields() const { return fields; }
  /// 64 hexadecimal digits.
  const std::string &getDigest() const { return digest; }

  /// The fields as lines of text, `name value`; values have no line ends.
  std::string print() const;
  /// Reads such lines; those that are none are left out.
  static Fields parse(std::string_view text);

private:
  Fields fields;
  std::string digest;
};

/// The processor of this machine, as far as code for it depends on it:
/// identification, features, and the sizes of its caches.
std::string describeHost();

} // namespace attnc

#endif // ATTNC_CACHE_CACHEKEY_H
