//===- CheckCache.cpp - Check the contents of a cache ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// attnc_rt_check_cache: block tables and lengths are addresses that a caller
// computed, so none of them reaches a kernel unchecked. Their tensors have
// passed attnc_rt_bind: type, rank and extents are right.
//
//===----------------------------------------------------------------------===//

#include "LastError.h"

#include <stdlib.h>

using namespace attnc;
using rt::fail;

namespace {

class CacheChecker {
public:
  CacheChecker(const attnc_rt_signature &signature, const attnc_rt_cache &cache,
               const DLTensor *const *tensors)
      : signature(signature), cache(cache), tensors(tensors) {}

  int32_t run() const;

private:
  int32_t checkSequence(int64_t sequence, int64_t length) const;
  int32_t checkNumbers(int32_t argument) const;
  int32_t checkWritten() const;
  int32_t checkPrefix(int64_t sequence, int64_t length) const;
  template <typename Visit>
  int32_t forEachPage(bool onlyWritten, Visit visit) const;
  const char *name(int32_t argument) const {
    return signature.arguments[argument].name;
  }
  /// The integer at `index`, of 32 or 64 bits.
  static int64_t read(const DLTensor &tensor, int64_t index) {
    const char *data =
        static_cast<const char *>(tensor.data) + tensor.byte_offset;
    if (tensor.dtype.bits == 64)
      return reinterpret_cast<const int64_t *>(data)[index];
    return reinterpret_cast<const int32_t *>(data)[index];
  }
  static int64_t stride(const DLTensor &tensor, int32_t axis) {
    if (tensor.strides)
      return tensor.strides[axis];
    int64_t product = 1;
    for (int32_t next = axis + 1; next < tensor.ndim; ++next)
      product *= tensor.shape[next];
    return product;
  }

  const attnc_rt_signature &signature;
  const attnc_rt_cache &cache;
  const DLTensor *const *tensors;
};

} // namespace

/// The length and the pages of one sequence.
int32_t CacheChecker::checkSequence(int64_t sequence, int64_t length) const {
  const DLTensor &data = *tensors[cache.data];
  bool isPaged = cache.table >= 0;
  bool isRing = cache.block_tokens > 0 && !isPaged;
  int64_t blocks = isPaged ? tensors[cache.table]->shape[1] : 1;
  int64_t perBlock = cache.block_tokens > 0 ? cache.block_tokens
                                            : data.shape[cache.token_axis];
  if (length < 0)
    return fail(ATTNC_INVALID_ARGUMENT,
                "%s: argument %s: sequence %lld has length %lld, which is "
                "negative",
                signature.function, name(cache.lengths), (long long)sequence,
                (long long)length);
  if (isRing)
    return ATTNC_OK;
  int64_t used = perBlock > 0 ? length / perBlock + (length % perBlock != 0)
                              : (length > 0 ? blocks + 1 : 0);
  if (used > blocks)
    return fail(ATTNC_INVALID_ARGUMENT,
                "%s: argument %s: sequence %lld has length %lld, and there is "
                "room for %lld blocks of %lld tokens",
                signature.function, name(cache.lengths), (long long)sequence,
                (long long)length, (long long)blocks, (long long)perBlock);
  if (!isPaged)
    return ATTNC_OK;
  const DLTensor &table = *tensors[cache.table];
  int64_t pages = data.shape[0];
  for (int64_t block = 0; block < used; ++block) {
    int64_t page =
        read(table, sequence * stride(table, 0) + block * stride(table, 1));
    if (page < 0 || page >= pages)
      return fail(ATTNC_INVALID_ARGUMENT,
                  "%s: argument %s: block %lld of sequence %lld is page %lld, "
                  "and argument %s has pages 0 to %lld",
                  signature.function, name(cache.table), (long long)block,
                  (long long)sequence, (long long)page, name(cache.data),
                  (long long)pages - 1);
  }
  return ATTNC_OK;
}

/// The sequence begins with the prefix, and in the pages of sequence 0.
int32_t CacheChecker::checkPrefix(int64_t sequence, int64_t length) const {
  if (cache.prefix < 0)
    return ATTNC_OK;
  int64_t prefix = read(*tensors[cache.prefix], 0);
  if (prefix < 0 || prefix > length)
    return fail(
        ATTNC_INVALID_ARGUMENT,
        "%s: argument %s: the prefix has %lld tokens, and sequence %lld "
        "has length %lld",
        signature.function, name(cache.prefix), (long long)prefix,
        (long long)sequence, (long long)length);
  const DLTensor &table = *tensors[cache.table];
  for (int64_t block = 0; block < prefix / cache.block_tokens; ++block) {
    int64_t at = block * stride(table, 1);
    int64_t page = read(table, sequence * stride(table, 0) + at);
    int64_t shared = read(table, at);
    if (page != shared)
      return fail(ATTNC_INVALID_ARGUMENT,
                  "%s: argument %s: block %lld of sequence %lld is page %lld, "
                  "and the prefix has page %lld there",
                  signature.function, name(cache.table), (long long)block,
                  (long long)sequence, (long long)page, (long long)shared);
  }
  return ATTNC_OK;
}

