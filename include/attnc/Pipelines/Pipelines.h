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
#include <memory>
#include <string>

namespace attnc {
namespace attn {
struct Tuning;
} // namespace attn

struct PipelineOptions {
  /// `cpu`, `cpu:native`, `cpu:<processor>`, `cuda:<arch>`, `emulate:<arch>` or
  /// `reference`.
  std::string target = "cpu";
  /// Run the grid of a kernel on OpenMP threads. The reference has none.
  bool threads = true;
  /// Schedules that were measured, for a target other than the reference; or
  /// null.
  std::shared_ptr<const attn::Tuning> tuning = nullptr;
};

/// Where a pipeline stops.
enum class Stage {
  /// The user's module, checked.
  Attn,
  /// The same with destinations, and the ops that will get schedules: those
  /// that a tuning file numbers. The reference target stops at its loops.
  Unscheduled,
  /// The same with a schedule on each attn op. The reference
  /// target has none and stops at its loops.
  Scheduled,
  /// Kernels of tiles, on tensors. The reference target has no such stage and
  /// stops at its loops.
  Tile,
  /// Of a gpu target: its program in a gpu.module, and a host that launches it.
  /// Others have no such stage and stop as LLVM.
  Kernels,
  /// The LLVM dialect, ready for translation.
  LLVM,
};

/// Appends the passes that take a parsed module to `stopAfter`.
void buildPipeline(mlir::OpPassManager &manager, const PipelineOptions &options,
                   Stage stopAfter);

/// Registers `attnc-cpu`, `attnc-gpu` and `attnc-reference`, the whole
/// pipelines, for `attn-opt`.
void registerPipelines();

} // namespace attnc

#endif // ATTNC_PIPELINES_PIPELINES_H
