//===- CacheCommand.h - attnc cache -----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one command that is about a build of the compiler and not part of it.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_CACHECOMMAND_H
#define ATTNC_LIB_COMPILER_CACHECOMMAND_H

#include "CommandLine.h"

namespace attnc {

Command parseCacheCommand(ArrayRef<const char *> arguments);

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_CACHECOMMAND_H
