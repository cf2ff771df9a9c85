//===- Kernel.h - a spec that can be called ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiles a spec for this machine, loads the object and calls its functions on
// host tensors.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_COMPILER_KERNEL_H
#define ATTNC_COMPILER_KERNEL_H

#include "attnc/Compiler/Compilation.h"
#include "attnc/JIT/LoadedObject.h"
#include "attnc/Support/HostTensor.h"

namespace attnc {

/// A function with its arguments, ready to be called any number of times.
/// Points into the tensors it was prepared with.
class PreparedCall {
public:
  PreparedCall(void *entry, MutableArrayRef<HostTensor> inputs,
               MutableArrayRef<HostTensor> outputs);

  /// A refusal carries the runtime's message.
  llvm::Error operator()();

private:
  void *entry;
  SmallVector<DLTensor, 8> tensors;
};

/// The functions of a spec, loaded.
class Kernel {
public:
  /// Compiles and loads. Fails if the target is not one this machine can run.
  static llvm::Expected<Kernel> load(Spec &spec, const CompileOptions &options);

  /// Puts a function and its tensors together, inputs and outputs in the order
  /// of the signature. All have to outlive the result. Fails for a kernel on a
  /// GPU, whose tensors are not the host's.
  llvm::Expected<PreparedCall>
  prepare(const attn::FunctionSignature &signature,
          MutableArrayRef<HostTensor> inputs,
          MutableArrayRef<HostTensor> outputs) const;
  /// Calls a function once; on a GPU, on copies of the tensors.
  llvm::Error call(const attn::FunctionSignature &signature,
                   MutableArrayRef<HostTensor> inputs,
                   MutableArrayRef<HostTensor> outputs) const;

  const CompiledCode &getCode() const { return code; }

private:
  Kernel(CompiledCode code, LoadedObject object, bool isOnGPU)
      : code(std::move(code)), object(std::move(object)), isOnGPU(isOnGPU) {}

  CompiledCode code;
  LoadedObject object;
  bool isOnGPU;
};

} // namespace attnc

#endif // ATTNC_COMPILER_KERNEL_H
