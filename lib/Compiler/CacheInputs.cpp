//===- CacheInputs.cpp - made-up contents of caches -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is random in a cache keeps what the entry point asks of one: pages that
// there are, lengths that there is room for. Pages are shared only where there
// are too few.
//
//===----------------------------------------------------------------------===//

#include "CacheInputs.h"

#include <cmath>
#include <numeric>

using namespace attnc;
using attn::FunctionSignature;
using attn::KVType;
using attn::SignatureCache;

std::optional<int64_t> attnc::getCapacity(const SignatureCache &cache,
                                          const Shapes &shapes) {
  attn::KVLayoutAttrInterface layout = cache.type.getLayout();
  if (layout.isRing())
    return std::nullopt;
  if (cache.table) {
    int64_t pages = shapes.getShape(cache.data)[0];
    int64_t batch = shapes.getShape(*cache.table)[0];
    int64_t blocks = shapes.getShape(*cache.table)[1];
    // What is appended to has pages of its own.
    if (cache.isAppended && batch > 0)
      blocks = std::min(blocks, pages / batch);
    return pages == 0 ? 0 : blocks * *layout.getBlockTokens();
  }
  return shapes.getShape(cache.data)[layout.getTokenAxis()];
}

/// The blocks of a sequence that a prefix may fill.
static int64_t getPrefixBlocks(const SignatureCache &cache,
                               const Shapes &shapes) {
  return cache.prefix ? shapes.getShape(*cache.table)[1] / 2 : 0;
}

/// The tokens of a prefix, at most.
static int64_t getPrefixTokens(const SignatureCache &cache,
                               const Shapes &shapes) {
  return getPrefixBlocks(cache, shapes) *
         *cache.type.getLayout().getBlockTokens();
}

/// Pages in random order, those of each sequence first where it has its own.
static void fillTable(HostTensor &table, const SignatureCache &cache,
                      const Shapes &shapes, Random &random) {
  int64_t pages = shapes.getShape(cache.data)[0];
  int64_t blocks = table.getShape()[1];
  int64_t own =
      *getCapacity(cache, shapes) / *cache.type.getLayout().getBlockTokens();
  std::vector<int64_t> order(pages);
  std::iota(order.begin(), order.end(), 0);
  for (int64_t i = pages - 1; i > 0; --i)
    std::swap(order[i], order[random.below(i + 1)]);
  for (int64_t i = 0; i < table.getNumElements(); ++i) {
    bool isShared = i % blocks < getPrefixBlocks(cache, shapes);
    int64_t page = (isShared ? 0 : i / blocks * own) + i % blocks;
    table.set(i, pages == 0 ? -1 : double(order[page % pages]));
  }
}

/// Lengths are often 0, 1, or all there is room for.
static void drawLengths(HostTensor &lengths, const SignatureCache &cache,
                        const Shapes &shapes, Random &random) {
  std::optional<int64_t> capacity = getCapacity(cache, shapes);
  int64_t most =
      capacity ? *capacity : 3 * *cache.type.getLayout().getBlockTokens();
  int64_t least = 0;
  if (cache.prefix)
    least = std::min(most, getPrefixTokens(cache, shapes));
  for (int64_t i = 0; i < lengths.getNumElements(); ++i) {
    uint64_t kind = random.below(8);
    int64_t length = least + int64_t(random.below(uint64_t(most - least) + 1));
    if (kind < 2)
      length = std::min<int64_t>(least + int64_t(kind), most);
    else if (kind < 4)
      length = most;
    lengths.set(i, double(length));
  }
}

/// The bits of an f8 that are near `value`, which is moderate.
static uint8_t encodeFloat8(double value, int mantissaBits, int bias) {
  int exponent;
  double mantissa = std::frexp(std::fabs(value), &exponent);
  int field = exponent - 1 + bias;
  if (field < 1)
    return 0;
  auto bits = unsigned((2 * mantissa - 1) * (1 << mantissaBits));
  return uint8_t((value < 0 ? 0x80u : 0u) | unsigned(field) << mantissaBits |
                 bits);
}

static void fillData(HostTensor &data, KVType type, Random &random) {
  Type element = type.getElement();
  if (!type.isQuantised() || element.isInteger(8) || element.isInteger(4)) {
    // A byte is one integer or two.
    for (int64_t i = 0; i < data.getNumElements(); ++i)
      data.set(i, double(random.below(255)) - 127);
    return;
  }
  bool isE4M3 = isa<mlir::Float8E4M3FNType>(element);
  for (int64_t i = 0; i < data.getNumElements(); ++i) {
    double sum = -6;
    for (int j = 0; j < 12; ++j)
      sum += double(random.below(1 << 20)) / (1 << 20);
    uint8_t bits = isE4M3 ? encodeFloat8(sum, 3, 7) : encodeFloat8(sum, 2, 15);
    data.set(i, double(int8_t(bits)));
  }
}

/// Scales that make integers numbers of about unit size.
static void fillScales(HostTensor &scales, KVType type, Random &random) {
  double unit = 1;
  if (type.getElement().isInteger(8))
    unit = 1 / 73.0;
  if (type.getElement().isInteger(4))
    unit = 1 / 4.6;
  for (int64_t i = 0; i < scales.getNumElements(); ++i)
    scales.set(i, unit * (0.5 + double(random.below(1024)) / 1024));
}

static void fillZeros(HostTensor &zeros, Random &random) {
  for (int64_t i = 0; i < zeros.getNumElements(); ++i)
    zeros.set(i, double(random.below(9)) / 2 - 2);
}

bool attnc::fillCacheInput(HostTensor &tensor,
                           const FunctionSignature &signature,
                           const Shapes &shapes, unsigned number,
                           Random &random) {
  // An append is what asks most of a table that several caches have.
  SmallVector<const SignatureCache *> caches;
  for (const SignatureCache &cache : signature.caches)
    caches.insert(cache.isAppended ? caches.begin() : caches.end(), &cache);
  for (const SignatureCache *each : caches) {
    const SignatureCache &cache = *each;
    if (cache.table == number)
      return fillTable(tensor, cache, shapes, random), true;
    if (cache.lengths == number)
      return drawLengths(tensor, cache, shapes, random), true;
    if (cache.prefix == number) {
      int64_t most = shapes.getShape(cache.data)[0] == 0
                         ? 0
                         : getPrefixTokens(cache, shapes);
      return tensor.fill(double(random.below(uint64_t(most) + 1))), true;
    }
    if (cache.data == number && cache.type.isQuantised())
      return fillData(tensor, cache.type, random), true;
    if (cache.scales == number)
      return fillScales(tensor, cache.type, random), true;
    if (cache.zeros == number)
      return fillZeros(tensor, random), true;
  }
  return false;
}

void attnc::fillLengths(const FunctionSignature &signature,
                        const Shapes &shapes, std::vector<HostTensor> &inputs) {
  for (const SignatureCache &cache : signature.caches) {
    if (!cache.lengths)
      continue;
    std::optional<int64_t> capacity = getCapacity(cache, shapes);
    inputs[*cache.lengths].fill(double(
        capacity ? *capacity : *cache.type.getLayout().getBlockTokens()));
  }
}
