//===- Compile.cpp - from a spec to a module ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A module of this process, an entry of the cache, or a compilation, in that
// order. The machine code goes through the same description and the same loader
// on each way.
//
//===----------------------------------------------------------------------===//

#include "Compiler.h"
#include "Context.h"
#include "attnc/Cache/CacheKey.h"

#include <new>

using namespace attnc;
using namespace attnc::capi;

namespace {

/// Names without folders: a spec that moves is the same spec.
std::string_view getBaseName(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

/// Replaces the name of the spec in places: entries do not keep the folder.
void renameFile(std::vector<Diagnostic> &diagnostics, const std::string &from,
                const std::string &to) {
  for (Diagnostic &diagnostic : diagnostics)
    if (diagnostic.line > 0 && diagnostic.file == from)
      diagnostic.file = to;
}

/// One call of attnc_compile.
class Request {
public:
  Request(attnc_context &context, std::string_view source,
          const attnc_options &options)
      : context(context), source(source), options(options),
        key({source, options.isBytecode, getBaseName(options.name),
             options.target, options.threads, options.tuningText,
             ATTNC_VERSION_STRING, attnc_build_id()}) {}

  int32_t run(attnc_module *&module, attnc_error **error);

private:
  bool findInProcess();
  bool findOnDisk();
  int32_t compileIt(attnc_error **error);
  void store(ModuleText text, const std::string &object);
  int32_t refuse(attnc_error **error) const;
  void finish();

  attnc_context &context;
  std::string_view source;
  const attnc_options &options;
  CacheKey key;
  std::shared_ptr<CompiledModule> compiled;
  bool wasCached = true;
};

} // namespace

/// Waits for a thread that compiles the same. True if there is a module then;
/// else it is this thread's turn.
bool Request::findInProcess() {
  const std::string &digest = key.getDigest();
  std::unique_lock<std::mutex> guard(context.lock);
  context.isDone.wait(guard, [&] { return !context.pending.count(digest); });
  auto found = context.modules.find(digest);
  if (found != context.modules.end() && (compiled = found->second.lock()))
    return true;
  context.pending.insert(digest);
  return false;
}

void Request::finish() {
  const std::string &digest = key.getDigest();
  {
    std::lock_guard<std::mutex> guard(context.lock);
    context.pending.erase(digest);
    for (auto it = context.modules.begin(); it != context.modules.end();)
      it = it->second.expired() ? context.modules.erase(it) : std::next(it);
    if (compiled)
      context.modules[digest] = compiled;
  }
  context.isDone.notify_all();
}

bool Request::findOnDisk() {
  CacheFolder *folder = context.getFolder();
  if (!folder)
    return false;
  CacheEntry entry;
  std::string why;
  CacheFolder::Find found = folder->load(key.getDigest(), entry, why);
  if (found == CacheFolder::Find::Miss)
    return false;
  ModuleText text;
  if (found == CacheFolder::Find::Hit) {
    Problem problem = text.parse(entry.description);
    renameFile(text.diagnostics, "", options.name);
    if (!problem)
      problem = CompiledModule::create(options.name, std::move(text),
                                       std::move(entry.object), compiled);
    if (!problem)
      return true;
    why = problem.getMessage();
  }
  warn("the entry " + key.getDigest() + " of the cache '" + folder->getPath() +
       "' is not used: " + why);
  return false;
}

int32_t Request::refuse(attnc_error **error) const {
  std::string message = "'" + options.name + "' is not in the cache";
  if (const CacheFolder *folder = context.getFolder())
    message += " '" + folder->getPath() + "'";
  else
    message += ", for there is none: " + context.getWhyNoFolder();
  return raise(error, ATTNC_NOT_CACHED,
               message + "; ATTNC_JIT=require-cache forbids to compile it");
}

void Request::store(ModuleText text, const std::string &object) {
  CacheFolder *folder = context.getFolder();
  if (!folder)
    return;
  renameFile(text.diagnostics, options.name, "");
  // A folder that can only be read is a usual thing.
  (void)folder->store(key.getDigest(), {key.print(), text.print(), object},
                      context.settings.limits);
}

int32_t Request::compileIt(attnc_error **error) {
  wasCached = false;
  Compilation made = compile(source, options, {"obj", "manifest"});
  if (made.status != ATTNC_OK)
    return raise(error, made.status, made.failure, std::move(made.diagnostics));
  ModuleText text = {std::move(made.outputs[1]), std::move(made.whyNotHere),
                     std::move(made.diagnostics)};
  store(text, made.outputs[0]);
  Problem problem = CompiledModule::create(
      options.name, std::move(text), std::move(made.outputs[0]), compiled);
  return problem ? raise(error, problem) : ATTNC_OK;
}

int32_t Request::run(attnc_module *&module, attnc_error **error) {
  if (context.settings.mode == JITMode::Off)
    return raise(error, ATTNC_NOT_CACHED,
                 "ATTNC_JIT=off forbids to compile '" + options.name +
                     "' while the program runs; compile it ahead of time");
  if (!findInProcess()) {
    int32_t status = ATTNC_OK;
    if (!findOnDisk())
      status = context.settings.mode == JITMode::RequireCache
                   ? refuse(error)
                   : compileIt(error);
    finish();
    if (status != ATTNC_OK)
      return status;
  }
  module = new (std::nothrow) attnc_module{compiled, wasCached};
  return module ? ATTNC_OK
                : raise(error, ATTNC_OUT_OF_MEMORY,
                        "there is no memory for a module");
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
int32_t attnc_compile(attnc_context *context, const char *source, size_t size,
                      const attnc_options *options, attnc_module **module,
                      attnc_error **error) {
  clear(error);
  if (module)
    *module = nullptr;
  if (!context || !module || (!source && size > 0))
    return raise(error, ATTNC_INVALID_ARGUMENT,
                 "context, source and the place for the module must not be "
                 "null");
  if (size > maxFileBytes)
    return raise(error, ATTNC_LIMIT_EXCEEDED,
                 "a spec of more than 16 MiB is not compiled");
  return Request(*context, std::string_view(source, size), getOptions(options))
      .run(*module, error);
}

int32_t attnc_compile_file(attnc_context *context, const char *path,
                           const attnc_options *options, attnc_module **module,
                           attnc_error **error) {
  clear(error);
  if (module)
    *module = nullptr;
  if (!context || !path || !module)
    return raise(error, ATTNC_INVALID_ARGUMENT,
                 "context, path and the place for the module must not be null");
  std::string text;
  if (Problem problem = readFile(path, text))
    return raise(error, problem);
  attnc_options named = getOptions(options);
  named.name = path;
  return Request(*context, text, named).run(*module, error);
}
// NOLINTEND(readability-identifier-naming)
