//===- AssembleKernels.cpp - compile the GPU's program --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Upstream's target interface makes PTX of a gpu.module; ptxas, in a process of
// its own, makes a cubin of that.
//
//===----------------------------------------------------------------------===//

#include "Ptxas.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "attnc/Target/GPU/Passes.h"
#include "attnc/Target/GPU/TargetDescription.h"
#include "mlir/Dialect/GPU/IR/CompilationInterfaces.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attnc::gpu {
#define GEN_PASS_DEF_ASSEMBLEKERNELSPASS
#include "attnc/Target/GPU/Passes.h.inc"

namespace {

namespace LLVM = mlir::LLVM;

/// The program of a gpu.module as PTX.
FailureOr<std::string> emitPtx(mlir::gpu::GPUModuleOp module, StringRef arch) {
  MLIRContext *context = module.getContext();
  auto target = mlir::NVVM::NVVMTargetAttr::get(context, /*optLevel=*/3,
                                                "nvptx64-nvidia-cuda", arch,
                                                findPtxFeature(arch));
  auto serializer = cast<mlir::gpu::TargetAttrInterface>(Attribute(target));
  mlir::gpu::TargetOptions options({}, {}, "", "",
                                   mlir::gpu::CompilationTarget::Assembly);
  auto object = serializer.serializeToObject(module, options);
  if (!object)
    return module.emitOpError("cannot be translated to PTX");
  std::string text(object->begin(), object->end());
  while (!text.empty() && text.back() == '\0')
    text.pop_back();
  return text;
}

/// Warns of what makes a kernel slow, line by line.
void warnOf(mlir::gpu::GPUModuleOp module, StringRef report) {
  SmallVector<StringRef> lines;
  report.split(lines, '\n', -1, /*KeepEmpty=*/false);
  for (StringRef line : lines) {
    bool spills = line.contains("spill stores") &&
                  !line.contains(" 0 bytes spill stores");
    if (spills || line.contains("serialized"))
      module.emitWarning("ptxas: ") << line.trim();
  }
}

LLVM::GlobalOp addConstant(mlir::ImplicitLocOpBuilder &b, StringRef name,
                           StringRef bytes) {
  auto type = LLVM::LLVMArrayType::get(b.getI8Type(), bytes.size());
  return LLVM::GlobalOp::create(b, type, /*isConstant=*/true,
                                LLVM::Linkage::Internal, name,
                                b.getStringAttr(bytes), /*alignment=*/64);
}

/// Defines the attnc_rt_gpu_image that host code has the address of.
void defineImage(LLVM::GlobalOp image, StringRef data, StringRef arch) {
  mlir::ImplicitLocOpBuilder b(image.getLoc(), image);
  std::string name = image.getSymName().str();
  std::string archText = arch.str();
  archText.push_back('\0');
  addConstant(b, name + ".data", data);
  addConstant(b, name + ".arch", archText);
  image.setLinkage(LLVM::Linkage::Internal);
  Block *block = b.createBlock(&image.getInitializerRegion());
  b.setInsertionPointToStart(block);
  auto pointer = LLVM::LLVMPointerType::get(b.getContext());
  Value size = LLVM::ConstantOp::create(b, b.getI64Type(),
                                        b.getI64IntegerAttr(data.size()));
  Value fields[] = {LLVM::ZeroOp::create(b, pointer),
                    LLVM::AddressOfOp::create(b, pointer, name + ".data"), size,
                    LLVM::AddressOfOp::create(b, pointer, name + ".arch")};
  Value value = LLVM::UndefOp::create(b, image.getType());
  for (auto [i, field] : llvm::enumerate(fields))
    value = LLVM::InsertValueOp::create(b, value, field, i);
  LLVM::ReturnOp::create(b, value);
}

struct AssembleKernels : impl::AssembleKernelsPassBase<AssembleKernels> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto target =
        module->getAttrOfType<attn::GpuTargetAttr>(attn::kGpuTargetAttrName);
    for (auto program :
         llvm::make_early_inc_range(module.getOps<mlir::gpu::GPUModuleOp>()))
      if (failed(assembleProgram(module, program, target)))
        return signalPassFailure();
  }

  LogicalResult assembleProgram(ModuleOp module, mlir::gpu::GPUModuleOp program,
                                attn::GpuTargetAttr target) {
    if (!target)
      return program.emitOpError("is in a module without an attn.gpu; run "
                                 "gpu-attach-target first");
    auto image = module.lookupSymbol<LLVM::GlobalOp>(
        (program.getName() + ".image").str());
    if (!image)
      return program.emitOpError("has no image beside it; "
                                 "convert-tile-to-gpu declares one");
    FailureOr<std::string> ptx = emitPtx(program, target.getArch());
    if (failed(ptx))
      return failure();
    if (target.getImage() == attn::GpuImage::PTX) {
      // The driver looks for the end of the text.
      ptx->push_back('\0');
      defineImage(image, *ptx, target.getArch());
      program.erase();
      return success();
    }
    llvm::Expected<Assembled> assembled = assemble(*ptx, target.getArch());
    if (!assembled)
      return program.emitError(llvm::toString(assembled.takeError()));
    warnOf(program, assembled->report);
    defineImage(image, assembled->cubin, target.getArch());
    program.erase();
    return success();
  }
};

} // namespace
} // namespace attnc::gpu
