//===- Outputs.cpp - what a compilation can produce -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One compilation serves all outputs that need machine code.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Outputs.h"

#include "attnc/Compiler/Artifacts.h"
#include "attnc/Compiler/Failure.h"
#include "attnc/Target/GPU/ImageDescription.h"
#include "attnc/Target/GPU/TargetDescription.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace attnc;

namespace {

constexpr EmitKind emitKinds[] = {
    {Emit::Attn, "attn", ".attn.mlir"}, {Emit::Tile, "tile", ".tile.mlir"},
    {Emit::LLVM, "llvm", ".ll"},        {Emit::Asm, "asm", ".s"},
    {Emit::Obj, "obj", ".o"},           {Emit::Shared, "shared", ".so"},
    {Emit::Ptx, "ptx", ".ptx"},         {Emit::Cubin, "cubin", ".cubin"},
    {Emit::Header, "header", ".h"},     {Emit::Manifest, "manifest", ".json"}};

/// The system's compiler and the runtime beside attnc are for this machine.
llvm::Error checkLinksHere(const cpu::CodegenTarget &target) {
  llvm::Triple triple(target.triple), host(llvm::sys::getProcessTriple());
  if (triple.getArch() == host.getArch())
    return llvm::Error::success();
  return fail(ExitCode::Diagnosed,
              "--emit=shared links for this machine, which is " +
                  host.getArchName() + ", and not for " + triple.getArchName() +
                  "; use --emit=obj,header and link the object there");
}

/// The program for a GPU, without the host that launches it: as text, or
/// assembled. A target that is emulated differs in no other way.
llvm::Expected<llvm::SmallString<0>>
makeProgram(Spec &spec, const CompileOptions &given, Emit kind) {
  bool isText = kind == Emit::Ptx;
  std::string name = isText ? "ptx" : "cubin";
  if (!gpu::isGpuTarget(given.pipeline.target))
    return fail(ExitCode::Usage, "--emit=" + name +
                                     " is of the kernels for a GPU; it needs "
                                     "--target=cuda:sm_90a");
  CompileOptions options = given;
  StringRef arch = StringRef(given.pipeline.target).split(':').second;
  options.pipeline.target = ((isText ? "emulate:" : "cuda:") + arch).str();
  auto module = lower(spec, options, Stage::LLVM);
  if (!module)
    return module.takeError();
  StringRef image = gpu::findImage(**module);
  if (image.empty())
    return fail(ExitCode::Diagnosed,
                "--emit=" + name + ": the spec has no kernels for a GPU");
  // In an object text ends with a zero.
  return llvm::SmallString<0>(isText ? image.rtrim('\0') : image);
}

llvm::Expected<llvm::SmallString<0>> makeOutput(Spec &spec,
                                                const CompileOptions &options,
                                                const CompiledCode &code,
                                                Emit kind) {
  auto asBytes = [](llvm::Expected<std::string> text)
      -> llvm::Expected<llvm::SmallString<0>> {
    if (!text)
      return text.takeError();
    return llvm::SmallString<0>(*text);
  };
  switch (kind) {
  case Emit::Attn:
    return asBytes(printStage(spec, options, Stage::Attn));
  case Emit::Tile:
    if (options.pipeline.target == "reference")
      return fail(ExitCode::Usage,
                  "the reference target has no tiles; --emit=tile needs "
                  "--target=cpu");
    return asBytes(printStage(spec, options, Stage::Tile));
  case Emit::LLVM:
    return code.llvmIR;
  case Emit::Asm:
    return code.assembly;
  case Emit::Obj:
    return code.object;
  case Emit::Shared:
    if (llvm::Error error = checkLinksHere(code.target))
      return std::move(error);
    return linkSharedLibrary(code.object, spec.getName());
  case Emit::Ptx:
  case Emit::Cubin:
    return makeProgram(spec, options, kind);
  case Emit::Header:
    return asBytes(emitHeader(spec));
  case Emit::Manifest:
    return asBytes(emitManifest(spec, options, code));
  }
  llvm_unreachable("unknown kind of output");
}

} // namespace

llvm::Expected<const EmitKind *> attnc::findEmitKind(StringRef name) {
  const EmitKind *kind = llvm::find_if(
      emitKinds, [&](const EmitKind &k) { return k.name == name; });
  if (kind != std::end(emitKinds))
    return kind;
  auto known =
      llvm::map_range(emitKinds, [](const EmitKind &k) { return k.name; });
  return fail(ExitCode::Usage, "--emit has no kind '" + name +
                                   "'; the kinds are " +
                                   llvm::join(known, ", "));
}

llvm::Expected<std::vector<llvm::SmallString<0>>>
attnc::makeOutputs(Spec &spec, const CompileOptions &given,
                   ArrayRef<Emit> kinds) {
  CompileOptions options = given;
  CompiledCode code;
  // What is lowered for itself.
  auto isStage = [](Emit kind) {
    return kind == Emit::Attn || kind == Emit::Tile || kind == Emit::Ptx ||
           kind == Emit::Cubin;
  };
  bool needsCode = llvm::any_of(
      kinds, [&](Emit kind) { return !isStage(kind) && kind != Emit::Header; });
  needsCode |= !options.printAfter.empty() && llvm::none_of(kinds, isStage);
  if (needsCode) {
    llvm::Expected<CompiledCode> compiled =
        compile(spec, options,
                {/*assembly=*/llvm::is_contained(kinds, Emit::Asm),
                 /*llvmIR=*/llvm::is_contained(kinds, Emit::LLVM)});
    if (!compiled)
      return compiled.takeError();
    code = std::move(*compiled);
    // What the passes did has been printed now.
    options.printAfter.clear();
  }
  std::vector<llvm::SmallString<0>> contents;
  for (Emit kind : kinds) {
    auto content = makeOutput(spec, options, code, kind);
    if (!content)
      return content.takeError();
    contents.push_back(std::move(*content));
  }
  return contents;
}
