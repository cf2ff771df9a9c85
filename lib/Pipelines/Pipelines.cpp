//===- Pipelines.cpp - from a spec to LLVM, in order ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each line that adds a pass says why it stands where it stands.
//
//===----------------------------------------------------------------------===//

#include "attnc/Pipelines/Pipelines.h"
#include "attnc/Conversion/Passes.h"
#include "attnc/Dialect/Attn/Transforms/Passes.h"
#include "attnc/Dialect/Attn/Transforms/Tuning.h"
#include "attnc/Dialect/Tile/Transforms/Passes.h"
#include "attnc/Target/CPU/Passes.h"
#include "attnc/Target/GPU/Passes.h"
#include "attnc/Target/GPU/TargetDescription.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

namespace attnc {

using mlir::OpPassManager;
using mlir::func::FuncOp;

namespace {

/// Buffers up to this size live on the stack. Scores and strips of an instance
/// are larger and stay on the heap, on purpose: with the scores in a stack
/// array LLVM arranges unmasked attention so that it reaches 65 % of the peak
/// of a Zen 4 core, on the heap 88 % (bench/prefill.sh, head dim 64).
constexpr unsigned kLargestStackBuffer = 1 << 10;

/// Tensors to memory. Results of the entry are the caller's memory already
/// (attn-materialize-destinations), so nothing is copied.
void addBufferization(OpPassManager &manager, bool isOnGPU) {
  // First: turns tensor.empty into the destination it ends up in.
  manager.addPass(mlir::bufferization::createEmptyTensorEliminationPass());
  manager.addPass(tile::createBufferizeAroundKernelsPass());
  // Copies, tables, and linalg beside sequence ops become plain loops; on a GPU
  // those that become kernels.
  manager.addNestedPass<FuncOp>(
      isOnGPU ? mlir::createConvertLinalgToParallelLoopsPass()
              : mlir::createConvertLinalgToLoopsPass());
}

/// Buffers are freed where they die.
void addDeallocation(OpPassManager &manager) {
  mlir::bufferization::BufferDeallocationPipelineOptions options;
  mlir::bufferization::buildBufferDeallocationPipeline(manager, options);
  manager.addPass(mlir::createConvertBufferizationToMemRefPass());
}

/// Small buffers to the stack, the others freed. After kernels are loops:
/// deallocation has to see into them.
void addBuffersOfHost(OpPassManager &manager) {
  mlir::bufferization::PromoteBuffersToStackPassOptions stack;
  stack.maxAllocSizeInBytes = kLargestStackBuffer;
  manager.addNestedPass<FuncOp>(
      mlir::bufferization::createPromoteBuffersToStackPass(stack));
  addDeallocation(manager);
}

/// Loops on memory and vectors to the LLVM dialect.
void addLoweringToLLVM(OpPassManager &manager) {
  // What stands beside sequence ops may be on bf16, which few processors
  // compute with: f32 is rounded instead.
  mlir::arith::ArithEmulateUnsupportedFloatsOptions narrow;
  SmallVector<std::string> types = {"bf16"};
  narrow.sourceTypeStrs = types;
  manager.addPass(mlir::arith::createArithEmulateUnsupportedFloats(narrow));
  manager.addPass(mlir::math::createMathExtendToSupportedTypes());
  // Rounding to bf16 becomes integer arithmetic: where a processor has no
  // instruction for it LLVM would call a library function for each element.
  mlir::arith::ArithExpandOpsPassOptions expand;
  expand.includeBf16 = true;
  manager.addPass(mlir::arith::createArithExpandOpsPass(expand));
  // The subviews and metadata of memrefs become arithmetic while affine maps
  // can still be lowered after them.
  manager.addPass(mlir::memref::createExpandStridedMetadataPass());
  manager.addPass(mlir::createLowerAffinePass());
  manager.addPass(mlir::createSCFToControlFlowPass());
  mlir::ConvertVectorToLLVMPassOptions vectors;
  vectors.x86Vector = true;
  manager.addPass(mlir::createConvertVectorToLLVMPass(vectors));
  manager.addPass(mlir::createConvertMathToLLVMPass());
  // What has no LLVM intrinsic calls libm.
  manager.addPass(mlir::createConvertMathToLibmPass());
  // The rest in one go. What is left to simplify LLVM simplifies.
  manager.addPass(mlir::createConvertToLLVMPass());
  manager.addPass(mlir::createReconcileUnrealizedCastsPass());
  manager.addPass(mlir::createCSEPass());
  manager.addPass(cpu::createVerifyTargetReadyPass());
}

/// From checked input to kernels of tiles. Returns false where that goes as far
/// as the pipeline does.
bool addTiling(OpPassManager &manager, const PipelineOptions &options,
               Stage stopAfter) {
  bool isOnGPU = gpu::isGpuTarget(options.target);
  manager.addNestedPass<FuncOp>(attn::createRaiseMasksPass());
  // Before schedules, which are made for sequences as they are visited. Kernels
  // of a GPU copy tiles from whole tensors only.
  if (!isOnGPU)
    manager.addNestedPass<FuncOp>(attn::createReindexLatticesPass());
  if (stopAfter == Stage::Unscheduled)
    return false;
  // Before schedules are chosen, which are kept where there are some.
  if (options.tuning)
    manager.addPass(attn::createApplyTuningPass(options.tuning));
  manager.addNestedPass<FuncOp>(attn::createSchedulePass());
  manager.addNestedPass<FuncOp>(attn::createVerifyScheduledPass());
  if (stopAfter == Stage::Scheduled)
    return false;
  manager.addNestedPass<FuncOp>(createAttnToTilePass());
  // Folds the positions and extents of static shapes before they are read.
  manager.addPass(mlir::createCanonicalizerPass());
  manager.addPass(mlir::createCSEPass());
  if (!isOnGPU)
    manager.addNestedPass<FuncOp>(tile::createHoistInvariantsPass());
  manager.addNestedPass<FuncOp>(tile::createVerifyKernelsPass());
  return stopAfter != Stage::Tile;
}

void buildCPU(OpPassManager &manager, const PipelineOptions &options,
              Stage stopAfter) {
  cpu::AttachTargetPassOptions target;
  target.target = options.target;
  manager.addPass(cpu::createAttachTargetPass(target));
  if (!addTiling(manager, options, stopAfter))
    return;

  addBufferization(manager, /*isOnGPU=*/false);
  manager.addPass(createTileToCPUPass());
  // Before buffers get their place: they live as long as an instance.
  manager.addPass(cpu::createOutlineInstancesPass());
  manager.addNestedPass<FuncOp>(cpu::createExpandVectorMathPass());
  // The emitter leaves index arithmetic and constants where it needed them.
  manager.addPass(mlir::createCanonicalizerPass());
  manager.addPass(mlir::createCSEPass());
  manager.addPass(mlir::createLoopInvariantCodeMotionPass());
  addBuffersOfHost(manager);
  if (options.threads) {
    manager.addPass(cpu::createAvoidThreadsPass());
    manager.addPass(mlir::createConvertSCFToOpenMPPass());
    manager.addNestedPass<FuncOp>(cpu::createBalanceThreadsPass());
  }
  addLoweringToLLVM(manager);
}

/// The GPU's program to the LLVM dialect, and its image into the module.
void addLoweringOfPrograms(OpPassManager &manager) {
  OpPassManager &programs = manager.nest<mlir::gpu::GPUModuleOp>();
  programs.addPass(mlir::createCanonicalizerPass());
  programs.addPass(mlir::createCSEPass());
  programs.addPass(mlir::arith::createArithExpandOpsPass());
  programs.addPass(mlir::createSCFToControlFlowPass());
  programs.addPass(mlir::createConvertVectorToLLVMPass());
  programs.addPass(mlir::createConvertMathToLLVMPass());
  programs.addPass(mlir::createConvertToLLVMPass());
  programs.addPass(mlir::createReconcileUnrealizedCastsPass());
  programs.addPass(mlir::createCSEPass());
  manager.addPass(gpu::createAssembleKernelsPass());
}

void buildGPU(OpPassManager &manager, const PipelineOptions &options,
              Stage stopAfter) {
  // The host only launches kernels: its code runs on any processor of the kind.
  manager.addPass(cpu::createAttachTargetPass());
  if (!addTiling(manager, options, stopAfter))
    return;

  addBufferization(manager, /*isOnGPU=*/true);
  manager.addPass(createTileToGPUPass());
  manager.addPass(mlir::createCanonicalizerPass());
  addDeallocation(manager);
  manager.addNestedPass<FuncOp>(gpu::createVerifyHostPass());
  manager.addPass(gpu::createAllocateScratchPass());
  if (stopAfter == Stage::Kernels)
    return;
  addLoweringOfPrograms(manager);
  addLoweringToLLVM(manager);
}

void buildReference(OpPassManager &manager, Stage stopAfter) {
  manager.addNestedPass<FuncOp>(createAttnToReferencePass());
  manager.addPass(mlir::createCanonicalizerPass());
  if (stopAfter != Stage::LLVM)
    return;
  addBufferization(manager, /*isOnGPU=*/false);
  addBuffersOfHost(manager);
  cpu::AttachTargetPassOptions native;
  manager.addPass(cpu::createAttachTargetPass(native));
  addLoweringToLLVM(manager);
}

struct RegisteredOptions : mlir::PassPipelineOptions<RegisteredOptions> {
  Option<std::string> target{*this, "target", llvm::cl::init("cpu"),
                             llvm::cl::desc("the target, as for attnc")};
  Option<bool> threads{*this, "threads", llvm::cl::init(true),
                       llvm::cl::desc("run kernels on OpenMP threads")};
};

} // namespace

void buildPipeline(OpPassManager &manager, const PipelineOptions &options,
                   Stage stopAfter) {
  // First: what a function may hold is asked of whole bodies.
  manager.addPass(attn::createInlineCallsPass());
  manager.addPass(attn::createVerifyInputPass());
  if (stopAfter == Stage::Attn)
    return;
  bool isOnGPU = gpu::isGpuTarget(options.target);
  // While caches are seen; the reference is of the definition. How many tokens
  // are shared a host does not know of a GPU's memory.
  if (options.target != "reference" && !isOnGPU)
    manager.addNestedPass<FuncOp>(attn::createCascadePrefixesPass());
  // Before anything asks for the extents of keys.
  manager.addNestedPass<FuncOp>(attn::createReadCachesPass());
  // Before anything is tiled: destinations decide where kernels write.
  manager.addPass(attn::createMaterializeDestinationsPass());
  if (isOnGPU) {
    // Before contents of arguments are used, which a host cannot check there.
    gpu::AttachTargetPassOptions target;
    target.target = options.target;
    manager.addPass(gpu::createAttachTargetPass(target));
  }
  // Once arguments are memory, which appends change.
  manager.addNestedPass<FuncOp>(createAppendToLoopsPass());
  // Elementwise ops beside sequence ops, which bufferization does not know.
  // Before there are kernels: their elementwise ops are on tiles.
  manager.addNestedPass<FuncOp>(mlir::createConvertElementwiseToLinalgPass());
  if (options.target == "reference")
    buildReference(manager, stopAfter);
  else if (isOnGPU)
    buildGPU(manager, options, stopAfter);
  else
    buildCPU(manager, options, stopAfter);
}

void registerPipelines() {
  mlir::PassPipelineRegistration<RegisteredOptions>(
      "attnc-cpu", "the whole pipeline of a cpu target, to the LLVM dialect",
      [](OpPassManager &manager, const RegisteredOptions &options) {
        buildPipeline(manager, {options.target, options.threads}, Stage::LLVM);
      });
  mlir::PassPipelineRegistration<RegisteredOptions>(
      "attnc-gpu",
      "the pipeline of a gpu target, to kernels that are not assembled",
      [](OpPassManager &manager, const RegisteredOptions &options) {
        buildPipeline(manager, {options.target, false}, Stage::Kernels);
      });
  mlir::PassPipelineRegistration<>(
      "attnc-reference",
      "the whole pipeline of the reference target, to the LLVM dialect",
      [](OpPassManager &manager) {
        buildPipeline(manager, {"reference", false}, Stage::LLVM);
      });
}

} // namespace attnc
