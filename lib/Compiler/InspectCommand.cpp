//===- InspectCommand.cpp - attnc inspect ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Prints what a file says of itself.
//
//===----------------------------------------------------------------------===//

#include "InspectCommand.h"

#include "attnc/Inspect/Artifact.h"
#include "attnc/Support/BoundedFile.h"

using namespace attnc;
namespace cl = llvm::cl;

namespace {

constexpr StringRef helpNotes = R"(
FILE is an object or a shared library of attnc compile, a program that kernels
were linked into, an entry of the cache, or a manifest; - is standard input.
Printed are the functions with their arguments, schedules, the target, the
programs for a GPU, the compiler, and the hash of the spec. Nothing in FILE is
run.
)";

struct InspectOptionsOnCommandLine : CommandLine {
  InspectOptionsOnCommandLine()
      : CommandLine("inspect", "say what is in a compiled file", helpNotes) {}

  cl::opt<std::string> file{cl::Positional, cl::Required, cl::desc("<file>"),
                            cl::sub(subcommand), cl::cat(category)};
  cl::opt<bool> json{"json", cl::desc("print JSON"), cl::sub(subcommand),
                     cl::cat(category)};
};

llvm::Error inspect(const InspectOptionsOnCommandLine &arguments) {
  llvm::Expected<llvm::SmallString<0>> content =
      readAtMost(arguments.file, maxArtifactBytes);
  if (!content)
    return content.takeError();
  llvm::Expected<Artifact> artifact = Artifact::read(*content, arguments.file);
  if (!artifact)
    return artifact.takeError();
  if (arguments.json)
    llvm::outs() << emitArtifactJson(*artifact);
  else
    printArtifact(llvm::outs(), *artifact, arguments.file);
  return llvm::Error::success();
}

} // namespace

Command attnc::parseInspectCommand(ArrayRef<const char *> arguments) {
  auto parsed = std::make_unique<InspectOptionsOnCommandLine>();
  if (!parsed->parse(arguments))
    return nullptr;
  return [parsed = std::move(parsed)] { return inspect(*parsed); };
}