/// All numbers of a tensor of f32 are finite.
int32_t CacheChecker::checkNumbers(int32_t argument) const {
  if (argument < 0)
    return ATTNC_OK;
  const DLTensor &tensor = *tensors[argument];
  const char *data =
      static_cast<const char *>(tensor.data) + tensor.byte_offset;
  int64_t rows = tensor.ndim > 1 ? tensor.shape[0] : 1;
  int64_t columns = tensor.ndim > 0 ? tensor.shape[tensor.ndim - 1] : 1;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column) {
      int64_t index = (tensor.ndim > 1 ? row * stride(tensor, 0) : 0) + column;
      float number = reinterpret_cast<const float *>(data)[index];
      // The difference of a number that is not finite from itself is NaN.
      if (number - number != 0.0f)
        return fail(ATTNC_INVALID_ARGUMENT,
                    "%s: argument %s: element %lld of row %lld is %f, and must "
                    "be finite",
                    signature.function, name(argument), (long long)column,
                    (long long)row, (double)number);
    }
  return ATTNC_OK;
}

/// Calls `visit(sequence, block, page)` for the pages in use, or for those of
/// them that are written, until it returns a status that is not ATTNC_OK.
template <typename Visit>
int32_t CacheChecker::forEachPage(bool onlyWritten, Visit visit) const {
  const DLTensor &lengths = *tensors[cache.lengths];
  const DLTensor &table = *tensors[cache.table];
  int64_t newTokens = cache.tokens >= 0 ? tensors[cache.tokens]->shape[2] : 1;
  for (int64_t sequence = 0; sequence < lengths.shape[0]; ++sequence) {
    int64_t length = read(lengths, sequence * stride(lengths, 0));
    int64_t first = onlyWritten && length > newTokens ? length - newTokens : 0;
    for (int64_t block = first / cache.block_tokens;
         block * cache.block_tokens < length; ++block) {
      int64_t page =
          read(table, sequence * stride(table, 0) + block * stride(table, 1));
      if (int32_t status = visit(sequence, block, page))
        return status;
    }
  }
  return ATTNC_OK;
}

/// No page that is written has another owner: its tokens would change under it.
int32_t CacheChecker::checkWritten() const {
  auto pages = static_cast<size_t>(tensors[cache.data]->shape[0]);
  auto *owners = static_cast<unsigned char *>(calloc(pages + 1, 1));
  if (!owners)
    return fail(ATTNC_OUT_OF_MEMORY, "%s: no memory to check %lld pages",
                signature.function, (long long)pages);
  forEachPage(/*onlyWritten=*/false, [&](int64_t, int64_t, int64_t page) {
    owners[page] += owners[page] < 2;
    return int32_t(ATTNC_OK);
  });
  int32_t status = forEachPage(
      /*onlyWritten=*/true,
      [&](int64_t sequence, int64_t block, int64_t page) -> int32_t {
        if (owners[page] < 2)
          return ATTNC_OK;
        return fail(ATTNC_INVALID_ARGUMENT,
                    "%s: argument %s: sequence %lld appends to its block %lld, "
                    "page %lld, which is in use twice; copy it first",
                    signature.function, name(cache.table), (long long)sequence,
                    (long long)block, (long long)page);
      });
  free(owners);
  return status;
}

int32_t CacheChecker::run() const {
  if (int32_t status = checkNumbers(cache.scales))
    return status;
  if (int32_t status = checkNumbers(cache.zeros))
    return status;
  if (cache.lengths < 0)
    return ATTNC_OK;
  const DLTensor &lengths = *tensors[cache.lengths];
  for (int64_t sequence = 0; sequence < lengths.shape[0]; ++sequence) {
    int64_t length = read(lengths, sequence * stride(lengths, 0));
    if (int32_t status = checkSequence(sequence, length))
      return status;
    if (int32_t status = checkPrefix(sequence, length))
      return status;
  }
  return cache.is_written && cache.table >= 0 ? checkWritten() : ATTNC_OK;
}

int32_t attnc_rt_check_cache(const attnc_rt_signature *signature,
                             const attnc_rt_cache *cache,
                             const DLTensor *const *tensors) {
  return CacheChecker(*signature, *cache, tensors).run();
}
