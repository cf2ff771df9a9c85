//===- ObjectEmission.cpp - from LLVM IR to machine code ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Drives LLVM's own pipelines; nothing about attention is decided here.
//
//===----------------------------------------------------------------------===//

#include "attnc/Target/CPU/ObjectEmission.h"

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/Transforms/Instrumentation/AddressSanitizer.h"

using namespace attnc;
using namespace attnc::cpu;

CodegenTarget CodegenTarget::get(ModuleOp module) {
  auto attr = module->getAttrOfType<attn::CpuTargetAttr>(attn::kTargetAttrName);
  if (!attr)
    return {llvm::sys::getDefaultTargetTriple(), "", ""};
  return {attr.getTriple().str(), attr.getCpu().str(),
          attr.getFeatures().str()};
}

static void initializeTargets() {
  static const bool initialized = [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
    // Inline assembly and the JIT parse.
    llvm::InitializeAllAsmParsers();
    return true;
  }();
  (void)initialized;
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
cpu::createTargetMachine(const CodegenTarget &target) {
  initializeTargets();
  llvm::Triple triple(llvm::Triple::normalize(target.triple));
  std::string error;
  const llvm::Target *backend =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!backend)
    return llvm::createStringError("no code generator for the triple '%s': %s",
                                   target.triple.c_str(), error.c_str());
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      backend->createMCSubtargetInfo(triple, "", ""));
  if (!target.cpu.empty() &&
      (!subtarget || !subtarget->isCPUStringValid(target.cpu)))
    return llvm::createStringError(
        "'%s' is not a processor of the architecture %s", target.cpu.c_str(),
        triple.getArchName().str().c_str());
  std::unique_ptr<llvm::TargetMachine> machine(backend->createTargetMachine(
      triple, target.cpu, target.features, llvm::TargetOptions(),
      llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return llvm::createStringError("LLVM cannot emit code for '%s'",
                                   target.triple.c_str());
  return machine;
}

llvm::Error cpu::checkRunsOnHost(const CodegenTarget &target) {
  llvm::Triple triple(target.triple);
  llvm::Triple host(llvm::sys::getProcessTriple());
  if (triple.getArch() != host.getArch())
    return llvm::createStringError(
        "code for %s cannot be run on this machine, which is %s",
        triple.getArchName().str().c_str(), host.getArchName().str().c_str());
  auto machine = createTargetMachine(target);
  if (!machine)
    return machine.takeError();
  const llvm::MCSubtargetInfo &subtarget = *(*machine)->getMCSubtargetInfo();
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    if (!feature.second && subtarget.checkFeatures("+" + feature.first().str()))
      return llvm::createStringError(
          "this machine lacks %s, which code for '%s' may use; compile for "
          "cpu:native to run here",
          feature.first().str().c_str(), target.cpu.c_str());
  return llvm::Error::success();
}

void cpu::allocateFromRuntime(llvm::Module &module) {
  llvm::LLVMContext &context = module.getContext();
  auto replace = [&](StringRef name, StringRef by) -> llvm::Function * {
    llvm::Function *function = module.getFunction(name);
    if (!function || !function->isDeclaration())
      return nullptr;
    function->setName(by);
    function->addFnAttr("alloc-family", "attnc_rt_scratch");
    return function;
  };
  // What LLVM knows of malloc and free by their names.
  using Kind = llvm::AllocFnKind;
  if (llvm::Function *allocate =
          replace("malloc", "attnc_rt_scratch_allocate")) {
    allocate->addRetAttr(llvm::Attribute::NoAlias);
    allocate->addRetAttr(
        llvm::Attribute::getWithAlignment(context, llvm::Align(64)));
    allocate->addFnAttr(
        llvm::Attribute::getWithAllocSizeArgs(context, 0, std::nullopt));
    allocate->addFnAttr(
        llvm::Attribute::get(context, llvm::Attribute::AllocKind,
                             uint64_t(Kind::Alloc | Kind::Uninitialized)));
    allocate->setOnlyAccessesInaccessibleMemory();
    allocate->setDoesNotThrow();
  }
  if (llvm::Function *free = replace("free", "attnc_rt_scratch_free")) {
    free->addParamAttr(0, llvm::Attribute::AllocatedPointer);
    free->addFnAttr(llvm::Attribute::get(context, llvm::Attribute::AllocKind,
                                         uint64_t(Kind::Free)));
    free->setOnlyAccessesInaccessibleMemOrArgMem();
    free->setDoesNotThrow();
  }
}

void cpu::optimizeModule(llvm::Module &module, llvm::TargetMachine &machine,
                         const EmissionOptions &options) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());

  // Kernels come with the vectors and the unrolled bodies they are to have:
  // looking for more takes a third of the time to compile and finds nothing.
  // The loop vectorizer stays, for linalg ops beside them.
  llvm::PipelineTuningOptions tuning;
  tuning.LoopUnrolling = false;
  tuning.SLPVectorization = false;
  llvm::PassBuilder passes(&machine, tuning);
  if (options.sanitizeAddress) {
    for (llvm::Function &function : module)
      if (!function.isDeclaration())
        function.addFnAttr(llvm::Attribute::SanitizeAddress);
    passes.registerOptimizerLastEPCallback([](llvm::ModulePassManager &manager,
                                              llvm::OptimizationLevel,
                                              llvm::ThinOrFullLTOPhase) {
      manager.addPass(llvm::AddressSanitizerPass({}));
    });
  }
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(components);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, components, modules);
  passes.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3)
      .run(module, modules);
}

llvm::Expected<llvm::SmallString<0>>
cpu::emitModule(llvm::Module &module, llvm::TargetMachine &machine,
                EmissionKind kind) {
  llvm::SmallString<0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  auto fileType = kind == EmissionKind::Object
                      ? llvm::CodeGenFileType::ObjectFile
                      : llvm::CodeGenFileType::AssemblyFile;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, fileType))
    return llvm::createStringError(
        "LLVM cannot emit this kind of file for '%s'",
        machine.getTargetTriple().str().c_str());
  passes.run(module);
  return bytes;
}
