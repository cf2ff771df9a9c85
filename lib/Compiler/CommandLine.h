//===- CommandLine.h - what the commands of attnc share ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each command is an `llvm::cl` subcommand made when it is asked for, so that
// the options of the libraries attnc is linked with are neither accepted nor
// shown.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_COMMANDLINE_H
#define ATTNC_LIB_COMPILER_COMMANDLINE_H

#include "attnc/Compiler/Compilation.h"
#include "attnc/Compiler/Failure.h"
#include "attnc/Compiler/Kernel.h"
#include "attnc/Compiler/Shapes.h"
#include "attnc/Support/HostTensor.h"
#include "llvm/ADT/FunctionExtras.h"
#include "llvm/Support/CommandLine.h"

namespace attnc {

/// A command whose arguments have been parsed. Null if that failed; a message
/// has been printed then.
using Command = llvm::unique_function<llvm::Error()>;

Command parseCompileCommand(ArrayRef<const char *> arguments);
Command parseRunCommand(ArrayRef<const char *> arguments);
Command parseBenchCommand(ArrayRef<const char *> arguments);
Command parseExplainCommand(ArrayRef<const char *> arguments);
Command parseTuneCommand(ArrayRef<const char *> arguments);
Command parsePlanCommand(ArrayRef<const char *> arguments);

/// A subcommand; commands derive from it and add their options.
class CommandLine {
public:
  /// `summary` is printed by --help, `notes` after the options.
  CommandLine(StringRef name, StringRef summary, StringRef notes);

  /// Parses; `arguments` begin with the program's name. Prints a message to
  /// standard error and returns false on failure.
  bool parse(ArrayRef<const char *> arguments);

private:
  /// What the category's name points into.
  std::string title;

public:
  llvm::cl::SubCommand subcommand;
  llvm::cl::OptionCategory category;

private:
  StringRef notes;
};

/// The options of commands on a spec.
class SpecCommandLine : public CommandLine {
public:
  SpecCommandLine(StringRef name, StringRef summary, StringRef notes);

  llvm::cl::opt<std::string> spec;
  llvm::cl::opt<std::string> target;
};

/// The options of commands that compile, too, and may apply a tuning file.
class CompilerCommandLine : public SpecCommandLine {
public:
  CompilerCommandLine(StringRef name, StringRef summary, StringRef notes);

  /// Sets what these options say of the pipeline; reads the tuning file.
  llvm::Error readPipeline(PipelineOptions &options) const;

  llvm::cl::opt<std::string> tuning;
};

/// A spec and a function of it.
struct ChosenFunction {
  std::unique_ptr<Spec> spec;
  const attn::FunctionSignature *signature;
};

/// Reads the spec at `path` and finds the function `entry`, or the only one.
llvm::Expected<ChosenFunction> loadFunction(StringRef path, StringRef entry);

/// Fails with ExitCode::Usage if writing to `path` would overwrite the spec.
llvm::Error checkIsNotSpec(StringRef path, const Spec &spec);

/// An option NAME=VALUE, split.
struct NamedValue {
  StringRef name, value;
};

/// Splits at the first '='; fails with ExitCode::Usage if there is none or a
/// side is empty. `option` is named in the message.
llvm::Expected<NamedValue> parseNamedValue(StringRef text, StringRef option);

/// Binds every --dims NAME=SHAPE.
llvm::Error bindDims(const std::vector<std::string> &dims,
                     const attn::FunctionSignature &signature, Shapes &shapes);

/// Tensors for the outputs, filled with NaN.
llvm::Expected<std::vector<HostTensor>>
createOutputs(const attn::FunctionSignature &signature, const Shapes &shapes);

/// The input `number` filled with random values that depend on `seed`.
llvm::Expected<HostTensor>
createRandomInput(const attn::FunctionSignature &signature,
                  const Shapes &shapes, unsigned number, uint64_t seed);

/// "q=1x8x128x64 k=...", the shapes of the inputs; `option` precedes each.
std::string formatInputShapes(const attn::FunctionSignature &signature,
                              const Shapes &shapes, StringRef option);

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_COMMANDLINE_H
