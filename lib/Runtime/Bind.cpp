//===- Bind.cpp - Check tensors against a signature -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// attnc_rt_bind: the boundary between a caller's DLPack tensors and generated
// code, which trusts every extent, stride and pointer that passes here. Sizes
// are computed with checked arithmetic throughout, and nothing is allocated.
// GPU.cpp calls the same checks for tensors in the memory of a GPU.
//
//===----------------------------------------------------------------------===//

#include "Bind.h"
#include "LastError.h"
#include "Threads.h"

#include <cstdio>

using namespace attnc;
using rt::fail;

namespace {

/// The bytes from the first to behind the last element of a tensor.
struct ByteRange {
  uintptr_t begin = 0;
  uintptr_t end = 0;

  bool intersects(const ByteRange &other) const {
    return begin < other.end && other.begin < end;
  }
};

/// Where the extent of a symbol was first seen.
struct SymbolBinding {
  int64_t extent = 0;
  uint32_t argument = 0;
  int32_t dimension = -1;

  bool isBound() const { return dimension >= 0; }
};

/// The layout of one tensor after its checks: what the descriptor holds.
struct Layout {
  int64_t sizes[ATTNC_RT_MAX_RANK];
  int64_t strides[ATTNC_RT_MAX_RANK];
  bool isEmpty = false;
};

/// A dtype in the notation of the specifications, such as "bf16".
struct DTypeName {
  char text[32];

  DTypeName(unsigned code, unsigned bits) {
    switch (code) {
    case kDLInt:
      snprintf(text, sizeof(text), "i%u", bits);
      return;
    case kDLUInt:
      snprintf(text, sizeof(text), "u%u", bits);
      return;
    case kDLFloat:
      snprintf(text, sizeof(text), "f%u", bits);
      return;
    case kDLBfloat:
      snprintf(text, sizeof(text), "bf%u", bits);
      return;
    case kDLBool:
      snprintf(text, sizeof(text), bits == 8 ? "bool" : "bool%u", bits);
      return;
    case kDLComplex:
      snprintf(text, sizeof(text), "complex%u", bits);
      return;
    default:
      snprintf(text, sizeof(text), "dlpack type %u of %u bits", code, bits);
    }
  }
};

/// One call of attnc_rt_bind. Each check returns a status and, on failure, has
/// set the last error.
class Binder {
public:
  Binder(const attnc_rt_signature &signature, const DLTensor *const *tensors,
         DLDeviceType device)
      : signature(signature), tensors(tensors), device(device) {}

  int32_t run(void *const *descriptors);

private:
  int32_t checkSignature() const;
  int32_t bindArgument(uint32_t index, void *descriptor);
  int32_t checkDevice(uint32_t index) const;
  int32_t checkType(uint32_t index) const;
  int32_t bindExtents(uint32_t index, Layout &layout);
  int32_t bindSymbol(uint32_t index, int32_t dimension, int64_t extent);
  int32_t checkElementCount(uint32_t index, Layout &layout) const;
  int32_t resolveStrides(uint32_t index, Layout &layout) const;
  int32_t checkDistinctElements(uint32_t index, const Layout &layout) const;
  int32_t refuseReach(uint32_t index, const Layout &layout) const;
  int32_t placeInMemory(uint32_t index, const Layout &layout);
  int32_t checkMultiple(const attnc_rt_multiple &multiple) const;
  int32_t checkOverlaps() const;
  void writeDescriptor(uint32_t index, const Layout &layout,
                       void *descriptor) const;

  const attnc_rt_argument &argument(uint32_t index) const {
    return signature.arguments[index];
  }
  const char *name(uint32_t index) const { return argument(index).name; }
  const char *function() const { return signature.function; }

  const attnc_rt_signature &signature;
  const DLTensor *const *tensors;
  DLDeviceType device;
  ByteRange ranges[ATTNC_RT_MAX_ARGUMENTS];
  SymbolBinding symbols[ATTNC_RT_MAX_SYMBOLS];
};

} // namespace

