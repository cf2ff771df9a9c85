//===- LoadedObject.cpp - an object file, loaded in this process ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ORC's LLJIT with its default JITLink memory manager, which writes pages first
// and makes them executable afterwards. The runtime's functions are given by
// address, so that a program need not export them.
//
//===----------------------------------------------------------------------===//

#include "attnc/JIT/LoadedObject.h"

#include "attnc-c/gpu.h"
#include "attnc/Loader/CallEntry.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/TargetSelect.h"

using namespace attnc;
namespace orc = llvm::orc;

namespace {

/// The functions of attnc-c/runtime.h and attnc-c/gpu.h that kernels call.
llvm::Error defineRuntime(orc::LLJIT &jit) {
  auto define = [&](auto *function) {
    return orc::ExecutorSymbolDef(orc::ExecutorAddr::fromPtr(function),
                                  llvm::JITSymbolFlags::Exported |
                                      llvm::JITSymbolFlags::Callable);
  };
  orc::SymbolMap symbols;
  auto add = [&](StringRef name, auto *function) {
    symbols[jit.mangleAndIntern(name)] = define(function);
  };
  add("attnc_rt_bind", &attnc_rt_bind);
  add("attnc_rt_check_cache", &attnc_rt_check_cache);
  add("attnc_rt_count_parts", &attnc_rt_count_parts);
  add("attnc_rt_fail", &attnc_rt_fail);
  add("attnc_rt_gpu_bind", &attnc_rt_gpu_bind);
  add("attnc_rt_gpu_check_alignment", &attnc_rt_gpu_check_alignment);
  add("attnc_rt_gpu_launch", &attnc_rt_gpu_launch);
  add("attnc_rt_gpu_status", &attnc_rt_gpu_status);
  add("attnc_rt_gpu_tensor_map", &attnc_rt_gpu_tensor_map);
  add("attnc_rt_gpu_scratch_allocate", &attnc_rt_gpu_scratch_allocate);
  add("attnc_rt_gpu_scratch_free", &attnc_rt_gpu_scratch_free);
  add("attnc_rt_has_one_thread", &attnc_rt_has_one_thread);
  add("attnc_rt_scratch_allocate", &attnc_rt_scratch_allocate);
  add("attnc_rt_scratch_free", &attnc_rt_scratch_free);
  add("attnc_rt_segments_init", &attnc_rt_segments_init);
  add("attnc_rt_segments_free", &attnc_rt_segments_free);
  add("attnc_rt_segments_clear", &attnc_rt_segments_clear);
  add("attnc_rt_segments_add", &attnc_rt_segments_add);
  add("attnc_rt_segments_finish", &attnc_rt_segments_finish);
  add("attnc_rt_segments_add_list", &attnc_rt_segments_add_list);
  add("attnc_rt_segments_select", &attnc_rt_segments_select);
  add("attnc_rt_segments_begin", &attnc_rt_segments_begin);
  add("attnc_rt_segments_end", &attnc_rt_segments_end);
  add("attnc_rt_segments_is_full", &attnc_rt_segments_is_full);
  return jit.getMainJITDylib().define(orc::absoluteSymbols(std::move(symbols)));
}

} // namespace

LoadedObject::LoadedObject(std::unique_ptr<orc::LLJIT> jit)
    : jit(std::move(jit)) {}
LoadedObject::LoadedObject(LoadedObject &&) = default;
LoadedObject &LoadedObject::operator=(LoadedObject &&) = default;
LoadedObject::~LoadedObject() = default;

llvm::Expected<LoadedObject> LoadedObject::load(StringRef object,
                                                StringRef name) {
  static const bool initialized = !llvm::InitializeNativeTarget() &&
                                  !llvm::InitializeNativeTargetAsmPrinter();
  if (!initialized)
    return llvm::createStringError(
        "LLVM has no code generator for this machine");
  auto jit = orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  if (llvm::Error error = defineRuntime(**jit))
    return std::move(error);
  if (llvm::Error error = (*jit)->addObjectFile(
          llvm::MemoryBuffer::getMemBufferCopy(object, name)))
    return std::move(error);
  return LoadedObject(std::move(*jit));
}

llvm::Expected<void *> LoadedObject::lookup(StringRef symbol) const {
  auto address = jit->lookup(symbol);
  if (!address)
    return address.takeError();
  return address->toPtr<void *>();
}

llvm::Error attnc::callEntryPoint(void *entry, ArrayRef<DLTensor *> tensors) {
  if (tensors.size() > ATTNC_RT_MAX_ARGUMENTS)
    return llvm::createStringError("a kernel has at most %d arguments",
                                   ATTNC_RT_MAX_ARGUMENTS);
  if (int32_t status = callEntry(entry, tensors.data(), tensors.size())) {
    auto code = status == ATTNC_OUT_OF_MEMORY
                    ? std::make_error_code(std::errc::not_enough_memory)
                    : llvm::inconvertibleErrorCode();
    return llvm::createStringError(code, attnc_last_error());
  }
  return llvm::Error::success();
}
