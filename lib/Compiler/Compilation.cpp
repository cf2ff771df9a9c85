//===- Compilation.cpp - from a spec to code ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// MLIR passes on a copy of the module, translation to LLVM IR, entry points,
// LLVM's optimizer and code generator.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Compilation.h"

#include "attnc/Compiler/Failure.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Target/CPU/EntryPoints.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/OpenMP/OpenMPToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace attnc;

namespace {

/// Records the schedules as soon as they exist: later passes consume the ops
/// that carry them.
class ScheduleRecorder : public mlir::PassInstrumentation {
public:
  explicit ScheduleRecorder(std::vector<ScheduledOp> &schedules)
      : schedules(schedules) {}

  void runAfterPass(mlir::Pass *pass, Operation *op) override {
    if (pass->getArgument() != "attn-schedule")
      return;
    op->walk([&](Operation *scheduled) {
      Attribute attr = scheduled->getAttr(attn::kScheduleAttrName);
      auto function = scheduled->getParentOfType<mlir::FunctionOpInterface>();
      if (!attr || !function)
        return;
      StringRef name = function.getName();
      name.consume_front("attnc.kernel.");
      ScheduledOp &record = schedules.emplace_back();
      record.function = name.str();
      record.operation = scheduled->getName().getStringRef().str();
      llvm::raw_string_ostream(record.schedule) << attr;
    });
  }

private:
  std::vector<ScheduledOp> &schedules;
};

/// Whether `name` is a pass of the pipeline, by its textual form.
bool hasPass(const std::string &pipeline, StringRef name) {
  auto isWordPart = [](char c) { return llvm::isAlnum(c) || c == '-'; };
  for (size_t at = pipeline.find(name); at != std::string::npos;
       at = pipeline.find(name, at + 1)) {
    size_t end = at + name.size();
    if ((at == 0 || !isWordPart(pipeline[at - 1])) &&
        (end == pipeline.size() || !isWordPart(pipeline[end])))
      return true;
  }
  return false;
}

llvm::Error enablePrinting(mlir::PassManager &passes,
                           const std::vector<std::string> &printAfter) {
  if (printAfter.empty())
    return llvm::Error::success();
  std::string pipeline;
  llvm::raw_string_ostream stream(pipeline);
  passes.printAsTextualPipeline(stream);
  for (const std::string &name : printAfter)
    if (name != "all" && !hasPass(pipeline, name))
      return fail(ExitCode::Usage,
                  "no pass '" + name +
                      "' runs here; --print-after takes 'all' or one of: " +
                      pipeline);
  passes.enableIRPrinting(
      /*shouldPrintBeforePass=*/nullptr,
      [printAfter](mlir::Pass *pass, Operation *) {
        return llvm::is_contained(printAfter, "all") ||
               llvm::is_contained(printAfter, pass->getArgument().str());
      },
      /*printModuleScope=*/true, /*printAfterOnlyOnChange=*/false,
      /*printAfterOnlyOnFailure=*/false, llvm::errs());
  return llvm::Error::success();
}

/// Runs the passes up to `stage` on a copy of the spec's module.
llvm::Expected<mlir::OwningOpRef<ModuleOp>>
lower(Spec &spec, const CompileOptions &options, Stage stage,
      std::vector<ScheduledOp> &schedules) {
  mlir::OwningOpRef<ModuleOp> module(spec.getModule().clone());
  mlir::PassManager passes(&spec.getContext());
  buildPipeline(passes, options.pipeline, stage);
  if (llvm::Error error = enablePrinting(passes, options.printAfter))
    return std::move(error);
  passes.addInstrumentation(std::make_unique<ScheduleRecorder>(schedules));

  unsigned numErrors = 0;
  mlir::ScopedDiagnosticHandler count(
      &spec.getContext(), [&](mlir::Diagnostic &diagnostic) {
        numErrors +=
            diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
        return failure(); // Counted only; the spec's handler prints.
      });
  if (succeeded(passes.run(*module)))
    return module;
  if (numErrors > 0)
    return failAfterDiagnostic();
  return fail(ExitCode::Internal,
              "internal error: a pass failed without a diagnostic");
}

} // namespace

llvm::Expected<std::string> attnc::printStage(Spec &spec,
                                              const CompileOptions &options,
                                              Stage stage) {
  std::vector<ScheduledOp> schedules;
  auto module = lower(spec, options, stage, schedules);
  if (!module)
    return module.takeError();
  std::string text;
  llvm::raw_string_ostream stream(text);
  (*module)->print(stream);
  stream << '\n';
  return text;
}

llvm::Expected<CompiledCode> attnc::compile(Spec &spec,
                                            const CompileOptions &options,
                                            const CodeRequest &request) {
  CompiledCode code;
  auto lowered = lower(spec, options, Stage::LLVM, code.schedules);
  if (!lowered)
    return lowered.takeError();
  ModuleOp module = **lowered;
  code.target = cpu::CodegenTarget::get(module);
  if (auto attr =
          module->getAttrOfType<attn::CpuTargetAttr>(attn::kTargetAttrName))
    code.vectorBytes = attr.getVectorBytes();

  auto machine = cpu::createTargetMachine(code.target);
  if (!machine)
    return machine.takeError();
  mlir::registerBuiltinDialectTranslation(spec.getContext());
  mlir::registerLLVMDialectTranslation(spec.getContext());
  mlir::registerOpenMPDialectTranslation(spec.getContext());
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> translated =
      mlir::translateModuleToLLVMIR(module, context, spec.getName());
  if (!translated)
    return fail(ExitCode::Internal,
                "internal error: the lowered module is not LLVM IR");
  // Objects carry it; the folder is nobody's business.
  translated->setSourceFileName(spec.getName());
  if (llvm::Error error =
          cpu::emitEntryPoints(*translated, spec.getSignatures()))
    return std::move(error);
  cpu::optimizeModule(*translated, **machine, options.emission);

  if (request.llvmIR) {
    llvm::raw_svector_ostream stream(code.llvmIR);
    translated->print(stream, nullptr);
  }
  if (request.assembly) {
    auto copy = llvm::CloneModule(*translated);
    auto assembly =
        cpu::emitModule(*copy, **machine, cpu::EmissionKind::Assembly);
    if (!assembly)
      return assembly.takeError();
    code.assembly = std::move(*assembly);
  }
  auto object =
      cpu::emitModule(*translated, **machine, cpu::EmissionKind::Object);
  if (!object)
    return object.takeError();
  code.object = std::move(*object);
  return code;
}
