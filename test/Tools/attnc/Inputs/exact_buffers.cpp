//===- exact_buffers.cpp - Calls a kernel on buffers without slack --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls KERNEL, whose header the command line includes, on tensors of head
// dimension DIM for many shapes. Each tensor is a heap block of exactly its
// size, so that AddressSanitizer sees any access beside it. With BREAK, the
// key's block is one row short; with HALVES, elements have 16 bits, of the kind
// that it names; with SCAN, a scan is called, whose queries are as many as its
// keys.
//
//===----------------------------------------------------------------------===//

#include <cstdio>
#include <cstdlib>

namespace {

#ifdef HALVES
using Element = uint16_t;
constexpr uint8_t kKind = HALVES;
Element getElement(int64_t i) { return Element(0x3000 + i * 7 % 13); }
#else
using Element = float;
constexpr uint8_t kKind = kDLFloat;
Element getElement(int64_t i) { return float(i * 7 % 13) / 13.0f - 0.4f; }
#endif

struct Tensor {
  DLTensor tensor = {};
  int64_t shape[4];

  Tensor(int64_t batch, int64_t heads, int64_t length, int64_t missingRows = 0)
      : shape{batch, heads, length, DIM} {
    int64_t count = batch * heads * length * DIM;
    auto bytes = size_t(count - missingRows * DIM) * sizeof(Element);
    auto *data = static_cast<Element *>(malloc(bytes));
    for (int64_t i = 0; i < count - missingRows * DIM; ++i)
      data[i] = getElement(i);
    tensor.data = data;
    tensor.device = {kDLCPU, 0};
    tensor.ndim = 4;
    tensor.dtype = {kKind, 8 * sizeof(Element), 1};
    tensor.shape = shape;
  }
  ~Tensor() { free(tensor.data); }
};

bool call(int64_t heads, int64_t kvHeads, int64_t queries, int64_t keys,
          int64_t missingRows = 0) {
  Tensor q(1, heads, queries), k(1, kvHeads, keys, missingRows),
      v(1, kvHeads, keys), out(1, heads, queries);
  int32_t status = KERNEL(&q.tensor, &k.tensor, &v.tensor, &out.tensor);
  if (status != ATTNC_OK)
    fprintf(stderr, "%lld queries, %lld keys: %s\n", (long long)queries,
            (long long)keys, attnc_last_error());
  return status == ATTNC_OK;
}

} // namespace

int main() {
#ifdef BREAK
  return call(1, 1, 50, 50, /*missingRows=*/1) ? 0 : 1;
#endif
  // Nothing, one, primes, both sides of a tile, and keys that are split where
  // there are few queries.
  const int64_t lengths[] = {0,  1,  2,   7,   23,  24,  47,
                             48, 49, 127, 129, 193, 257, 1103};
  bool passed = true;
  for (int64_t queries : lengths) {
#ifdef SCAN
    passed &= call(2, 2, queries, queries);
#else
    for (int64_t keys : lengths)
      passed &= call(2, 1, queries, keys);
#endif
  }
  return passed ? 0 : 1;
}
