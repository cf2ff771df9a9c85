//===- Shapes.cpp - shapes for the arguments of one call ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The drawing favours what breaks kernels: nothing, one element, lengths that
// no tile divides, and one less and one more than a multiple of a tile. It
// stays small, since results are compared with scalar float64 loops.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Shapes.h"

#include "llvm/ADT/StringExtras.h"
#include <numeric>

using namespace attnc;
using attn::Extent;
using attn::FunctionSignature;
using attn::SignatureArgument;
using attn::SignatureMultiple;

namespace {

constexpr int64_t primes[] = {2,   3,   5,   7,   11,  13,  17,  19,  23,
                              29,  31,  37,  41,  47,  53,  59,  61,  67,
                              71,  79,  89,  97,  101, 109, 113, 127, 131,
                              139, 151, 163, 179, 191, 199, 211, 223, 241};
constexpr int64_t besideTiles[] = {8,   9,   15,  16,  17,  24,  25,  32,  33,
                                   47,  48,  49,  63,  64,  65,  72,  95,  96,
                                   97,  120, 127, 128, 129, 191, 192, 193, 200,
                                   255, 256, 257, 383, 384, 385, 511, 512, 513};

/// SplitMix64 (Steele, Lea and Flood 2014).
uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

int64_t drawLength(Random &random) {
  uint64_t kind = random.below(16);
  if (kind == 0)
    return 0;
  if (kind == 1)
    return 1;
  if (kind < 7)
    return random.pick(primes);
  if (kind < 12)
    return random.pick(besideTiles);
  return 1 + random.below(kind < 14 ? 20 : 600);
}

/// A number that suits a symbol, by what ops call it.
int64_t drawFor(StringRef symbol, Random &random) {
  if (symbol.contains("length"))
    return drawLength(random);
  if (symbol.contains("batch"))
    return random.below(32) == 0 ? 0 : 1 + random.below(2);
  if (symbol.contains("heads"))
    return 1 + random.below(3);
  return 1 + random.below(16);
}

/// A divisor of `number`, which is not negative; of 0, a small number.
int64_t drawDivisor(int64_t number, Random &random) {
  if (number == 0)
    return random.below(3);
  SmallVector<int64_t> divisors;
  for (int64_t divisor = 1; divisor <= std::min<int64_t>(number, 1 << 16);
       ++divisor)
    if (number % divisor == 0)
      divisors.push_back(divisor);
  return random.pick(divisors);
}

std::string formatExtent(Extent extent, const FunctionSignature &signature) {
  return extent.isSymbol() ? "'" + signature.symbols[extent.getSymbol()] + "'"
                           : std::to_string(extent.getConstant());
}

} // namespace

uint64_t Random::next() { return mix(state += 0x9e3779b97f4a7c15u); }

std::optional<int64_t> Shapes::lookup(Extent extent) const {
  if (!extent.isSymbol())
    return extent.getConstant();
  return values[extent.getSymbol()];
}

int64_t Shapes::getValue(Extent extent) const { return *lookup(extent); }

int64_t Shapes::getExtent(Value tensor, int64_t axis) const {
  auto known = signature->bodyExtents.find({tensor, axis});
  if (known != signature->bodyExtents.end())
    return getValue(known->second);
  // Inputs determine every other extent than the tokens of a paged sequence.
  auto cache = tensor.getDefiningOp<attn::CacheOp>();
  int64_t blocks = getExtent(cache.getTable(), 1);
  // A page and a table may each be as large as any tensor.
  int64_t tokens = *cache.getCache().getType().getLayout().getBlockTokens();
  return std::min<uint64_t>(llvm::SaturatingMultiply<uint64_t>(blocks, tokens),
                            uint64_t(1) << 40);
}

llvm::Error Shapes::bind(unsigned number, ArrayRef<int64_t> shape,
                         ExitCode code) {
  const SignatureArgument &argument = signature->arguments[number];
  if (shape.size() != argument.dims.size())
    return fail(code, "'" + argument.name + "' has rank " +
                          Twine(argument.dims.size()) + ", not " +
                          Twine(shape.size()) + " (" + formatShape(shape) +
                          ")");
  for (auto [axis, extent] : llvm::enumerate(argument.dims)) {
    std::optional<int64_t> known = lookup(extent);
    if (!known)
      values[extent.getSymbol()] = shape[axis];
    else if (*known != shape[axis])
      return fail(
          code, "dimension " + Twine(axis) + " of '" + argument.name + "' is " +
                    Twine(shape[axis]) + ", but must be " + Twine(*known) +
                    (extent.isSymbol()
                         ? " like every " + formatExtent(extent, *signature)
                         : std::string()));
  }
  return llvm::Error::success();
}

bool Shapes::hasOpenDivisor(unsigned symbol) const {
  return llvm::any_of(signature->multiples,
                      [&](const SignatureMultiple &multiple) {
                        return multiple.multiple == Extent::symbol(symbol) &&
                               !lookup(multiple.divisor);
                      });
}

