//===- CompilerInterface.h - between libattnc and the compiler --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// libattnc loads in a millisecond; the compiler, with MLIR and LLVM, in fifty.
// So the compiler is a library of its own, libattnc_compiler, which libattnc
// opens when there is something to compile. This is all that they know of each
// other, in C, because each has a C++ library behind it that the other must not
// depend on. Both come from one build.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_CAPI_COMPILERINTERFACE_H
#define ATTNC_LIB_CAPI_COMPILERINTERFACE_H

#include <cstddef>
#include <cstdint>

// NOLINTBEGIN(readability-identifier-naming): C.

/// Counts the changes of what follows.
#define ATTNC_COMPILER_INTERFACE 1

extern "C" {

/// What can be asked for, beside "object" the names of `--emit=`.
struct attnc_compiler_request {
  const char *text;
  size_t size;
  /// How diagnostics call the spec.
  const char *name;
  const char *target;
  int32_t threads;
  /// Whether the text is bytecode.
  int32_t is_bytecode;
  /// The text of a tuning file and how messages call it; null for none.
  const char *tuning;
  size_t tuning_size;
  const char *tuning_name;
  /// The outputs, by the names that `attnc compile --emit=` has.
  const char *const *kinds;
  size_t num_kinds;
  /// Where the first output is written; null to hand outputs over.
  const char *path;
};

/// Where results go. The strings are copied by the receiver.
struct attnc_compiler_reply {
  void *data;
  /// A diagnostic, or a note of the last one. `severity` is as in attnc.h.
  void (*diagnose)(void *data, int32_t severity, const char *file, int32_t line,
                   int32_t column, const char *message, size_t size);
  /// The output number `kind`.
  void (*output)(void *data, size_t kind, const char *bytes, size_t size);
  /// Why this machine cannot run the code, if it cannot.
  void (*restrict_to_others)(void *data, const char *why, size_t size);
  /// The failure; the message is empty if diagnostics say it all.
  void (*fail)(void *data, const char *message, size_t size);
};

/// Compiles; returns a status of attnc.h.
int32_t attnc_compiler_run(const attnc_compiler_request *request,
                           const attnc_compiler_reply *reply);
/// ATTNC_COMPILER_INTERFACE of the library.
uint32_t attnc_compiler_interface(void);
/// The release of the library.
const char *attnc_compiler_release(void);
}

// NOLINTEND(readability-identifier-naming)

#endif // ATTNC_LIB_CAPI_COMPILERINTERFACE_H
