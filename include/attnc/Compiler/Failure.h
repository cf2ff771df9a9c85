//===- Failure.h - why a command ended --------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The exit codes of attnc and an error that carries one, so that the place that
// finds a problem decides what a script sees, and only one place prints.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_COMPILER_FAILURE_H
#define ATTNC_COMPILER_FAILURE_H

#include "attnc/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include <string>

namespace attnc {

/// The exit codes. Scripts rely on the numbers.
enum class ExitCode : int {
  Success = 0,
  /// The input has an error, or a check of results failed.
  Diagnosed = 1,
  /// The command line has an error.
  Usage = 2,
  /// A limit on sizes or memory was hit.
  ResourceLimit = 3,
  /// A program that attnc starts, such as a linker, was not found.
  MissingTool = 4,
  /// A defect of attnc.
  Internal = 70
};

/// An error with an exit code.
class Failure : public llvm::ErrorInfo<Failure> {
public:
  static char ID; // NOLINT(readability-identifier-naming): LLVM asks for it.

  Failure(ExitCode code, std::string text, std::string location = "")
      : code(code), text(std::move(text)), location(std::move(location)) {}

  ExitCode getCode() const { return code; }
  /// `<file>:<line>:<column>`, or empty.
  StringRef getLocation() const { return location; }
  void log(raw_ostream &os) const override { os << text; }
  std::error_code convertToErrorCode() const override {
    return llvm::inconvertibleErrorCode();
  }

private:
  ExitCode code;
  std::string text, location;
};

/// An error with a message of one line, in the user's words.
llvm::Error fail(ExitCode code, const Twine &message);

/// The same about a place in a file, `<file>:<line>:<column>`.
llvm::Error failAt(const Twine &location, ExitCode code, const Twine &message);

/// An error whose diagnostic has been printed already.
llvm::Error failAfterDiagnostic(ExitCode code = ExitCode::Diagnosed);

/// Prints `attnc: error: <message>`, or the location in the place of `attnc`,
/// to standard error for each error that has a message, and returns the exit
/// code: that of the first failure, 3 where memory ran out, 1 for other errors,
/// 0 for success.
int report(llvm::Error error);

/// Prints `attnc: warning: <message>` to standard error.
void warn(const Twine &message);

/// Makes fatal signals and LLVM's fatal errors print one line and exit with
/// ExitCode::Internal. To be called at the start of a thread whose stack may
/// overflow, too: the handler then has a stack of its own.
void installCrashHandlers();

} // namespace attnc

#endif // ATTNC_COMPILER_FAILURE_H
