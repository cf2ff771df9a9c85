//===- Compiler.cpp - the compiler, opened when needed --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The library lies beside this one. It is never closed again: LLVM keeps what
// it registered once.
//
//===----------------------------------------------------------------------===//

#include "Compiler.h"

#include "CompilerInterface.h"
#include <cstring>
#include <dlfcn.h>

using namespace attnc;
using namespace attnc::capi;

namespace {

/// The functions of the library; null, and why, if it cannot be opened.
struct Library {
  decltype(&attnc_compiler_run) run = nullptr;
  std::string problem;
};

/// The folder of this library, with a slash; empty if the system does not say.
std::string getOwnFolder() {
  static const int anchor = 0;
  Dl_info here;
  if (!dladdr(&anchor, &here) || !here.dli_fname)
    return "";
  std::string path = here.dli_fname;
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

Library openLibrary() {
  Library library;
  // RTLD_LOCAL keeps LLVM's names from those of another LLVM in the process.
  std::string path = getOwnFolder() + ATTNC_COMPILER_FILE;
  void *handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!handle) {
    const char *why = dlerror();
    library.problem = std::string("the compiler cannot be loaded: ") +
                      (why ? why : "no reason given") +
                      "; without it, only kernels that are in the cache can be "
                      "used";
    return library;
  }
  auto getInterface = reinterpret_cast<decltype(&attnc_compiler_interface)>(
      dlsym(handle, "attnc_compiler_interface"));
  auto getRelease = reinterpret_cast<decltype(&attnc_compiler_release)>(
      dlsym(handle, "attnc_compiler_release"));
  auto run = reinterpret_cast<decltype(&attnc_compiler_run)>(
      dlsym(handle, "attnc_compiler_run"));
  if (!getInterface || !getRelease || !run ||
      getInterface() != ATTNC_COMPILER_INTERFACE ||
      strcmp(getRelease(), ATTNC_VERSION_STRING) != 0)
    library.problem =
        "the compiler at '" + path +
        "' is not of the release of this library, " ATTNC_VERSION_STRING;
  else
    library.run = run;
  return library;
}

const Library &getLibrary() {
  static const Library library = openLibrary();
  return library;
}

void receiveDiagnostic(void *data, int32_t severity, const char *file,
                       int32_t line, int32_t column, const char *message,
                       size_t size) {
  addDiagnostic(static_cast<Compilation *>(data)->diagnostics,
                {severity, -1, line, column, file, std::string(message, size)});
}

void receiveOutput(void *data, size_t kind, const char *bytes, size_t size) {
  static_cast<Compilation *>(data)->outputs[kind].assign(bytes, size);
}

void receiveRestriction(void *data, const char *why, size_t size) {
  static_cast<Compilation *>(data)->whyNotHere.assign(why, size);
}

void receiveFailure(void *data, const char *message, size_t size) {
  static_cast<Compilation *>(data)->failure.assign(message, size);
}

} // namespace

Compilation capi::compile(std::string_view source, const attnc_options &options,
                          const std::vector<const char *> &kinds,
                          const char *path) {
  Compilation result;
  const Library &library = getLibrary();
  if (!library.run) {
    result.status = ATTNC_UNAVAILABLE;
    result.failure = library.problem;
    return result;
  }
  result.outputs.resize(kinds.size());
  bool isTuned = !options.tuningPath.empty();
  attnc_compiler_request request = {source.data(),
                                    source.size(),
                                    options.name.c_str(),
                                    options.target.c_str(),
                                    options.threads,
                                    options.isBytecode,
                                    isTuned ? options.tuningText.data()
                                            : nullptr,
                                    options.tuningText.size(),
                                    options.tuningPath.c_str(),
                                    kinds.data(),
                                    kinds.size(),
                                    path};
  attnc_compiler_reply reply = {&result, receiveDiagnostic, receiveOutput,
                                receiveRestriction, receiveFailure};
  result.status = library.run(&request, &reply);
  return result;
}
