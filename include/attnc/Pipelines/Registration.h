//===- Registration.h - all dialects and passes -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What every program that reads our IR registers: the compiler driver,
// `attn-opt` and the language server take the same list, so that they accept
// the same files.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_PIPELINES_REGISTRATION_H
#define ATTNC_PIPELINES_REGISTRATION_H

#include "attnc/Support/LLVM.h"

namespace attnc {

/// Registers the dialects attn and tile, the upstream dialects that may occur
/// beside them or below them, and the interfaces that are attached from outside
/// (bufferization). The registry is the caller's.
void registerAllDialects(DialectRegistry &registry);

/// Registers the passes and pipelines, ours and MLIR's, with the global pass
/// registry. To be called once, before a command line is parsed.
void registerAllPasses();

} // namespace attnc

#endif // ATTNC_PIPELINES_REGISTRATION_H
