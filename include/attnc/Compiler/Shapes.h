//===- Shapes.h - shapes for the arguments of one call ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From the shapes that are known (of files, of the command line) to those of
// all arguments, by way of the signature's symbols; what stays open can be
// drawn at random.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_COMPILER_SHAPES_H
#define ATTNC_COMPILER_SHAPES_H

#include "attnc/Compiler/Failure.h"
#include "attnc/Dialect/Attn/Analysis/FunctionSignature.h"
#include "attnc/Support/HostTensor.h"
#include <optional>

namespace attnc {

/// Random numbers that depend on the seed only, not on the platform.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t next();
  /// A number below `limit`, which is positive.
  uint64_t below(uint64_t limit) { return next() % limit; }
  int64_t pick(ArrayRef<int64_t> values) {
    return values[below(values.size())];
  }

private:
  uint64_t state;
};

/// A value for each symbol of a signature, found step by step.
class Shapes {
public:
  explicit Shapes(const attn::FunctionSignature &signature)
      : signature(&signature), values(signature.symbols.size()) {}

  /// Takes the values of symbols from the shape of argument `number`. Fails
  /// with `code` if the rank, a constant extent or an earlier value is another.
  llvm::Error bind(unsigned number, ArrayRef<int64_t> shape, ExitCode code);

  /// Draws values for the symbols that have none: small numbers that keep the
  /// signature's conditions. Lengths are often 0, 1, prime, or next to a
  /// multiple of a tile.
  void draw(Random &random);

  /// Fails unless every symbol has a value and the conditions hold. A symbol
  /// that is a multiple of a known one is as large, if nothing else is said.
  llvm::Error check(ExitCode code);

  /// The shape of an argument; every symbol has a value.
  SmallVector<int64_t, 4> getShape(unsigned argument) const;
  int64_t getValue(attn::Extent extent) const;
  /// The extent of a tensor, or cache, of the function's body.
  int64_t getExtent(Value tensor, int64_t axis) const;
  /// The largest extent of an input: a bound on the length of every sum.
  int64_t getLargestExtent() const;

private:
  void fillMultiples();
  void drawSymbol(unsigned symbol, Random &random);
  bool hasOpenDivisor(unsigned symbol) const;
  std::optional<int64_t> lookup(attn::Extent extent) const;

  const attn::FunctionSignature *signature;
  SmallVector<std::optional<int64_t>> values;
};

/// The dtype of an argument's elements.
DType getDType(const attn::SignatureArgument &argument);

/// The number of the argument called `name`. Fails with ExitCode::Usage,
/// listing the names there are.
llvm::Expected<unsigned> findArgument(const attn::FunctionSignature &signature,
                                      StringRef name, bool isOutput);

/// Parses "2x8x1000x64". Fails with ExitCode::Usage.
llvm::Expected<SmallVector<int64_t, 4>> parseShape(StringRef text);

} // namespace attnc

#endif // ATTNC_COMPILER_SHAPES_H
