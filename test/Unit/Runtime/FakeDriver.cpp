//===- FakeDriver.cpp - A CUDA driver that runs nothing -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names, numbers and parameters are those of cuda.h.
//
//===----------------------------------------------------------------------===//

#include "FakeDriver.h"

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <unistd.h>

namespace {

struct Context {
  int device;
  bool isPrimary;
};

struct Function {
  std::string name;
};

enum { invalidValue = 1, invalidContext = 201, notFound = 500 };

std::mutex lock;
Context primary[8], others[8];
thread_local Context *current = nullptr;

/// Counts the call and says whether it is to fail.
int enter(const char *symbol) {
  ++fakeDriver().calls[symbol];
  auto found = fakeDriver().failures.find(symbol);
  return found == fakeDriver().failures.end() ? 0 : found->second;
}

int allocate(const char *symbol, unsigned long long *address, size_t bytes) {
  if (int result = enter(symbol))
    return result;
  void *memory = nullptr;
  if (bytes == 0 || posix_memalign(&memory, 256, bytes) != 0)
    return bytes == 0 ? invalidValue : 2;
  *address = reinterpret_cast<uintptr_t>(memory);
  return 0;
}

int release(const char *symbol, unsigned long long address) {
  if (int result = enter(symbol))
    return result;
  free(reinterpret_cast<void *>(static_cast<uintptr_t>(address)));
  return 0;
}

int copy(const char *symbol, void *to, const void *from, size_t bytes) {
  if (int result = enter(symbol))
    return result;
  memcpy(to, from, bytes);
  return 0;
}

} // namespace

FakeDriver &fakeDriver() {
  static FakeDriver driver;
  return driver;
}

void fakeEnterContext(int device, bool isPrimary) {
  current = (isPrimary ? primary : others) + device;
  *current = {device, isPrimary};
}

void fakeLeaveContext() { current = nullptr; }
int fakeCurrentDevice() { return current ? current->device : -1; }
bool fakeIsPrimary() { return current && current->isPrimary; }

