//===- AllocateScratch.cpp - buffers in the GPU's memory ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A size that 64 bits do not hold becomes the largest one, which the runtime
// refuses.
//
//===----------------------------------------------------------------------===//

#include "attnc/Target/GPU/Passes.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attnc::gpu {
#define GEN_PASS_DEF_ALLOCATESCRATCHPASS
#include "attnc/Target/GPU/Passes.h.inc"

namespace {

namespace LLVM = mlir::LLVM;
namespace arith = mlir::arith;
namespace memref = mlir::memref;
using mlir::func::FuncOp;

class ScratchBuilder {
public:
  explicit ScratchBuilder(Operation *op)
      : op(op), b(op->getLoc(), op), converter(op->getContext()) {}

  void allocate(memref::AllocOp alloc) {
    MemRefType type = alloc.getType();
    SmallVector<Value> extents;
    auto dynamic = alloc.getDynamicSizes().begin();
    for (int64_t size : type.getShape())
      extents.push_back(mlir::ShapedType::isDynamic(size) ? toWord(*dynamic++)
                                                          : word(size));
    Value pointer = call("attnc_rt_gpu_scratch_allocate",
                         buildBytes(type.getElementType(), extents),
                         LLVM::LLVMPointerType::get(b.getContext()));
    auto memory = mlir::MemRefDescriptor::poison(b, b.getLoc(),
                                                 converter.convertType(type));
    memory.setAllocatedPtr(b, b.getLoc(), pointer);
    memory.setAlignedPtr(b, b.getLoc(), pointer);
    memory.setConstantOffset(b, b.getLoc(), 0);
    Value stride = word(1);
    for (size_t axis = extents.size(); axis-- > 0;) {
      memory.setSize(b, b.getLoc(), axis, extents[axis]);
      memory.setStride(b, b.getLoc(), axis, stride);
      stride = arith::MulIOp::create(b, stride, extents[axis]);
    }
    Value view =
        mlir::UnrealizedConversionCastOp::create(b, Type(type), Value(memory))
            .getResult(0);
    alloc.replaceAllUsesWith(view);
    alloc.erase();
  }

  void free(memref::DeallocOp dealloc) {
    Value address =
        memref::ExtractAlignedPointerAsIndexOp::create(b, dealloc.getMemref());
    Value pointer = LLVM::IntToPtrOp::create(
        b, LLVM::LLVMPointerType::get(b.getContext()), toWord(address));
    call("attnc_rt_gpu_scratch_free", pointer, {});
    dealloc.erase();
  }

private:
  Value word(int64_t value) {
    return arith::ConstantIntOp::create(b, b.getI64Type(), value);
  }
  Value toWord(Value index) {
    return arith::IndexCastOp::create(b, b.getI64Type(), index);
  }

  Value buildBytes(Type element, ArrayRef<Value> extents) {
    constexpr int64_t most = std::numeric_limits<int64_t>::max();
    int64_t bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
    Value bytes = word(llvm::divideCeil(bits, 8));
    for (Value extent : extents) {
      Value divisor = arith::MaxSIOp::create(b, extent, word(1));
      Value limit = arith::DivSIOp::create(b, word(most), divisor);
      Value fits =
          arith::CmpIOp::create(b, arith::CmpIPredicate::sle, bytes, limit);
      bytes = arith::SelectOp::create(
          b, fits, arith::MulIOp::create(b, bytes, extent), word(most));
    }
    return bytes;
  }

  /// Calls a function of the runtime; returns its result if it has one.
  Value call(StringRef function, Value argument, Type result) {
    auto module = op->getParentOfType<ModuleOp>();
    auto declared = module.lookupSymbol<FuncOp>(function);
    if (!declared) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(module.getBody());
      mlir::TypeRange results =
          result ? mlir::TypeRange(result) : mlir::TypeRange();
      declared = FuncOp::create(b, function,
                                b.getFunctionType(argument.getType(), results));
      declared.setPrivate();
    }
    auto called = mlir::func::CallOp::create(b, declared, argument);
    return result ? called.getResult(0) : Value();
  }

  Operation *op;
  mlir::ImplicitLocOpBuilder b;
  mlir::LLVMTypeConverter converter;
};

struct AllocateScratch : impl::AllocateScratchPassBase<AllocateScratch> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    for (FuncOp function : getOperation().getOps<FuncOp>())
      function.walk([&](Operation *op) {
        if (isa<memref::AllocOp, memref::DeallocOp>(op))
          ops.push_back(op);
      });
    for (Operation *op : ops) {
      ScratchBuilder builder(op);
      if (auto alloc = dyn_cast<memref::AllocOp>(op))
        builder.allocate(alloc);
      else
        builder.free(cast<memref::DeallocOp>(op));
    }
  }
};

} // namespace
} // namespace attnc::gpu
