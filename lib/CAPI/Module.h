//===- Module.h - a compiled spec -------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What modules and kernels share, for as long as one of them lives.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_CAPI_MODULE_H
#define ATTNC_LIB_CAPI_MODULE_H

#include "Description.h"
#include "attnc/Loader/LoadedImage.h"
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace attnc::capi {

/// Machine code and what describes it.
class CompiledModule {
public:
  /// Fails if the description is not one.
  static Problem create(std::string name, ModuleText text, std::string object,
                        std::shared_ptr<CompiledModule> &module);

  const ModuleText &getText() const { return text; }
  const std::string &getObject() const { return object; }
  const std::vector<FunctionDescription> &getFunctions() const {
    return functions;
  }

  /// Puts the code in executable memory, at the first call, and looks a
  /// function up.
  Problem getEntry(const std::string &function, void *&entry);

private:
  std::string name, object;
  ModuleText text;
  std::vector<FunctionDescription> functions;
  std::mutex lock;
  std::unique_ptr<LoadedImage> image;
};

/// Finds what kernels call: the runtime, the OpenMP runtime, and the C library.
void *findProcessSymbol(const char *name, Problem &why);

} // namespace attnc::capi

struct attnc_module {
  std::shared_ptr<attnc::capi::CompiledModule> compiled;
  bool wasCached;
};

#endif // ATTNC_LIB_CAPI_MODULE_H
