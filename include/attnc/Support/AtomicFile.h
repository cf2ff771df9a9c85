//===- AtomicFile.h - Files that appear whole or not at all -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every output file of attnc is written here: to a temporary file in the
// directory of the target, flushed to the disk, then renamed over the target.
// A reader therefore sees the old content or the new, never a part, and a
// failure leaves nothing behind.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_SUPPORT_ATOMICFILE_H
#define ATTNC_SUPPORT_ATOMICFILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <utility>

namespace attnc {

/// Writes `bytes` to `path`, replacing a regular file or creating a new one
/// with the permissions 0666 less the umask. Anything else at `path`, such as
/// a directory, a device or a symbolic link (dangling or not), is refused and
/// left alone. The directory has to exist. The message names `path`.
llvm::Error writeFileAtomically(llvm::StringRef path, llvm::StringRef bytes);

/// As above, with the content in several pieces, which are written one after
/// the other: for content whose concatenation would be a large copy.
llvm::Error writeFileAtomically(llvm::StringRef path,
                                llvm::ArrayRef<llvm::StringRef> pieces);

/// A path and the content to write to it.
using PathAndBytes = std::pair<llvm::StringRef, llvm::StringRef>;

/// Writes several files, and replaces targets only once all contents are on
/// the disk: a file that cannot be written leaves every target as it was. Two
/// entries for one target are refused. Renames cannot be undone as a group;
/// should one fail all the same (as when another process puts a directory in
/// the way), targets that did not exist before are removed again and the
/// message lists those that were replaced.
llvm::Error writeFilesAtomically(llvm::ArrayRef<PathAndBytes> files);

} // namespace attnc

#endif // ATTNC_SUPPORT_ATOMICFILE_H
