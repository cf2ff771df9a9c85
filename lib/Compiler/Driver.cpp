//===- Driver.cpp - the program attnc -------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Chooses the command and runs it on a thread with a stack of known size, so
// that how deep a parser or a pass may recurse does not depend on who calls.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Driver.h"

#include "CacheCommand.h"
#include "CommandLine.h"
#include "InspectCommand.h"
#include "attnc/Compiler/Artifacts.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/thread.h"

using namespace attnc;

namespace {

/// 256 brackets, each a few frames of the parser, need well below a megabyte;
/// LLVM's own recursions on large kernels are the rest.
constexpr unsigned stackBytes = 256u << 20;

constexpr StringRef usage = R"(attnc: the attention compiler

  attnc [compile] spec.mlir [-o out.o]   object, C header and JSON manifest
  attnc run spec.mlir ...                call a function on .npy files or random
                                         tensors; --check compares with float64
  attnc bench spec.mlir --dims ...       time it against this machine's limits
  attnc explain spec.mlir --dims ...     what becomes of its masks, as text, JSON
                                         or a drawing
  attnc tune spec.mlir --dims ... -o f.json
                                         measure schedules; --tuning f.json of
                                         the other commands applies the best
  attnc plan --model=llama-2-70b ...     memory, arithmetic and throughput of a
                                         model's KV cache; takes no spec
  attnc inspect causal.so                what is in a compiled file
  attnc cache info                       kernels that libattnc keeps on disk

Options of a command: attnc <command> --help. Version: attnc --version.

A spec is MLIR: func.func on tensors with attn ops, for example
  func.func @causal(%q: tensor<?x?x?x64xf32>, ...) -> tensor<?x?x?x64xf32>
Arguments and results keep the names they have there.

Exit codes: 0 ok, 1 error in the input or failed check, 2 usage, 3 resource
limit, 4 missing tool, 70 defect of attnc.
)";

struct CommandEntry {
  StringRef name;
  Command (*parse)(ArrayRef<const char *>);
};

constexpr CommandEntry commands[] = {
    {"compile", parseCompileCommand}, {"run", parseRunCommand},
    {"bench", parseBenchCommand},     {"explain", parseExplainCommand},
    {"tune", parseTuneCommand},       {"plan", parsePlanCommand},
    {"inspect", parseInspectCommand}, {"cache", parseCacheCommand}};

void printVersion(raw_ostream &os) {
  os << "attnc " << getVersion() << " (LLVM " << LLVM_VERSION_STRING << ")\n";
}

/// The entry for the arguments; adds the name of the default command.
const CommandEntry &chooseCommand(SmallVectorImpl<const char *> &arguments) {
  for (const CommandEntry &entry : commands)
    if (entry.name == arguments[1])
      return entry;
  arguments.insert(arguments.begin() + 1, commands[0].name.data());
  return commands[0];
}

} // namespace

int attnc::runDriver(int argc, const char *const *argv) {
  installCrashHandlers();
  SmallVector<const char *> arguments(argv, argv + argc);
  // Messages name the program, not the folder it was started from.
  if (argc > 0)
    arguments[0] = "attnc";
  StringRef first = argc > 1 ? arguments[1] : "";
  if (first.empty()) {
    llvm::errs() << usage;
    return static_cast<int>(ExitCode::Usage);
  }
  if (llvm::is_contained({"--help", "-help", "-h", "help"}, first)) {
    llvm::outs() << usage;
    return 0;
  }
  if (llvm::is_contained({"--version", "-version", "version"}, first)) {
    printVersion(llvm::outs());
    return 0;
  }
  llvm::cl::SetVersionPrinter(printVersion);
  const CommandEntry &entry = chooseCommand(arguments);
  Command command = entry.parse(arguments);
  if (!command)
    return static_cast<int>(ExitCode::Usage);

  int code = 0;
  llvm::thread worker(std::optional<unsigned>(stackBytes), [&] {
    installCrashHandlers();
    code = report(command());
  });
  worker.join();
  llvm::outs().flush();
  if (llvm::outs().has_error()) {
    llvm::outs().clear_error();
    return report(fail(ExitCode::Diagnosed, "cannot write to standard output"));
  }
  return code;
}
