//===- Outputs.h - what a compilation can produce ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The kinds of outputs by name, and their contents in memory: what
// `attnc compile --emit=` writes and what the C interface hands out.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_COMPILER_OUTPUTS_H
#define ATTNC_COMPILER_OUTPUTS_H

#include "attnc/Compiler/Compilation.h"
#include <vector>

namespace attnc {

enum class Emit {
  Attn,
  Tile,
  LLVM,
  Asm,
  Obj,
  Shared,
  Ptx,
  Cubin,
  Header,
  Manifest
};

/// A kind of output, its name and the extension of its files.
struct EmitKind {
  Emit kind;
  StringRef name, extension;
};

/// The kind called `name`. Fails with ExitCode::Usage, listing the names.
llvm::Expected<const EmitKind *> findEmitKind(StringRef name);

/// Compiles what is needed for `kinds`, at most once, and returns their
/// contents in order.
llvm::Expected<std::vector<llvm::SmallString<0>>>
makeOutputs(Spec &spec, const CompileOptions &options, ArrayRef<Emit> kinds);

} // namespace attnc

#endif // ATTNC_COMPILER_OUTPUTS_H
