//===- Module.cpp - a compiled spec ---------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What can be asked of a module.
//
//===----------------------------------------------------------------------===//

#include "Module.h"

using namespace attnc;
using namespace attnc::capi;

Problem CompiledModule::create(std::string name, ModuleText text,
                               std::string object,
                               std::shared_ptr<CompiledModule> &module) {
  auto created = std::make_shared<CompiledModule>();
  if (Problem problem = readManifest(text.manifest, created->functions))
    return problem;
  created->name = std::move(name);
  created->text = std::move(text);
  created->object = std::move(object);
  module = std::move(created);
  return {};
}

Problem CompiledModule::getEntry(const std::string &function, void *&entry) {
  if (!text.whyNotHere.empty())
    return Problem(ATTNC_UNAVAILABLE, text.whyNotHere);
  std::lock_guard<std::mutex> guard(lock);
  if (!image)
    if (Problem problem =
            LoadedImage::load(object, name, findProcessSymbol, image))
      return problem;
  entry = image->lookup(function);
  if (entry)
    return {};
  return Problem(ATTNC_INTERNAL,
                 "the code of '" + name + "' does not define " + function);
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
void attnc_module_destroy(attnc_module *module) { delete module; }

int32_t attnc_module_was_cached(const attnc_module *module) {
  return module && module->wasCached;
}

const char *attnc_module_manifest(const attnc_module *module) {
  return module ? module->compiled->getText().manifest.c_str() : nullptr;
}

const void *attnc_module_object(const attnc_module *module, size_t *size) {
  if (!module || !size)
    return nullptr;
  *size = module->compiled->getObject().size();
  return module->compiled->getObject().data();
}

size_t attnc_module_num_functions(const attnc_module *module) {
  return module ? module->compiled->getFunctions().size() : 0;
}

const char *attnc_module_function_name(const attnc_module *module,
                                       size_t index) {
  if (index >= attnc_module_num_functions(module))
    return nullptr;
  return module->compiled->getFunctions()[index].name.c_str();
}

size_t attnc_module_num_diagnostics(const attnc_module *module) {
  return module ? module->compiled->getText().diagnostics.size() : 0;
}

int32_t attnc_module_get_diagnostic(const attnc_module *module, size_t index,
                                    attnc_diagnostic *diagnostic) {
  static const std::vector<Diagnostic> none;
  return getDiagnostic(module ? module->compiled->getText().diagnostics : none,
                       index, diagnostic);
}
// NOLINTEND(readability-identifier-naming)
