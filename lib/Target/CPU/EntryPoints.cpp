//===- EntryPoints.cpp - the C functions of an object ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Written at the level of LLVM IR, because the signature is constant data with
// pointers into itself and the function takes C structures: neither has a form
// in the llvm dialect that is shorter than this.
//
//===----------------------------------------------------------------------===//

#include "attnc/Target/CPU/EntryPoints.h"

#include "attnc-c/runtime.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

using namespace attnc;
using namespace attnc::attn;
using llvm::Constant;
using llvm::ConstantInt;
using llvm::ConstantStruct;
using llvm::Function;
using llvm::GlobalVariable;

namespace {

std::string getKernelSymbol(StringRef function) {
  return ("_mlir_ciface_attnc.kernel." + function).str();
}

DLDataType getElementType(Type type) {
  auto bits = static_cast<uint8_t>(type.getIntOrFloatBitWidth());
  if (isa<mlir::BFloat16Type>(type))
    return {kDLBfloat, bits, 1};
  return {static_cast<uint8_t>(isa<FloatType>(type) ? kDLFloat : kDLInt), bits,
          1};
}

/// Writes one entry point into a module.
class EntryPointEmitter {
public:
  EntryPointEmitter(llvm::Module &module, const FunctionSignature &signature,
                    bool isOnGPU)
      : module(module), signature(signature), isOnGPU(isOnGPU),
        context(module.getContext()), builder(context),
        pointer(builder.getPtrTy()) {}

  llvm::Error emit();

private:
  // Constant data. The layouts are those of attnc-c/runtime.h.
  GlobalVariable *addConstant(Constant *value, const Twine &name);
  Constant *addString(StringRef text);
  Constant *addArray(llvm::Type *element, ArrayRef<Constant *> values,
                     const Twine &name);
  Constant *addArgument(const SignatureArgument &argument);
  Constant *addMultiples();
  Constant *addSignature();
  Constant *getStruct(ArrayRef<Constant *> fields) {
    return ConstantStruct::getAnon(context, fields);
  }

  // Code.
  void emitBody(Function *entry, Function *kernel);
  Constant *addCache(const SignatureCache &cache);
  void emitCheck(llvm::Value *status, llvm::Value *result);
  void emitDivisorCheck(const SignatureMultiple &multiple,
                        ArrayRef<llvm::Value *> descriptors);
  llvm::Value *loadExtent(unsigned symbol, ArrayRef<llvm::Value *> descriptors);
  std::pair<unsigned, unsigned> locate(unsigned symbol) const;

  llvm::Module &module;
  const FunctionSignature &signature;
  /// Whether tensors are in the memory of a GPU.
  bool isOnGPU;
  llvm::LLVMContext &context;
  llvm::IRBuilder<> builder;
  llvm::PointerType *pointer;
};

} // namespace

GlobalVariable *EntryPointEmitter::addConstant(Constant *value,
                                               const Twine &name) {
  auto *global = new GlobalVariable(
      module, value->getType(), /*isConstant=*/true,
      GlobalVariable::PrivateLinkage, value, "attnc." + name);
  return global;
}

Constant *EntryPointEmitter::addString(StringRef text) {
  GlobalVariable *global =
      addConstant(llvm::ConstantDataArray::getString(context, text), "string");
  global->setUnnamedAddr(GlobalVariable::UnnamedAddr::Global);
  return global;
}

Constant *EntryPointEmitter::addArray(llvm::Type *element,
                                      ArrayRef<Constant *> values,
                                      const Twine &name) {
  if (values.empty())
    return llvm::ConstantPointerNull::get(pointer);
  auto *type = llvm::ArrayType::get(element, values.size());
  return addConstant(llvm::ConstantArray::get(type, values), name);
}

Constant *EntryPointEmitter::addArgument(const SignatureArgument &argument) {
  SmallVector<Constant *> dims;
  for (Extent extent : argument.dims)
    dims.push_back(
        ConstantInt::getSigned(builder.getInt64Ty(), extent.getEncoded()));
  DLDataType type = getElementType(argument.elementType);
  return getStruct({addString(argument.name), builder.getInt8(type.code),
                    builder.getInt8(type.bits),
                    builder.getInt8(argument.isOutput || argument.isUpdated),
                    builder.getInt8(0), builder.getInt32(argument.dims.size()),
                    addArray(builder.getInt64Ty(), dims, "dims")});
}

/// Those conditions that the runtime can check: of a symbol.
Constant *EntryPointEmitter::addMultiples() {
  SmallVector<Constant *> rows;
  for (const SignatureMultiple &multiple : signature.multiples) {
    if (!multiple.multiple.isSymbol())
      continue;
    bool isSymbolic = multiple.divisor.isSymbol();
    rows.push_back(getStruct(
        {builder.getInt32(multiple.multiple.getSymbol()),
         isSymbolic ? builder.getInt32(multiple.divisor.getSymbol())
                    : builder.getInt32(-1),
         builder.getInt64(isSymbolic ? 0 : multiple.divisor.getConstant())}));
  }
  if (rows.empty())
    return llvm::ConstantPointerNull::get(pointer);
  return addArray(rows.front()->getType(), rows, "multiples");
}