/// The extents and strides below come from the caller, so every message names
/// the argument in the same way.
#define ATTNC_RT_REFUSE(index, format, ...)                                    \
  fail(ATTNC_INVALID_ARGUMENT, "%s: argument %s: " format, function(),         \
       name(index), __VA_ARGS__)

/// A signature that the compiler cannot have written.
#define ATTNC_RT_BROKEN(format, ...)                                           \
  fail(ATTNC_INTERNAL, "%s: broken signature: " format, function(), __VA_ARGS__)

int32_t Binder::checkSignature() const {
  if (!signature.function)
    return fail(ATTNC_INTERNAL, "kernel: broken signature: no function name");
  uint32_t major = signature.abi_version >> 16;
  uint32_t minor = signature.abi_version & 0xffff;
  if (major != ATTNC_RT_ABI_MAJOR || minor > ATTNC_RT_ABI_MINOR)
    return fail(ATTNC_INTERNAL,
                "%s: the kernel needs runtime interface %u.%u but this runtime "
                "provides %d.%d; compile the kernel again or load the runtime "
                "of the release that compiled it",
                function(), major, minor, ATTNC_RT_ABI_MAJOR,
                ATTNC_RT_ABI_MINOR);
  if (signature.num_arguments > ATTNC_RT_MAX_ARGUMENTS)
    return ATTNC_RT_BROKEN("%u arguments, at most %d are supported",
                           signature.num_arguments, ATTNC_RT_MAX_ARGUMENTS);
  if (signature.num_symbols > ATTNC_RT_MAX_SYMBOLS)
    return ATTNC_RT_BROKEN("%u symbols, at most %d are supported",
                           signature.num_symbols, ATTNC_RT_MAX_SYMBOLS);
  if ((signature.num_arguments && !signature.arguments) ||
      (signature.num_symbols && !signature.symbols) ||
      (signature.num_multiples && !signature.multiples))
    return ATTNC_RT_BROKEN("%s", "a table is missing");
  for (uint32_t symbol = 0; symbol < signature.num_symbols; ++symbol)
    if (!signature.symbols[symbol])
      return ATTNC_RT_BROKEN("symbol %u has no name", symbol);
  for (uint32_t index = 0; index < signature.num_arguments; ++index) {
    const attnc_rt_argument &expected = argument(index);
    if (!expected.name)
      return ATTNC_RT_BROKEN("argument %u has no name", index);
    if (expected.rank < 0 || expected.rank > ATTNC_RT_MAX_RANK ||
        (expected.rank && !expected.dims))
      return ATTNC_RT_BROKEN("argument %s has rank %d, at most %d is supported",
                             expected.name, expected.rank, ATTNC_RT_MAX_RANK);
    if (expected.dtype_bits == 0 || expected.dtype_bits % 8 != 0)
      return ATTNC_RT_BROKEN("argument %s has elements of %u bits, only whole "
                             "bytes are supported",
                             expected.name, unsigned(expected.dtype_bits));
    for (int32_t dimension = 0; dimension < expected.rank; ++dimension)
      if (expected.dims[dimension] < -int64_t(signature.num_symbols))
        return ATTNC_RT_BROKEN("argument %s uses an unknown symbol",
                               expected.name);
  }
  return ATTNC_OK;
}

