//===- TensorMap.cpp - Descriptors of tensors for the copy hardware -------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// attnc_rt_gpu_tensor_map: what the hardware asks of a tensor and a box is
// checked here, since the driver refuses all of it with the same two words.
//
//===----------------------------------------------------------------------===//

#include "GpuContext.h"
#include "LastError.h"

using namespace attnc;
using namespace attnc::rt;

static constexpr int32_t maxAxes = 5;
static constexpr int64_t maxSize = int64_t(1) << 32;
static constexpr int64_t maxStrideBytes = int64_t(1) << 40;
static constexpr int64_t maxBox = 256;
/// To which addresses, strides and rows of a box are aligned.
static constexpr int64_t alignment = 16;

/// The compute capability from which on there is hardware that copies boxes.
/// The driver refuses to describe tensors to others.
static constexpr int bulkCopiesMajor = 9;

/// Numbers of cuda.h.
enum { interleaveNone = 0, promoteTo128Bytes = 2, fillWithZeros = 0 };

namespace {

/// The arguments of the driver.
struct Map {
  int dataType;
  int swizzle;
  int64_t elementBytes;
  uint64_t sizes[maxAxes];
  uint64_t strideBytes[maxAxes];
  uint32_t box[maxAxes];
  bool isEmpty = false;
};

/// A tensor as it is described to attnc_rt_gpu_tensor_map.
struct Tensor {
  const char *function;
  const char *name;
  int32_t rank;
  const void *base;
  const int64_t *sizes;
  const int64_t *strides;
  const int64_t *box;

  int32_t checkBase() const;
  int32_t readSizes(Map &map) const;
  int32_t readStrides(Map &map) const;
  int32_t readBox(int32_t swizzleBytes, Map &map) const;
};

} // namespace

/// The CUtensorMapDataType of a DLPack type, or -1. Which bits of a word are
/// meant does not matter to a copy, only that what is not there reads as 0.
static int findDataType(int32_t code, int32_t bits) {
  enum { uint8 = 0, uint16, uint32, int32, uint64, int64, float16, float32 };
  enum { float64 = 8, bfloat16 };
  if (bits == 8)
    return uint8;
  switch (code) {
  case kDLFloat:
    return bits == 16   ? float16
           : bits == 32 ? float32
           : bits == 64 ? float64
                        : -1;
  case kDLBfloat:
    return bits == 16 ? bfloat16 : -1;
  case kDLInt:
  case kDLUInt:
    return bits == 16   ? uint16
           : bits == 32 ? (code == kDLInt ? int32 : uint32)
           : bits == 64 ? (code == kDLInt ? int64 : uint64)
                        : -1;
  default:
    return -1;
  }
}

/// A tensor that a caller has to arrange differently.
#define ATTNC_RT_REFUSE(format, ...)                                           \
  fail(ATTNC_INVALID_ARGUMENT, "%s: tensor %s: " format, function, name,       \
       __VA_ARGS__)

int32_t Tensor::checkBase() const {
  if (reinterpret_cast<uintptr_t>(base) % alignment != 0)
    return ATTNC_RT_REFUSE("it begins at %p, which is not a multiple of %lld "
                           "bytes as this kernel needs; copy it to memory that "
                           "is aligned",
                           base, static_cast<long long>(alignment));
  return ATTNC_OK;
}

int32_t Tensor::readSizes(Map &map) const {
  for (int32_t axis = 0; axis < rank; ++axis) {
    if (sizes[axis] < 0 || sizes[axis] > maxSize)
      return ATTNC_RT_REFUSE("%lld elements along axis %d from the last one "
                             "are more than the 2^32 that this kernel can "
                             "address",
                             static_cast<long long>(sizes[axis]), axis);
    map.isEmpty |= sizes[axis] == 0;
    map.sizes[axis] = static_cast<uint64_t>(sizes[axis]);
  }
  return ATTNC_OK;
}

int32_t Tensor::readStrides(Map &map) const {
  for (int32_t axis = 1; axis < rank; ++axis) {
    // No address depends on the stride of a single element; the driver asks
    // it to be in order all the same.
    int64_t row = (sizes[0] + alignment - 1) / alignment * alignment;
    int64_t stride = sizes[axis] > 1 ? strides[axis] : row;
    int64_t bytes;
    if (stride < 0 ||
        __builtin_mul_overflow(stride, map.elementBytes, &bytes) ||
        bytes >= maxStrideBytes)
      return ATTNC_RT_REFUSE("the stride of axis %d from the last one is %lld "
                             "elements, and this kernel reaches less than 2^40 "
                             "bytes; copy the tensor to a contiguous one",
                             axis, static_cast<long long>(stride));
    if (bytes % alignment != 0)
      return ATTNC_RT_REFUSE("the stride of axis %d from the last one is %lld "
                             "bytes, which is not a multiple of %lld as this "
                             "kernel needs; copy the tensor to one with padded "
                             "rows",
                             axis, static_cast<long long>(bytes),
                             static_cast<long long>(alignment));
    map.strideBytes[axis - 1] = static_cast<uint64_t>(bytes);
  }
  return ATTNC_OK;
}

