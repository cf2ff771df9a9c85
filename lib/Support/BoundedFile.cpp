//===- BoundedFile.cpp - reading no more than one wants -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// In chunks, until there is no more or it is too much.
//
//===----------------------------------------------------------------------===//

#include "attnc/Support/BoundedFile.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FileSystem.h"

namespace fs = llvm::sys::fs;

llvm::Expected<llvm::SmallString<0>> attnc::readAtMost(llvm::StringRef path,
                                                       size_t limit) {
  auto cannotRead = [&](std::error_code code) {
    return llvm::createStringError(code, "cannot read '" + path +
                                             "': " + code.message());
  };
  fs::file_t file = fs::getStdinHandle();
  if (path != "-") {
    llvm::Expected<fs::file_t> opened = fs::openNativeFileForRead(path);
    if (!opened)
      return cannotRead(llvm::errorToErrorCode(opened.takeError()));
    file = *opened;
  }
  llvm::scope_exit close([&] {
    // Nothing was written, so that nothing can be lost.
    std::error_code ignored;
    if (path != "-")
      ignored = fs::closeFile(file);
    (void)ignored;
  });
  llvm::SmallString<0> text;
  constexpr size_t chunk = size_t(64) << 10;
  while (true) {
    size_t size = text.size();
    text.resize_for_overwrite(size + chunk);
    llvm::Expected<size_t> count =
        fs::readNativeFile(file, {text.data() + size, chunk});
    if (!count)
      return cannotRead(llvm::errorToErrorCode(count.takeError()));
    text.truncate(size + *count);
    if (*count == 0 || text.size() > limit)
      return text;
  }
}
