//===- Ptxas.cpp - the assembler of the CUDA toolkit ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files in the system's folder for temporaries, which are removed whatever
// happens.
//
//===----------------------------------------------------------------------===//

#include "Ptxas.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace attnc;
using llvm::Error;
using llvm::Expected;
namespace sys = llvm::sys;

static Expected<std::string> findPtxas() {
  if (auto found = sys::findProgramByName("ptxas"))
    return *found;
  SmallVector<std::string> folders;
  for (const char *variable : {"CUDA_HOME", "CUDA_PATH"})
    if (auto value = sys::Process::GetEnv(variable))
      folders.push_back(*value + "/bin");
  folders.push_back("/usr/local/cuda/bin");
  for (const std::string &folder : folders)
    if (auto found = sys::findProgramByName("ptxas", {folder}))
      return *found;
  return llvm::createStringError(
      "ptxas of the CUDA toolkit was not found on $PATH, in $CUDA_HOME/bin, "
      "$CUDA_PATH/bin or /usr/local/cuda/bin; install it, or use "
      "emulate:<arch>");
}

namespace {
/// A file that goes with its scope.
struct TemporaryFile {
  llvm::SmallString<128> path;
  llvm::FileRemover remover;

  Error create(StringRef suffix) {
    if (std::error_code error =
            sys::fs::createTemporaryFile("attnc", suffix, path))
      return llvm::createStringError("cannot create a temporary file: %s",
                                     error.message().c_str());
    remover.setFile(path);
    return Error::success();
  }
  std::string read() const {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    return buffer ? (*buffer)->getBuffer().str() : std::string();
  }
};
} // namespace

Expected<gpu::Assembled> gpu::assemble(StringRef ptx, StringRef arch) {
  Expected<std::string> program = findPtxas();
  if (!program)
    return program.takeError();
  TemporaryFile input, output, messages;
  for (auto [file, suffix] :
       {std::pair{&input, "ptx"}, {&output, "cubin"}, {&messages, "txt"}})
    if (Error error = file->create(suffix))
      return std::move(error);
  {
    std::error_code error;
    llvm::raw_fd_ostream stream(input.path, error);
    if (!error)
      stream << ptx;
    stream.close();
    if (error || stream.has_error()) {
      stream.clear_error();
      return llvm::createStringError("cannot write %s", input.path.c_str());
    }
  }
  std::string architecture = ("-arch=" + arch).str();
  SmallVector<StringRef> arguments = {
      *program, "-v", "-O3", architecture, input.path, "-o", output.path};
  std::optional<StringRef> redirects[] = {StringRef(), messages.path,
                                          messages.path};
  std::string message;
  int status =
      sys::ExecuteAndWait(*program, arguments, std::nullopt, redirects,
                          /*SecondsToWait=*/0, /*MemoryLimit=*/0, &message);
  Assembled result = {output.read(), messages.read()};
  if (status != 0 || result.cubin.empty())
    return llvm::createStringError(
        "ptxas failed: %s",
        (message.empty() ? result.report : message).c_str());
  return result;
}
