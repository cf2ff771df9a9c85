//===- Compilation.cpp - from a spec to code ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// MLIR passes on a copy of the module, translation to LLVM IR, entry points,
// LLVM's optimizer and code generator.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Compilation.h"

#include "attnc/Compiler/Artifacts.h"
#include "attnc/Compiler/Failure.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Dialect/Attn/Transforms/Tuning.h"
#include "attnc/Target/CPU/EntryPoints.h"
#include "attnc/Target/CPU/TargetDescription.h"
#include "attnc/Target/GPU/TargetDescription.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/OpenMP/OpenMPToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
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
      name.consume_front(attn::kKernelNamePrefix);
      ScheduledOp &record = schedules.emplace_back();
      record.function = name.str();
      record.operation = scheduled->getName().getStringRef().str();
      llvm::raw_string_ostream(record.schedule) << attr;
      if (Attribute decode = scheduled->getAttr(attn::kDecodeAttrName))
        llvm::raw_string_ostream(record.decode) << decode;
      if (Attribute recurrent = scheduled->getAttr(attn::kRecurrentAttrName))
        llvm::raw_string_ostream(record.recurrent) << recurrent;
    });
  }

private:
  std::vector<ScheduledOp> &schedules;
};

/// The names of the passes in a pipeline, each once, read off its textual form:
/// `any(a,func.func(b{option=1},c))`.
SmallVector<std::string> getPassNames(const mlir::PassManager &passes) {
  std::string pipeline;
  llvm::raw_string_ostream stream(pipeline);
  passes.printAsTextualPipeline(stream);
  SmallVector<std::string> names;
  std::string name;
  unsigned depth = 0;
  for (char c : pipeline) {
    depth += c == '{';
    depth -= c == '}';
    if (depth > 0 || c == '}')
      continue;
    if (llvm::isAlnum(c) || c == '-' || c == '.') {
      name += c;
      continue;
    }
    // What opens a parenthesis is the op that the passes run on.
    if (c != '(' && !name.empty() && !llvm::is_contained(names, name))
      names.push_back(name);
    name.clear();
  }
  return names;
}

llvm::Error enablePrinting(mlir::PassManager &passes,
                           const std::vector<std::string> &printAfter) {
  if (printAfter.empty())
    return llvm::Error::success();
  SmallVector<std::string> names = getPassNames(passes);
  for (const std::string &name : printAfter)
    if (name != "all" && !llvm::is_contained(names, name))
      return fail(ExitCode::Usage,
                  "no pass '" + name +
                      "' runs here; --print-after takes 'all' or some of: " +
                      llvm::join(names, ", "));
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

llvm::Error checkTarget(Spec &spec, const std::string &target) {
  if (target == "reference")
    return llvm::Error::success();
  if (gpu::isGpuTarget(target)) {
    auto described = gpu::describeTarget(&spec.getContext(), target);
    return described
               ? llvm::Error::success()
               : fail(ExitCode::Usage, llvm::toString(described.takeError()));
  }
  auto described = cpu::describeTarget(&spec.getContext(), target);
  if (described)
    return llvm::Error::success();
  return fail(ExitCode::Usage, llvm::toString(described.takeError()));
}

/// The tuning without what it says of functions that are left out.
std::shared_ptr<const attn::Tuning>
leaveOut(const std::shared_ptr<const attn::Tuning> &tuning,
         const llvm::StringSet<> &functions) {
  if (!tuning || functions.empty())
    return tuning;
  auto rest = std::make_shared<attn::Tuning>(*tuning);
  llvm::erase_if(rest->functions, [&](const attn::TunedFunction &function) {
    return functions.contains(function.name);
  });
  return rest;
}

/// Runs the passes up to `stage` on a copy of the spec's module.
llvm::Expected<mlir::OwningOpRef<ModuleOp>>
runPasses(Spec &spec, const CompileOptions &options, Stage stage,
          std::vector<ScheduledOp> &schedules) {
  if (llvm::Error error = checkTarget(spec, options.pipeline.target))
    return std::move(error);
  mlir::OwningOpRef<ModuleOp> module(spec.getModule().clone());
  llvm::StringSet<> leftOut;
  if (!options.entry.empty())
    for (auto function :
         llvm::make_early_inc_range(module->getOps<mlir::func::FuncOp>()))
      if (function.isPublic() && function.getSymName() != options.entry) {
        leftOut.insert(function.getSymName());
        function.erase();
      }
  PipelineOptions pipeline = options.pipeline;
  pipeline.tuning = leaveOut(pipeline.tuning, leftOut);
  mlir::PassManager passes(&spec.getContext());
  buildPipeline(passes, pipeline, stage);
  if (llvm::Error error = enablePrinting(passes, options.printAfter))
    return std::move(error);
  passes.addInstrumentation(std::make_unique<ScheduleRecorder>(schedules));
  // Once, below: behind each pass it would take a sixth of the time of all of
  // them. attn-opt does, and with it the tests of pipelines.
  passes.enableVerifier(false);

  unsigned numErrors = 0;
  mlir::ScopedDiagnosticHandler count(
      &spec.getContext(), [&](mlir::Diagnostic &diagnostic) {
        numErrors +=
            diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
        return failure(); // Counted only; the spec's handler prints.
      });
  if (succeeded(passes.run(*module)) && succeeded(mlir::verify(*module)))
    return module;
  if (numErrors > 0)
    return failAfterDiagnostic();
  return fail(ExitCode::Internal,
              "internal error: a pass failed without a diagnostic");
}

} // namespace

llvm::Expected<mlir::OwningOpRef<ModuleOp>>
attnc::lower(Spec &spec, const CompileOptions &options, Stage stage) {
  std::vector<ScheduledOp> schedules;
  return runPasses(spec, options, stage, schedules);
}

llvm::Expected<std::string>
attnc::printStage(Spec &spec, const CompileOptions &options, Stage stage) {
  auto module = lower(spec, options, stage);
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
  auto lowered = runPasses(spec, options, Stage::LLVM, code.schedules);
  if (!lowered)
    return lowered.takeError();
  ModuleOp module = **lowered;
  code.target = cpu::CodegenTarget::get(module);
  code.images = gpu::describeImages(module);
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
  SmallVector<attn::FunctionSignature> entries;
  llvm::copy_if(spec.getSignatures(), std::back_inserter(entries),
                [&](const attn::FunctionSignature &signature) {
                  return options.entry.empty() ||
                         signature.function == options.entry;
                });
  if (llvm::Error error = cpu::emitEntryPoints(
          *translated, entries, gpu::isGpuTarget(options.pipeline.target)))
    return std::move(error);
  // An instrumented kernel takes memory that the sanitizer watches.
  if (!options.emission.sanitizeAddress)
    cpu::allocateFromRuntime(*translated);
  cpu::optimizeModule(*translated, **machine, options.emission);
  embedDescription(*translated,
                   emitManifest(spec, options, code, /*indent=*/std::nullopt));

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