/// The processor reads any host memory, whatever its device_id; a GPU its own.
int32_t Binder::checkDevice(uint32_t index) const {
  const DLDevice &actual = tensors[index]->device;
  auto type = static_cast<int>(actual.device_type);
  if (actual.device_type != device && device == kDLCPU)
    return ATTNC_RT_REFUSE(index,
                           "the tensor is on device type %d but this kernel "
                           "reads host memory (device type %d, cpu); copy the "
                           "tensor to the cpu first",
                           type, int(kDLCPU));
  if (actual.device_type == kDLCPU && device == kDLCUDA)
    return ATTNC_RT_REFUSE(index, "%s",
                           "the tensor is in host memory but this kernel runs "
                           "on a GPU; copy it there first");
  if (actual.device_type != device)
    return ATTNC_RT_REFUSE(index,
                           "the tensor is on device type %d but this kernel "
                           "runs on a GPU (device type %d, cuda); copy it "
                           "there first",
                           type, int(kDLCUDA));
  if (device == kDLCUDA && actual.device_id != tensors[0]->device.device_id)
    return ATTNC_RT_REFUSE(index,
                           "the tensor is on GPU %d but argument %s is on GPU "
                           "%d; copy all tensors to the same one",
                           actual.device_id, name(0),
                           tensors[0]->device.device_id);
  return ATTNC_OK;
}

int32_t Binder::checkType(uint32_t index) const {
  const attnc_rt_argument &expected = argument(index);
  const DLTensor *tensor = tensors[index];
  if (!tensor)
    return ATTNC_RT_REFUSE(index, "%s", "the tensor pointer is null");
  if (int32_t status = checkDevice(index))
    return status;
  // Names are for messages, and made when there is one.
  auto required = [&] {
    return DTypeName(expected.dtype_code, expected.dtype_bits);
  };
  if (tensor->dtype.code != expected.dtype_code ||
      tensor->dtype.bits != expected.dtype_bits) {
    DTypeName actual(tensor->dtype.code, tensor->dtype.bits);
    return ATTNC_RT_REFUSE(
        index, "the dtype is %s but must be %s; convert the tensor first",
        actual.text, required().text);
  }
  if (tensor->dtype.lanes != 1)
    return ATTNC_RT_REFUSE(index,
                           "the elements are vectors of %u lanes but must be "
                           "scalars (%s, 1 lane)",
                           unsigned(tensor->dtype.lanes), required().text);
  if (tensor->ndim != expected.rank)
    return ATTNC_RT_REFUSE(index, "the rank is %d but must be %d", tensor->ndim,
                           expected.rank);
  if (expected.rank && !tensor->shape)
    return ATTNC_RT_REFUSE(index, "%s", "the shape pointer is null");
  return ATTNC_OK;
}

int32_t Binder::bindSymbol(uint32_t index, int32_t dimension, int64_t extent) {
  uint32_t symbol = uint32_t(-1 - argument(index).dims[dimension]);
  SymbolBinding &binding = symbols[symbol];
  if (!binding.isBound()) {
    binding = {extent, index, dimension};
    return ATTNC_OK;
  }
  if (binding.extent == extent)
    return ATTNC_OK;
  return ATTNC_RT_REFUSE(index,
                         "dimension %d is %lld but dimension %d of argument %s "
                         "is %lld; both are '%s' and must be equal",
                         dimension, static_cast<long long>(extent),
                         binding.dimension, name(binding.argument),
                         static_cast<long long>(binding.extent),
                         signature.symbols[symbol]);
}

int32_t Binder::bindExtents(uint32_t index, Layout &layout) {
  const attnc_rt_argument &expected = argument(index);
  for (int32_t dimension = 0; dimension < expected.rank; ++dimension) {
    int64_t extent = tensors[index]->shape[dimension];
    int64_t required = expected.dims[dimension];
    if (extent < 0)
      return ATTNC_RT_REFUSE(index, "dimension %d is negative (%lld)",
                             dimension, static_cast<long long>(extent));
    // Kernels compute positions in 32 bits, sums of several among them.
    constexpr int64_t mostOnGPU = int64_t(1) << 28;
    if (device == kDLCUDA && extent >= mostOnGPU)
      return ATTNC_RT_REFUSE(index,
                             "dimension %d is %lld, and kernels on a GPU take "
                             "extents below %lld; cut the tensor in parts",
                             dimension, static_cast<long long>(extent),
                             static_cast<long long>(mostOnGPU));
    if (required >= 0 && extent != required)
      return ATTNC_RT_REFUSE(index, "dimension %d is %lld but must be %lld",
                             dimension, static_cast<long long>(extent),
                             static_cast<long long>(required));
    if (required < 0)
      if (int32_t status = bindSymbol(index, dimension, extent))
        return status;
    layout.sizes[dimension] = extent;
  }
  return ATTNC_OK;
}

