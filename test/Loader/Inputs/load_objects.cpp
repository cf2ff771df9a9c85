//===- load_objects.cpp - load objects and call one -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads each object that it is given; calls `causal` on two positions, of which
// the second sees both.
//
//===----------------------------------------------------------------------===//

#include "attnc-c/runtime.h"
#include "attnc/Loader/CallEntry.h"
#include "attnc/Loader/LoadedImage.h"
#include <cstdio>
#include <dlfcn.h>
#include <fstream>
#include <iterator>
#include <string>

using namespace attnc;

static int call(void *entry) {
  constexpr int64_t dim = 64;
  static float q[2 * dim], k[2 * dim], v[2 * dim], out[2 * dim];
  for (int64_t i = 0; i < 2 * dim; ++i)
    v[i] = i < dim ? 1.0f : 3.0f;
  int64_t shape[4] = {1, 1, 2, dim};
  float *data[4] = {q, k, v, out};
  DLTensor tensors[4] = {};
  const DLTensor *pointers[4];
  for (int i = 0; i < 4; ++i) {
    tensors[i].data = data[i];
    tensors[i].device.device_type = kDLCPU;
    tensors[i].ndim = 4;
    tensors[i].dtype = {kDLFloat, 32, 1};
    tensors[i].shape = shape;
    pointers[i] = &tensors[i];
  }
  if (callEntry(entry, pointers, 4) != ATTNC_OK) {
    printf("%s\n", attnc_last_error());
    return 1;
  }
  printf("causal: %g %g\n", out[0], out[dim]);
  return 0;
}

int main(int argc, char **argv) {
  int failed = 0;
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    std::string object((std::istreambuf_iterator<char>(file)), {});
    std::unique_ptr<LoadedImage> image;
    Problem problem = LoadedImage::load(
        object, argv[i],
        [](const char *name, Problem &) { return dlsym(RTLD_DEFAULT, name); },
        image);
    if (problem) {
      printf("%s\n", problem.getMessage().c_str());
      failed = 1;
      continue;
    }
    std::string path = argv[i];
    printf("%s is loaded\n", path.substr(path.rfind('/') + 1).c_str());
    if (void *entry = image->lookup("causal"))
      failed |= call(entry);
  }
  return failed;
}
