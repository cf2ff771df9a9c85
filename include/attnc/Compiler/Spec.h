//===- Spec.h - a parsed and verified spec ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A spec as the rest of the compiler sees it: a module, the signatures of its
// public functions, and what printing diagnostics about it needs.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_COMPILER_SPEC_H
#define ATTNC_COMPILER_SPEC_H

#include "attnc/Dialect/Attn/Analysis/FunctionSignature.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/SourceMgr.h"
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace attnc {

/// The largest static tensor type, and the largest constant, in elements.
inline constexpr int64_t maxTypeElements = int64_t(1) << 40;
inline constexpr int64_t maxConstantElements = int64_t(1) << 24;

/// Takes a diagnostic with its notes.
using DiagnosticReceiver = std::function<void(const mlir::Diagnostic &)>;

/// A spec that was read from a file. Owns its context; diagnostics about its
/// operations are printed to standard error as `file:line:column: error: ...`
/// for as long as it lives, unless there is a receiver for them. Neither copied
/// nor moved.
class Spec {
public:
  /// Reads, checks, parses and verifies `path` ("-" is standard input) and
  /// reads off its signatures. Problems in the text are printed as diagnostics.
  static llvm::Expected<std::unique_ptr<Spec>> load(StringRef path);
  /// The same for text in memory; `path` stands for it in messages.
  static llvm::Expected<std::unique_ptr<Spec>>
  read(StringRef text, StringRef path, DiagnosticReceiver receiver = {});
  /// The same for MLIR bytecode, whose reader is not made for hostile input.
  static llvm::Expected<std::unique_ptr<Spec>>
  readBytecode(StringRef bytes, StringRef path,
               DiagnosticReceiver receiver = {});

  MLIRContext &getContext() { return context; }
  ModuleOp getModule() { return *module; }

  /// The signatures of the public functions, at least one, in order.
  ArrayRef<attn::FunctionSignature> getSignatures() const { return signatures; }
  /// The function behind a signature.
  mlir::func::FuncOp getFunction(const attn::FunctionSignature &signature);
  /// Makes masks of the where regions of a function, as far as they are sets.
  /// Silent: what cannot be raised is reported when the function is compiled.
  void raiseMasks(const attn::FunctionSignature &signature);
  /// The signature of a function by its name; without one, the only one.
  llvm::Expected<const attn::FunctionSignature *>
  getSignature(StringRef function) const;

  /// The path as it was given, "<stdin>" for standard input.
  StringRef getPath() const { return path; }
  /// The file's name without folders and extension, reduced to letters, digits
  /// and "_-.": what output files are named after.
  StringRef getName() const { return name; }
  /// SHA-256 of the text, in hexadecimal.
  StringRef getDigest() const { return digest; }

private:
  explicit Spec(DiagnosticReceiver receiver);
  static llvm::Expected<std::unique_ptr<Spec>>
  create(std::unique_ptr<llvm::MemoryBuffer> text, DiagnosticReceiver receiver);
  llvm::Error parse();
  llvm::Error collectSignatures();

  MLIRContext context;
  llvm::SourceMgr sources;
  mlir::SourceMgrDiagnosticHandler diagnostics;
  mlir::OwningOpRef<ModuleOp> module;
  std::vector<attn::FunctionSignature> signatures;
  std::string path, name, digest;
};

/// Refuses types with more than `maxTypeElements` elements and constants with
/// more than `maxConstantElements`, with a diagnostic. Looks at nothing that
/// computes a number of elements without a check.
LogicalResult checkTypeSizes(ModuleOp module);

/// Text reduced to what is safe as a file name: letters, digits and "_-.", not
/// beginning with a dot, not empty.
std::string getFileName(StringRef text);

} // namespace attnc

#endif // ATTNC_COMPILER_SPEC_H
