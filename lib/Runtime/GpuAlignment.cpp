//===- GpuAlignment.cpp - Where rows of a tensor begin --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// attnc_rt_gpu_check_alignment: what threads read several elements of at once
// is checked here, since on the device it would be a fault without a name.
//
//===----------------------------------------------------------------------===//

#include "GpuContext.h"
#include "LastError.h"

using namespace attnc;
using namespace attnc::rt;

static int32_t checkAlignment(const char *function, const char *name,
                              int32_t elementBytes, int32_t rank,
                              const void *base, const int64_t *sizes,
                              const int64_t *strides, int64_t bytes) {
  for (int32_t axis = 0; axis < rank; ++axis)
    if (sizes[axis] == 0)
      return ATTNC_OK;
  if (reinterpret_cast<uintptr_t>(base) % static_cast<uint64_t>(bytes) != 0)
    return fail(ATTNC_INVALID_ARGUMENT,
                "%s: tensor %s: it begins at %p, which is not a multiple of "
                "%lld bytes as this kernel needs; copy it to memory that is "
                "aligned",
                function, name, base, static_cast<long long>(bytes));
  for (int32_t axis = 1; axis < rank; ++axis) {
    // No address depends on the stride of a single element.
    if (sizes[axis] == 1 || strides[axis] * elementBytes % bytes == 0)
      continue;
    return fail(ATTNC_INVALID_ARGUMENT,
                "%s: tensor %s: the stride of axis %d from the last one is "
                "%lld bytes, which is not a multiple of %lld as this kernel "
                "needs; copy the tensor to one with padded rows",
                function, name, axis,
                static_cast<long long>(strides[axis] * elementBytes),
                static_cast<long long>(bytes));
  }
  return ATTNC_OK;
}

// NOLINTNEXTLINE(readability-identifier-naming): the C interface.
void attnc_rt_gpu_check_alignment(const char *name, int32_t element_bytes,
                                  int32_t rank, const void *base,
                                  const int64_t *sizes, const int64_t *strides,
                                  int64_t bytes) {
  GpuThread &thread = getGpuThread();
  if (thread.status == ATTNC_OK)
    thread.status = checkAlignment(thread.function, name, element_bytes, rank,
                                   base, sizes, strides, bytes);
}