int32_t Tensor::readBox(int32_t swizzleBytes, Map &map) const {
  for (int32_t axis = 0; axis < rank; ++axis) {
    if (box[axis] < 1 || box[axis] > maxBox)
      return fail(ATTNC_INTERNAL,
                  "%s: tensor %s: a box of %lld elements along axis %d, which "
                  "is not from 1 to %lld",
                  function, name, static_cast<long long>(box[axis]), axis,
                  static_cast<long long>(maxBox));
    map.box[axis] = static_cast<uint32_t>(box[axis]);
  }
  int64_t rowBytes = box[0] * map.elementBytes;
  if (rowBytes % alignment != 0 || (swizzleBytes && rowBytes > swizzleBytes))
    return fail(ATTNC_INTERNAL,
                "%s: tensor %s: a box with rows of %lld bytes, which is not a "
                "multiple of %lld, or above the %d of the swizzle",
                function, name, static_cast<long long>(rowBytes),
                static_cast<long long>(alignment), swizzleBytes);
  return ATTNC_OK;
}

/// Zeros on the device, for a tensor without elements, whose base may be null
/// and whose sizes the hardware does not know.
static int32_t findZeros(const GpuThread &thread, const void *&base) {
  std::atomic<CUdeviceptr> &zeros = thread.context->zeros;
  CUdeviceptr known = zeros.load(std::memory_order_acquire);
  if (!known) {
    static const char nothing[256] = {};
    const Driver &driver = *thread.driver;
    if (CUresult result = driver.allocate(&known, sizeof(nothing)))
      return failDriver(driver, thread.function, "cuMemAlloc", result);
    CUresult result =
        driver.copyToDevice(known, nothing, sizeof(nothing), thread.stream);
    if (!result)
      result = driver.synchronize(thread.stream);
    if (result)
      return failDriver(driver, thread.function, "cuMemcpyHtoDAsync", result);
    // Another thread may have been faster; its zeros are as good, and stay.
    CUdeviceptr expected = 0;
    if (!zeros.compare_exchange_strong(expected, known)) {
      driver.free(known);
      known = expected;
    }
  }
  base = reinterpret_cast<const void *>(static_cast<uintptr_t>(known));
  return ATTNC_OK;
}

static int32_t encode(const GpuThread &thread, void *result, Tensor tensor,
                      Map &map) {
  if (map.isEmpty) {
    // One zero, and all the others are outside.
    for (int32_t axis = 0; axis < tensor.rank; ++axis) {
      map.sizes[axis] = 1;
      map.strideBytes[axis] = alignment;
    }
    if (int32_t status = findZeros(thread, tensor.base))
      return status;
  }
  const uint32_t steps[maxAxes] = {1, 1, 1, 1, 1};
  if (CUresult error = thread.driver->encodeTensorMap(
          result, map.dataType, static_cast<uint32_t>(tensor.rank),
          const_cast<void *>(tensor.base), map.sizes, map.strideBytes, map.box,
          steps, interleaveNone, map.swizzle, promoteTo128Bytes, fillWithZeros))
    return failDriver(*thread.driver, thread.function, "cuTensorMapEncodeTiled",
                      error);
  return ATTNC_OK;
}

static int32_t makeTensorMap(const GpuThread &thread, void *result,
                             int32_t code, int32_t bits, int32_t swizzleBytes,
                             const Tensor &tensor) {
  Map map;
  map.dataType = findDataType(code, bits);
  map.swizzle = swizzleBytes == 0     ? 0
                : swizzleBytes == 32  ? 1
                : swizzleBytes == 64  ? 2
                : swizzleBytes == 128 ? 3
                                      : -1;
  map.elementBytes = bits / 8;
  if (map.dataType < 0 || map.swizzle < 0 || tensor.rank < 2 ||
      tensor.rank > maxAxes || reinterpret_cast<uintptr_t>(result) % 64 != 0)
    return fail(ATTNC_INTERNAL,
                "%s: tensor %s: no tensor map at %p for type %d of %d bits, "
                "rank %d, swizzle %d",
                thread.function, tensor.name, result, code, bits, tensor.rank,
                swizzleBytes);
  if (int32_t status = tensor.readBox(swizzleBytes, map))
    return status;
  if (int32_t status = tensor.readSizes(map))
    return status;
  if (!map.isEmpty) {
    if (int32_t status = tensor.checkBase())
      return status;
    if (int32_t status = tensor.readStrides(map))
      return status;
  }
  // No kernel that runs there reads it.
  if (thread.context->major < bulkCopiesMajor)
    return ATTNC_OK;
  return encode(thread, result, tensor, map);
}

// NOLINTNEXTLINE(readability-identifier-naming): the C interface.
void attnc_rt_gpu_tensor_map(void *map, const char *name, int32_t code,
                             int32_t bits, int32_t rank, const void *base,
                             const int64_t *sizes, const int64_t *strides,
                             const int64_t *box, int32_t swizzle_bytes) {
  GpuThread &thread = getGpuThread();
  if (thread.status == ATTNC_OK)
    thread.status =
        makeTensorMap(thread, map, code, bits, swizzle_bytes,
                      {thread.function, name, rank, base, sizes, strides, box});
}
