//===- LastError.h - The message of the last failing call -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How the runtime's own sources report a failure: a status for the caller and
// a message kept per thread in a fixed buffer, so that reporting never fails.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_RUNTIME_LASTERROR_H
#define ATTNC_LIB_RUNTIME_LASTERROR_H

#include "attnc-c/runtime.h"

namespace attnc::rt {

/// Formats the message of the last error of this thread, cutting it where the
/// buffer ends, and returns `status`.
[[gnu::format(printf, 2, 3)]] int32_t fail(attnc_status status,
                                           const char *format, ...);

} // namespace attnc::rt

#endif // ATTNC_LIB_RUNTIME_LASTERROR_H