/// Bounds the product of the extents. A zero counts as one, so that the
/// compact strides of a tensor without elements cannot overflow either.
int32_t Binder::checkElementCount(uint32_t index, Layout &layout) const {
  int64_t elementBytes = argument(index).dtype_bits / 8;
  int64_t count = 1;
  for (int32_t dimension = 0; dimension < argument(index).rank; ++dimension) {
    int64_t extent = layout.sizes[dimension];
    layout.isEmpty |= extent == 0;
    // count * elementBytes is at most 2^45 and cannot overflow.
    if (__builtin_mul_overflow(count, extent ? extent : 1, &count) ||
        count > ATTNC_RT_MAX_ELEMENTS ||
        count * elementBytes > ATTNC_RT_MAX_BYTES)
      return ATTNC_RT_REFUSE(index,
                             "the extents multiply to more than 2^40 elements "
                             "or 2^46 bytes (reached at dimension %d)",
                             dimension);
  }
  return ATTNC_OK;
}

int32_t Binder::resolveStrides(uint32_t index, Layout &layout) const {
  int32_t rank = argument(index).rank;
  const int64_t *given = tensors[index]->strides;
  int64_t compact = 1;
  for (int32_t dimension = rank - 1; dimension >= 0; --dimension) {
    int64_t extent = layout.sizes[dimension];
    // No address depends on the stride of a single element, and producers
    // leave anything there; the compact one keeps the descriptor canonical.
    bool isGiven = given && extent > 1 && !layout.isEmpty;
    int64_t stride = isGiven ? given[dimension] : compact;
    layout.strides[dimension] = stride;
    auto printable = static_cast<long long>(stride);
    if (stride < 0)
      return ATTNC_RT_REFUSE(index,
                             "the stride of dimension %d is %lld; negative "
                             "strides are not supported, so copy the tensor "
                             "to a contiguous one",
                             dimension, printable);
    if (dimension == rank - 1 && stride != 1)
      return ATTNC_RT_REFUSE(index,
                             "the stride of the last dimension (%d) is %lld "
                             "but must be 1; make the last dimension "
                             "contiguous, for example by copying the tensor",
                             dimension, printable);
    if (__builtin_mul_overflow(stride, extent > 1 ? extent : 1, &compact))
      return ATTNC_RT_REFUSE(index,
                             "the stride of dimension %d is %lld, which "
                             "reaches beyond 2^46 bytes",
                             dimension, printable);
  }
  return ATTNC_OK;
}

/// Sorts the dimensions by stride and asks each to step over everything that
/// the smaller ones reach. That is sufficient for distinct elements; the
/// interleaved layouts that it refuses in addition do not occur in practice.
int32_t Binder::checkDistinctElements(uint32_t index,
                                      const Layout &layout) const {
  int32_t order[ATTNC_RT_MAX_RANK];
  int32_t count = 0;
  for (int32_t dimension = 0; dimension < argument(index).rank; ++dimension) {
    if (layout.sizes[dimension] <= 1)
      continue;
    int32_t place = count++;
    for (; place > 0 &&
           layout.strides[order[place - 1]] > layout.strides[dimension];
         --place)
      order[place] = order[place - 1];
    order[place] = dimension;
  }
  int64_t reached = 0;
  for (int32_t place = 0; place < count; ++place) {
    int64_t stride = layout.strides[order[place]];
    if (stride <= reached)
      return ATTNC_RT_REFUSE(index,
                             "elements overlap in memory: the stride of "
                             "dimension %d is %lld but must be above %lld; an "
                             "output needs a place of its own for each element",
                             order[place], static_cast<long long>(stride),
                             static_cast<long long>(reached));
    // Bounded by placeInMemory, which runs first.
    reached += stride * (layout.sizes[order[place]] - 1);
  }
  return ATTNC_OK;
}

