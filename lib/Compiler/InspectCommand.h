//===- InspectCommand.h - attnc inspect -------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The command that looks at what others have left; it compiles nothing.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_INSPECTCOMMAND_H
#define ATTNC_LIB_COMPILER_INSPECTCOMMAND_H

#include "CommandLine.h"

namespace attnc {

Command parseInspectCommand(ArrayRef<const char *> arguments);

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_INSPECTCOMMAND_H
