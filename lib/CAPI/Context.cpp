//===- Context.cpp - where kernels are kept -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A cache that cannot be used is no failure: kernels are compiled then.
//
//===----------------------------------------------------------------------===//

#include "Context.h"

#include <new>

using namespace attnc;
using namespace attnc::capi;

void attnc_context::openFolder() {
  if (settings.folder.empty()) {
    whyNoFolder = settings.whyNone;
    return;
  }
  Problem problem = CacheFolder::open(settings.folder, folder);
  if (!problem)
    return;
  whyNoFolder = problem.getMessage();
  warn(whyNoFolder + "; kernels are compiled and not kept");
}

CacheFolder *attnc_context::getFolder() {
  std::call_once(opened, [this] { openFolder(); });
  return folder.get();
}

const std::string &attnc_context::getWhyNoFolder() {
  (void)getFolder();
  return whyNoFolder;
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
int32_t attnc_context_create(attnc_context **context, attnc_error **error) {
  clear(error);
  if (!context)
    return raise(error, ATTNC_INVALID_ARGUMENT,
                 "the place for the context is null");
  *context = nullptr;
  std::unique_ptr<attnc_context> created(new (std::nothrow) attnc_context());
  if (!created)
    return raise(error, ATTNC_OUT_OF_MEMORY,
                 "there is no memory for a context");
  std::vector<std::string> warnings;
  if (Problem problem = CacheSettings::read(created->settings, warnings))
    return raise(error, problem);
  // Once: the environment is that of the process.
  static std::once_flag warned;
  std::call_once(warned, [&] {
    for (const std::string &warning : warnings)
      warn(warning);
  });
  *context = created.release();
  return ATTNC_OK;
}

void attnc_context_destroy(attnc_context *context) { delete context; }

int32_t attnc_context_set(attnc_context *context, const char *key,
                          const char *value, attnc_error **error) {
  clear(error);
  if (!context || !key || !value)
    return raise(error, ATTNC_INVALID_ARGUMENT,
                 "context, key and value must not be null");
  std::string name = key, text = value;
  if (name == "jit") {
    Problem problem = parseJITMode(text, context->settings.mode);
    return problem ? raise(error, problem) : ATTNC_OK;
  }
  if (name != "cache-dir")
    return raise(error, ATTNC_INVALID_ARGUMENT,
                 "a context has no key '" + name +
                     "' to set; the keys are jit and cache-dir");
  if (!text.empty() && text[0] != '/')
    return raise(error, ATTNC_INVALID_ARGUMENT,
                 "cache-dir is an absolute path, not '" + text + "'");
  context->settings.folder = text;
  context->settings.whyNone = "the program wants no cache";
  return ATTNC_OK;
}

const char *attnc_context_get(attnc_context *context, const char *key) {
  if (!context || !key)
    return nullptr;
  std::string name = key;
  if (name == "jit")
    return getName(context->settings.mode);
  if (name == "cache-problem")
    return context->getWhyNoFolder().c_str();
  if (name != "cache-dir")
    return nullptr;
  CacheFolder *folder = context->getFolder();
  return folder ? folder->getPath().c_str() : "";
}
// NOLINTEND(readability-identifier-naming)
