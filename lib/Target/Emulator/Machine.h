//===- Machine.h - the emulated device --------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memory, modules and launches. The driver's functions in Driver.cpp are a thin
// layer above it.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_TARGET_EMULATOR_MACHINE_H
#define ATTNC_LIB_TARGET_EMULATOR_MACHINE_H

#include "Block.h"
#include "TensorMap.h"

namespace attnc::emulator {

struct LoadedModule;

/// A kernel of a module.
struct Kernel {
  const LoadedModule *module = nullptr;
  const Function *function = nullptr;
  /// What a launch may ask for; more than 48 KiB has to be allowed first.
  uint32_t maxDynamicShared = 48 * 1024;
};

struct LoadedModule {
  std::unique_ptr<Program> program;
  std::map<std::string, Kernel, std::less<>> kernels;
  /// Its variables in global memory.
  std::vector<uint64_t> variables;
};

/// A message, empty if all went well.
using Report = std::string;

class Machine {
public:
  /// The shared memory that a block may have.
  static constexpr uint32_t maxShared = 227 * 1024;

  /// Decodes PTX text. Returns what is wrong with it.
  Report load(std::string_view text, std::unique_ptr<LoadedModule> &module);
  void unload(LoadedModule &module);

  /// Runs all blocks. `parameters` holds a pointer per parameter.
  Report launch(const Kernel &kernel, Dimensions grid, Dimensions block,
                uint32_t dynamicShared, void *const *parameters);

  DeviceMemory memory;
  Options options;

private:
  Report checkLaunch(const Kernel &kernel, Dimensions grid, Dimensions block,
                     uint32_t dynamicShared) const;

  SharedMemory shared;
  uint32_t blocks = 0;
};

/// Checks what cuTensorMapEncodeTiled checks. `elementSteps` are the strides
/// of elements. Returns what is wrong.
struct TensorMapRequest {
  unsigned rank = 0, elementBytes = 0, swizzleBytes = 0;
  uint64_t base = 0;
  const uint64_t *sizes = nullptr, *strides = nullptr;
  const uint32_t *box = nullptr, *steps = nullptr;
};
Report encodeTensorMap(const TensorMapRequest &request, TensorMap &map);

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_MACHINE_H
