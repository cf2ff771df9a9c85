//===- ProcessSymbols.cpp - what kernels call -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels call the runtime that this library is linked with, LLVM's OpenMP
// runtime, and functions of the C library.
//
//===----------------------------------------------------------------------===//

#include "Module.h"

#include <dlfcn.h>
#include <initializer_list>
#include <string_view>

using namespace attnc;

namespace {

/// LLVM's OpenMP runtime, opened once and for good: it may have threads.
struct OpenMP {
  void *handle = nullptr;
  std::string problem;
};

OpenMP openOpenMP() {
  OpenMP library;
  // The one that is loaded already is preferred, by the names and in the order
  // in which the runtime looks for it.
  for (int extra : {RTLD_NOLOAD, 0})
    for (const char *name :
         {"libomp.so.5", "libomp.so", "libiomp5.so", ATTNC_OPENMP_LIBRARY}) {
      library.handle = dlopen(name, RTLD_LAZY | RTLD_LOCAL | extra);
      if (library.handle)
        return library;
      if (!extra && library.problem.empty())
        if (const char *why = dlerror())
          library.problem = why;
    }
  return library;
}

void *findOpenMPSymbol(const char *name, Problem &why) {
  static const OpenMP library = openOpenMP();
  if (library.handle)
    return dlsym(library.handle, name);
  why = Problem(
      ATTNC_UNAVAILABLE,
      "kernels with threads need LLVM's OpenMP runtime: " + library.problem +
          "; install it, or set the option threads to off");
  return nullptr;
}

} // namespace

void *capi::findProcessSymbol(const char *name, Problem &why) {
  std::string_view text(name);
  // Another OpenMP runtime of the process may define functions of these names.
  if (text.substr(0, 7) == "__kmpc_" || text.substr(0, 4) == "omp_")
    return findOpenMPSymbol(name, why);
  if (void *found = dlsym(RTLD_DEFAULT, name))
    return found;
  // A program in C need not have the functions of mathematics.
  static void *const mathematics = dlopen("libm.so.6", RTLD_LAZY | RTLD_LOCAL);
  return mathematics ? dlsym(mathematics, name) : nullptr;
}
