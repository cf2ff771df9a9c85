//===- FunctionSignature.h - what a function asks of callers ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C view of a function on tensors: one argument per input and result, each
// with a name, an element type and extents that are constants or symbols shared
// by all dimensions that must be equal. The header, the manifest, the entry
// point's checks and the shapes of random tests are all read off this one
// description.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_DIALECT_ATTN_ANALYSIS_FUNCTIONSIGNATURE_H
#define ATTNC_DIALECT_ATTN_ANALYSIS_FUNCTIONSIGNATURE_H

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Support/LLVM.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include <optional>
#include <string>
#include <vector>

namespace attnc::attn {

/// The extent of a dimension: a constant, or a symbol that the caller's tensors
/// give a value to.
class Extent {
public:
  static Extent constant(int64_t value) { return Extent(value); }
  static Extent symbol(unsigned number) { return Extent(-1 - int64_t(number)); }

  bool isSymbol() const { return encoded < 0; }
  /// The value of a constant.
  int64_t getConstant() const { return encoded; }
  /// The number of a symbol, an index into `FunctionSignature::symbols`.
  unsigned getSymbol() const { return unsigned(-1 - encoded); }
  /// The form that `attnc_rt_argument::dims` has: -1 - n for symbol n.
  int64_t getEncoded() const { return encoded; }

  bool operator==(const Extent &other) const {
    return encoded == other.encoded;
  }
  bool operator!=(const Extent &other) const { return !(*this == other); }

private:
  explicit Extent(int64_t encoded) : encoded(encoded) {}
  int64_t encoded;
};

/// One tensor argument of the compiled function.
struct SignatureArgument {
  /// A C identifier, unique within the function.
  std::string name;
  Type elementType;
  SmallVector<Extent, 4> dims;
  bool isOutput = false;
  /// An input that the function changes.
  bool isUpdated = false;
};

/// A condition: `multiple` is a multiple of `divisor`. Zero is a multiple of
/// everything, and the only multiple of zero. At least one is a symbol.
struct SignatureMultiple {
  Extent multiple, divisor;
};

/// A cache that the function makes of its inputs, which are given by number.
struct SignatureCache {
  KVType type;
  unsigned data = 0;
  std::optional<unsigned> table, lengths, scales, zeros, prefix;
  /// Whether tokens are appended, and which input they are, if they are one.
  bool isAppended = false;
  std::optional<unsigned> tokens;
};

/// Everything that a caller of the compiled function needs to know.
struct FunctionSignature {
  /// The function's name, a C identifier: the symbol of its entry point.
  std::string function;
  /// The inputs in order, then the results.
  std::vector<SignatureArgument> arguments;
  /// The symbols' names, unique C identifiers. Each occurs in an input.
  std::vector<std::string> symbols;
  std::vector<SignatureMultiple> multiples;
  /// What the entry point checks the contents of.
  std::vector<SignatureCache> caches;
  /// The extents of the tensors in the function's body; valid while the
  /// function is. Extents that no input determines are absent.
  llvm::DenseMap<std::pair<Value, int64_t>, Extent> bodyExtents;

  unsigned getNumInputs() const;

  /// Reads the signature off a public function of the stage attn-input. Names
  /// come from `attn.name` attributes and are made unique C identifiers. Equal
  /// extents are found through `ShapeContractOpInterface`, `linalg` indexing
  /// maps, elementwise ops and `tensor` casts; an op on tensors that is none of
  /// these is refused, because nobody would check what it requires. Fails with
  /// a diagnostic.
  static FailureOr<FunctionSignature> get(mlir::func::FuncOp function);
};

/// Turns any text into a C identifier that is no keyword of C or C++.
std::string getCIdentifier(StringRef text);

} // namespace attnc::attn

#endif // ATTNC_DIALECT_ATTN_ANALYSIS_FUNCTIONSIGNATURE_H
