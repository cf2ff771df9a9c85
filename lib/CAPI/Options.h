//===- Options.h - how to compile, from C -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What attnc_options holds.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_CAPI_OPTIONS_H
#define ATTNC_LIB_CAPI_OPTIONS_H

#include "attnc-c/attnc.h"
#include "attnc/Support/Problem.h"
#include <string>

struct attnc_options {
  std::string target = "cpu";
  bool threads = true, isBytecode = false;
  /// The path of a tuning file, and what was in it when the option was set.
  std::string tuningPath, tuningText;
  std::string name = "spec.mlir";
};

namespace attnc::capi {

/// The largest file that is read whole.
inline constexpr size_t maxFileBytes = size_t(16) << 20;

/// Reads a file of at most `maxFileBytes`.
Problem readFile(const std::string &path, std::string &text);

/// `options`, or those of the default.
const attnc_options &getOptions(const attnc_options *options);

} // namespace attnc::capi

#endif // ATTNC_LIB_CAPI_OPTIONS_H
