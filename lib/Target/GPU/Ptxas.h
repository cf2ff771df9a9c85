//===- Ptxas.h - the assembler of the CUDA toolkit --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From PTX to a cubin, in a process of its own.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_TARGET_GPU_PTXAS_H
#define ATTNC_LIB_TARGET_GPU_PTXAS_H

#include "attnc/Support/LLVM.h"
#include "llvm/Support/Error.h"

namespace attnc::gpu {

struct Assembled {
  std::string cubin;
  /// What ptxas says of registers, spills and products, a line each.
  std::string report;
};

/// Assembles PTX for an architecture. Fails with ptxas' own message, or with
/// where ptxas was looked for.
llvm::Expected<Assembled> assemble(StringRef ptx, StringRef arch);

} // namespace attnc::gpu

#endif // ATTNC_LIB_TARGET_GPU_PTXAS_H