// NOLINTBEGIN(readability-identifier-naming): the interface of the driver.
extern "C" {

const char *attnc_emulator_report() {
  static std::string text;
  text = fakeDriver().report;
  return text.c_str();
}

int cuGetErrorName(int result, const char **name) {
  *name = result == 2     ? "CUDA_ERROR_OUT_OF_MEMORY"
          : result == 700 ? "CUDA_ERROR_ILLEGAL_ADDRESS"
                          : nullptr;
  return *name ? 0 : invalidValue;
}

int cuGetErrorString(int result, const char **text) {
  *text = result == 2     ? "out of memory"
          : result == 700 ? "an illegal memory access was encountered"
                          : nullptr;
  return *text ? 0 : invalidValue;
}

int cuInit(unsigned) { return enter("cuInit"); }

int cuDeviceGetCount(int *count) {
  *count = fakeDriver().numDevices;
  return enter("cuDeviceGetCount");
}

int cuDeviceGet(int *device, int ordinal) {
  std::lock_guard<std::mutex> guard(lock);
  *device = ordinal;
  int result = enter("cuDeviceGet");
  return ordinal < fakeDriver().numDevices ? result : 101;
}

int cuDeviceGetName(char *name, int size, int) {
  std::lock_guard<std::mutex> guard(lock);
  strncpy(name, "Fake 9000", size);
  return enter("cuDeviceGetName");
}

int cuDeviceGetAttribute(int *value, int attribute, int) {
  std::lock_guard<std::mutex> guard(lock);
  const FakeDriver &driver = fakeDriver();
  *value = attribute == 75   ? driver.major
           : attribute == 76 ? driver.minor
           : attribute == 97 ? driver.maxSharedBytes
                             : -1;
  int result = enter("cuDeviceGetAttribute");
  return *value < 0 ? invalidValue : result;
}

int cuDevicePrimaryCtxRetain(Context **context, int device) {
  std::lock_guard<std::mutex> guard(lock);
  *context = primary + device;
  primary[device] = {device, true};
  return enter("cuDevicePrimaryCtxRetain");
}

int cuCtxGetCurrent(Context **context) {
  std::lock_guard<std::mutex> guard(lock);
  *context = current;
  return enter("cuCtxGetCurrent");
}

int cuCtxSetCurrent(Context *context) {
  std::lock_guard<std::mutex> guard(lock);
  current = context;
  return enter("cuCtxSetCurrent");
}

int cuCtxGetDevice(int *device) {
  std::lock_guard<std::mutex> guard(lock);
  if (!current)
    return invalidContext;
  *device = current->device;
  return enter("cuCtxGetDevice");
}

int cuModuleLoadData(void **module, const void *data) {
  usleep(fakeDriver().loadMicroseconds);
  std::lock_guard<std::mutex> guard(lock);
  *module = const_cast<void *>(data);
  return current ? enter("cuModuleLoadData") : invalidContext;
}

int cuModuleGetFunction(Function **function, void *, const char *name) {
  std::lock_guard<std::mutex> guard(lock);
  static std::map<std::string, Function> functions;
  if (strcmp(name, "absent") == 0)
    return notFound;
  functions[name].name = name;
  *function = &functions[name];
  return enter("cuModuleGetFunction");
}

int cuFuncGetAttribute(int *value, int attribute, Function *) {
  std::lock_guard<std::mutex> guard(lock);
  *value = fakeDriver().staticSharedBytes;
  return attribute == 1 ? enter("cuFuncGetAttribute") : invalidValue;
}

int cuFuncSetAttribute(Function *function, int attribute, int value) {
  std::lock_guard<std::mutex> guard(lock);
  fakeDriver().allowedSharedBytes[function->name] = value;
  return attribute == 8 ? enter("cuFuncSetAttribute") : invalidValue;
}

int cuLaunchKernel(Function *function, unsigned blocks, unsigned y, unsigned z,
                   unsigned threads, unsigned threadsY, unsigned threadsZ,
                   unsigned sharedBytes, void *stream, void **parameters,
                   void **extra) {
  std::lock_guard<std::mutex> guard(lock);
  if (!current || y * z * threadsY * threadsZ != 1 || extra)
    return invalidValue;
  if (int result = enter("cuLaunchKernel"))
    return result;
  fakeDriver().launches.push_back(
      {function->name, blocks, threads, sharedBytes, stream, parameters});
  return 0;
}

int cuMemAlloc_v2(unsigned long long *address, size_t bytes) {
  std::lock_guard<std::mutex> guard(lock);
  return allocate("cuMemAlloc", address, bytes);
}

int cuMemFree_v2(unsigned long long address) {
  std::lock_guard<std::mutex> guard(lock);
  return release("cuMemFree", address);
}

int cuMemAllocAsync(unsigned long long *address, size_t bytes, void *stream) {
  std::lock_guard<std::mutex> guard(lock);
  fakeDriver().allocationStream = stream;
  return allocate("cuMemAllocAsync", address, bytes);
}

int cuMemFreeAsync(unsigned long long address, void *) {
  std::lock_guard<std::mutex> guard(lock);
  return release("cuMemFreeAsync", address);
}

int cuMemcpyHtoDAsync_v2(unsigned long long device, const void *host,
                         size_t bytes, void *) {
  std::lock_guard<std::mutex> guard(lock);
  return copy("cuMemcpyHtoDAsync",
              reinterpret_cast<void *>(static_cast<uintptr_t>(device)), host,
              bytes);
}

int cuMemcpyDtoHAsync_v2(void *host, unsigned long long device, size_t bytes,
                         void *) {
  std::lock_guard<std::mutex> guard(lock);
  return copy("cuMemcpyDtoHAsync", host,
              reinterpret_cast<void *>(static_cast<uintptr_t>(device)), bytes);
}

int cuStreamSynchronize(void *) {
  std::lock_guard<std::mutex> guard(lock);
  return enter("cuStreamSynchronize");
}

int cuTensorMapEncodeTiled(void *map, int dataType, uint32_t rank, void *base,
                           const uint64_t *sizes, const uint64_t *strideBytes,
                           const uint32_t *box, const uint32_t *steps,
                           int interleave, int swizzle, int, int fill) {
  std::lock_guard<std::mutex> guard(lock);
  if (int result = enter("cuTensorMapEncodeTiled"))
    return result;
  for (uint32_t axis = 0; axis < rank; ++axis)
    if (steps[axis] != 1 || sizes[axis] == 0)
      return invalidValue;
  if (interleave != 0 || fill != 0)
    return invalidValue;
  fakeDriver().maps.push_back({dataType,
                               swizzle,
                               base,
                               {sizes, sizes + rank},
                               {strideBytes, strideBytes + rank - 1},
                               {box, box + rank}});
  memset(map, 0xab, 128);
  return 0;
}

} // extern "C"
// NOLINTEND(readability-identifier-naming)