Constant *EntryPointEmitter::addSignature() {
  SmallVector<Constant *> arguments, symbols;
  for (const SignatureArgument &argument : signature.arguments)
    arguments.push_back(addArgument(argument));
  for (const std::string &symbol : signature.symbols)
    symbols.push_back(addString(symbol));
  unsigned numMultiples =
      llvm::count_if(signature.multiples, [](const SignatureMultiple &m) {
        return m.multiple.isSymbol();
      });
  auto *argumentType = llvm::StructType::get(
      context,
      {pointer, builder.getInt8Ty(), builder.getInt8Ty(), builder.getInt8Ty(),
       builder.getInt8Ty(), builder.getInt32Ty(), pointer});
  Constant *value = getStruct(
      {builder.getInt32(ATTNC_RT_ABI_VERSION),
       builder.getInt32(arguments.size()), addString(signature.function),
       addArray(argumentType, arguments, "arguments"),
       builder.getInt32(symbols.size()), builder.getInt32(numMultiples),
       addArray(pointer, symbols, "symbols"), addMultiples()});
  return addConstant(value, "signature." + Twine(signature.function));
}

/// An attnc_rt_cache.
Constant *EntryPointEmitter::addCache(const SignatureCache &cache) {
  auto number = [&](std::optional<unsigned> argument) {
    return builder.getInt32(argument ? int32_t(*argument) : -1);
  };
  KVScaleAttr scale = cache.type.getScale();
  bool areFew = scale && (scale.getGranularity() == ScaleGranularity::Tensor ||
                          scale.getGranularity() == ScaleGranularity::Channel);
  auto fewNumbers = [&](std::optional<unsigned> argument) {
    return number(areFew ? argument : std::nullopt);
  };
  KVLayoutAttrInterface layout = cache.type.getLayout();
  return addConstant(
      getStruct({builder.getInt32(cache.data), number(cache.table),
                 number(cache.lengths), fewNumbers(cache.scales),
                 fewNumbers(cache.zeros),
                 builder.getInt32(layout.getTokenAxis()),
                 builder.getInt64(layout.getBlockTokens().value_or(0)),
                 number(cache.tokens), builder.getInt32(cache.isAppended),
                 number(cache.prefix), builder.getInt32(0)}),
      "cache");
}

/// Returns `result` from the entry point unless `status` is zero.
void EntryPointEmitter::emitCheck(llvm::Value *status, llvm::Value *result) {
  Function *entry = builder.GetInsertBlock()->getParent();
  auto *failed = llvm::BasicBlock::Create(context, "failed", entry);
  auto *passed = llvm::BasicBlock::Create(context, "passed", entry);
  builder.CreateCondBr(builder.CreateIsNull(status), passed, failed);
  builder.SetInsertPoint(failed);
  builder.CreateRet(result);
  builder.SetInsertPoint(passed);
}

/// An argument and an axis whose extent is the symbol.
std::pair<unsigned, unsigned> EntryPointEmitter::locate(unsigned symbol) const {
  for (auto [number, argument] : llvm::enumerate(signature.arguments))
    for (auto [axis, extent] : llvm::enumerate(argument.dims))
      if (extent == Extent::symbol(symbol))
        return {unsigned(number), unsigned(axis)};
  llvm_unreachable("every symbol is the extent of an input");
}

llvm::Value *
EntryPointEmitter::loadExtent(unsigned symbol,
                              ArrayRef<llvm::Value *> descriptors) {
  auto [argument, axis] = locate(symbol);
  // Behind two pointers and the offset.
  llvm::Value *address = builder.CreateConstInBoundsGEP1_64(
      builder.getInt64Ty(), descriptors[argument], 3 + axis);
  return builder.CreateLoad(builder.getInt64Ty(), address);
}

/// Checks that a symbol divides a constant, which a signature cannot say: its
/// conditions are about symbols.
void EntryPointEmitter::emitDivisorCheck(const SignatureMultiple &multiple,
                                         ArrayRef<llvm::Value *> descriptors) {
  unsigned symbol = multiple.divisor.getSymbol();
  int64_t constant = multiple.multiple.getConstant();
  llvm::Value *divisor = loadExtent(symbol, descriptors);
  llvm::Value *isZero = builder.CreateIsNull(divisor);
  llvm::Value *safe =
      builder.CreateSelect(isZero, builder.getInt64(1), divisor);
  llvm::Value *remainder = builder.CreateURem(builder.getInt64(constant), safe);
  // Zero divides only zero.
  llvm::Value *isBad =
      builder.CreateSelect(isZero, builder.getInt1(constant != 0),
                           builder.CreateIsNotNull(remainder));

  auto [argument, axis] = locate(symbol);
  std::string message =
      ("argument " + signature.arguments[argument].name + ": dimension " +
       Twine(axis) + " ('" + signature.symbols[symbol] + "') must divide " +
       Twine(constant))
          .str();
  Function *entry = builder.GetInsertBlock()->getParent();
  auto *bad = llvm::BasicBlock::Create(context, "bad", entry);
  auto *good = llvm::BasicBlock::Create(context, "good", entry);
  builder.CreateCondBr(isBad, bad, good);
  builder.SetInsertPoint(bad);
  llvm::FunctionCallee fail =
      module.getOrInsertFunction("attnc_rt_fail", builder.getInt32Ty(),
                                 builder.getInt32Ty(), pointer, pointer);
  builder.CreateRet(builder.CreateCall(
      fail, {builder.getInt32(ATTNC_INVALID_ARGUMENT),
             addString(signature.function), addString(message)}));
  builder.SetInsertPoint(good);
}

