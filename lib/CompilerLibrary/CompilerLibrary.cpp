//===- CompilerLibrary.cpp - the compiler behind libattnc -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each compilation has a context and a thread of its own: the thread's stack
// has a known size, whatever stack the caller has.
//
//===----------------------------------------------------------------------===//

#include "../CAPI/CompilerInterface.h"

#include "attnc-c/attnc.h"
#include "attnc/Compiler/Artifacts.h"
#include "attnc/Compiler/Failure.h"
#include "attnc/Compiler/Outputs.h"
#include "attnc/Dialect/Attn/Transforms/Tuning.h"
#include "attnc/Support/AtomicFile.h"
#include "attnc/Target/CPU/TargetDescription.h"
#include "llvm/Support/thread.h"

using namespace attnc;

namespace {

/// As the program attnc has it.
constexpr unsigned stackBytes = 256u << 20;

int32_t getSeverity(mlir::DiagnosticSeverity severity) {
  switch (severity) {
  case mlir::DiagnosticSeverity::Error:
    return ATTNC_SEVERITY_ERROR;
  case mlir::DiagnosticSeverity::Warning:
    return ATTNC_SEVERITY_WARNING;
  case mlir::DiagnosticSeverity::Remark:
    return ATTNC_SEVERITY_REMARK;
  case mlir::DiagnosticSeverity::Note:
    return ATTNC_SEVERITY_NOTE;
  }
  return ATTNC_SEVERITY_ERROR;
}

int32_t getStatus(ExitCode code) {
  switch (code) {
  case ExitCode::Success:
    return ATTNC_OK;
  case ExitCode::Diagnosed:
    return ATTNC_INVALID_SPEC;
  case ExitCode::Usage:
    return ATTNC_INVALID_ARGUMENT;
  case ExitCode::ResourceLimit:
    return ATTNC_LIMIT_EXCEEDED;
  case ExitCode::MissingTool:
    return ATTNC_UNAVAILABLE;
  case ExitCode::Internal:
    return ATTNC_INTERNAL;
  }
  return ATTNC_INTERNAL;
}

/// One request.
class Job {
public:
  Job(const attnc_compiler_request &request, const attnc_compiler_reply &reply)
      : request(request), reply(reply) {}

  int32_t run();

private:
  llvm::Error compileAll();
  llvm::Error readOptions(CompileOptions &options);
  void reportWhereItRuns(Spec &spec, StringRef target);
  void diagnose(int32_t severity, Location location, StringRef message);
  llvm::Error write(StringRef content);
  int32_t report(llvm::Error error);

  /// That of an error which does not say, if it is another than of the spec.
  int32_t status = ATTNC_INVALID_SPEC;
  const attnc_compiler_request &request;
  const attnc_compiler_reply &reply;
};

} // namespace

void Job::diagnose(int32_t severity, Location location, StringRef message) {
  std::string file;
  int32_t line = 0, column = 0;
  if (auto place = location->findInstanceOf<mlir::FileLineColLoc>()) {
    file = place.getFilename().str();
    line = static_cast<int32_t>(place.getLine());
    column = static_cast<int32_t>(place.getColumn());
  }
  reply.diagnose(reply.data, severity, file.c_str(), line, column,
                 message.data(), message.size());
}

llvm::Error Job::readOptions(CompileOptions &options) {
  options.pipeline.target = request.target;
  options.pipeline.threads = request.threads != 0;
  if (!request.tuning)
    return llvm::Error::success();
  if (options.pipeline.target == "reference")
    return fail(ExitCode::Usage, "the reference target has no schedules; the "
                                 "option tuning needs the target cpu");
  llvm::Expected<attn::Tuning> tuning = attn::Tuning::parse(
      StringRef(request.tuning, request.tuning_size), request.tuning_name);
  if (!tuning)
    return tuning.takeError();
  options.pipeline.tuning =
      std::make_shared<const attn::Tuning>(std::move(*tuning));
  return llvm::Error::success();
}

