//===- Errors.h - errors of the C interface ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How the sources of libattnc report a failure: an error for the caller, and
// the last error of the runtime, in one step.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_CAPI_ERRORS_H
#define ATTNC_LIB_CAPI_ERRORS_H

#include "attnc-c/attnc.h"
#include "attnc/Support/Problem.h"
#include <string>
#include <vector>

namespace attnc::capi {

/// An attnc_diagnostic that owns its texts.
struct Diagnostic {
  int32_t severity = ATTNC_SEVERITY_ERROR, parent = -1;
  int32_t line = 0, column = 0;
  std::string file, message;
};

/// Adds a diagnostic; a note gets the last one that is none for its parent.
void addDiagnostic(std::vector<Diagnostic> &diagnostics, Diagnostic diagnostic);

/// Fills in the diagnostic `index`.
int32_t getDiagnostic(const std::vector<Diagnostic> &diagnostics, size_t index,
                      attnc_diagnostic *result);

/// Stores an error if `error` is not null, sets the last error, and returns the
/// status. Without a message the first diagnostic that is an error is it.
int32_t raise(attnc_error **error, int32_t status, std::string message,
              std::vector<Diagnostic> diagnostics = {});
int32_t raise(attnc_error **error, const Problem &problem);

/// Stores that nothing failed; what every function begins with.
inline void clear(attnc_error **error) {
  if (error)
    *error = nullptr;
}

/// Tells the handler of warnings.
void warn(const std::string &message);

/// A copy of text that a caller gave; null is empty.
std::string copyText(const char *text);

} // namespace attnc::capi

struct attnc_error {
  int32_t status;
  std::string message;
  std::vector<attnc::capi::Diagnostic> diagnostics;
};

#endif // ATTNC_LIB_CAPI_ERRORS_H
