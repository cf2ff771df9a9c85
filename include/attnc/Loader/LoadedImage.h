//===- LoadedImage.h - machine code in memory, without LLVM -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Links a relocatable object into this process. A program that finds its
// kernels in the cache uses no compiler, and a JIT linker that brings one along
// would take longer to load than the kernel to run; the few relocations that
// kernels have are done here. The bytes are those that `attnc compile` writes.
//
// Pages are written first and made executable afterwards, never both at once.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LOADER_LOADEDIMAGE_H
#define ATTNC_LOADER_LOADEDIMAGE_H

#include "attnc/Support/Problem.h"
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string_view>

namespace attnc {

/// Finds the address of a symbol that an object needs; null if there is none.
/// May set the problem to say why.
using SymbolResolver = std::function<void *(const char *name, Problem &why)>;

/// The sections of an object, in memory with the permissions they ask for.
class LoadedImage {
public:
  /// Copies what is needed of `object`, an ELF file for this machine. `name`
  /// stands for it in messages. Every offset of the file is checked; one that
  /// is no such file, or needs what kernels do not (thread-local storage,
  /// constructors), is refused, as is one with a symbol that nobody defines.
  static Problem load(std::string_view object, std::string_view name,
                      const SymbolResolver &resolve,
                      std::unique_ptr<LoadedImage> &image);

  ~LoadedImage();
  LoadedImage(const LoadedImage &) = delete;
  LoadedImage &operator=(const LoadedImage &) = delete;

  /// The address of an external definition, or null.
  void *lookup(std::string_view symbol) const;

private:
  LoadedImage() = default;

  void *memory = nullptr;
  size_t size = 0;
  std::map<std::string, void *, std::less<>> definitions;

  friend class ImageBuilder;
};

} // namespace attnc

#endif // ATTNC_LOADER_LOADEDIMAGE_H
