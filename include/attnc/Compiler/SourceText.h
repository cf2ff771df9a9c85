//===- SourceText.h - the text of a spec, before parsing --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parser is recursive and was not written for hostile input. What it could
// stumble over is refused here, on the text.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_COMPILER_SOURCETEXT_H
#define ATTNC_COMPILER_SOURCETEXT_H

#include "attnc/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>

namespace attnc {

/// The largest spec that is read: 16 MiB.
inline constexpr size_t maxSourceBytes = size_t(16) << 20;
/// The largest bytecode: its reader recurses, and what it recurses on takes at
/// least a byte a step.
inline constexpr size_t maxBytecodeBytes = size_t(64) << 10;
/// How deep (), [], {} and <> may be nested.
inline constexpr unsigned maxSourceNesting = 256;
/// How many minus signs may follow one another.
inline constexpr unsigned maxSourceMinusSigns = 64;

/// Refuses text with a NUL character, with brackets nested deeper than
/// `maxSourceNesting` or with more than `maxSourceMinusSigns` minus signs in a
/// row, comments and strings aside. The error says where in
/// `name`.
llvm::Error checkSourceText(StringRef text, StringRef name);

/// Copies text that messages call `name`, and checks it.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
copySourceText(StringRef text, StringRef name);

/// Copies bytecode, of which only the kind and the size are checked.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
copyBytecode(StringRef bytes, StringRef name);

/// Reads a file, or standard input for "-", and checks its text.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
readSourceText(StringRef path);

} // namespace attnc

#endif // ATTNC_COMPILER_SOURCETEXT_H
