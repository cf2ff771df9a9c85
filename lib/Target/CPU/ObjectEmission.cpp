//===- ObjectEmission.cpp - from LLVM IR to machine code ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Drives LLVM's own pipelines; nothing about attention is decided here.
//
//===----------------------------------------------------------------------===//

#include "attnc/Target/CPU/ObjectEmission.h"

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Target/CPU/TargetDescription.h"
#include "llvm/Analysis/RuntimeLibcallInfo.h"
#include "llvm/CodeGen/MachineModuleInfo.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
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

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
cpu::createTargetMachine(const CodegenTarget &target) {
  registerTargets();
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

/// Kernels come with the vectors, the unrolled bodies and the blocks they are
/// to have. What is left for LLVM is to simplify: that takes a third of the
/// time of its -O3, which looks for more and finds nothing.
static constexpr StringRef kOptimizations =
    // Entry points call one function each.
    "cgscc(inline),globaldce,"
    "function<eager-inv>("
    // Descriptors of memory become values, and those of constants fold.
    "sroa<modify-cfg>,early-cse<memssa>,simplifycfg,"
    "instcombine<no-verify-fixpoint>,"
    // Addresses leave the loops.
    "loop-mssa(loop-instsimplify,loop-rotate,licm<allowspeculation>),"
    "simplifycfg,instcombine<no-verify-fixpoint>,"
    "loop(loop-idiom,indvars,loop-deletion),gvn,dse,"
    // Loops over elements: transposed loads and stores, linalg beside kernels.
    "loop-vectorize,"
    "loop-mssa(licm<allowspeculation>),instcombine<no-verify-fixpoint>,"
    "simplifycfg,adce)";

/// The bits of bf16, one or a vector, as integers.
static llvm::Value *getBits(llvm::IRBuilder<> &b, llvm::Value *value) {
  llvm::Type *type = value->getType()->getWithNewType(b.getInt16Ty());
  if (auto *cast = llvm::dyn_cast<llvm::BitCastInst>(value))
    if (cast->getSrcTy() == type)
      return cast->getOperand(0);
  return b.CreateBitCast(value, type);
}

/// Chooses between numbers of bf16 and takes them out of vectors as integers.
/// Loops that round to bf16 may have become vectors, and where a number is
/// stored in another block than it was rounded in, LLVM for a processor without
/// bf16 instructions would widen it and call a library function to round it
/// again.
static void useBits(llvm::Module &module) {
  SmallVector<llvm::Instruction *> found;
  for (llvm::Function &function : module)
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (instruction.getType()->getScalarType()->isBFloatTy() &&
          llvm::isa<llvm::ExtractElementInst, llvm::SelectInst>(instruction))
        found.push_back(&instruction);
  for (llvm::Instruction *instruction : found) {
    llvm::IRBuilder<> b(instruction);
    llvm::Value *bits;
    if (auto *select = llvm::dyn_cast<llvm::SelectInst>(instruction))
      bits = b.CreateSelect(select->getCondition(),
                            getBits(b, select->getTrueValue()),
                            getBits(b, select->getFalseValue()));
    else
      bits = b.CreateExtractElement(getBits(b, instruction->getOperand(0)),
                                    instruction->getOperand(1));
    for (llvm::Use &use : llvm::make_early_inc_range(instruction->uses()))
      if (auto *store = llvm::dyn_cast<llvm::StoreInst>(use.getUser()))
        store->setOperand(0, bits);
    instruction->replaceAllUsesWith(
        b.CreateBitCast(bits, instruction->getType()));
    instruction->eraseFromParent();
  }
}

void cpu::optimizeModule(llvm::Module &module, llvm::TargetMachine &machine,
                         const EmissionOptions &options) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());

  llvm::PassBuilder passes(&machine);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(components);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, components, modules);
  llvm::ModulePassManager manager;
  llvm::cantFail(passes.parsePassPipeline(manager, kOptimizations));
  if (options.sanitizeAddress) {
    for (llvm::Function &function : module)
      if (!function.isDeclaration())
        function.addFnAttr(llvm::Attribute::SanitizeAddress);
    manager.addPass(llvm::AddressSanitizerPass({}));
  }
  manager.run(module, modules);
  useBits(module);
}

/// LLVM's passes from IR to `stream`, without schedulers. In front of register
/// allocation: product loops fill the registers to the last one, in the order
/// in which they are written, and another order spills (in the step of
/// `neighborhood2d`, a third of its time). Behind it a processor that has
/// vectors finds an order by itself. False if the target lacks something.
static bool addCodegenPasses(llvm::legacy::PassManager &passes,
                             llvm::TargetMachine &machine,
                             llvm::raw_pwrite_stream &stream,
                             llvm::CodeGenFileType fileType) {
  llvm::TargetPassConfig *config = machine.createPassConfig(passes);
  if (!config)
    return false;
  config->disablePass(&llvm::MachineSchedulerID);
  config->disablePass(&llvm::PostRASchedulerID);
  config->disablePass(&llvm::PostMachineSchedulerID);
  // What LLVM is given was verified when it was translated.
  config->setDisableVerify(true);
  auto *info = new llvm::MachineModuleInfoWrapperPass(&machine);
  passes.add(config);
  passes.add(info);
  // Without it there are no library functions, and memset is a loop over bytes.
  const llvm::TargetOptions &options = machine.Options;
  passes.add(new llvm::RuntimeLibraryInfoWrapper(
      machine.getTargetTriple(), options.ExceptionModel, options.FloatABIType,
      options.EABIVersion, options.MCOptions.ABIName, options.VecLib));
  if (config->addISelPasses())
    return false;
  config->addMachinePasses();
  config->setInitialized();
  if (machine.addAsmPrinter(passes, stream, /*DwoOut=*/nullptr, fileType,
                            info->getMMI().getContext()))
    return false;
  passes.add(llvm::createFreeMachineFunctionPass());
  return true;
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
  if (!addCodegenPasses(passes, machine, stream, fileType))
    return llvm::createStringError(
        "LLVM cannot emit this kind of file for '%s'",
        machine.getTargetTriple().str().c_str());
  passes.run(module);
  return bytes;
}
