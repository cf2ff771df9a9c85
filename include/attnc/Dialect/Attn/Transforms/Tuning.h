//===- Tuning.h - schedules that were measured ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tuning file says for single ops which schedule they get in the place of the
// one that attn-schedule would choose, and for which definition and machine
// that was found out. `attnc tune` writes it, `attn-apply-tuning` applies it,
// and docs/tuning.md describes it. Files are untrusted: one is accepted whole
// or refused with a message that names it.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_DIALECT_ATTN_TRANSFORMS_TUNING_H
#define ATTNC_DIALECT_ATTN_TRANSFORMS_TUNING_H

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace attnc::attn {

/// The version of the format.
inline constexpr int64_t tuningVersion = 1;
/// The largest file that is read: 1 MiB.
inline constexpr size_t maxTuningBytes = size_t(1) << 20;

/// What a tuning says of one op.
struct TunedOp {
  /// Its number among the sequence ops of the function, from 0.
  uint64_t number = 0;
  /// Its name, such as `attn.attend`.
  std::string operation;
  /// The text of the attributes it gets; empty for none.
  std::string schedule, decode;
};

/// What a tuning says of one function.
struct TunedFunction {
  std::string name;
  /// What `getDefinitionDigest` gave when the tuning was made.
  std::string definition;
  std::vector<TunedOp> ops;
};

/// The part of a tuning file that is applied: all but what was measured.
struct Tuning {
  /// The file's name without folders, and the SHA-256 of its text.
  std::string name, digest;
  /// The text of the `#attn.cpu` that was measured on.
  std::string target;
  std::vector<TunedFunction> functions;

  /// Reads text; `path` stands for it in messages.
  static llvm::Expected<Tuning> parse(StringRef text, StringRef path);
  /// Reads a file.
  static llvm::Expected<Tuning> load(StringRef path);

  const TunedFunction *find(StringRef function) const;
};

/// SHA-256, in hexadecimal, of what a function computes as it is in front of
/// attn-schedule: everything but its name and its schedules.
std::string getDefinitionDigest(mlir::func::FuncOp function);

/// The ops of a function that have schedules, in the order that numbers them.
SmallVector<CarryOpInterface> getSequenceOps(mlir::func::FuncOp function);

/// The pass attn-apply-tuning for a tuning that has been read.
std::unique_ptr<mlir::Pass>
createApplyTuningPass(std::shared_ptr<const Tuning> tuning);

} // namespace attnc::attn

#endif // ATTNC_DIALECT_ATTN_TRANSFORMS_TUNING_H
