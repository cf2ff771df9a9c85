//===- DeviceCall.cpp - host tensors for a kernel on a GPU ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Device memory comes from the runtime, which also does the copies.
//
//===----------------------------------------------------------------------===//

#include "DeviceCall.h"
#include "attnc-c/gpu.h"
#include "attnc/Compiler/OwnFiles.h"
#include "attnc/JIT/LoadedObject.h"
#include "attnc/Target/GPU/TargetDescription.h"

using namespace attnc;
using llvm::Error;

static Error check(int32_t status) {
  if (status == ATTNC_OK)
    return Error::success();
  return llvm::createStringError(attnc_last_error());
}

Error attnc::selectDriver(StringRef target) {
  if (!gpu::isEmulated(target))
    return Error::success();
  llvm::Expected<std::string> emulator = findOwnFile("libattnc_emulator.so");
  if (!emulator)
    return emulator.takeError();
  return check(attnc_rt_gpu_set_driver(emulator->c_str()));
}

namespace {
/// A copy of a tensor in device memory.
class DeviceTensor {
public:
  DeviceTensor() = default;
  DeviceTensor(DeviceTensor &&other)
      : memory(std::exchange(other.memory, nullptr)), tensor(other.tensor) {}
  ~DeviceTensor() { (void)attnc_rt_gpu_free(memory); }

  Error create(HostTensor &host) {
    tensor = host.getDLTensor();
    tensor.device = {kDLCUDA, 0};
    size_t bytes = host.getNumBytes();
    if (Error error = check(attnc_rt_gpu_allocate(&memory, bytes)))
      return error;
    tensor.data = memory;
    return check(attnc_rt_gpu_copy_to_device(memory, host.getData(), bytes));
  }
  Error copyBack(HostTensor &host) const {
    return check(
        attnc_rt_gpu_copy_to_host(host.getData(), memory, host.getNumBytes()));
  }
  DLTensor *get() { return &tensor; }

private:
  void *memory = nullptr;
  DLTensor tensor;
};
} // namespace

Error attnc::callOnDevice(void *entry, MutableArrayRef<HostTensor> inputs,
                          MutableArrayRef<HostTensor> outputs) {
  std::vector<DeviceTensor> tensors;
  for (HostTensor &host : llvm::concat<HostTensor>(inputs, outputs))
    if (Error error = tensors.emplace_back().create(host))
      return error;
  SmallVector<DLTensor *> pointers;
  for (DeviceTensor &tensor : tensors)
    pointers.push_back(tensor.get());
  if (Error error = callEntryPoint(entry, pointers))
    return error;
  if (Error error = check(attnc_rt_gpu_synchronize()))
    return error;
  for (auto [number, host] :
       llvm::enumerate(llvm::concat<HostTensor>(inputs, outputs)))
    if (Error error = tensors[number].copyBack(host))
      return error;
  return Error::success();
}
