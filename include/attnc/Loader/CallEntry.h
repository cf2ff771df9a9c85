//===- CallEntry.h - call a kernel with any number of tensors ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// C has no call with an array for its arguments; this is one for entry points.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LOADER_CALLENTRY_H
#define ATTNC_LOADER_CALLENTRY_H

#include "attnc-c/dlpack.h"
#include <cstddef>
#include <cstdint>

namespace attnc {

/// Calls the entry point of a kernel, `int32_t (const DLTensor *, ...)`, and
/// returns its status. At most ATTNC_RT_MAX_ARGUMENTS tensors.
int32_t callEntry(void *entry, const DLTensor *const *tensors, size_t count);

} // namespace attnc

#endif // ATTNC_LOADER_CALLENTRY_H
