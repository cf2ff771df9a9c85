//===- Failure.cpp - why a command ended ----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Printing of errors, and the last resort: a defect must not look like a
// result, and must not print a stack trace at someone who wrote a spec.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Failure.h"

#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"
#include <csignal>
#include <cstdlib>
#include <optional>
#include <unistd.h>

using namespace attnc;

char Failure::ID = 0;

llvm::Error attnc::fail(ExitCode code, const Twine &message) {
  return llvm::make_error<Failure>(code, message.str());
}

llvm::Error attnc::failAt(const Twine &location, ExitCode code,
                          const Twine &message) {
  return llvm::make_error<Failure>(code, message.str(), location.str());
}

llvm::Error attnc::failAfterDiagnostic(ExitCode code) {
  return llvm::make_error<Failure>(code, "");
}

int attnc::report(llvm::Error error) {
  std::optional<ExitCode> first;
  auto print = [&](ExitCode code, StringRef prefix,
                   const std::string &message) {
    if (!first)
      first = code;
    if (!message.empty())
      llvm::WithColor::error(llvm::errs(), prefix) << message << '\n';
  };
  llvm::handleAllErrors(
      std::move(error),
      [&](const Failure &failure) {
        StringRef location = failure.getLocation();
        print(failure.getCode(), location.empty() ? "attnc" : location,
              failure.message());
      },
      [&](const llvm::ErrorInfoBase &other) {
        bool isMemory =
            other.convertToErrorCode() == std::errc::not_enough_memory;
        print(isMemory ? ExitCode::ResourceLimit : ExitCode::Diagnosed, "attnc",
              other.message());
      });
  return static_cast<int>(first.value_or(ExitCode::Success));
}

void attnc::warn(const Twine &message) {
  llvm::WithColor::warning(llvm::errs(), "attnc") << message << '\n';
}

namespace {

constexpr StringRef advice =
    "; this is a defect of attnc, please report it with the command line and "
    "the spec\n";

/// Only what POSIX allows in a signal handler.
void writeRaw(StringRef text) {
  while (!text.empty()) {
    ssize_t written = write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0)
      return;
    text = text.drop_front(written);
  }
}

[[noreturn]] void handleSignal(int number) {
  writeRaw("attnc: internal error: ");
  writeRaw(number == SIGABRT  ? "aborted"
           : number == SIGFPE ? "arithmetic exception"
           : number == SIGILL ? "illegal instruction"
                              : "invalid memory access");
  writeRaw(advice);
  _exit(static_cast<int>(ExitCode::Internal));
}

[[noreturn]] void handleFatalError(void *, const char *reason, bool) {
  writeRaw("attnc: internal error: ");
  writeRaw(reason);
  writeRaw(advice);
  _exit(static_cast<int>(ExitCode::Internal));
}

} // namespace

void attnc::installCrashHandlers() {
  // Of this thread, kept until the process ends. SIGSTKSZ need not be constant.
  constexpr size_t stackSize = 64 * 1024;
  stack_t stack = {};
  stack.ss_sp = std::malloc(stackSize);
  stack.ss_size = stackSize;
  if (stack.ss_sp)
    sigaltstack(&stack, nullptr);

  struct sigaction action = {};
  action.sa_handler = handleSignal;
  action.sa_flags = SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (int number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL})
    sigaction(number, &action, nullptr);
  llvm::install_fatal_error_handler(handleFatalError);
}
