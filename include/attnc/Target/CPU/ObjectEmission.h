//===- ObjectEmission.h - from LLVM IR to machine code ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The last steps of a compilation, shared by files and by the JIT: optimize an
// LLVM module for a machine and emit it, in memory. The same module, target and
// options give the same bytes.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_TARGET_CPU_OBJECTEMISSION_H
#define ATTNC_TARGET_CPU_OBJECTEMISSION_H

#include "attnc/Support/LLVM.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>
#include <string>

namespace attnc::cpu {

/// What LLVM is told about the machine.
struct CodegenTarget {
  std::string triple, cpu, features;

  /// The `attn.target` of a module; for a module without one, the host's triple
  /// and the baseline processor of its architecture.
  static CodegenTarget get(ModuleOp module);
};

/// How to emit.
struct EmissionOptions {
  /// Instrument every load and store with AddressSanitizer; the program has to
  /// be linked with `-fsanitize=address`.
  bool sanitizeAddress = false;
};

enum class EmissionKind { Object, Assembly };

/// Creates a machine that emits position-independent code. Fails if the triple
/// or the processor is not known to LLVM.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const CodegenTarget &target);

/// Fails if code for `target` may use instructions that this machine lacks.
llvm::Error checkRunsOnHost(const CodegenTarget &target);

/// Makes the module take memory from the runtime instead of from malloc, which
/// returns the memory of kernels to the operating system after each call.
void allocateFromRuntime(llvm::Module &module);

/// Runs LLVM's -O3 pipeline without unrolling on `module`, after giving it the
/// machine's triple and data layout.
void optimizeModule(llvm::Module &module, llvm::TargetMachine &machine,
                    const EmissionOptions &options);

/// Emits an optimized module. The module must not be used afterwards.
llvm::Expected<llvm::SmallString<0>> emitModule(llvm::Module &module,
                                                llvm::TargetMachine &machine,
                                                EmissionKind kind);

} // namespace attnc::cpu

#endif // ATTNC_TARGET_CPU_OBJECTEMISSION_H
