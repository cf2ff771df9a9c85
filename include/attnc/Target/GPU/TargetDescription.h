//===- TargetDescription.h - what is known of a GPU -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From a target string to the `#attn.gpu` attribute that the schedule and the
// lowering read.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_TARGET_GPU_TARGETDESCRIPTION_H
#define ATTNC_TARGET_GPU_TARGETDESCRIPTION_H

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "llvm/Support/Error.h"

namespace attnc::gpu {

/// Whether a target string names a GPU: `cuda:...` or `emulate:...`.
bool isGpuTarget(StringRef target);

/// Whether it names one that the emulator runs.
bool isEmulated(StringRef target);

/// Describes `cuda:<architecture>`, whose objects hold a cubin,
/// `emulate:<architecture>`, whose objects hold PTX for the emulator, or
/// `cuda:compute_<number>`, whose objects hold PTX that a driver compiles for
/// that architecture and all later ones. Fails with a message that lists the
/// architectures for an unknown one.
llvm::Expected<attn::GpuTargetAttr> describeTarget(MLIRContext *context,
                                                   StringRef target);

/// The version of PTX to write for an architecture, as a feature of LLVM's.
StringRef findPtxFeature(StringRef arch);

} // namespace attnc::gpu

#endif // ATTNC_TARGET_GPU_TARGETDESCRIPTION_H
