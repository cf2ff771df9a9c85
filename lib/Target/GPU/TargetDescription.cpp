//===- TargetDescription.cpp - what is known of a GPU ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A table of architectures.
//
//===----------------------------------------------------------------------===//

#include "attnc/Target/GPU/TargetDescription.h"
#include "llvm/ADT/StringExtras.h"

using namespace attnc;
using attn::GpuCopies;
using attn::GpuImage;
using attn::GpuProducts;

namespace {

struct Architecture {
  StringRef name;
  /// Shared memory that a block can be given (CUDA C++ programming guide,
  /// table of technical specifications).
  int64_t sharedBytes;
  GpuProducts products;
  GpuCopies copies;
  /// Whether code for it runs on later architectures, so that a driver may
  /// compile its PTX for them.
  bool isOpen;
  /// The lowest version of PTX that has every instruction that kernels use, as
  /// LLVM calls it. A driver takes versions up to its own.
  StringRef ptxFeature;
};

constexpr Architecture kArchitectures[] = {
    {"sm_80", 166912, GpuProducts::Warp, GpuCopies::Chunks, true, "+ptx78"},
    {"sm_86", 101376, GpuProducts::Warp, GpuCopies::Chunks, true, "+ptx78"},
    {"sm_89", 101376, GpuProducts::Warp, GpuCopies::Chunks, true, "+ptx78"},
    {"sm_90a", 232448, GpuProducts::Warpgroup, GpuCopies::Bulk, false,
     "+ptx86"}};

constexpr StringRef kCuda = "cuda", kEmulate = "emulate";
/// NVIDIA's name of an architecture that is no hardware's: PTX.
constexpr StringRef kCompute = "compute_", kHardware = "sm_";

const Architecture *find(StringRef name) {
  const auto *found =
      llvm::find_if(kArchitectures, [&](const Architecture &known) {
        return known.name == name;
      });
  return found == std::end(kArchitectures) ? nullptr : found;
}

} // namespace

bool gpu::isEmulated(StringRef target) {
  return target.split(':').first == kEmulate;
}

bool gpu::isGpuTarget(StringRef target) {
  StringRef kind = target.split(':').first;
  return kind == kCuda || kind == kEmulate;
}

StringRef gpu::findPtxFeature(StringRef arch) {
  // Descriptions that are written by hand may be of any architecture.
  const Architecture *known = find(arch);
  return known ? known->ptxFeature : find("sm_90a")->ptxFeature;
}

llvm::Expected<attn::GpuTargetAttr> gpu::describeTarget(MLIRContext *context,
                                                        StringRef target) {
  auto [kind, name] = target.split(':');
  // A module without any of its ops has not loaded it.
  context->getOrLoadDialect<attn::AttnDialect>();
  StringRef number = name;
  bool isCompute = kind == kCuda && number.consume_front(kCompute);
  const Architecture *known =
      find(isCompute ? (kHardware + number).str() : name.str());
  if (known && (!isCompute || known->isOpen))
    return attn::GpuTargetAttr::get(
        context, known->name, known->sharedBytes,
        kind == kEmulate || isCompute ? GpuImage::PTX : GpuImage::Cubin,
        known->products, known->copies);
  SmallVector<std::string> names, open;
  for (const Architecture &each : kArchitectures) {
    names.push_back(each.name.str());
    if (each.isOpen)
      open.push_back((kCompute + each.name.drop_front(kHardware.size())).str());
  }
  return llvm::createStringError(
      "unknown target '%s': a GPU is cuda:<architecture> or "
      "emulate:<architecture>, of %s; or cuda:<PTX>, of %s",
      target.str().c_str(), llvm::join(names, ", ").c_str(),
      llvm::join(open, ", ").c_str());
}
