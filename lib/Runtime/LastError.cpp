//===- LastError.cpp - The message of the last failing call ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The per-thread message buffer, and the version of the runtime.
//
//===----------------------------------------------------------------------===//

#include "LastError.h"

#include <cstdarg>
#include <cstdio>

using namespace attnc;

namespace {
// Names come from specifications and may be long; 1 KiB holds any message
// whose names are of a readable length, and a longer one is cut.
constexpr size_t maxMessage = 1024;
thread_local char lastError[maxMessage];
} // namespace

int32_t rt::fail(attnc_status status, const char *format, ...) {
  // A caller may pass the previous message on as a part of the new one.
  char message[maxMessage];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof(message), format, arguments);
  va_end(arguments);
  snprintf(lastError, sizeof(lastError), "%s", message);
  return status;
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
int32_t attnc_rt_fail(int32_t status, const char *function,
                      const char *message) {
  rt::fail(ATTNC_INTERNAL, "%s: %s", function ? function : "kernel",
           message ? message : "failed without a message");
  return status;
}

const char *attnc_last_error(void) { return lastError; }

const char *attnc_rt_version(void) { return ATTNC_VERSION_STRING; }

uint32_t attnc_rt_abi_version(void) { return ATTNC_RT_ABI_VERSION; }
// NOLINTEND(readability-identifier-naming)
