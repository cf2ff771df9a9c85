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

namespace {

struct Architecture {
  StringRef name;
  /// Shared memory that a block can be given (CUDA C++ programming guide,
  /// table of technical specifications).
  int64_t sharedBytes;
};

constexpr Architecture kArchitectures[] = {{"sm_90a", 232448}};

constexpr StringRef kCuda = "cuda", kEmulate = "emulate";

} // namespace

bool gpu::isEmulated(StringRef target) {
  return target.split(':').first == kEmulate;
}

bool gpu::isGpuTarget(StringRef target) {
  StringRef kind = target.split(':').first;
  return kind == kCuda || kind == kEmulate;
}

llvm::Expected<attn::GpuTargetAttr> gpu::describeTarget(MLIRContext *context,
                                                        StringRef target) {
  auto [kind, arch] = target.split(':');
  // A module without any of its ops has not loaded it.
  context->getOrLoadDialect<attn::AttnDialect>();
  for (const Architecture &known : kArchitectures)
    if (known.name == arch)
      return attn::GpuTargetAttr::get(context, known.name, known.sharedBytes,
                                      kind == kEmulate ? attn::GpuImage::PTX
                                                       : attn::GpuImage::Cubin);
  SmallVector<StringRef> names;
  for (const Architecture &known : kArchitectures)
    names.push_back(known.name);
  return llvm::createStringError(
      "unknown target '%s': a GPU is cuda:<architecture> or "
      "emulate:<architecture>, of %s",
      target.str().c_str(), llvm::join(names, ", ").c_str());
}
