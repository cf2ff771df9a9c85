//===- Manifest.cpp - the JSON description of an object -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Schema 1. Keys are only ever added within a schema; a reader ignores those it
// does not know.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/Artifacts.h"

#include "attnc-c/runtime.h"
#include "attnc/Compiler/Shapes.h"
#include "attnc/Dialect/Attn/Transforms/Tuning.h"
#include "llvm/Config/llvm-config.h"
#include <nlohmann/json.hpp>

using namespace attnc;
using attn::Extent;
using attn::FunctionSignature;
using Json = nlohmann::ordered_json;

namespace {

Json getExtent(Extent extent, const FunctionSignature &signature) {
  if (extent.isSymbol())
    return signature.symbols[extent.getSymbol()];
  return extent.getConstant();
}

Json getFunction(const FunctionSignature &signature, const CompiledCode &code) {
  Json arguments = Json::array();
  for (const attn::SignatureArgument &argument : signature.arguments) {
    Json shape = Json::array();
    for (Extent extent : argument.dims)
      shape.push_back(getExtent(extent, signature));
    arguments.push_back({{"name", argument.name},
                         {"role", argument.isOutput    ? "output"
                                  : argument.isUpdated ? "updated"
                                                       : "input"},
                         {"dtype", getName(getDType(argument)).str()},
                         {"shape", shape}});
  }
  Json multiples = Json::array();
  for (const attn::SignatureMultiple &multiple : signature.multiples)
    multiples.push_back(
        {{"extent", getExtent(multiple.multiple, signature)},
         {"multiple_of", getExtent(multiple.divisor, signature)}});
  Json schedules = Json::array();
  for (const ScheduledOp &op : code.schedules)
    if (op.function == signature.function) {
      Json schedule = {{"operation", op.operation}, {"schedule", op.schedule}};
      if (!op.decode.empty())
        schedule["decode"] = op.decode;
      if (!op.recurrent.empty())
        schedule["recurrent"] = op.recurrent;
      schedules.push_back(std::move(schedule));
    }
  return {{"symbol", signature.function},
          {"arguments", arguments},
          {"symbols", signature.symbols},
          {"multiples", multiples},
          {"schedules", schedules}};
}

Json getImages(const CompiledCode &code) {
  Json images = Json::array();
  for (const gpu::ImageDescription &image : code.images) {
    Json kernels = Json::array();
    for (const gpu::KernelDescription &kernel : image.kernels) {
      Json entry = {{"name", kernel.name}};
      if (kernel.registers)
        entry["registers"] = *kernel.registers;
      kernels.push_back(std::move(entry));
    }
    images.push_back({{"kind", image.kind},
                      {"arch", image.arch},
                      {"bytes", image.bytes},
                      {"kernels", std::move(kernels)}});
  }
  return images;
}

/// Which tuning file was applied, or null.
Json getTuning(const PipelineOptions &options) {
  if (!options.tuning)
    return nullptr;
  return {{"name", options.tuning->name}, {"sha256", options.tuning->digest}};
}

} // namespace

std::string attnc::emitManifest(const Spec &spec, const CompileOptions &options,
                                const CompiledCode &code,
                                std::optional<unsigned> indent) {
  Json functions = Json::array();
  for (const FunctionSignature &signature : spec.getSignatures())
    if (options.entry.empty() || signature.function == options.entry)
      functions.push_back(getFunction(signature, code));
  Json manifest = {
      {"schema", 1},
      {"producer",
       {{"name", "attnc"},
        {"version", getVersion().str()},
        {"llvm", LLVM_VERSION_STRING}}},
      {"source",
       {{"name", spec.getName().str()}, {"sha256", spec.getDigest().str()}}},
      {"abi", {{"major", ATTNC_RT_ABI_MAJOR}, {"minor", ATTNC_RT_ABI_MINOR}}},
      {"target",
       {{"name", options.pipeline.target},
        {"triple", code.target.triple},
        {"cpu", code.target.cpu},
        {"features", code.target.features},
        {"threads", options.pipeline.threads}}},
      {"tuning", getTuning(options.pipeline)},
      {"images", getImages(code)},
      {"functions", functions}};
  // Names came through the parser and may hold any bytes: replace what is not
  // UTF-8 rather than throw.
  std::string text =
      manifest.dump(indent ? static_cast<int>(*indent) : -1, ' ',
                    /*ensure_ascii=*/false, Json::error_handler_t::replace);
  return indent ? text + "\n" : text;
}
