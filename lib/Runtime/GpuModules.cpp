//===- GpuModules.cpp - Kernels of the images that run --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two lists that only grow and are read without a lock: the modules of an
// image, one for each context, and the kernels of a module.
//
//===----------------------------------------------------------------------===//

#include "GpuModules.h"

#include "LastError.h"
#include "Lock.h"

#include <cstdlib>
#include <cstring>
#include <new>

using namespace attnc;
using namespace attnc::rt;

namespace {

/// An image in a context.
struct Module {
  Module *next;
  const GpuContext *context;
  CUmodule handle;
  std::atomic<GpuKernel *> kernels;
};

/// The name of an architecture: sm_<major><minor> and maybe a suffix.
struct Arch {
  int major = 0, minor = 0;
  /// 'a' for instructions of one compute capability only, 'f' for those of one
  /// major version from a minor one on, 0 for none.
  char suffix = 0;

  bool parse(const char *text);
  bool runsOn(const GpuContext &context, bool isText) const;
};

} // namespace

/// Extends all lists. Held while the driver loads a module, so that two threads
/// do not load the same.
static Lock lock;

/// Shared memory of a block without a word to the driver.
static constexpr int64_t defaultSharedBytes = 48 << 10;

bool Arch::parse(const char *text) {
  if (!text || strncmp(text, "sm_", 3) != 0)
    return false;
  int number = 0, digits = 0;
  for (text += 3; *text >= '0' && *text <= '9' && digits < 4; ++text, ++digits)
    number = number * 10 + (*text - '0');
  if (digits < 2)
    return false;
  if (*text == 'a' || *text == 'f')
    suffix = *text++;
  major = number / 10;
  minor = number % 10;
  return *text == '\0';
}

/// Machine code runs on later minor versions, PTX text on all that is later,
/// and what asks for more in its name accordingly.
bool Arch::runsOn(const GpuContext &context, bool isText) const {
  if (suffix == 'a')
    return context.major == major && context.minor == minor;
  if (isText && !suffix && context.major > major)
    return true;
  return context.major == major && context.minor >= minor;
}

static std::atomic<Module *> &modulesOf(attnc_rt_gpu_image &image) {
  static_assert(sizeof(std::atomic<Module *>) == sizeof(image.state),
                "compiled functions reserve a pointer");
  return reinterpret_cast<std::atomic<Module *> &>(image.state);
}

static Module *findModule(attnc_rt_gpu_image &image,
                          const GpuContext *context) {
  Module *module = modulesOf(image).load(std::memory_order_acquire);
  while (module && module->context != context)
    module = module->next;
  return module;
}

static GpuKernel *findLoaded(const Module &module, const char *name) {
  GpuKernel *kernel = module.kernels.load(std::memory_order_acquire);
  while (kernel && strcmp(kernel->name, name) != 0)
    kernel = kernel->next;
  return kernel;
}

/// The driver reads neither a size nor an architecture: these are checked here.
static int32_t checkImage(const GpuThread &thread,
                          const attnc_rt_gpu_image &image) {
  const char *function = thread.function;
  auto *bytes = static_cast<const char *>(image.data);
  if (!bytes || image.size < 8)
    return fail(ATTNC_INTERNAL, "%s: broken GPU image: it is empty", function);
  bool isText = memcmp(bytes,
                       "\x7f"
                       "ELF",
                       4) != 0;
  if (isText && bytes[image.size - 1] != '\0')
    return fail(ATTNC_INTERNAL, "%s: broken GPU image: the PTX text has no end",
                function);
  Arch arch;
  if (!arch.parse(image.arch))
    return fail(ATTNC_INTERNAL, "%s: broken GPU image: '%s' is no architecture",
                function, image.arch ? image.arch : "");
  const GpuContext &context = *thread.context;
  if (!arch.runsOn(context, isText))
    return fail(ATTNC_GPU_FAILED,
                "%s: the kernel was compiled for %s but this GPU, %s, has "
                "compute capability %d.%d; compile it for this GPU",
                function, image.arch, context.deviceName, context.major,
                context.minor);
  return ATTNC_OK;
}

/// With the lock held.
static int32_t loadModule(const GpuThread &thread, attnc_rt_gpu_image &image,
                          Module *&module) {
  if (int32_t status = checkImage(thread, image))
    return status;
  void *memory = malloc(sizeof(Module));
  if (!memory)
    return fail(ATTNC_OUT_OF_MEMORY, "%s: no host memory for a module",
                thread.function);
  module = new (memory) Module{modulesOf(image).load(std::memory_order_relaxed),
                               thread.context,
                               nullptr,
                               {nullptr}};
  if (CUresult result =
          thread.driver->loadModule(&module->handle, image.data)) {
    free(module);
    return failDriver(*thread.driver, thread.function, "cuModuleLoadData",
                      result);
  }
  modulesOf(image).store(module, std::memory_order_release);
  return ATTNC_OK;
}

/// With the lock held.
static int32_t loadKernel(const GpuThread &thread, Module &module,
                          const char *name, GpuKernel *&kernel) {
  const Driver &driver = *thread.driver;
  CUfunction handle;
  if (CUresult result = driver.getFunction(&handle, module.handle, name))
    return failDriver(driver, thread.function, "cuModuleGetFunction", result);
  int sharedBytes = 0;
  if (CUresult result =
          driver.getFunctionAttribute(&sharedBytes, staticSharedBytes, handle))
    return failDriver(driver, thread.function, "cuFuncGetAttribute", result);
  size_t length = strlen(name) + 1;
  void *memory = malloc(sizeof(GpuKernel) + length);
  if (!memory)
    return fail(ATTNC_OUT_OF_MEMORY, "%s: no host memory for a kernel",
                thread.function);
  kernel = new (memory) GpuKernel;
  kernel->next = module.kernels.load(std::memory_order_relaxed);
  kernel->handle = handle;
  kernel->staticSharedBytes = sharedBytes;
  kernel->allowedSharedBytes.store(defaultSharedBytes - sharedBytes,
                                   std::memory_order_relaxed);
  memcpy(kernel->name, name, length);
  module.kernels.store(kernel, std::memory_order_release);
  return ATTNC_OK;
}

int32_t rt::findKernel(const GpuThread &thread, attnc_rt_gpu_image &image,
                       const char *name, GpuKernel *&kernel) {
  Module *module = findModule(image, thread.context);
  kernel = module ? findLoaded(*module, name) : nullptr;
  if (kernel)
    return ATTNC_OK;
  Guard guard(lock);
  module = findModule(image, thread.context);
  if (!module)
    if (int32_t status = loadModule(thread, image, module))
      return status;
  kernel = findLoaded(*module, name);
  return kernel ? ATTNC_OK : loadKernel(thread, *module, name, kernel);
}

int32_t rt::allowSharedBytes(const GpuThread &thread, GpuKernel &kernel,
                             int64_t bytes) {
  if (bytes <= kernel.allowedSharedBytes.load(std::memory_order_acquire))
    return ATTNC_OK;
  Guard guard(lock);
  if (bytes <= kernel.allowedSharedBytes.load(std::memory_order_relaxed))
    return ATTNC_OK;
  if (CUresult result = thread.driver->setFunctionAttribute(
          kernel.handle, maxDynamicSharedBytes, static_cast<int>(bytes)))
    return failDriver(*thread.driver, thread.function, "cuFuncSetAttribute",
                      result);
  kernel.allowedSharedBytes.store(bytes, std::memory_order_release);
  return ATTNC_OK;
}
