//===- TargetDescription.cpp - what is known of a processor ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Asks LLVM which features a processor has, and the operating system how large
// its caches are.
//
//===----------------------------------------------------------------------===//

#include "attnc/Target/CPU/TargetDescription.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include <unistd.h>

namespace attnc::cpu {

namespace {

constexpr int64_t kTypicalL1 = 32 << 10, kTypicalL2 = 512 << 10;
/// A cache size outside of these is a misreport.
constexpr int64_t kSmallestCache = 8 << 10, kLargestCache = 64 << 20;

struct Machine {
  std::string triple, cpu, features;
  bool isNative;
};

llvm::Error unknownTarget(StringRef target) {
  return llvm::createStringError(
      "unknown target '%s'; use cpu, cpu:native, cpu:<processor> with a "
      "processor name of LLVM such as x86-64-v3, x86-64-v4, znver4 or "
      "cortex-a76, cpu:aarch64[+feature...], or reference",
      target.str().c_str());
}

Machine nativeMachine() {
  Machine machine{llvm::sys::getDefaultTargetTriple(),
                  llvm::sys::getHostCPUName().str(), "", /*isNative=*/true};
  llvm::SubtargetFeatures features;
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    features.AddFeature(feature.first(), feature.second);
  machine.features = features.getString();
  return machine;
}

/// The machine that a target string names; the processor is not checked yet.
llvm::Expected<Machine> parseTarget(StringRef target) {
  StringRef name = target;
  if (!name.consume_front("cpu"))
    return unknownTarget(target);
  if (name.empty() || name == ":native")
    return nativeMachine();
  if (!name.consume_front(":") || name.empty())
    return unknownTarget(target);
  auto [processor, features] = name.split('+');
  Machine machine{"", processor.str(), "", /*isNative=*/false};
  if (!features.empty()) {
    SmallVector<StringRef> list;
    features.split(list, '+');
    llvm::SubtargetFeatures added;
    for (StringRef feature : list)
      added.AddFeature(feature);
    machine.features = added.getString();
  }
  if (processor == "aarch64") {
    machine.triple = "aarch64-unknown-linux-gnu";
    machine.cpu = "generic";
    return machine;
  }
  for (StringRef triple :
       {"x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"}) {
    std::string error;
    llvm::Triple parsed(triple);
    const llvm::Target *backend =
        llvm::TargetRegistry::lookupTarget(parsed, error);
    if (!backend)
      continue;
    std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
        backend->createMCSubtargetInfo(parsed, "", ""));
    if (subtarget && subtarget->isCPUStringValid(machine.cpu)) {
      machine.triple = triple.str();
      return machine;
    }
  }
  return unknownTarget(target);
}

/// Bytes of one SIMD register and how many there are; {0, 0} without SIMD.
std::pair<int64_t, int64_t> vectorFile(const llvm::MCSubtargetInfo &subtarget) {
  if (subtarget.getTargetTriple().isAArch64())
    return subtarget.checkFeatures("+neon")
               ? std::pair<int64_t, int64_t>{16, 32}
               : std::pair<int64_t, int64_t>{0, 0};
  if (subtarget.checkFeatures("+avx512f") &&
      subtarget.checkFeatures("+avx512vl"))
    return {64, 32};
  if (subtarget.checkFeatures("+avx2") && subtarget.checkFeatures("+fma"))
    return {32, 16};
  return {0, 0};
}

/// The narrowest products that have an instruction, and those with the highest
/// rate, for vectors of `bytes`. Processors that have a matrix unit for bf16
/// besides run vdpbf16ps at half the rate of an FMA.
std::pair<attn::Products, attn::Products>
findProducts(const llvm::MCSubtargetInfo &subtarget, int64_t bytes) {
  using attn::Products;
  if (bytes != 64 || !subtarget.getTargetTriple().isX86() ||
      !subtarget.checkFeatures("+avx512bf16"))
    return {Products::F32, Products::F32};
  bool hasMatrixUnit = subtarget.checkFeatures("+amx-bf16");
  return {Products::BF16, hasMatrixUnit ? Products::F32 : Products::BF16};
}

int64_t cacheSize(int name, int64_t typical, bool isNative) {
  long size = isNative ? sysconf(name) : -1;
  return size >= kSmallestCache && size <= kLargestCache ? size : typical;
}

} // namespace

void registerTargets() {
  // LLVM's registry is a list without a lock.
  [[maybe_unused]] static const bool areRegistered = [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
    // Inline assembly and the JIT parse.
    llvm::InitializeAllAsmParsers();
    return true;
  }();
}

llvm::Expected<attn::CpuTargetAttr> describeTarget(MLIRContext *context,
                                                   StringRef target) {
  registerTargets();
  llvm::Expected<Machine> machine = parseTarget(target);
  if (!machine)
    return machine.takeError();
  std::string error;
  llvm::Triple triple(machine->triple);
  const llvm::Target *backend =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!backend)
    return unknownTarget(target);
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      backend->createMCSubtargetInfo(triple, machine->cpu, machine->features));
  auto [bytes, registers] = vectorFile(*subtarget);
  auto [products, bestProducts] = findProducts(*subtarget, bytes);
  if (bytes == 0)
    return llvm::createStringError("target '%s' has no vector unit that attnc "
                                   "uses; it needs AVX2 with FMA, "
                                   "AVX-512 (F and VL) or NEON",
                                   target.str().c_str());
  // Nothing of the dialect need have been parsed.
  context->getOrLoadDialect<attn::AttnDialect>();
  return attn::CpuTargetAttr::get(
      context, machine->triple, machine->cpu, machine->features, bytes,
      registers,
      cacheSize(_SC_LEVEL1_DCACHE_SIZE, kTypicalL1, machine->isNative),
      cacheSize(_SC_LEVEL2_CACHE_SIZE, kTypicalL2, machine->isNative), products,
      bestProducts);
}

} // namespace attnc::cpu
