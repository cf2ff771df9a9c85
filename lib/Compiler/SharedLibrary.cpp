//===- SharedLibrary.cpp - link an object to a shared library -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The system's compiler driver knows where its C library and start files are.
// The runtime is linked in, so that the library can be loaded on its own; only
// libomp stays a dependency, because a process must not hold two.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Artifacts.h"

#include "attnc/Compiler/Failure.h"
#include "attnc/Compiler/OwnFiles.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include <dlfcn.h>

using namespace attnc;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

namespace {

/// Files that are removed when the link is over, whatever its outcome.
class TemporaryFiles {
public:
  ~TemporaryFiles() {
    std::error_code ignored;
    for (const std::string &file : files)
      ignored = fs::remove(file);
    (void)ignored;
  }

  /// Creates an empty file that only this user can read.
  llvm::Expected<std::string> create(StringRef suffix) {
    llvm::SmallString<128> file;
    if (std::error_code code = fs::createTemporaryFile("attnc", suffix, file))
      return fail(ExitCode::ResourceLimit,
                  "cannot create a temporary file: " + code.message());
    files.push_back(file.str().str());
    return files.back();
  }

private:
  std::vector<std::string> files;
};

llvm::Expected<std::string> findLinker() {
  for (StringRef program : {"clang-22", "clang", "cc", "gcc"})
    if (auto found = llvm::sys::findProgramByName(program))
      return *found;
  return fail(ExitCode::MissingTool,
              "--emit=shared needs a C compiler to link with, and none of "
              "clang-22, clang, cc and gcc is in PATH");
}

/// The last words of a program that failed: its first line with "error".
std::string getComplaint(StringRef file) {
  auto buffer = llvm::MemoryBuffer::getFile(file);
  if (!buffer)
    return "no message";
  SmallVector<StringRef> lines;
  (*buffer)->getBuffer().split(lines, '\n', -1, /*KeepEmpty=*/false);
  for (StringRef line : lines)
    if (line.contains("error"))
      return line.str();
  return lines.empty() ? "no message" : lines.front().str();
}

} // namespace

llvm::Expected<llvm::SmallString<0>> attnc::linkSharedLibrary(StringRef object,
                                                              StringRef name) {
  llvm::Expected<std::string> linker = findLinker();
  if (!linker)
    return linker.takeError();
  llvm::Expected<std::string> runtime = findOwnFile("libattnc_rt_static.a");
  if (!runtime)
    return runtime.takeError();

  TemporaryFiles files;
  SmallVector<std::string> names;
  for (StringRef suffix : {"o", "so", "txt"}) {
    llvm::Expected<std::string> file = files.create(suffix);
    if (!file)
      return file.takeError();
    names.push_back(*file);
  }
  const std::string &input = names[0], &output = names[1], &log = names[2];
  std::error_code code;
  llvm::raw_fd_ostream stream(input, code);
  stream << object;
  stream.close();
  if (code || stream.has_error()) {
    stream.clear_error();
    return fail(ExitCode::ResourceLimit,
                "cannot write a temporary file: " +
                    (code ? code : stream.error()).message());
  }

  std::string soname = ("-Wl,-soname," + name + ".so").str();
  StringRef arguments[] = {*linker,
                           "-shared",
                           "-o",
                           output,
                           input,
                           *runtime,
                           soname,
                           "-Wl,--as-needed",
                           "-L" ATTNC_OPENMP_FOLDER,
                           "-lomp",
                           "-lm",
                           "-ldl"};
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log),
                                          StringRef(log)};
  std::string message;
  int result = llvm::sys::ExecuteAndWait(*linker, arguments, std::nullopt,
                                         redirects, /*SecondsToWait=*/0,
                                         /*MemoryLimit=*/0, &message);
  if (result != 0)
    return fail(ExitCode::Diagnosed,
                "linking failed: " +
                    (message.empty() ? getComplaint(log) : message));
  auto linked = llvm::MemoryBuffer::getFile(output);
  if (!linked)
    return fail(ExitCode::Internal, "internal error: the linker wrote no file");
  return llvm::SmallString<0>((*linked)->getBuffer());
}