/// Blames the dimension with the largest stride that is used.
int32_t Binder::refuseReach(uint32_t index, const Layout &layout) const {
  int32_t farthest = 0;
  int64_t largest = 0;
  for (int32_t dimension = 0; dimension < argument(index).rank; ++dimension)
    if (layout.sizes[dimension] > 1 && layout.strides[dimension] > largest) {
      farthest = dimension;
      largest = layout.strides[dimension];
    }
  return ATTNC_RT_REFUSE(
      index,
      "the stride of dimension %d is %lld, which reaches beyond 2^46 bytes",
      farthest, static_cast<long long>(largest));
}

int32_t Binder::placeInMemory(uint32_t index, const Layout &layout) {
  const DLTensor &tensor = *tensors[index];
  if (layout.isEmpty)
    return ATTNC_OK;
  if (!tensor.data)
    return ATTNC_RT_REFUSE(index, "%s",
                           "the data pointer is null although the tensor has "
                           "elements");
  int64_t elementBytes = argument(index).dtype_bits / 8;
  int64_t last = 0;
  int64_t bytes = 0;
  for (int32_t dimension = 0; dimension < argument(index).rank; ++dimension) {
    int64_t reach;
    if (__builtin_mul_overflow(layout.sizes[dimension] - 1,
                               layout.strides[dimension], &reach) ||
        __builtin_add_overflow(last, reach, &last) ||
        __builtin_mul_overflow(last, elementBytes, &bytes) ||
        bytes > ATTNC_RT_MAX_BYTES - elementBytes)
      return refuseReach(index, layout);
  }
  ByteRange &range = ranges[index];
  if (__builtin_add_overflow(reinterpret_cast<uintptr_t>(tensor.data),
                             tensor.byte_offset, &range.begin) ||
      __builtin_add_overflow(range.begin, uintptr_t(bytes + elementBytes),
                             &range.end))
    return ATTNC_RT_REFUSE(index,
                           "the byte offset %llu reaches beyond the address "
                           "space",
                           static_cast<unsigned long long>(tensor.byte_offset));
  if (range.begin % uintptr_t(elementBytes) != 0)
    return ATTNC_RT_REFUSE(index,
                           "the first element is at %p (data plus byte offset "
                           "%llu), which is not a multiple of the element size "
                           "%lld; copy the tensor to aligned memory",
                           reinterpret_cast<void *>(range.begin),
                           static_cast<unsigned long long>(tensor.byte_offset),
                           static_cast<long long>(elementBytes));
  return ATTNC_OK;
}

void Binder::writeDescriptor(uint32_t index, const Layout &layout,
                             void *descriptor) const {
  // Two pointers and one offset, then sizes and strides: all 8 bytes wide.
  auto *pointers = static_cast<void **>(descriptor);
  pointers[0] = pointers[1] = reinterpret_cast<void *>(ranges[index].begin);
  auto *words = reinterpret_cast<int64_t *>(pointers + 2);
  *words++ = 0;
  int32_t rank = argument(index).rank;
  for (int32_t dimension = 0; dimension < rank; ++dimension) {
    words[dimension] = layout.sizes[dimension];
    words[rank + dimension] = layout.strides[dimension];
  }
}

int32_t Binder::bindArgument(uint32_t index, void *descriptor) {
  Layout layout;
  if (int32_t status = checkType(index))
    return status;
  if (int32_t status = bindExtents(index, layout))
    return status;
  if (int32_t status = checkElementCount(index, layout))
    return status;
  if (int32_t status = resolveStrides(index, layout))
    return status;
  if (int32_t status = placeInMemory(index, layout))
    return status;
  if (argument(index).is_output && !layout.isEmpty)
    if (int32_t status = checkDistinctElements(index, layout))
      return status;
  if (!descriptor)
    return fail(ATTNC_INTERNAL, "%s: argument %s: the descriptor is null",
                function(), name(index));
  writeDescriptor(index, layout, descriptor);
  return ATTNC_OK;
}

