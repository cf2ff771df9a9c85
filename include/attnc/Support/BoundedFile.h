//===- BoundedFile.h - reading no more than one wants -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Text files that people or programs give to attnc are read here: the size of a
// pipe or a device is not known before, and that of a file may be a mistake.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_SUPPORT_BOUNDEDFILE_H
#define ATTNC_SUPPORT_BOUNDEDFILE_H

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace attnc {

/// Reads a file, or standard input for "-", to its end, or until more than
/// `limit` bytes were read: a text longer than `limit` is not the whole, and
/// the caller refuses it. The message names `path`.
llvm::Expected<llvm::SmallString<0>> readAtMost(llvm::StringRef path,
                                                size_t limit);

} // namespace attnc

#endif // ATTNC_SUPPORT_BOUNDEDFILE_H
