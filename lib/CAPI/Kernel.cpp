//===- Kernel.cpp - a function that can be called -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The entry point checks its tensors; here is checked what it cannot see: how
// many there are, and what DLPack says of owners.
//
//===----------------------------------------------------------------------===//

#include "Module.h"
#include "attnc/Loader/CallEntry.h"

#include <new>

using namespace attnc;
using namespace attnc::capi;

struct attnc_kernel {
  std::shared_ptr<CompiledModule> compiled;
  const FunctionDescription *function;
  void *entry;
};

/// The function called `name`, or the only one.
static Problem chooseFunction(const std::vector<FunctionDescription> &functions,
                              const char *name,
                              const FunctionDescription *&chosen) {
  std::string names;
  for (const FunctionDescription &function : functions) {
    if (name ? function.name == name : functions.size() == 1) {
      chosen = &function;
      return {};
    }
    names += (names.empty() ? "" : ", ") + function.name;
  }
  return Problem(ATTNC_INVALID_ARGUMENT,
                 name ? "the module has no function '" + std::string(name) +
                            "'; it has " + names
                      : "the module has several functions; name one of " +
                            names);
}

static int32_t refuse(const attnc_kernel &kernel, const std::string &why) {
  return attnc_rt_fail(ATTNC_INVALID_ARGUMENT, kernel.function->name.c_str(),
                       why.c_str());
}

/// What all calls check first.
static int32_t checkCall(const attnc_kernel *kernel, const void *tensors,
                         size_t count) {
  if (!kernel)
    return attnc_rt_fail(ATTNC_INVALID_ARGUMENT, "attnc",
                         "the kernel must not be null");
  size_t expected = kernel->function->arguments.size();
  if (count != expected)
    return refuse(*kernel, std::to_string(count) +
                               " tensors were given but the kernel takes " +
                               std::to_string(expected));
  if (!tensors && count > 0)
    return refuse(*kernel, "the array of tensors is null");
  return ATTNC_OK;
}

static int32_t refuseArgument(const attnc_kernel &kernel, size_t index,
                              const std::string &why) {
  return refuse(kernel, "argument " + kernel.function->arguments[index].name +
                            ": " + why);
}

static int32_t checkOwner(const attnc_kernel &kernel, size_t index,
                          const DLManagedTensorVersioned &tensor) {
  if (tensor.version.major != DLPACK_MAJOR_VERSION)
    return refuseArgument(kernel, index,
                          "the tensor is of version " +
                              std::to_string(tensor.version.major) +
                              " of DLPack but must be of version " +
                              std::to_string(DLPACK_MAJOR_VERSION));
  if ((tensor.flags & DLPACK_FLAG_BITMASK_READ_ONLY) &&
      kernel.function->arguments[index].role != ATTNC_ROLE_INPUT)
    return refuseArgument(kernel, index,
                          "the tensor is read-only but the kernel writes to "
                          "it; copy it first");
  return ATTNC_OK;
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
int32_t attnc_kernel_create(attnc_module *module, const char *function,
                            attnc_kernel **kernel, attnc_error **error) {
  clear(error);
  if (kernel)
    *kernel = nullptr;
  if (!module || !kernel)
    return raise(error, ATTNC_INVALID_ARGUMENT,
                 "module and the place for the kernel must not be null");
  const FunctionDescription *chosen = nullptr;
  if (Problem problem =
          chooseFunction(module->compiled->getFunctions(), function, chosen))
    return raise(error, problem);
  void *entry = nullptr;
  if (Problem problem = module->compiled->getEntry(chosen->name, entry))
    return raise(error, problem);
  *kernel = new (std::nothrow) attnc_kernel{module->compiled, chosen, entry};
  return *kernel ? ATTNC_OK
                 : raise(error, ATTNC_OUT_OF_MEMORY,
                         "there is no memory for a kernel");
}

void attnc_kernel_destroy(attnc_kernel *kernel) { delete kernel; }

const char *attnc_kernel_name(const attnc_kernel *kernel) {
  return kernel ? kernel->function->name.c_str() : nullptr;
}

size_t attnc_kernel_num_arguments(const attnc_kernel *kernel) {
  return kernel ? kernel->function->arguments.size() : 0;
}

int32_t attnc_kernel_get_argument(const attnc_kernel *kernel, size_t index,
                                  attnc_argument *argument) {
  if (index >= attnc_kernel_num_arguments(kernel) || !argument)
    return attnc_rt_fail(ATTNC_INVALID_ARGUMENT, "attnc",
                         "there is no argument of this number");
  const ArgumentDescription &found = kernel->function->arguments[index];
  *argument = {found.name.c_str(),
               found.dtypeName.c_str(),
               found.dtype,
               found.role,
               static_cast<int32_t>(found.dims.size()),
               0,
               found.dims.data()};
  return ATTNC_OK;
}

size_t attnc_kernel_num_symbols(const attnc_kernel *kernel) {
  return kernel ? kernel->function->symbols.size() : 0;
}

const char *attnc_kernel_symbol_name(const attnc_kernel *kernel, size_t index) {
  if (index >= attnc_kernel_num_symbols(kernel))
    return nullptr;
  return kernel->function->symbols[index].c_str();
}

size_t attnc_kernel_num_multiples(const attnc_kernel *kernel) {
  return kernel ? kernel->function->multiples.size() : 0;
}

int32_t attnc_kernel_get_multiple(const attnc_kernel *kernel, size_t index,
                                  attnc_multiple *multiple) {
  if (index >= attnc_kernel_num_multiples(kernel) || !multiple)
    return attnc_rt_fail(ATTNC_INVALID_ARGUMENT, "attnc",
                         "there is no condition of this number");
  *multiple = kernel->function->multiples[index];
  return ATTNC_OK;
}

void *attnc_kernel_entry(const attnc_kernel *kernel) {
  return kernel ? kernel->entry : nullptr;
}

int32_t attnc_kernel_call(const attnc_kernel *kernel,
                          const DLTensor *const *tensors, size_t count) {
  if (int32_t status = checkCall(kernel, tensors, count))
    return status;
  return callEntry(kernel->entry, tensors, count);
}

int32_t
attnc_kernel_call_managed(const attnc_kernel *kernel,
                          const DLManagedTensorVersioned *const *tensors,
                          size_t count) {
  if (int32_t status = checkCall(kernel, tensors, count))
    return status;
  const DLTensor *views[ATTNC_RT_MAX_ARGUMENTS];
  for (size_t i = 0; i < count; ++i) {
    if (!tensors[i])
      return refuseArgument(*kernel, i, "the tensor pointer is null");
    if (int32_t status = checkOwner(*kernel, i, *tensors[i]))
      return status;
    views[i] = &tensors[i]->dl_tensor;
  }
  return callEntry(kernel->entry, views, count);
}

int32_t attnc_kernel_call_legacy(const attnc_kernel *kernel,
                                 const DLManagedTensor *const *tensors,
                                 size_t count) {
  if (int32_t status = checkCall(kernel, tensors, count))
    return status;
  const DLTensor *views[ATTNC_RT_MAX_ARGUMENTS];
  for (size_t i = 0; i < count; ++i) {
    if (!tensors[i])
      return refuseArgument(*kernel, i, "the tensor pointer is null");
    views[i] = &tensors[i]->dl_tensor;
  }
  return callEntry(kernel->entry, views, count);
}
// NOLINTEND(readability-identifier-naming)
