//===- Pipelines.h - from a spec to LLVM, in order --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pipelines of docs/architecture.md: which passes run, and why in that
// order.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_PIPELINES_PIPELINES_H
#define ATTNC_PIPELINES_PIPELINES_H

#include "attnc/Support/LLVM.h"
#include <string>

namespace attnc {

struct PipelineOptions {
  /// `cpu`, `cpu:native`, `cpu:<processor>` or `reference`.
  std::string target = "cpu";
  /// Run the grid of a kernel on OpenMP threads. The reference has none.
  bool threads = true;
};

/// Where a pipeline stops.
enum class Stage {
  /// The user's module, checked.
  Attn,
  /// The same with a schedule on each attn op, and destinations. The reference
  /// target has none and stops at its loops.
  Scheduled,
  /// Kernels of tiles, on tensors. The reference target has no such stage and
  /// stops at its loops.
  Tile,
  /// The LLVM dialect, ready for translation.
  LLVM,
};

/// Appends the passes that take a parsed module to `stopAfter`.
void buildPipeline(mlir::OpPassManager &manager, const PipelineOptions &options,
                   Stage stopAfter);

/// Registers `attnc-cpu` and `attnc-reference`, the whole pipelines, for
/// `attn-opt`.
void registerPipelines();

} // namespace attnc

#endif // ATTNC_PIPELINES_PIPELINES_H
