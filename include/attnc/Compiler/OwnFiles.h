//===- OwnFiles.h - what is installed beside the compiler -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Libraries that lie beside the program, or beside the library it is in, in the
// build tree as installed.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_COMPILER_OWNFILES_H
#define ATTNC_COMPILER_OWNFILES_H

#include "attnc/Support/LLVM.h"
#include "llvm/Support/Error.h"

namespace attnc {

/// The path of a file of that name, or an error that says where it was looked
/// for.
llvm::Expected<std::string> findOwnFile(StringRef name);

} // namespace attnc

#endif // ATTNC_COMPILER_OWNFILES_H
