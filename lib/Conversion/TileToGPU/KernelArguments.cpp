//===- KernelArguments.cpp - what a host gives its kernel -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Both sides of a parameter stand together: what the kernel sees of it, and how
// the host computes it.
//
//===----------------------------------------------------------------------===//

#include "KernelArguments.h"
#include "HostCalls.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace attnc;
using namespace attnc::gpu;
namespace LLVM = mlir::LLVM;
namespace memref = mlir::memref;

/// Bytes of a CUtensorMap, and its alignment.
static constexpr int64_t kTensorMapBytes = 128, kTensorMapAlignment = 64;

bool KernelArguments::isOfHost(Value memory) const {
  auto tiles = dyn_cast<tile::KernelOp>(kernel);
  Operation *parent = memory.getParentBlock()->getParentOp();
  if (tiles && parent == tiles)
    return isa<mlir::BlockArgument>(memory);
  return !kernel->isAncestor(parent);
}

Value KernelArguments::toHost(Value view) const {
  auto tiles = dyn_cast<tile::KernelOp>(kernel);
  auto argument = dyn_cast<mlir::BlockArgument>(view);
  if (!tiles || !argument || argument.getOwner()->getParentOp() != tiles)
    return view;
  unsigned number = argument.getArgNumber() - tiles.getGrid().size();
  mlir::OperandRange inputs = tiles.getInputs();
  if (number < inputs.size())
    return inputs[number];
  return tiles.getOutputs()[number - inputs.size()];
}

Value KernelArguments::get(const Parameter &parameter, Type type, Type asType) {
  auto found = llvm::find(parameters, parameter);
  if (found != parameters.end())
    return values[found - parameters.begin()];
  mlir::Block &entry = function.getBody().front();
  Value value = entry.addArgument(type, function.getLoc());
  if (parameter.kind != Kind::TensorMap && type != asType) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&entry);
    value = b.cast(value, asType);
  }
  parameters.push_back(parameter);
  values.push_back(value);
  return value;
}

Value KernelArguments::getScalar(Value outside) {
  Type type = outside.getType();
  return get({Kind::Scalar, outside}, type.isIndex() ? b.getI64Type() : type,
             type);
}

Value KernelArguments::getPointer(Value view) {
  Type type = b.pointer(kGlobalSpace);
  return get({Kind::Pointer, toHost(view)}, type, type);
}

Value KernelArguments::getSize(Value view, int64_t axis) {
  auto type = cast<MemRefType>(view.getType());
  if (!type.isDynamicDim(axis))
    return b.index(type.getDimSize(axis));
  return get({Kind::Size, toHost(view), axis}, b.getI64Type(),
             b.getIndexType());
}

Value KernelArguments::getStride(Value view, int64_t axis) {
  if (axis + 1 == cast<MemRefType>(view.getType()).getRank())
    return b.index(1);
  return get({Kind::Stride, toHost(view), axis}, b.getI64Type(),
             b.getIndexType());
}

Value KernelArguments::getTensorMap(Value view, int64_t axis, int64_t rows,
                                    int64_t columns) {
  Type type = b.pointer(/*space=*/0);
  return get({Kind::TensorMap, toHost(view), axis, rows, columns}, type, type);
}

void KernelArguments::requireAlignedRows(Value view) {
  constexpr int64_t chunkElements = 16;
  Parameter map = {Kind::TensorMap, toHost(view), 0, 1, chunkElements};
  if (!llvm::is_contained(checked, map))
    checked.push_back(map);
}

void KernelArguments::requireAlignment(Value view, int64_t bytes) {
  int64_t &known = aligned[toHost(view)];
  known = std::max(known, bytes);
}

void KernelArguments::finish() {
  mlir::Block &entry = function.getBody().front();
  SmallVector<Type> types(entry.getArgumentTypes());
  auto none = LLVM::LLVMVoidType::get(function.getContext());
  function.setFunctionType(LLVM::LLVMFunctionType::get(none, types));
  auto bytes = LLVM::LLVMArrayType::get(b.getI8Type(), kTensorMapBytes);
  for (auto [number, parameter] : llvm::enumerate(parameters)) {
    if (parameter.kind != Kind::TensorMap)
      continue;
    function.setArgAttr(number, LLVM::LLVMDialect::getByValAttrName(),
                        mlir::TypeAttr::get(bytes));
    function.setArgAttr(number, LLVM::LLVMDialect::getAlignAttrName(),
                        b.getI64IntegerAttr(kTensorMapAlignment));
    function.setArgAttr(number, "nvvm.grid_constant", b.getUnitAttr());
  }
}

