//===- TileToGPU.cpp - tile kernels become kernels of a GPU ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pass: makes a gpu.module of the kernels of a module, and of each tile
// kernel a launch. The rules of the lowering are in KernelEmitter.h.
//
//===----------------------------------------------------------------------===//

#include "HostCalls.h"
#include "KernelEmitter.h"
#include "attnc/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace attnc {
#define GEN_PASS_DEF_TILETOGPUPASS
#include "attnc/Conversion/Passes.h.inc"

namespace gpu {
namespace {

namespace LLVM = mlir::LLVM;

constexpr StringRef kProgramName = "attnc_gpu";
constexpr StringRef kSharedName = "attnc_shared";

/// The gpu.module that kernels go to, with the shared memory of its blocks, and
/// the image that the host launches them from.
mlir::gpu::GPUModuleOp createProgram(ModuleOp module) {
  mlir::ImplicitLocOpBuilder b(module.getLoc(), module.getContext());
  b.setInsertionPointToEnd(module.getBody());
  auto pointer = LLVM::LLVMPointerType::get(b.getContext());
  // An attnc_rt_gpu_image of attnc-c/gpu.h.
  auto image = LLVM::LLVMStructType::getLiteral(
      b.getContext(), {pointer, pointer, b.getI64Type(), pointer});
  LLVM::GlobalOp::create(b, image, /*isConstant=*/false,
                         LLVM::Linkage::External,
                         (kProgramName + ".image").str(), Attribute());
  auto program = mlir::gpu::GPUModuleOp::create(b, kProgramName);
  b.setInsertionPointToStart(program.getBody());
  constexpr uint64_t swizzleAlignment = 1024;
  LLVM::GlobalOp::create(b, LLVM::LLVMArrayType::get(b.getI8Type(), 0),
                         /*isConstant=*/false, LLVM::Linkage::External,
                         kSharedName, Attribute(), swizzleAlignment,
                         kSharedSpace);
  return program;
}

LLVM::LLVMFuncOp createFunction(PtxBuilder &b, const Twine &name) {
  auto type =
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()), {});
  auto function = LLVM::LLVMFuncOp::create(b, name.str(), type);
  function.addEntryBlock(b);
  return function;
}

/// What ptxas is told: that it is a kernel, of so many threads, one block of
/// which has a multiprocessor for itself.
void setKernelAttributes(LLVM::LLVMFuncOp function, int64_t threads) {
  mlir::Builder b(function.getContext());
  function->setAttr("gpu.kernel", b.getUnitAttr());
  function->setAttr(mlir::NVVM::NVVMDialect::getKernelFuncAttrName(),
                    b.getUnitAttr());
  function->setAttr(mlir::NVVM::NVVMDialect::getMaxntidAttrName(),
                    b.getDenseI32ArrayAttr({static_cast<int32_t>(threads)}));
  function->setAttr(mlir::NVVM::NVVMDialect::getMinctasmAttrName(),
                    b.getI32IntegerAttr(1));
}

/// Launches the kernel where the tile kernel stands.
void launch(tile::KernelOp kernel, StringRef name,
            const KernelArguments &arguments, int64_t threads,
            int64_t sharedBytes) {
  mlir::ImplicitLocOpBuilder host(kernel.getLoc(), kernel);
  HostCalls calls(host);
  Value blocks = mlir::arith::ConstantIndexOp::create(host, 1);
  for (Value extent : kernel.getGrid())
    blocks = mlir::arith::MulIOp::create(host, blocks, extent);
  blocks = mlir::arith::IndexCastOp::create(host, host.getI64Type(), blocks);
  Value values = arguments.buildValues(host);
  calls.call("attnc_rt_gpu_launch",
             {calls.global((kProgramName + ".image").str()), calls.string(name),
              blocks, calls.i64(threads), calls.i64(sharedBytes), values});
}

LogicalResult lower(tile::KernelOp kernel, mlir::gpu::GPUModuleOp program,
                    attn::GpuTargetAttr target) {
  if (kernel.getNumResults() > 0)
    return kernel.emitOpError(
        "is on tensors; bufferize before converting to gpu");
  auto host = kernel->getParentOfType<mlir::func::FuncOp>();
  StringRef function = host.getSymName();
  function.consume_front(attn::kKernelNamePrefix);
  PtxBuilder b(kernel.getLoc(), kernel.getContext());
  b.setInsertionPointToEnd(program.getBody());
  size_t number = llvm::range_size(program.getOps<LLVM::LLVMFuncOp>());
  std::string name = (function + "_" + Twine(number)).str();
  LLVM::LLVMFuncOp code = createFunction(b, name);
  KernelArguments arguments(b, code, kernel);
  KernelEmitter emitter(b, arguments, kernel, target);
  if (failed(emitter.analyse()))
    return failure();
  b.setInsertionPointToStart(&code.getBody().front());
  if (failed(emitter.emit()))
    return failure();
  arguments.finish();
  setKernelAttributes(code, emitter.getThreads());
  launch(kernel, name, arguments, emitter.getThreads(),
         emitter.getSharedBytes());
  kernel.erase();
  return success();
}

struct TileToGPU : impl::TileToGPUPassBase<TileToGPU> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<tile::KernelOp> kernels;
    module.walk([&](tile::KernelOp op) { kernels.push_back(op); });
    if (kernels.empty())
      return;
    auto target =
        module->getAttrOfType<attn::GpuTargetAttr>(attn::kGpuTargetAttrName);
    if (!target) {
      kernels.front().emitOpError("is in a module without an attn.gpu; run "
                                  "gpu-attach-target first");
      return signalPassFailure();
    }
    module->setAttr(mlir::gpu::GPUDialect::getContainerModuleAttrName(),
                    mlir::UnitAttr::get(&getContext()));
    mlir::gpu::GPUModuleOp program = createProgram(module);
    for (tile::KernelOp kernel : kernels)
      if (failed(lower(kernel, program, target)))
        return signalPassFailure();
  }
};

} // namespace
} // namespace gpu
} // namespace attnc
