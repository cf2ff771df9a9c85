//===- Compilation.h - from a spec to code ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs the pipeline of a target over a spec and hands back what it produced, in
// memory. Files, links and runs are other files' business; all of them start
// from the object made here.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_COMPILER_COMPILATION_H
#define ATTNC_COMPILER_COMPILATION_H

#include "attnc/Compiler/Spec.h"
#include "attnc/Pipelines/Pipelines.h"
#include "attnc/Target/CPU/ObjectEmission.h"
#include "attnc/Target/GPU/ImageDescription.h"
#include "llvm/ADT/SmallString.h"
#include <string>
#include <vector>

namespace attnc {

/// How to compile.
struct CompileOptions {
  PipelineOptions pipeline;
  cpu::EmissionOptions emission;
  /// The one public function to compile; empty for all.
  std::string entry;
  /// Passes after which the module is printed to standard error: names of
  /// passes of the pipeline, or "all".
  std::vector<std::string> printAfter;
};

/// How one op is tiled: what the schedule pass decided or found.
struct ScheduledOp {
  std::string function, operation, schedule;
  /// The plans for few queries and for few positions; empty for none.
  std::string decode, recurrent;
};

/// Machine code for all functions of a spec, or the one that was asked for. It
/// says what is in it: see DescriptionNote.h.
struct CompiledCode {
  llvm::SmallString<0> object;
  /// Present if asked for: assembly, and the LLVM IR it was made from.
  llvm::SmallString<0> assembly, llvmIR;
  cpu::CodegenTarget target;
  /// Bytes of a vector register of the target; 0 if the target has no
  /// description.
  int64_t vectorBytes = 0;
  std::vector<ScheduledOp> schedules;
  /// The programs for a GPU that the object holds.
  std::vector<gpu::ImageDescription> images;
};

/// Which texts to keep beside the object.
struct CodeRequest {
  bool assembly = false, llvmIR = false;
};

/// Compiles a spec; it can be compiled again afterwards. Problems in the spec
/// are printed as diagnostics.
llvm::Expected<CompiledCode> compile(Spec &spec, const CompileOptions &options,
                                     const CodeRequest &request = {});

/// The module as it is after `stage`, in the spec's context.
llvm::Expected<mlir::OwningOpRef<ModuleOp>>
lower(Spec &spec, const CompileOptions &options, Stage stage);

/// The same as text.
llvm::Expected<std::string>
printStage(Spec &spec, const CompileOptions &options, Stage stage);

} // namespace attnc

#endif // ATTNC_COMPILER_COMPILATION_H
