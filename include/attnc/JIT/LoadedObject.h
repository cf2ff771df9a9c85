//===- LoadedObject.h - an object file, loaded in this process --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs kernels without a linker or a file: the bytes that `attnc compile` would
// write are linked in memory, so what is run is what is shipped. Pages of code
// are never writable while they are executable.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_JIT_LOADEDOBJECT_H
#define ATTNC_JIT_LOADEDOBJECT_H

#include "attnc-c/dlpack.h"
#include "attnc/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace llvm::orc {
class LLJIT;
} // namespace llvm::orc

namespace attnc {

/// An object file for the host, linked against this process: the runtime that
/// attnc was built with, the C library and the OpenMP runtime.
class LoadedObject {
public:
  /// Copies `object`. `name` stands for it in messages. Fails if it is no
  /// object for this machine; undefined symbols are reported by `lookup`.
  static llvm::Expected<LoadedObject> load(StringRef object, StringRef name);

  LoadedObject(LoadedObject &&);
  LoadedObject &operator=(LoadedObject &&);
  ~LoadedObject();

  /// The address of an external definition, valid while this object lives.
  llvm::Expected<void *> lookup(StringRef symbol) const;

private:
  explicit LoadedObject(std::unique_ptr<llvm::orc::LLJIT> jit);
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

/// Calls the entry point of a kernel with any number of arguments. A failure
/// carries the runtime's message.
llvm::Error callEntryPoint(void *entry, ArrayRef<DLTensor *> tensors);

} // namespace attnc

#endif // ATTNC_JIT_LOADEDOBJECT_H
