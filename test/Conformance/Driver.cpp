//===- Driver.cpp - a CUDA driver, opened by its path ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Modules are PTX text, which the driver compiles itself.
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include <dlfcn.h>
#include <fstream>
#include <sstream>

namespace conformance {

template <typename... Arguments>
int Driver::call(const char *name, Arguments... arguments) {
  auto *function =
      reinterpret_cast<int (*)(Arguments...)>(dlsym(library, name));
  if (!function) {
    check(-1, std::string("the driver has no ") + name);
    return -1;
  }
  return function(arguments...);
}

bool Driver::isOutOfUse() {
  if (isLost && isReported && giveUp)
    giveUp();
  return isIdle || isLost;
}

bool Driver::check(int result, const std::string &what) {
  if (!result)
    return true;
  // A failure that comes again is one of the context.
  void *stream = nullptr;
  if (result > 0 && call("cuStreamSynchronize", stream))
    isLost = true;
  if (!problem.empty())
    return false;
  problem = what + ": error " + std::to_string(result);
  using Report = const char *(*)();
  if (auto report =
          reinterpret_cast<Report>(dlsym(library, "attnc_emulator_report")))
    problem += std::string(", ") + report();
  return false;
}

bool Driver::open(const std::string &path, const std::string &ptxFolder) {
  folder = ptxFolder;
  library = dlopen(path.c_str(), RTLD_NOW);
  if (!library) {
    problem = dlerror();
    return false;
  }
  void *context = nullptr;
  int device = 0;
  return check(call("cuInit", 0u), "cuInit") &&
         check(call("cuDeviceGet", &device, 0), "cuDeviceGet") &&
         check(call("cuDevicePrimaryCtxRetain", &context, device),
               "cuDevicePrimaryCtxRetain") &&
         check(call("cuCtxSetCurrent", context), "cuCtxSetCurrent");
}

uint64_t Driver::allocate(size_t bytes) {
  if (isOutOfUse())
    return 0;
  uint64_t address = 0;
  check(call("cuMemAlloc_v2", &address, bytes), "cuMemAlloc");
  return address;
}

void Driver::copyToDevice(uint64_t to, const void *from, size_t bytes) {
  if (isOutOfUse())
    return;
  void *stream = nullptr;
  check(call("cuMemcpyHtoDAsync_v2", to, from, bytes, stream), "cuMemcpyHtoD");
  check(call("cuStreamSynchronize", stream), "cuStreamSynchronize");
}

void Driver::copyToHost(void *to, uint64_t from, size_t bytes) {
  if (isOutOfUse())
    return;
  void *stream = nullptr;
  check(call("cuMemcpyDtoHAsync_v2", to, from, bytes, stream), "cuMemcpyDtoH");
  check(call("cuStreamSynchronize", stream), "cuStreamSynchronize");
}

TensorMap Driver::encode(const Tensor &tensor) {
  TensorMap map = {};
  if (isOutOfUse())
    return map;
  std::vector<uint64_t> strides;
  uint64_t stride = tensor.elementBytes;
  for (uint64_t size : tensor.sizes) {
    stride *= size;
    strides.push_back(stride);
  }
  std::vector<uint32_t> steps(tensor.sizes.size(), 1);
  int swizzle = tensor.swizzleBytes == 128  ? 3
                : tensor.swizzleBytes == 64 ? 2
                : tensor.swizzleBytes == 32 ? 1
                                            : 0;
  auto rank = uint32_t(tensor.sizes.size());
  void *mapPointer = &map, *base = reinterpret_cast<void *>(tensor.base);
  const uint64_t *sizes = tensor.sizes.data(), *strideData = strides.data();
  const uint32_t *box = tensor.box.data(), *stepData = steps.data();
  check(call("cuTensorMapEncodeTiled", mapPointer, tensor.dataType, rank, base,
             sizes, strideData, box, stepData, 0, swizzle, 0, 0),
        "cuTensorMapEncodeTiled");
  return map;
}

void *Driver::load(const std::string &file) {
  void *&module = modules[file];
  if (module)
    return module;
  std::ifstream stream(folder + "/" + file + ".ptx");
  std::stringstream text;
  text << stream.rdbuf();
  if (!stream) {
    check(-1, "cannot read " + folder + "/" + file + ".ptx");
    return nullptr;
  }
  std::string ptx = text.str();
  const void *image = ptx.c_str();
  check(call("cuModuleLoadData", &module, image), "cuModuleLoadData " + file);
  return module;
}

void Driver::launch(const std::string &file, const std::string &kernel,
                    unsigned threads, unsigned sharedBytes,
                    std::vector<void *> parameters) {
  if (isOutOfUse())
    return;
  void *module = load(file), *function = nullptr, *stream = nullptr;
  void **extra = nullptr;
  if (!module ||
      !check(call("cuModuleGetFunction", &function, module, kernel.c_str()),
             "cuModuleGetFunction " + kernel))
    return;
  const int maxDynamicShared = 8;
  check(
      call("cuFuncSetAttribute", function, maxDynamicShared, int(sharedBytes)),
      "cuFuncSetAttribute");
  void **data = parameters.data();
  if (check(call("cuLaunchKernel", function, 1u, 1u, 1u, threads, 1u, 1u,
                 sharedBytes, stream, data, extra),
            kernel))
    check(call("cuStreamSynchronize", stream), kernel);
}

} // namespace conformance