Value KernelArguments::buildTensorMap(const Parameter &parameter,
                                      mlir::ImplicitLocOpBuilder &host) const {
  HostCalls calls(host);
  auto type = cast<MemRefType>(parameter.value.getType());
  int64_t rank = type.getRank();
  Value map = calls.allocateStack(kTensorMapBytes, kTensorMapAlignment);
  auto metadata =
      memref::ExtractStridedMetadataOp::create(host, parameter.value);
  SmallVector<Value> sizes, strides, box;
  for (int64_t axis = rank; axis-- > 0;) {
    sizes.push_back(metadata.getSizes()[axis]);
    strides.push_back(metadata.getStrides()[axis]);
    int64_t extent = axis + 1 == rank         ? parameter.columns
                     : axis == parameter.axis ? parameter.rows
                                              : 1;
    box.push_back(calls.i64(extent));
  }
  Type element = type.getElementType();
  // The codes of DLPack.
  constexpr int64_t intCode = 0, floatCode = 2, bfloatCode = 4;
  int64_t code = element.isBF16()          ? bfloatCode
                 : isa<FloatType>(element) ? floatCode
                                           : intCode;
  calls.call("attnc_rt_gpu_tensor_map",
             {map, calls.string("tensor"), calls.i32(code),
              calls.i32(element.getIntOrFloatBitWidth()), calls.i32(rank),
              calls.pointerOf(parameter.value), calls.array(sizes),
              calls.array(strides), calls.array(box), calls.i32(128)});
  return map;
}

void KernelArguments::buildAlignmentCheck(
    Value memory, int64_t bytes, mlir::ImplicitLocOpBuilder &host) const {
  HostCalls calls(host);
  auto type = cast<MemRefType>(memory.getType());
  auto metadata = memref::ExtractStridedMetadataOp::create(host, memory);
  SmallVector<Value> sizes, strides;
  for (int64_t axis = type.getRank(); axis-- > 0;) {
    sizes.push_back(metadata.getSizes()[axis]);
    strides.push_back(metadata.getStrides()[axis]);
  }
  calls.call("attnc_rt_gpu_check_alignment",
             {calls.string("tensor"),
              calls.i32(type.getElementTypeBitWidth() / 8),
              calls.i32(type.getRank()), calls.pointerOf(memory),
              calls.array(sizes), calls.array(strides), calls.i64(bytes)});
}

/// The address of a parameter's value.
Value KernelArguments::buildValue(const Parameter &parameter,
                                  mlir::ImplicitLocOpBuilder &host) const {
  HostCalls calls(host);
  switch (parameter.kind) {
  case Kind::TensorMap:
    return buildTensorMap(parameter, host);
  case Kind::Scalar:
    return calls.spill(parameter.value);
  case Kind::Pointer:
    return calls.spill(calls.pointerOf(parameter.value));
  case Kind::Size:
    return calls.spill(
        memref::DimOp::create(host, parameter.value, parameter.axis));
  case Kind::Stride: {
    auto metadata =
        memref::ExtractStridedMetadataOp::create(host, parameter.value);
    return calls.spill(metadata.getStrides()[parameter.axis]);
  }
  }
  llvm_unreachable("every kind of parameter has a value");
}

Value KernelArguments::buildValues(mlir::ImplicitLocOpBuilder &host) const {
  for (const Parameter &map : checked)
    buildTensorMap(map, host);
  for (auto [memory, bytes] : aligned)
    buildAlignmentCheck(memory, bytes, host);
  SmallVector<Value> addresses;
  for (const Parameter &parameter : parameters)
    addresses.push_back(buildValue(parameter, host));
  return HostCalls(host).array(addresses);
}
