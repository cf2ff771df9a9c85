//===- TargetDescription.h - what is known of a processor -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From a target string to the `#attn.cpu` attribute that the schedule and the
// lowering read.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_TARGET_CPU_TARGETDESCRIPTION_H
#define ATTNC_TARGET_CPU_TARGETDESCRIPTION_H

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "llvm/Support/Error.h"

namespace attnc::cpu {

/// Registers the code generators of LLVM that attnc uses, once.
void registerTargets();

/// Describes `cpu` or `cpu:native` (the running machine), or `cpu:<name>` with
/// an LLVM processor name (`x86-64-v3`, `znver4`, `cortex-a76`), or
/// `cpu:aarch64[+feature...]`. Caches are those of the running machine if it is
/// the target, else 32 KiB and 512 KiB. Fails with a message that lists what is
/// allowed for an unknown processor or one without vectors of f32.
llvm::Expected<attn::CpuTargetAttr> describeTarget(MLIRContext *context,
                                                   StringRef target);

} // namespace attnc::cpu

#endif // ATTNC_TARGET_CPU_TARGETDESCRIPTION_H