int32_t Binder::checkMultiple(const attnc_rt_multiple &multiple) const {
  auto isBound = [this](int32_t symbol) {
    return symbol >= 0 && uint32_t(symbol) < signature.num_symbols &&
           symbols[symbol].isBound();
  };
  bool isSymbolic = multiple.divisor_symbol >= 0;
  if (!isBound(multiple.symbol) ||
      (isSymbolic && !isBound(multiple.divisor_symbol)) ||
      (!isSymbolic && multiple.divisor < 0))
    return ATTNC_RT_BROKEN("multiple of symbol %d by %d or %lld",
                           multiple.symbol, multiple.divisor_symbol,
                           static_cast<long long>(multiple.divisor));
  const SymbolBinding &binding = symbols[multiple.symbol];
  int64_t divisor =
      isSymbolic ? symbols[multiple.divisor_symbol].extent : multiple.divisor;
  bool isMultiple =
      divisor == 0 ? binding.extent == 0 : binding.extent % divisor == 0;
  if (isMultiple)
    return ATTNC_OK;
  const char *symbol = signature.symbols[multiple.symbol];
  auto extent = static_cast<long long>(binding.extent);
  if (!isSymbolic)
    return ATTNC_RT_REFUSE(binding.argument,
                           "dimension %d ('%s') is %lld but must be a multiple "
                           "of %lld",
                           binding.dimension, symbol, extent,
                           static_cast<long long>(divisor));
  const SymbolBinding &by = symbols[multiple.divisor_symbol];
  return ATTNC_RT_REFUSE(binding.argument,
                         "dimension %d ('%s') is %lld but must be a multiple "
                         "of '%s', which is %lld (dimension %d of argument %s)",
                         binding.dimension, symbol, extent,
                         signature.symbols[multiple.divisor_symbol],
                         static_cast<long long>(divisor), by.dimension,
                         name(by.argument));
}

int32_t Binder::checkOverlaps() const {
  for (uint32_t output = 0; output < signature.num_arguments; ++output) {
    if (!argument(output).is_output)
      continue;
    for (uint32_t other = 0; other < signature.num_arguments; ++other)
      if (other != output && ranges[output].intersects(ranges[other]))
        return ATTNC_RT_REFUSE(
            output,
            "its memory overlaps that of argument %s; give the output memory "
            "of its own",
            name(other));
  }
  return ATTNC_OK;
}

int32_t Binder::run(void *const *descriptors) {
  if (int32_t status = checkSignature())
    return status;
  if (signature.num_arguments && !tensors)
    return fail(ATTNC_INVALID_ARGUMENT, "%s: the tensor array is null",
                function());
  if (signature.num_arguments && !descriptors)
    return fail(ATTNC_INTERNAL, "%s: the descriptor array is null", function());
  for (uint32_t index = 0; index < signature.num_arguments; ++index)
    if (int32_t status = bindArgument(index, descriptors[index]))
      return status;
  for (uint32_t index = 0; index < signature.num_multiples; ++index)
    if (int32_t status = checkMultiple(signature.multiples[index]))
      return status;
  return checkOverlaps();
}

int32_t rt::bind(const attnc_rt_signature &signature,
                 const DLTensor *const *tensors, void *const *descriptors,
                 DLDeviceType device) {
  return Binder(signature, tensors, device).run(descriptors);
}

// NOLINTNEXTLINE(readability-identifier-naming): the C interface.
int32_t attnc_rt_bind(const attnc_rt_signature *signature,
                      const DLTensor *const *tensors,
                      void *const *descriptors) {
  if (!signature)
    return fail(ATTNC_INTERNAL, "kernel: the signature is null");
  rt::applyRequestedThreads();
  return rt::bind(*signature, tensors, descriptors, kDLCPU);
}
