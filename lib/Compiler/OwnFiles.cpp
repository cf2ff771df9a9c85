//===- OwnFiles.cpp - what is installed beside the compiler ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The folder comes from where this code is.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/OwnFiles.h"

#include "attnc/Compiler/Failure.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <dlfcn.h>

using namespace attnc;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

/// The folder of the program, or of the shared library that this code is in.
static llvm::SmallString<256> getOwnFolder(void *anchor) {
  Dl_info here;
  if (dladdr(anchor, &here) && StringRef(here.dli_fname).contains(".so"))
    return path::parent_path(here.dli_fname);
  return path::parent_path(fs::getMainExecutable("", anchor));
}

llvm::Expected<std::string> attnc::findOwnFile(StringRef name) {
  static int anchor;
  llvm::SmallString<256> root = getOwnFolder(&anchor);
  for (StringRef folder : {".", "../lib", "../" ATTNC_LIBRARY_FOLDER}) {
    llvm::SmallString<256> file(root);
    path::append(file, folder, name);
    path::remove_dots(file, /*remove_dot_dot=*/true);
    if (fs::exists(file))
      return file.str().str();
  }
  return fail(ExitCode::MissingTool,
              name + " is needed, and is not in " + root + "/../lib");
}