void Shapes::drawSymbol(unsigned symbol, Random &random) {
  int64_t unit = 1;
  std::optional<int64_t> multipleOfThis;
  for (const SignatureMultiple &multiple : signature->multiples) {
    if (multiple.multiple == Extent::symbol(symbol)) {
      std::optional<int64_t> divisor = lookup(multiple.divisor);
      unit = divisor ? std::lcm(unit, *divisor) : unit;
    }
    if (multiple.divisor == Extent::symbol(symbol))
      if (std::optional<int64_t> known = lookup(multiple.multiple))
        multipleOfThis =
            multipleOfThis ? std::gcd(*multipleOfThis, *known) : *known;
  }
  if (multipleOfThis)
    values[symbol] = drawDivisor(*multipleOfThis, random);
  else
    values[symbol] = unit * drawFor(signature->symbols[symbol], random);
}

void Shapes::draw(Random &random) {
  // A symbol is drawn after the symbols that divide it. Each round draws at
  // least one, unless conditions form a circle: then the first open one.
  auto isOpen = [&](unsigned symbol) { return !values[symbol]; };
  auto symbols = llvm::seq<unsigned>(0, values.size());
  while (llvm::any_of(symbols, isOpen)) {
    auto next = llvm::find_if(symbols, [&](unsigned symbol) {
      return isOpen(symbol) && !hasOpenDivisor(symbol);
    });
    if (next == symbols.end())
      next = llvm::find_if(symbols, isOpen);
    drawSymbol(*next, random);
  }
}

void Shapes::fillMultiples() {
  for (const SignatureMultiple &multiple : signature->multiples)
    for (unsigned symbol = 0; symbol < values.size(); ++symbol)
      if (multiple.multiple == Extent::symbol(symbol) && !values[symbol])
        values[symbol] = lookup(multiple.divisor);
}

llvm::Error Shapes::check(ExitCode code) {
  fillMultiples();
  for (auto [number, argument] : llvm::enumerate(signature->arguments))
    for (Extent extent : argument.dims)
      if (!lookup(extent))
        return fail(code, "the extent " + formatExtent(extent, *signature) +
                              " is not known; give --dims " + argument.name +
                              "=");
  for (unsigned i = 0, e = signature->arguments.size(); i < e; ++i)
    if (auto count = getCheckedNumElements(getShape(i)); !count)
      return fail(ExitCode::ResourceLimit,
                  "'" + signature->arguments[i].name +
                      "': " + llvm::toString(count.takeError()));
  for (const SignatureMultiple &multiple : signature->multiples) {
    int64_t number = getValue(multiple.multiple);
    int64_t divisor = getValue(multiple.divisor);
    if (divisor == 0 ? number != 0 : number % divisor != 0)
      return fail(code, formatExtent(multiple.multiple, *signature) + " is " +
                            Twine(number) + ", which is not a multiple of " +
                            formatExtent(multiple.divisor, *signature) + " (" +
                            Twine(divisor) + ")");
  }
  return llvm::Error::success();
}

SmallVector<int64_t, 4> Shapes::getShape(unsigned argument) const {
  SmallVector<int64_t, 4> shape;
  for (Extent extent : signature->arguments[argument].dims)
    shape.push_back(getValue(extent));
  return shape;
}

int64_t Shapes::getLargestExtent() const {
  int64_t largest = 1;
  for (const SignatureArgument &argument : signature->arguments)
    for (Extent extent : argument.dims)
      if (!argument.isOutput)
        largest = std::max(largest, getValue(extent));
  // The tokens of a paged sequence are no extent.
  for (const attn::SignatureCache &cache : signature->caches)
    if (std::optional<int64_t> tokens = cache.type.getLayout().getBlockTokens())
      largest = std::max(
          largest, *tokens * (cache.table ? getShape(*cache.table)[1] : 1));
  return largest;
}

DType attnc::getDType(const SignatureArgument &argument) {
  if (isa<mlir::BFloat16Type>(argument.elementType))
    return DType::BF16;
  bool isFloat = isa<FloatType>(argument.elementType);
  DLDataType type = {
      static_cast<uint8_t>(isFloat ? kDLFloat : kDLInt),
      static_cast<uint8_t>(argument.elementType.getIntOrFloatBitWidth()), 1};
  // A signature has only types that a tensor can have.
  return *getDType(type);
}

llvm::Expected<unsigned> attnc::findArgument(const FunctionSignature &signature,
                                             StringRef name, bool isOutput) {
  SmallVector<StringRef> names;
  for (auto [number, argument] : llvm::enumerate(signature.arguments)) {
    // What is updated is both.
    if (argument.isOutput != isOutput && !(isOutput && argument.isUpdated))
      continue;
    if (argument.name == name)
      return number;
    names.push_back(argument.name);
  }
  return fail(ExitCode::Usage, "'" + signature.function + "' has no " +
                                   (isOutput ? "output" : "input") + " '" +
                                   name + "'; it has " +
                                   llvm::join(names, ", "));
}

llvm::Expected<SmallVector<int64_t, 4>> attnc::parseShape(StringRef text) {
  SmallVector<StringRef> parts;
  text.split(parts, 'x');
  SmallVector<int64_t, 4> shape;
  for (StringRef part : parts) {
    int64_t extent;
    if (part.getAsInteger(10, extent) || extent < 0)
      return fail(ExitCode::Usage,
                  "'" + text +
                      "' is not a shape; write extents with x between them, "
                      "such as 2x8x1000x64");
    shape.push_back(extent);
  }
  return shape;
}