/// Says so if this machine lacks instructions of the target: who asks for an
/// object does not mind, who calls it does.
void Job::reportWhereItRuns(Spec &spec, StringRef target) {
  if (target == "reference")
    return;
  auto described = cpu::describeTarget(&spec.getContext(), target);
  // Compiling has described it before.
  if (!described)
    return llvm::consumeError(described.takeError());
  llvm::Error error = cpu::checkRunsOnHost({described->getTriple().str(),
                                            described->getCpu().str(),
                                            described->getFeatures().str()});
  if (!error)
    return;
  std::string why = llvm::toString(std::move(error));
  reply.restrict_to_others(reply.data, why.data(), why.size());
}

llvm::Error Job::write(StringRef content) {
  llvm::Error error = writeFileAtomically(request.path, content);
  if (error)
    status = ATTNC_IO_ERROR;
  return error;
}

llvm::Error Job::compileAll() {
  CompileOptions options;
  if (llvm::Error error = readOptions(options))
    return error;
  SmallVector<Emit> kinds;
  for (size_t i = 0; i < request.num_kinds; ++i) {
    llvm::Expected<const EmitKind *> kind = findEmitKind(request.kinds[i]);
    if (!kind)
      return kind.takeError();
    kinds.push_back((*kind)->kind);
  }
  auto receive = [&](const mlir::Diagnostic &diagnostic) {
    diagnose(getSeverity(diagnostic.getSeverity()), diagnostic.getLocation(),
             diagnostic.str());
    for (const mlir::Diagnostic &note : diagnostic.getNotes())
      diagnose(ATTNC_SEVERITY_NOTE, note.getLocation(), note.str());
  };
  StringRef source(request.text, request.size);
  auto spec = request.is_bytecode
                  ? Spec::readBytecode(source, request.name, receive)
                  : Spec::read(source, request.name, receive);
  if (!spec)
    return spec.takeError();
  auto contents = makeOutputs(**spec, options, kinds);
  if (!contents)
    return contents.takeError();
  reportWhereItRuns(**spec, options.pipeline.target);
  if (request.path)
    return write(contents->front());
  for (auto [number, content] : llvm::enumerate(*contents))
    reply.output(reply.data, number, content.data(), content.size());
  return llvm::Error::success();
}

int32_t Job::report(llvm::Error error) {
  int32_t first = ATTNC_OK;
  std::string text;
  auto add = [&](int32_t next, const std::string &message) {
    if (first == ATTNC_OK)
      first = next;
    if (!message.empty())
      text += (text.empty() ? "" : "; ") + message;
  };
  llvm::handleAllErrors(
      std::move(error),
      [&](const Failure &failure) {
        StringRef location = failure.getLocation();
        std::string message = failure.message();
        // A place is a diagnostic, though the parser did not make it.
        if (!location.empty()) {
          auto [rest, column] = location.rsplit(':');
          auto [file, line] = rest.rsplit(':');
          int32_t lineNumber = 0, columnNumber = 0;
          line.getAsInteger(10, lineNumber);
          column.getAsInteger(10, columnNumber);
          reply.diagnose(reply.data, ATTNC_SEVERITY_ERROR, file.str().c_str(),
                         lineNumber, columnNumber, message.data(),
                         message.size());
          message.clear();
        }
        add(getStatus(failure.getCode()), message);
      },
      [&](const llvm::ErrorInfoBase &other) {
        bool isMemory =
            other.convertToErrorCode() == std::errc::not_enough_memory;
        add(isMemory ? int32_t(ATTNC_OUT_OF_MEMORY) : status, other.message());
      });
  if (first != ATTNC_OK)
    reply.fail(reply.data, text.data(), text.size());
  return first;
}

int32_t Job::run() {
  int32_t result = ATTNC_INTERNAL;
  llvm::thread worker(std::optional<unsigned>(stackBytes),
                      [&] { result = report(compileAll()); });
  worker.join();
  return result;
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
__attribute__((visibility("default"))) int32_t attnc_compiler_run(
    const attnc_compiler_request *request, const attnc_compiler_reply *reply) {
  return Job(*request, *reply).run();
}

__attribute__((visibility("default"))) uint32_t attnc_compiler_interface(void) {
  return ATTNC_COMPILER_INTERFACE;
}

__attribute__((visibility("default"))) const char *
attnc_compiler_release(void) {
  static const std::string release = getVersion().str();
  return release.c_str();
}
// NOLINTEND(readability-identifier-naming)
