//===- TileToGPU.cpp - tile kernels become kernels of a GPU ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pass: makes a gpu.module of the kernels of a module, and of each tile
// kernel and each nest of parallel loops a launch. The rules of the lowering
// are in KernelEmitter.h, PointEmitter.h and LoopEmitter.h.
//
//===----------------------------------------------------------------------===//

#include "HostCalls.h"
#include "KernelEmitter.h"
#include "LoopEmitter.h"
#include "PointEmitter.h"
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

/// What ptxas is told: that it is a kernel, of so many threads, and how many
/// blocks are to share a multiprocessor.
void setKernelAttributes(LLVM::LLVMFuncOp function, int64_t threads,
                         int64_t blocksAtOnce) {
  mlir::Builder b(function.getContext());
  function->setAttr("gpu.kernel", b.getUnitAttr());
  function->setAttr(mlir::NVVM::NVVMDialect::getKernelFuncAttrName(),
                    b.getUnitAttr());
  function->setAttr(mlir::NVVM::NVVMDialect::getMaxntidAttrName(),
                    b.getDenseI32ArrayAttr({static_cast<int32_t>(threads)}));
  function->setAttr(mlir::NVVM::NVVMDialect::getMinctasmAttrName(),
                    b.getI32IntegerAttr(blocksAtOnce));
}

/// A kernel that is being made of an op of the host.
struct Kernel {
  Kernel(Operation *op, mlir::gpu::GPUModuleOp program,
         attn::GpuTargetAttr target)
      : op(op), b(op->getLoc(), op->getContext(),
                  target.getCopies() == attn::GpuCopies::Bulk),
        code(create(b, op, program)), arguments(b, code, op) {
    b.setInsertionPointToStart(&code.getBody().front());
  }

  /// Launches the kernel where the op stands, which goes.
  void launch(Value blocks, int64_t threads, int64_t sharedBytes = 0,
              int64_t blocksAtOnce = 1) {
    arguments.finish();
    setKernelAttributes(code, threads, blocksAtOnce);
    mlir::ImplicitLocOpBuilder host(op->getLoc(), op);
    HostCalls calls(host);
    blocks = mlir::arith::IndexCastOp::create(host, host.getI64Type(), blocks);
    Value values = arguments.buildValues(host);
    calls.call("attnc_rt_gpu_launch",
               {calls.global((kProgramName + ".image").str()),
                calls.string(code.getSymName()), blocks, calls.i64(threads),
                calls.i64(sharedBytes), values});
    op->erase();
  }

  Operation *op;
  PtxBuilder b;
  LLVM::LLVMFuncOp code;
  KernelArguments arguments;

private:
  static LLVM::LLVMFuncOp create(PtxBuilder &b, Operation *op,
                                 mlir::gpu::GPUModuleOp program) {
    StringRef function = op->getParentOfType<mlir::func::FuncOp>().getSymName();
    function.consume_front(attn::kKernelNamePrefix);
    b.setInsertionPointToEnd(program.getBody());
    size_t number = llvm::range_size(program.getOps<LLVM::LLVMFuncOp>());
    return createFunction(b, function + "_" + Twine(number));
  }
};

/// The number of points of the grid, times `factor`.
Value buildPoints(tile::KernelOp op, int64_t factor) {
  mlir::ImplicitLocOpBuilder host(op.getLoc(), op);
  Value blocks = mlir::arith::ConstantIndexOp::create(host, factor);
  for (Value extent : op.getGrid())
    blocks = mlir::arith::MulIOp::create(host, blocks, extent);
  return blocks;
}

LogicalResult lower(tile::KernelOp op, mlir::gpu::GPUModuleOp program,
                    attn::GpuTargetAttr target) {
  if (op.getNumResults() > 0)
    return op.emitOpError("is on tensors; bufferize before converting to gpu");
  Kernel kernel(op, program, target);
  if (PointEmitter::takes(op)) {
    PointEmitter emitter(kernel.b, kernel.arguments, op);
    if (failed(emitter.analyse()) || failed(emitter.emit()))
      return failure();
    kernel.launch(buildPoints(op, emitter.getBlocks()), PointEmitter::kThreads);
    return success();
  }
  KernelEmitter emitter(kernel.b, kernel.arguments, op, target);
  if (failed(emitter.analyse()) || failed(emitter.emit()))
    return failure();
  kernel.launch(buildPoints(op, /*factor=*/1), emitter.getThreads(),
                emitter.getSharedBytes(), emitter.getBlocksAtOnce());
  return success();
}

LogicalResult lower(mlir::scf::ParallelOp op, mlir::gpu::GPUModuleOp program,
                    attn::GpuTargetAttr target) {
  Kernel kernel(op, program, target);
  LoopEmitter emitter(kernel.b, kernel.arguments, op);
  if (failed(emitter.emit()))
    return failure();
  mlir::ImplicitLocOpBuilder host(op.getLoc(), op);
  kernel.launch(LoopEmitter::buildBlocks(host, op), LoopEmitter::kThreads);
  return success();
}

struct TileToGPU : impl::TileToGPUPassBase<TileToGPU> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    // In the order of the host's code.
    SmallVector<Operation *> kernels;
    module.walk<mlir::WalkOrder::PreOrder>([&](Operation *op) {
      if (!isa<tile::KernelOp, mlir::scf::ParallelOp>(op))
        return mlir::WalkResult::advance();
      kernels.push_back(op);
      return mlir::WalkResult::skip();
    });
    if (kernels.empty())
      return;
    auto target =
        module->getAttrOfType<attn::GpuTargetAttr>(attn::kGpuTargetAttrName);
    if (!target) {
      kernels.front()->emitOpError("is in a module without an attn.gpu; run "
                                   "gpu-attach-target first");
      return signalPassFailure();
    }
    module->setAttr(mlir::gpu::GPUDialect::getContainerModuleAttrName(),
                    mlir::UnitAttr::get(&getContext()));
    mlir::gpu::GPUModuleOp program = createProgram(module);
    for (Operation *op : kernels) {
      auto tiles = dyn_cast<tile::KernelOp>(op);
      if (failed(tiles
                     ? lower(tiles, program, target)
                     : lower(cast<mlir::scf::ParallelOp>(op), program, target)))
        return signalPassFailure();
    }
  }
};

} // namespace
} // namespace gpu
} // namespace attnc
