//===- MachineLimits.h - what this machine could do at most -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two loops, compiled for the same target as the kernels: one that does nothing
// but fused multiply-adds in registers, and one that does nothing but read
// memory. A kernel's rate is given as a share of theirs, measured between its
// own runs, because clocks and neighbours change within seconds.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_JIT_MACHINELIMITS_H
#define ATTNC_JIT_MACHINELIMITS_H

#include "attnc/JIT/LoadedObject.h"
#include "attnc/Support/HostTensor.h"
#include "attnc/Target/CPU/ObjectEmission.h"

namespace attnc {

/// The two loops, loaded.
class MachineLimits {
public:
  /// Compiles the loops for `target`, whose vector registers have
  /// `vectorBytes`, and allocates what the reading loop reads.
  static llvm::Expected<MachineLimits> create(const cpu::CodegenTarget &target,
                                              int64_t vectorBytes,
                                              unsigned threads);

  /// f32 operations per second of fused multiply-adds (each counts two) on all
  /// threads together; takes a few milliseconds.
  double measureFlops();
  /// Bytes per second read by all threads together from a buffer that is larger
  /// than the caches.
  double measureBandwidth();

private:
  MachineLimits(LoadedObject object, HostTensor buffer)
      : object(std::move(object)), buffer(std::move(buffer)) {}

  using Multiply = void (*)(int64_t iterations, float *sink);
  using Read = void (*)(const float *begin, int64_t iterations, float *sink);

  LoadedObject object;
  HostTensor buffer;
  Multiply multiply = nullptr;
  Read read = nullptr;
  unsigned threads = 1;
  /// What one iteration of a loop does.
  int64_t flopsPerIteration = 0, floatsPerIteration = 0;
};

} // namespace attnc

#endif // ATTNC_JIT_MACHINELIMITS_H
