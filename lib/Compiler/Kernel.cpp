//===- Kernel.cpp - a spec that can be called -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bytes of the object go straight to the loader: there is one code path for
// files and for calls.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Kernel.h"

using namespace attnc;

llvm::Expected<Kernel> Kernel::load(Spec &spec, const CompileOptions &options) {
  llvm::Expected<CompiledCode> code = compile(spec, options);
  if (!code)
    return code.takeError();
  if (llvm::Error error = cpu::checkRunsOnHost(code->target))
    return std::move(error);
  llvm::Expected<LoadedObject> object =
      LoadedObject::load(code->object, spec.getName());
  if (!object)
    return object.takeError();
  return Kernel(std::move(*code), std::move(*object));
}

PreparedCall::PreparedCall(void *entry, MutableArrayRef<HostTensor> inputs,
                           MutableArrayRef<HostTensor> outputs)
    : entry(entry) {
  for (HostTensor &tensor : inputs)
    tensors.push_back(tensor.getDLTensor());
  for (HostTensor &tensor : outputs)
    tensors.push_back(tensor.getDLTensor());
}

llvm::Error PreparedCall::operator()() {
  SmallVector<DLTensor *, 8> pointers;
  for (DLTensor &tensor : tensors)
    pointers.push_back(&tensor);
  return callEntryPoint(entry, pointers);
}

llvm::Expected<PreparedCall>
Kernel::prepare(const attn::FunctionSignature &signature,
                MutableArrayRef<HostTensor> inputs,
                MutableArrayRef<HostTensor> outputs) const {
  llvm::Expected<void *> entry = object.lookup(signature.function);
  if (!entry)
    return entry.takeError();
  return PreparedCall(*entry, inputs, outputs);
}

llvm::Error Kernel::call(const attn::FunctionSignature &signature,
                         MutableArrayRef<HostTensor> inputs,
                         MutableArrayRef<HostTensor> outputs) const {
  llvm::Expected<PreparedCall> prepared = prepare(signature, inputs, outputs);
  if (!prepared)
    return prepared.takeError();
  return (*prepared)();
}
