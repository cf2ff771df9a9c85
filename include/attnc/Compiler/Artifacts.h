//===- Artifacts.h - what accompanies an object -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The files other than code that a compilation writes, and the shared library.
// Every function returns the content; none touches an output file. The same
// input gives the same bytes, whatever folder it is in.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_COMPILER_ARTIFACTS_H
#define ATTNC_COMPILER_ARTIFACTS_H

#include "attnc/Compiler/Compilation.h"
#include <optional>

namespace llvm {
class Module;
} // namespace llvm

namespace attnc {

/// A C header that declares the entry points; compiles as C99 and C++17 without
/// warnings.
std::string emitHeader(const Spec &spec);

/// A JSON description of the entry points and of how they were compiled; of the
/// code only what is no machine code is read. `indent` is the number of spaces
/// of a level; without one, the text is one line.
std::string emitManifest(const Spec &spec, const CompileOptions &options,
                         const CompiledCode &code,
                         std::optional<unsigned> indent = 2);

/// Puts a manifest into a module, as a note; see DescriptionNote.h.
void embedDescription(llvm::Module &module, StringRef manifest);

/// Links an object, the runtime and the OpenMP runtime to a shared library with
/// the system's C compiler, clang or cc. Fails with ExitCode::MissingTool if
/// there is none, and with the linker's first message if it fails.
llvm::Expected<llvm::SmallString<0>> linkSharedLibrary(StringRef object,
                                                       StringRef name);

/// The version of attnc.
StringRef getVersion();

} // namespace attnc

#endif // ATTNC_COMPILER_ARTIFACTS_H
