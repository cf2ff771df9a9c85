//===- Machine.cpp - the emulated device ----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The blocks of a grid run one after another.
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include "Fault.h"
#include <algorithm>

namespace attnc::emulator {

namespace {

/// Allocates the variables of one module.
class ModuleAllocator : public GlobalAllocator {
public:
  ModuleAllocator(DeviceMemory &memory, LoadedModule &module)
      : memory(memory), module(module) {}

  uint8_t *allocateGlobal(uint64_t bytes, uint64_t alignment) override {
    uint8_t *variable = memory.allocateGlobal(bytes, alignment);
    module.variables.push_back(reinterpret_cast<uintptr_t>(variable));
    return variable;
  }

private:
  DeviceMemory &memory;
  LoadedModule &module;
};

} // namespace

Report Machine::load(std::string_view text,
                     std::unique_ptr<LoadedModule> &module) {
  auto loaded = std::make_unique<LoadedModule>();
  try {
    ModuleAllocator allocator(memory, *loaded);
    loaded->program = parseProgram(text, allocator);
  } catch (const Fault &fault) {
    unload(*loaded);
    return "the PTX module cannot be loaded: " + fault.message;
  }
  for (const auto &[name, function] : loaded->program->functions)
    if (function->isKernel && function->isDefined)
      loaded->kernels[name] = {loaded.get(), function.get(), 48 * 1024};
  module = std::move(loaded);
  return {};
}

void Machine::unload(LoadedModule &module) {
  for (uint64_t variable : module.variables)
    memory.release(variable);
  module.variables.clear();
}

Report Machine::checkLaunch(const Kernel &kernel, Dimensions grid,
                            Dimensions block, uint32_t dynamicShared) const {
  const Function &function = *kernel.function;
  std::string name = "kernel '" + function.name + "': ";
  uint64_t threads = block.count();
  if (!grid.x || !grid.y || !grid.z || grid.x > INT32_MAX || grid.y > 65535 ||
      grid.z > 65535)
    return name + "the grid is not within 1 to (2^31-1, 65535, 65535)";
  if (!block.x || !block.y || !block.z || block.x > 1024 || block.y > 1024 ||
      block.z > 64 || threads > 1024)
    return name + "a block has 1 to 1024 threads";
  bool isWrong = function.hasExactThreads ? threads != function.maxThreads
                                          : threads > function.maxThreads;
  if (function.maxThreads && isWrong)
    return name + "launched with " + std::to_string(threads) +
           " threads, declared for " + std::to_string(function.maxThreads);
  if (dynamicShared > kernel.maxDynamicShared)
    return name + "launched with " + std::to_string(dynamicShared) +
           " bytes of dynamic shared memory, allowed are " +
           std::to_string(kernel.maxDynamicShared);
  uint64_t bytes = kernel.module->program->dynamicStart() - sharedBase +
                   uint64_t(dynamicShared);
  if (bytes > maxShared)
    return name + "launched with " + std::to_string(bytes) +
           " bytes of shared memory, a block may have " +
           std::to_string(maxShared);
  return {};
}

Report Machine::launch(const Kernel &kernel, Dimensions grid, Dimensions block,
                       uint32_t dynamicShared, void *const *parameters) {
  Report report = checkLaunch(kernel, grid, block, dynamicShared);
  if (!report.empty())
    return report;
  const Function &function = *kernel.function;
  Launch launch{*kernel.module->program,
                function,
                memory,
                shared,
                options,
                {},
                grid,
                block,
                dynamicShared};
  launch.parameters.resize(function.parameterBytes);
  for (size_t i = 0; i < function.parameters.size(); ++i)
    memcpy(launch.parameters.data() + function.parameters[i].offset,
           parameters[i], function.parameters[i].size);
  memory.beginLaunch();
  BlockIdentity identity;
  identity.launchStart = blocks + 1;
  try {
    for (uint32_t z = 0; z < grid.z; ++z)
      for (uint32_t y = 0; y < grid.y; ++y)
        for (uint32_t x = 0; x < grid.x; ++x) {
          identity.serial = ++blocks;
          identity.known.clear();
          Block(launch, {x, y, z}, identity).run();
        }
  } catch (const Fault &fault) {
    return fault.message;
  }
  return {};
}

namespace {

Report checkTensorMap(const TensorMapRequest &request) {
  if (request.rank < 1 || request.rank > 5)
    return "a tensor map has 1 to 5 dimensions";
  if (!request.base || request.base % 16)
    return "the tensor is not aligned to 16 bytes";
  for (unsigned i = 0; i < request.rank; ++i) {
    if (!request.sizes[i] || request.sizes[i] > (uint64_t(1) << 32) - 1)
      return "a size of the tensor is not within 1 to 2^32-1";
    if (!request.box[i] || request.box[i] > 256)
      return "a side of the box is not within 1 to 256";
    if (request.steps[i] != 1)
      return "strides of elements other than 1 are not executed";
    if (i + 1 < request.rank &&
        (request.strides[i] % 16 || request.strides[i] >= uint64_t(1) << 40))
      return "a stride of the tensor is not a multiple of 16 below 2^40";
  }
  uint64_t row = uint64_t(request.box[0]) * request.elementBytes;
  if (row % 16)
    return "the innermost side of the box is not a multiple of 16 bytes";
  if (request.swizzleBytes && row > request.swizzleBytes)
    return "the innermost side of the box is larger than the swizzle";
  return {};
}

} // namespace

Report encodeTensorMap(const TensorMapRequest &request, TensorMap &map) {
  Report report = checkTensorMap(request);
  if (!report.empty())
    return "tensor map: " + report;
  map = TensorMap();
  map.rank = uint8_t(request.rank);
  map.elementBytes = uint8_t(request.elementBytes);
  map.swizzle = uint8_t(request.swizzleBytes);
  map.base = request.base;
  for (unsigned i = 0; i < request.rank; ++i) {
    map.sizes[i] = uint32_t(request.sizes[i]);
    map.box[i] = request.box[i];
    map.steps[i] = request.steps[i];
    if (i + 1 < request.rank)
      map.strides[i] = request.strides[i];
  }
  return {};
}

} // namespace attnc::emulator
