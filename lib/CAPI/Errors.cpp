//===- Errors.cpp - errors of the C interface -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Errors, diagnostics and warnings.
//
//===----------------------------------------------------------------------===//

#include "Errors.h"

#include <cstdio>
#include <mutex>
#include <new>

using namespace attnc;
using namespace attnc::capi;

void capi::addDiagnostic(std::vector<Diagnostic> &diagnostics,
                         Diagnostic diagnostic) {
  diagnostic.parent = -1;
  if (diagnostic.severity == ATTNC_SEVERITY_NOTE)
    for (size_t i = 0; i < diagnostics.size(); ++i)
      if (diagnostics[i].severity != ATTNC_SEVERITY_NOTE)
        diagnostic.parent = static_cast<int32_t>(i);
  diagnostics.push_back(std::move(diagnostic));
}

int32_t capi::getDiagnostic(const std::vector<Diagnostic> &diagnostics,
                            size_t index, attnc_diagnostic *result) {
  if (index >= diagnostics.size() || !result)
    return attnc_rt_fail(ATTNC_INVALID_ARGUMENT, "attnc",
                         "there is no diagnostic of this number");
  const Diagnostic &found = diagnostics[index];
  *result = {found.severity, found.parent,       found.line,
             found.column,   found.file.c_str(), found.message.c_str()};
  return ATTNC_OK;
}

/// "spec.mlir:3:5: error: ..." of the first error, or nothing.
static std::string getFirstError(const std::vector<Diagnostic> &diagnostics) {
  for (const Diagnostic &diagnostic : diagnostics) {
    if (diagnostic.severity != ATTNC_SEVERITY_ERROR)
      continue;
    std::string text;
    if (!diagnostic.file.empty())
      text = diagnostic.file + ":" + std::to_string(diagnostic.line) + ":" +
             std::to_string(diagnostic.column) + ": ";
    return text + "error: " + diagnostic.message;
  }
  return "";
}

int32_t capi::raise(attnc_error **error, int32_t status, std::string message,
                    std::vector<Diagnostic> diagnostics) {
  if (message.empty())
    message = getFirstError(diagnostics);
  if (message.empty())
    message = "failed without a message";
  attnc_rt_fail(status, "attnc", message.c_str());
  // Without memory for it, the last error remains.
  if (error)
    *error = new (std::nothrow)
        attnc_error{status, std::move(message), std::move(diagnostics)};
  return status;
}

int32_t capi::raise(attnc_error **error, const Problem &problem) {
  return raise(error, problem.getStatus(), problem.getMessage());
}

std::string capi::copyText(const char *text) { return text ? text : ""; }

namespace {

std::mutex handlerLock;
void (*warningHandler)(const char *, void *) = nullptr;
void *handlerData = nullptr;

} // namespace

void capi::warn(const std::string &message) {
  void (*handler)(const char *, void *);
  void *data;
  {
    // Not held during the call: a handler may set another one.
    std::lock_guard<std::mutex> guard(handlerLock);
    handler = warningHandler;
    data = handlerData;
  }
  if (handler)
    handler(message.c_str(), data);
  else
    fprintf(stderr, "attnc: warning: %s\n", message.c_str());
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
void attnc_error_destroy(attnc_error *error) { delete error; }

int32_t attnc_error_status(const attnc_error *error) {
  return error ? error->status : ATTNC_OK;
}

const char *attnc_error_message(const attnc_error *error) {
  return error ? error->message.c_str() : "";
}

size_t attnc_error_num_diagnostics(const attnc_error *error) {
  return error ? error->diagnostics.size() : 0;
}

int32_t attnc_error_get_diagnostic(const attnc_error *error, size_t index,
                                   attnc_diagnostic *diagnostic) {
  static const std::vector<Diagnostic> none;
  return getDiagnostic(error ? error->diagnostics : none, index, diagnostic);
}

void attnc_set_warning_handler(void (*handler)(const char *message, void *data),
                               void *data) {
  std::lock_guard<std::mutex> guard(handlerLock);
  warningHandler = handler;
  handlerData = data;
}
// NOLINTEND(readability-identifier-naming)
