//===- exact_caches.cpp - Calls kernels on caches without slack -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls the functions of cached.mlir, whose header the command line includes,
// for many lengths. Each tensor is a heap block of exactly its size, so that
// AddressSanitizer sees any access beside it. Of the table every entry that is
// not in use is out of range. With BREAK, the keys' block is one byte short.
//
//===----------------------------------------------------------------------===//

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

template <typename T>
struct Tensor {
  DLTensor tensor = {};
  std::vector<int64_t> shape;

  Tensor(uint8_t code, std::vector<int64_t> shapeOf, int64_t missing = 0)
      : shape(std::move(shapeOf)) {
    int64_t count = 1;
    for (int64_t extent : shape)
      count *= extent;
    count -= missing;
    tensor.data = malloc(size_t(count) * sizeof(T));
    for (int64_t i = 0; i < count; ++i)
      get()[i] = T(i * 7 % 13);
    tensor.device = {kDLCPU, 0};
    tensor.ndim = int32_t(shape.size());
    tensor.dtype = {code, 8 * sizeof(T), 1};
    tensor.shape = shape.data();
  }
  ~Tensor() { free(tensor.data); }
  T *get() { return static_cast<T *>(tensor.data); }
};

bool report(int32_t status, int64_t queries, int64_t keys) {
  if (status != ATTNC_OK)
    fprintf(stderr, "%lld queries, %lld keys: %s\n", (long long)queries,
            (long long)keys, attnc_last_error());
  return status == ATTNC_OK;
}

/// Two sequences, of `keys` tokens and of half as many, in as many pages as
/// they need.
bool callPaged(int64_t queries, int64_t keys, int64_t missing = 0) {
  int64_t used[] = {(keys + 3) / 4, (keys / 2 + 3) / 4};
  int64_t pages = used[0] + used[1];
  Tensor<float> q(kDLFloat, {2, 6, queries, 26});
  Tensor<int8_t> k(kDLInt, {pages, 4, 2, 13}, missing);
  Tensor<float> scales(kDLFloat, {pages, 4, 2, 2});
  Tensor<float> zeros(kDLFloat, {pages, 4, 2, 2});
  Tensor<uint16_t> v(kDLFloat, {pages, 4, 2, 15});
  Tensor<int32_t> table(kDLInt, {2, used[0]});
  Tensor<int32_t> lengths(kDLInt, {2});
  Tensor<float> out(kDLFloat, {2, 6, queries, 13});
  // From the last page on, which ends where the block does.
  int32_t page = int32_t(pages);
  for (int64_t b = 0; b < 2; ++b)
    for (int64_t i = 0; i < used[0]; ++i)
      table.get()[b * used[0] + i] = i < used[b] ? --page : INT32_MAX;
  lengths.get()[0] = int32_t(keys);
  lengths.get()[1] = int32_t(keys / 2);
  return report(cached(&q.tensor, &k.tensor, &scales.tensor, &zeros.tensor,
                       &v.tensor, &table.tensor, &lengths.tensor, &out.tensor),
                queries, keys);
}

bool callRing(int64_t queries, int64_t tokens) {
  Tensor<float> q(kDLFloat, {1, 6, queries, 26}), out(kDLFloat, q.shape);
  Tensor<int8_t> k(kDLInt, {1, 2, 24, 13});
  Tensor<float> scales(kDLFloat, {1, 2, 24});
  Tensor<int32_t> lengths(kDLInt, {1});
  lengths.get()[0] = int32_t(tokens);
  return report(
      ring(&q.tensor, &k.tensor, &scales.tensor, &lengths.tensor, &out.tensor),
      queries, tokens);
}

} // namespace

int main() {
#ifdef BREAK
  return callPaged(1, 50, /*missing=*/1) ? 0 : 1;
#endif
  // Nothing, one, both sides of a page and of a tile, and keys that are split
  // where there are few queries.
  const int64_t lengths[] = {0,  1,  3,  4,  5,  23,  24,
                             25, 47, 63, 64, 65, 129, 1103};
  bool passed = true;
  for (int64_t queries : {0, 1, 5, 17, 49})
    for (int64_t tokens : lengths) {
      passed &= callPaged(queries, tokens);
      passed &= callRing(queries, tokens);
    }
  return passed ? 0 : 1;
}
