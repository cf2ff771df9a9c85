//===- HostCalls.cpp - calls of the runtime in host code ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host code is still on memrefs here, and what a call needs of them in the llvm
// dialect: upstream conversion takes both.
//
//===----------------------------------------------------------------------===//

#include "HostCalls.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace attnc;
using namespace attnc::gpu;
namespace LLVM = mlir::LLVM;
namespace arith = mlir::arith;

static LLVM::LLVMPointerType getPointerType(mlir::OpBuilder &b) {
  return LLVM::LLVMPointerType::get(b.getContext());
}

static ModuleOp getModule(mlir::OpBuilder &b) {
  return b.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
}

Value HostCalls::i32(int64_t value) {
  return arith::ConstantIntOp::create(b, b.getI32Type(), value);
}

Value HostCalls::i64(int64_t value) {
  return arith::ConstantIntOp::create(b, b.getI64Type(), value);
}

Value HostCalls::global(StringRef name) {
  return LLVM::AddressOfOp::create(b, getPointerType(b), name);
}

Value HostCalls::string(StringRef text) {
  ModuleOp module = getModule(b);
  std::string name = ("attnc.text." + text).str();
  if (!module.lookupSymbol(name)) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    std::string data = text.str();
    data.push_back('\0');
    auto type = LLVM::LLVMArrayType::get(b.getI8Type(), data.size());
    LLVM::GlobalOp::create(b, type, /*isConstant=*/true,
                           LLVM::Linkage::Internal, name,
                           b.getStringAttr(data));
  }
  return global(name);
}

Value HostCalls::pointerOf(Value memory) {
  Value address =
      mlir::memref::ExtractAlignedPointerAsIndexOp::create(b, memory);
  auto metadata = mlir::memref::ExtractStridedMetadataOp::create(b, memory);
  int64_t bytes =
      cast<MemRefType>(memory.getType()).getElementTypeBitWidth() / 8;
  Value offset = arith::MulIOp::create(
      b, metadata.getOffset(), arith::ConstantIndexOp::create(b, bytes));
  address = arith::AddIOp::create(b, address, offset);
  return LLVM::IntToPtrOp::create(b, getPointerType(b), asWord(address));
}

Value HostCalls::allocateStack(int64_t bytes, int64_t alignment) {
  return LLVM::AllocaOp::create(b, getPointerType(b), b.getI8Type(), i64(bytes),
                                alignment);
}

Value HostCalls::asWord(Value scalar) {
  if (!scalar.getType().isIndex())
    return scalar;
  return arith::IndexCastOp::create(b, b.getI64Type(), scalar);
}

Value HostCalls::spill(Value scalar) { return array(scalar); }

Value HostCalls::array(ArrayRef<Value> values) {
  constexpr int64_t wordBytes = 8;
  int64_t count = values.size();
  Value memory =
      allocateStack(std::max<int64_t>(count, 1) * wordBytes, wordBytes);
  for (auto [i, value] : llvm::enumerate(values)) {
    Value place = LLVM::GEPOp::create(b, getPointerType(b), b.getI8Type(),
                                      memory, ValueRange{i64(i * wordBytes)});
    LLVM::StoreOp::create(b, asWord(value), place);
  }
  return memory;
}

void HostCalls::call(StringRef function, ArrayRef<Value> arguments) {
  ModuleOp module = getModule(b);
  auto declared = module.lookupSymbol<mlir::func::FuncOp>(function);
  if (!declared) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    declared = mlir::func::FuncOp::create(
        b, function, b.getFunctionType(ValueRange(arguments).getTypes(), {}));
    declared.setPrivate();
  }
  mlir::func::CallOp::create(b, declared, arguments);
}
