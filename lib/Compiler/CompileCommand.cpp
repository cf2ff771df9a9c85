//===- CompileCommand.cpp - attnc compile ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Makes all contents first and writes them together afterwards: a compilation
// that fails leaves no file.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"
#include "attnc/Compiler/Outputs.h"
#include "attnc/Support/AtomicFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace attnc;
namespace cl = llvm::cl;
namespace path = llvm::sys::path;

namespace {

constexpr StringRef helpNotes = R"(
EMIT KINDS (default: obj,header,manifest)
  attn, tile        the module at that level     llvm      optimized LLVM IR
  asm, obj, shared  machine code                 header    C99 and C++17
  ptx, cubin        the kernels for a GPU        manifest  JSON: arguments,
                                                 shapes, target, schedules

Files are named after the spec and written to the current folder. -o names the
object (or the only kind), the others lie beside it; -o - prints a text.
)";

struct CompileOptionsOnCommandLine : CompilerCommandLine {
  CompileOptionsOnCommandLine()
      : CompilerCommandLine("compile", "compile a spec to an object",
                            helpNotes) {}

  cl::opt<std::string> output{"o", cl::value_desc("file"),
                              cl::desc("where to write the object"),
                              cl::sub(subcommand), cl::cat(category)};
  cl::opt<std::string> folder{"out-dir", cl::value_desc("folder"),
                              cl::desc("existing folder for all files"),
                              cl::sub(subcommand), cl::cat(category)};
  cl::list<std::string> emit{"emit",
                             cl::CommaSeparated,
                             cl::value_desc("kind,..."),
                             cl::desc("what to write, see below"),
                             cl::sub(subcommand),
                             cl::cat(category)};
  cl::list<std::string> printAfter{
      "print-after",
      cl::CommaSeparated,
      cl::value_desc("pass,...|all"),
      cl::desc("print the module after these passes"),
      cl::sub(subcommand),
      cl::cat(category)};
  cl::opt<bool> noThreads{"no-threads",
                          cl::desc("compile for the calling thread only"),
                          cl::sub(subcommand), cl::cat(category)};
  cl::opt<std::string> sanitize{
      "sanitize", cl::value_desc("address"),
      cl::desc("instrument the kernels; link with -fsanitize="),
      cl::sub(subcommand), cl::cat(category)};
};

/// One file to write: the kind, where, and once made what.
struct Output {
  const EmitKind *kind;
  std::string path;
  llvm::SmallString<0> content;
};

/// The compilation that a command line asks for.
class CompileJob {
public:
  explicit CompileJob(CompileOptionsOnCommandLine &arguments)
      : arguments(arguments) {}

  llvm::Error run();

private:
  llvm::Error readOptions();
  llvm::Error chooseKinds();
  llvm::Error choosePaths(Spec &spec);
  llvm::Error makeContents(Spec &spec);
  llvm::Error write();
  bool emits(Emit kind) const {
    return llvm::any_of(outputs,
                        [&](const Output &o) { return o.kind->kind == kind; });
  }

  CompileOptionsOnCommandLine &arguments;
  CompileOptions options;
  SmallVector<Output> outputs;
};

} // namespace

llvm::Error CompileJob::readOptions() {
  if (llvm::Error error = arguments.readPipeline(options.pipeline))
    return error;
  options.pipeline.threads = !arguments.noThreads;
  options.printAfter = arguments.printAfter;
  if (!arguments.sanitize.empty() && arguments.sanitize != "address")
    return fail(ExitCode::Usage,
                "--sanitize takes 'address', not '" + arguments.sanitize + "'");
  options.emission.sanitizeAddress = !arguments.sanitize.empty();
  if (options.emission.sanitizeAddress && emits(Emit::Shared))
    return fail(ExitCode::Usage,
                "--sanitize cannot be used with --emit=shared; link the object "
                "with -fsanitize=address");
  return llvm::Error::success();
}

llvm::Error CompileJob::chooseKinds() {
  std::vector<std::string> names = arguments.emit;
  if (names.empty())
    names = {"obj", "header", "manifest"};
  for (const std::string &name : names) {
    llvm::Expected<const EmitKind *> kind = findEmitKind(name);
    if (!kind)
      return kind.takeError();
    if (!emits((*kind)->kind))
      outputs.push_back({*kind, "", {}});
  }
  return llvm::Error::success();
}

llvm::Error CompileJob::choosePaths(Spec &spec) {
  StringRef output = arguments.output, folder = arguments.folder;
  if (!output.empty() && !folder.empty())
    return fail(ExitCode::Usage, "give -o or --out-dir, not both");
  if (output == "-") {
    bool isText = outputs.size() == 1 && !emits(Emit::Obj) &&
                  !emits(Emit::Shared) && !emits(Emit::Cubin);
    if (!isText)
      return fail(ExitCode::Usage,
                  "-o - prints one text; choose it with --emit, such as "
                  "--emit=tile");
    return llvm::Error::success();
  }
  llvm::SmallString<256> stem(folder);
  path::append(stem, spec.getName());
  // With several kinds, -o names the machine code.
  const Output *named = &outputs.front();
  if (!output.empty()) {
    stem = output;
    path::replace_extension(stem, "");
    if (outputs.size() > 1) {
      named = llvm::find_if(outputs, [](const Output &o) {
        return o.kind->kind == Emit::Obj || o.kind->kind == Emit::Shared;
      });
      if (named == outputs.end())
        return fail(ExitCode::Usage,
                    "-o names one file, and --emit asks for several texts; use "
                    "--out-dir");
    }
  }
  for (Output &file : outputs) {
    file.path = &file == named && !output.empty()
                    ? output.str()
                    : (stem + file.kind->extension).str();
    if (llvm::Error error = checkIsNotSpec(file.path, spec))
      return error;
  }
  return llvm::Error::success();
}

llvm::Error CompileJob::makeContents(Spec &spec) {
  SmallVector<Emit> kinds;
  for (const Output &output : outputs)
    kinds.push_back(output.kind->kind);
  auto contents = makeOutputs(spec, options, kinds);
  if (!contents)
    return contents.takeError();
  for (auto [output, content] : llvm::zip_equal(outputs, *contents))
    output.content = std::move(content);
  return llvm::Error::success();
}

llvm::Error CompileJob::write() {
  if (arguments.output == "-") {
    llvm::outs() << outputs.front().content;
    return llvm::Error::success();
  }
  SmallVector<PathAndBytes> files;
  for (const Output &output : outputs)
    files.emplace_back(output.path, output.content);
  return writeFilesAtomically(files);
}

llvm::Error CompileJob::run() {
  if (llvm::Error error = chooseKinds())
    return error;
  if (llvm::Error error = readOptions())
    return error;
  auto spec = Spec::load(arguments.spec);
  if (!spec)
    return spec.takeError();
  if (llvm::Error error = choosePaths(**spec))
    return error;
  if (llvm::Error error = makeContents(**spec))
    return error;
  return write();
}

Command attnc::parseCompileCommand(ArrayRef<const char *> arguments) {
  auto parsed = std::make_unique<CompileOptionsOnCommandLine>();
  if (!parsed->parse(arguments))
    return nullptr;
  return [parsed = std::move(parsed)] { return CompileJob(*parsed).run(); };
}
