//===- Driver.cpp - the functions of the CUDA driver ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions that the runtime opens a driver for, with their binary
// interface and the numbers of their enumerations. All calls take one lock;
// launches are over when they return, so that streams need no care.
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include <algorithm>
#include <mutex>

using namespace attnc::emulator;

namespace {

enum Result : int {
  Success = 0,
  InvalidValue = 1,
  OutOfMemory = 2,
  NotInitialized = 3,
  InvalidDevice = 101,
  InvalidContext = 201,
  NoBinaryForGpu = 209,
  InvalidPtx = 218,
  InvalidHandle = 400,
  NotFound = 500,
  LaunchFailed = 719,
};

struct ResultName {
  Result result;
  const char *name, *text;
};

const ResultName resultNames[] = {
    {Success, "CUDA_SUCCESS", "no error"},
    {InvalidValue, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {OutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {NotInitialized, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {InvalidDevice, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {InvalidContext, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {NoBinaryForGpu, "CUDA_ERROR_NO_BINARY_FOR_GPU",
     "the emulator executes PTX, not machine code"},
    {InvalidPtx, "CUDA_ERROR_INVALID_PTX",
     "a PTX module that the emulator does not execute"},
    {InvalidHandle, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {NotFound, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {LaunchFailed, "CUDA_ERROR_LAUNCH_FAILED",
     "a check of the emulator failed"}};

struct Driver {
  std::mutex lock;
  Machine machine;
  std::map<const void *, std::unique_ptr<LoadedModule>> modules;
  bool isInitialized = false;
};

Driver &driver() {
  // Never destroyed: a program may free memory while it ends.
  static Driver *instance = new Driver;
  return *instance;
}

thread_local std::string lastReport;
thread_local void *currentContext = nullptr;

/// The one context is a name only.
void *theContext() { return &driver().isInitialized; }

Result refuse(Result result, Report report) {
  lastReport = std::move(report);
  return result;
}

} // namespace

#define ATTNC_DRIVER extern "C" __attribute__((visibility("default"))) int

//===----------------------------------------------------------------------===//
// The emulator's own
//===----------------------------------------------------------------------===//

/// What the last failed call of this thread found wrong; empty at first.
extern "C" __attribute__((visibility("default"))) const char *
attnc_emulator_report(void) {
  return lastReport.c_str();
}

/// The schedule (0 runs warps as long as they can) and whether asynchronous
/// operations act late.
extern "C" __attribute__((visibility("default"))) void
attnc_emulator_configure(uint32_t seed, int32_t lazy) {
  std::lock_guard<std::mutex> guard(driver().lock);
  driver().machine.options.seed = seed;
  driver().machine.options.isLazy = lazy != 0;
}

//===----------------------------------------------------------------------===//
// Devices and contexts
//===----------------------------------------------------------------------===//

ATTNC_DRIVER cuInit(unsigned flags) {
  driver().isInitialized = true;
  return flags ? InvalidValue : Success;
}

ATTNC_DRIVER cuDriverGetVersion(int *version) {
  *version = 13000;
  return Success;
}

ATTNC_DRIVER cuDeviceGetCount(int *count) {
  *count = 1;
  return driver().isInitialized ? Success : NotInitialized;
}

ATTNC_DRIVER cuDeviceGet(int *device, int ordinal) {
  *device = 0;
  return ordinal ? InvalidDevice : Success;
}

ATTNC_DRIVER cuDeviceGetName(char *name, int length, int device) {
  static const char text[] = "attnc emulator";
  if (device || length < 1)
    return device ? InvalidDevice : InvalidValue;
  auto count = std::min<size_t>(size_t(length) - 1, sizeof(text) - 1);
  memcpy(name, text, count);
  name[count] = '\0';
  return Success;
}

ATTNC_DRIVER cuDeviceGetAttribute(int *value, int attribute, int device) {
  // The numbers of CUdevice_attribute, and those of a processor of sm_90a.
  static const std::map<int, int> values = {
      {1, 1024},   {2, 1024},    {3, 1024},   {4, 64},      {5, INT32_MAX},
      {6, 65535},  {7, 65535},   {8, 49152},  {9, 65536},   {10, 32},
      {12, 65536}, {16, 132},    {39, 2048},  {41, 1},      {75, 9},
      {76, 0},     {81, 233472}, {82, 65536}, {97, 232448}, {106, 32},
      {111, 1024}, {115, 1}};
  if (device)
    return InvalidDevice;
  auto found = values.find(attribute);
  if (found == values.end())
    return refuse(InvalidValue, "the device attribute " +
                                    std::to_string(attribute) +
                                    " is not known to the emulator");
  *value = found->second;
  return Success;
}

ATTNC_DRIVER cuDevicePrimaryCtxRetain(void **context, int device) {
  *context = theContext();
  return device ? InvalidDevice : Success;
}

ATTNC_DRIVER cuDevicePrimaryCtxRelease_v2(int device) {
  return device ? InvalidDevice : Success;
}

ATTNC_DRIVER cuCtxGetCurrent(void **context) {
  *context = currentContext;
  return Success;
}

ATTNC_DRIVER cuCtxSetCurrent(void *context) {
  if (context && context != theContext())
    return InvalidContext;
  currentContext = context;
  return Success;
}

ATTNC_DRIVER cuCtxGetDevice(int *device) {
  *device = 0;
  return currentContext ? Success : InvalidContext;
}

//===----------------------------------------------------------------------===//
// Modules and launches
//===----------------------------------------------------------------------===//

ATTNC_DRIVER cuModuleLoadData(void **module, const void *image) {
  std::lock_guard<std::mutex> guard(driver().lock);
  const auto *text = static_cast<const char *>(image);
  if (!text || !module)
    return InvalidValue;
  if (memcmp(text, "\177ELF", 4) == 0)
    return refuse(NoBinaryForGpu,
                  "the emulator executes PTX, not machine code");
  std::unique_ptr<LoadedModule> loaded;
  Report report = driver().machine.load(text, loaded);
  if (!report.empty())
    return refuse(InvalidPtx, std::move(report));
  *module = loaded.get();
  driver().modules[loaded.get()] = std::move(loaded);
  return Success;
}

ATTNC_DRIVER cuModuleUnload(void *module) {
  std::lock_guard<std::mutex> guard(driver().lock);
  auto found = driver().modules.find(module);
  if (found == driver().modules.end())
    return InvalidHandle;
  driver().machine.unload(*found->second);
  driver().modules.erase(found);
  return Success;
}

ATTNC_DRIVER cuModuleGetFunction(void **function, void *module,
                                 const char *name) {
  std::lock_guard<std::mutex> guard(driver().lock);
  auto found = driver().modules.find(module);
  if (found == driver().modules.end())
    return InvalidHandle;
  auto kernel = found->second->kernels.find(name);
  if (kernel == found->second->kernels.end())
    return refuse(NotFound,
                  "the module has no kernel '" + std::string(name) + "'");
  *function = &kernel->second;
  return Success;
}

namespace {

constexpr int maxDynamicSharedAttribute = 8;

} // namespace

ATTNC_DRIVER cuFuncSetAttribute(void *function, int attribute, int value) {
  std::lock_guard<std::mutex> guard(driver().lock);
  auto *kernel = static_cast<Kernel *>(function);
  if (!kernel)
    return InvalidHandle;
  if (attribute != maxDynamicSharedAttribute)
    return Success;
  if (value < 0 || uint32_t(value) > Machine::maxShared)
    return InvalidValue;
  kernel->maxDynamicShared = uint32_t(value);
  return Success;
}

ATTNC_DRIVER cuFuncGetAttribute(int *value, int attribute, void *function) {
  std::lock_guard<std::mutex> guard(driver().lock);
  auto *kernel = static_cast<Kernel *>(function);
  if (!kernel)
    return InvalidHandle;
  const Function &code = *kernel->function;
  switch (attribute) {
  case 0:
    *value = code.maxThreads ? int(code.maxThreads) : 1024;
    return Success;
  case 1:
    *value = int(kernel->module->program->staticSharedBytes);
    return Success;
  case 3:
    *value = int(code.localBytes);
    return Success;
  case maxDynamicSharedAttribute:
    *value = int(kernel->maxDynamicShared);
    return Success;
  case 2:
  case 4:
    // Constant memory and registers are not counted.
    *value = 0;
    return Success;
  case 5:
  case 6:
    *value = 90;
    return Success;
  default:
    return InvalidValue;
  }
}

ATTNC_DRIVER cuLaunchKernel(void *function, unsigned gridX, unsigned gridY,
                            unsigned gridZ, unsigned blockX, unsigned blockY,
                            unsigned blockZ, unsigned sharedBytes, void *stream,
                            void **parameters, void **extra) {
  (void)stream;
  std::lock_guard<std::mutex> guard(driver().lock);
  auto *kernel = static_cast<Kernel *>(function);
  if (!kernel)
    return InvalidHandle;
  if (extra || (!parameters && !kernel->function->parameters.empty()))
    return InvalidValue;
  Report report = driver().machine.launch(*kernel, {gridX, gridY, gridZ},
                                          {blockX, blockY, blockZ}, sharedBytes,
                                          parameters);
  if (!report.empty())
    return refuse(LaunchFailed, std::move(report));
  return Success;
}

ATTNC_DRIVER cuStreamSynchronize(void *stream) {
  (void)stream;
  return Success;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

ATTNC_DRIVER cuMemAlloc_v2(uint64_t *address, size_t bytes) {
  std::lock_guard<std::mutex> guard(driver().lock);
  if (!bytes)
    return InvalidValue;
  uint8_t *memory = driver().machine.memory.allocate(bytes, 256);
  *address = reinterpret_cast<uintptr_t>(memory);
  return memory ? Success : OutOfMemory;
}

ATTNC_DRIVER cuMemFree_v2(uint64_t address) {
  std::lock_guard<std::mutex> guard(driver().lock);
  if (!address)
    return Success;
  if (!driver().machine.memory.release(address))
    return refuse(InvalidValue, "nothing is allocated at " + hex(address));
  return Success;
}

ATTNC_DRIVER cuMemAllocAsync(uint64_t *address, size_t bytes, void *stream) {
  (void)stream;
  return cuMemAlloc_v2(address, bytes);
}

ATTNC_DRIVER cuMemFreeAsync(uint64_t address, void *stream) {
  (void)stream;
  return cuMemFree_v2(address);
}

ATTNC_DRIVER cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes,
                                  void *stream) {
  (void)stream;
  std::lock_guard<std::mutex> guard(driver().lock);
  if (!bytes)
    return Success;
  DeviceMemory &memory = driver().machine.memory;
  if (!memory.contains(to, bytes))
    return refuse(InvalidValue, "copy of " + std::to_string(bytes) +
                                    " bytes to " + hex(to) +
                                    ", which is not allocated");
  memcpy(reinterpret_cast<void *>(to), from, bytes);
  memory.markInitialized(to, bytes);
  return Success;
}

ATTNC_DRIVER cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes,
                                  void *stream) {
  (void)stream;
  std::lock_guard<std::mutex> guard(driver().lock);
  if (!bytes)
    return Success;
  if (!driver().machine.memory.contains(from, bytes))
    return refuse(InvalidValue, "copy of " + std::to_string(bytes) +
                                    " bytes from " + hex(from) +
                                    ", which is not allocated");
  memcpy(to, reinterpret_cast<const void *>(from), bytes);
  return Success;
}

ATTNC_DRIVER cuPointerGetAttribute(void *value, int attribute,
                                   uint64_t address) {
  std::lock_guard<std::mutex> guard(driver().lock);
  uint64_t start = 0, bytes = 0;
  if (!driver().machine.memory.findRange(address, start, bytes))
    return InvalidValue;
  void *context = theContext();
  uint32_t kind = 2, ordinal = 0;
  switch (attribute) {
  case 1:
    memcpy(value, &context, sizeof(context));
    return Success;
  case 2:
    memcpy(value, &kind, sizeof(kind));
    return Success;
  case 3:
    memcpy(value, &address, sizeof(address));
    return Success;
  case 9:
    memcpy(value, &ordinal, sizeof(ordinal));
    return Success;
  case 11:
    memcpy(value, &start, sizeof(start));
    return Success;
  case 12:
    memcpy(value, &bytes, sizeof(bytes));
    return Success;
  default:
    return InvalidValue;
  }
}

//===----------------------------------------------------------------------===//
// Tensor maps and errors
//===----------------------------------------------------------------------===//

ATTNC_DRIVER cuTensorMapEncodeTiled(void *map, int dataType, uint32_t rank,
                                    void *base, const uint64_t *sizes,
                                    const uint64_t *strides,
                                    const uint32_t *box, const uint32_t *steps,
                                    int interleave, int swizzle,
                                    int l2Promotion, int fill) {
  (void)l2Promotion;
  // The bytes of the types of CUtensorMapDataType, in their order.
  static const uint8_t bytesOfType[] = {1, 2, 4, 4, 8, 8, 2, 4, 8, 2, 4, 4, 4};
  static const uint8_t swizzles[] = {0, 32, 64, 128};
  if (dataType < 0 || dataType > 12 || interleave || fill || swizzle < 0 ||
      swizzle > 3)
    return refuse(InvalidValue, "tensor map: a type, interleaving, swizzle or "
                                "fill that is not executed");
  if (reinterpret_cast<uintptr_t>(map) % 64)
    return refuse(InvalidValue,
                  "tensor map: the map is not aligned to 64 bytes");
  TensorMapRequest request;
  request.rank = rank;
  request.elementBytes = bytesOfType[dataType];
  request.swizzleBytes = swizzles[swizzle];
  request.base = reinterpret_cast<uintptr_t>(base);
  request.sizes = sizes, request.strides = strides;
  request.box = box, request.steps = steps;
  TensorMap encoded;
  Report report = encodeTensorMap(request, encoded);
  if (!report.empty())
    return refuse(InvalidValue, std::move(report));
  memset(map, 0, 128);
  memcpy(map, &encoded, sizeof(encoded));
  return Success;
}

ATTNC_DRIVER cuGetErrorString(int result, const char **text) {
  for (const ResultName &entry : resultNames)
    if (entry.result == result) {
      *text = entry.text;
      return Success;
    }
  *text = nullptr;
  return InvalidValue;
}

ATTNC_DRIVER cuGetErrorName(int result, const char **text) {
  for (const ResultName &entry : resultNames)
    if (entry.result == result) {
      *text = entry.name;
      return Success;
    }
  *text = nullptr;
  return InvalidValue;
}
