//===- CacheFormat.cpp - how a KV cache stores a vector -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names and widths of types, and the bytes of a vector.
//
//===----------------------------------------------------------------------===//

#include "attnc/Plan/CacheFormat.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace attnc::plan;
using llvm::StringRef;

namespace {

struct TypeFacts {
  StringRef name;
  unsigned bits;
};

/// In the order of NumberType.
constexpr TypeFacts types[] = {{"f32", 32}, {"f16", 16}, {"bf16", 16},
                               {"f8", 8},   {"i8", 8},   {"i4", 4}};

} // namespace

StringRef attnc::plan::getName(NumberType type) {
  return types[size_t(type)].name;
}

std::optional<NumberType> attnc::plan::parseNumberType(StringRef name) {
  for (auto [i, facts] : llvm::enumerate(types))
    if (facts.name == name)
      return NumberType(i);
  return std::nullopt;
}

std::string attnc::plan::listNumberTypes() {
  return llvm::join(
      llvm::map_range(types, [](const TypeFacts &facts) { return facts.name; }),
      ", ");
}

unsigned attnc::plan::getBitWidth(NumberType type) {
  return types[size_t(type)].bits;
}

CacheFormat CacheFormat::get(NumberType type) {
  CacheFormat format;
  format.type = type;
  if (type == NumberType::I8)
    format.elementsPerScale = wholeVector;
  if (type == NumberType::I4)
    format.elementsPerScale = 32;
  return format;
}

uint64_t CacheFormat::getVectorBytes(uint64_t dim) const {
  uint64_t bytes = llvm::divideCeil(dim * getBitWidth(type), 8);
  if (elementsPerScale > 0) {
    uint64_t scaleBytes = getBitWidth(scaleType) / 8;
    bytes += llvm::divideCeil(dim, elementsPerScale) * scaleBytes *
             (hasZeroPoints ? 2 : 1);
  }
  return bytes;
}

std::string CacheFormat::describe() const {
  std::string text = getName(type).str();
  if (elementsPerScale == 0)
    return text;
  text += ", " + getName(scaleType).str() + " scale" +
          (hasZeroPoints ? " and zero point" : "") + " for each ";
  return text + (elementsPerScale >= wholeVector
                     ? "token and head"
                     : std::to_string(elementsPerScale) + " elements");
}
