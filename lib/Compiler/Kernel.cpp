//===- Kernel.cpp - a spec that can be called -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bytes of the object go straight to the loader: there is one code path for
// files and for calls.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Kernel.h"

#include "DeviceCall.h"
#include "attnc/Compiler/Failure.h"
#include "attnc/Target/GPU/TargetDescription.h"

using namespace attnc;

llvm::Expected<Kernel> Kernel::load(Spec &spec, const CompileOptions &options) {
  const std::string &target = options.pipeline.target;
  bool isOnGPU = gpu::isGpuTarget(target);
  llvm::Expected<CompiledCode> code = compile(spec, options);
  if (!code)
    return code.takeError();
  if (llvm::Error error = cpu::checkRunsOnHost(code->target))
    return std::move(error);
  llvm::Expected<LoadedObject> object =
      LoadedObject::load(code->object, spec.getName());
  if (!object)
    return object.takeError();
  if (llvm::Error error = selectDriver(target))
    return std::move(error);
  return Kernel(std::move(*code), std::move(*object), isOnGPU);
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
  if (isOnGPU)
    return fail(
        ExitCode::Usage,
        "kernels on a GPU are measured by bench/gpu/run.sh; this command "
        "measures those of a cpu");
  llvm::Expected<void *> entry = object.lookup(signature.function);
  if (!entry)
    return entry.takeError();
  return PreparedCall(*entry, inputs, outputs);
}

llvm::Error Kernel::call(const attn::FunctionSignature &signature,
                         MutableArrayRef<HostTensor> inputs,
                         MutableArrayRef<HostTensor> outputs) const {
  if (isOnGPU) {
    llvm::Expected<void *> entry = object.lookup(signature.function);
    return entry ? callOnDevice(*entry, inputs, outputs) : entry.takeError();
  }
  llvm::Expected<PreparedCall> prepared = prepare(signature, inputs, outputs);
  if (!prepared)
    return prepared.takeError();
  return (*prepared)();
}
