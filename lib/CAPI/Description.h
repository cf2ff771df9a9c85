//===- Description.h - what a module says of itself -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions of a module, read off its manifest: there is one description of
// a compiled spec, whether it lies in a file, in the cache or in memory.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_CAPI_DESCRIPTION_H
#define ATTNC_LIB_CAPI_DESCRIPTION_H

#include "Errors.h"
#include <string>
#include <string_view>
#include <vector>

namespace attnc::capi {

struct ArgumentDescription {
  std::string name, dtypeName;
  DLDataType dtype = {};
  int32_t role = ATTNC_ROLE_INPUT;
  /// As in attnc_argument.
  std::vector<int64_t> dims;
};

struct FunctionDescription {
  std::string name;
  std::vector<ArgumentDescription> arguments;
  std::vector<std::string> symbols;
  std::vector<attnc_multiple> multiples;
};

/// Reads a manifest of `attnc compile`. Fails if it is none.
Problem readManifest(std::string_view text,
                     std::vector<FunctionDescription> &functions);

/// Beside the object, an entry of the cache holds this.
struct ModuleText {
  std::string manifest, whyNotHere;
  std::vector<Diagnostic> diagnostics;

  std::string print() const;
  Problem parse(std::string_view text);
};

} // namespace attnc::capi

#endif // ATTNC_LIB_CAPI_DESCRIPTION_H
