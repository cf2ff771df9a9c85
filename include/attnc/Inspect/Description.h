//===- Description.h - a manifest, read and checked -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The manifest of `attnc compile` as people and programs are shown it. It comes
// from a file that nobody vouches for: each value is checked for its kind, and
// keys of a later release are kept and not looked at.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_INSPECT_DESCRIPTION_H
#define ATTNC_INSPECT_DESCRIPTION_H

#include "attnc/Support/StrictJson.h"
#include <optional>

namespace attnc {

struct DescribedArgument {
  std::string name, role, dtype;
  /// Numbers and names of symbols, as text.
  std::vector<std::string> shape;
};

struct DescribedSchedule {
  std::string operation, schedule;
  /// The plans for few queries and for few positions; empty for none.
  std::string decode, recurrent;
};

struct DescribedFunction {
  std::string symbol;
  std::vector<DescribedArgument> arguments;
  /// Extents that are multiples of others: `first` of `second`.
  std::vector<std::pair<std::string, std::string>> multiples;
  std::vector<DescribedSchedule> schedules;
};

struct DescribedKernel {
  std::string name;
  std::optional<uint64_t> registers;
};

/// A program for a GPU.
struct DescribedImage {
  std::string kind, arch;
  uint64_t bytes = 0;
  std::vector<DescribedKernel> kernels;
};

/// What was compiled, for what, and by what.
struct Description {
  std::string producer, version, llvmVersion;
  uint64_t abiMajor = 0, abiMinor = 0;
  std::string source, sourceDigest;
  std::string target, triple, cpu;
  bool threads = false;
  /// The tuning file; empty for none.
  std::string tuning, tuningDigest;
  std::vector<DescribedImage> images;
  std::vector<DescribedFunction> functions;
  /// The manifest as it is.
  JsonNode::Json json;

  /// Reads a manifest. `path` stands for it in messages.
  static llvm::Expected<Description> parse(llvm::StringRef text,
                                           llvm::StringRef path);
};

} // namespace attnc

#endif // ATTNC_INSPECT_DESCRIPTION_H
