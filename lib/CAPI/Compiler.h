//===- Compiler.h - the compiler, opened when needed ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// libattnc's side of CompilerInterface.h.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_CAPI_COMPILER_H
#define ATTNC_LIB_CAPI_COMPILER_H

#include "Errors.h"
#include "Options.h"
#include <string>
#include <string_view>
#include <vector>

namespace attnc::capi {

/// What a compilation made, or why it failed.
struct Compilation {
  int32_t status = ATTNC_OK;
  /// Empty if the diagnostics say it all.
  std::string failure;
  std::vector<Diagnostic> diagnostics;
  /// One for each kind that was asked for.
  std::vector<std::string> outputs;
  /// Why this machine cannot run the code; empty if it can.
  std::string whyNotHere;
};

/// Opens libattnc_compiler if it is not open, and compiles. `kinds` are names
/// of `attnc compile --emit=`. With a path the first output is written there,
/// and none is returned.
Compilation compile(std::string_view source, const attnc_options &options,
                    const std::vector<const char *> &kinds,
                    const char *path = nullptr);

} // namespace attnc::capi

#endif // ATTNC_LIB_CAPI_COMPILER_H
