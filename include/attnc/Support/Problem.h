//===- Problem.h - a failure, without LLVM ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What functions return that run in every process that uses kernels. Those do
// not load LLVM, and so have no llvm::Error.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_SUPPORT_PROBLEM_H
#define ATTNC_SUPPORT_PROBLEM_H

#include <cstdint>
#include <string>
#include <utility>

namespace attnc {

/// Success, or a status of the C interface with a message in the user's words.
/// True if something failed, as llvm::Error is.
class [[nodiscard]] Problem {
public:
  /// Success.
  Problem() = default;
  Problem(int32_t status, std::string message)
      : status(status), message(std::move(message)) {}

  explicit operator bool() const { return status != 0; }
  int32_t getStatus() const { return status; }
  const std::string &getMessage() const { return message; }

private:
  int32_t status = 0;
  std::string message;
};

} // namespace attnc

#endif // ATTNC_SUPPORT_PROBLEM_H