void EntryPointEmitter::emitBody(Function *entry, Function *kernel) {
  builder.SetInsertPoint(llvm::BasicBlock::Create(context, "entry", entry));
  unsigned count = signature.arguments.size();
  auto *table = llvm::ArrayType::get(pointer, count);
  llvm::Value *tensors = builder.CreateAlloca(table, nullptr, "tensors");
  llvm::Value *places = builder.CreateAlloca(table, nullptr, "descriptors");
  SmallVector<llvm::Value *> descriptors;
  for (unsigned number = 0; number < count; ++number) {
    const SignatureArgument &argument = signature.arguments[number];
    // Two pointers, the offset, sizes and strides, each of eight bytes.
    auto *type = llvm::ArrayType::get(builder.getInt64Ty(),
                                      3 + 2 * argument.dims.size());
    descriptors.push_back(
        builder.CreateAlloca(type, nullptr, argument.name + ".descriptor"));
    auto store = [&](llvm::Value *value, llvm::Value *array) {
      builder.CreateStore(
          value, builder.CreateConstInBoundsGEP2_64(table, array, 0, number));
    };
    store(entry->getArg(number), tensors);
    store(descriptors.back(), places);
  }
  llvm::FunctionCallee bind = module.getOrInsertFunction(
      isOnGPU ? "attnc_rt_gpu_bind" : "attnc_rt_bind", builder.getInt32Ty(),
      pointer, pointer, pointer);
  Constant *constant = addSignature();
  llvm::Value *status =
      builder.CreateCall(bind, {constant, tensors, places}, "status");
  emitCheck(status, status);
  // What a GPU has cannot be looked at: its kernels take any contents.
  ArrayRef<SignatureCache> checked;
  if (!isOnGPU)
    checked = signature.caches;
  for (const SignatureCache &cache : checked) {
    llvm::FunctionCallee check =
        module.getOrInsertFunction("attnc_rt_check_cache", builder.getInt32Ty(),
                                   pointer, pointer, pointer);
    status = builder.CreateCall(check, {constant, addCache(cache), tensors});
    emitCheck(status, status);
  }
  for (const SignatureMultiple &multiple : signature.multiples)
    if (!multiple.multiple.isSymbol())
      emitDivisorCheck(multiple, descriptors);
  builder.CreateCall(kernel, descriptors);
  if (!isOnGPU) {
    builder.CreateRet(builder.getInt32(ATTNC_OK));
    return;
  }
  llvm::FunctionCallee getStatus =
      module.getOrInsertFunction("attnc_rt_gpu_status", builder.getInt32Ty());
  builder.CreateRet(builder.CreateCall(getStatus));
}

llvm::Error EntryPointEmitter::emit() {
  std::string symbol = getKernelSymbol(signature.function);
  Function *kernel = module.getFunction(symbol);
  if (!kernel || kernel->isDeclaration() ||
      kernel->arg_size() != signature.arguments.size())
    return llvm::createStringError("the compiled module has no kernel '%s'",
                                   symbol.c_str());
  // A definition of, say, free would be used by the kernels and by the program.
  llvm::TargetLibraryInfoImpl library(module.getTargetTriple());
  llvm::LibFunc known;
  if (library.getLibFunc(signature.function, known) ||
      module.getNamedValue(signature.function))
    return llvm::createStringError(
        "the function name '%s' is that of a library function; rename the "
        "function",
        signature.function.c_str());
  SmallVector<llvm::Type *> parameters(signature.arguments.size(), pointer);
  auto *type = llvm::FunctionType::get(builder.getInt32Ty(), parameters,
                                       /*isVarArg=*/false);
  Function *entry = Function::Create(type, Function::ExternalLinkage,
                                     signature.function, module);
  for (auto [parameter, argument] :
       llvm::zip(entry->args(), signature.arguments))
    parameter.setName(argument.name);
  entry->setDoesNotThrow();
  emitBody(entry, kernel);
  return llvm::Error::success();
}

llvm::Error cpu::emitEntryPoints(llvm::Module &module,
                                 ArrayRef<FunctionSignature> signatures,
                                 bool areOnGPU) {
  for (llvm::GlobalValue &value : module.global_values())
    if (!value.isDeclaration())
      value.setLinkage(llvm::GlobalValue::InternalLinkage);
  for (const FunctionSignature &signature : signatures)
    if (llvm::Error error =
            EntryPointEmitter(module, signature, areOnGPU).emit())
      return error;
  return llvm::Error::success();
}
