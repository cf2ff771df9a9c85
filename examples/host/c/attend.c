/*===- attend.c - Compile a spec and call it, in C ------------------------===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* Compiles the spec that it is given, prints what the function takes, and calls
|* it: causal attention of two queries, whose first sees the first key only.
|*
|*   attend causal.mlir
|*
\*===----------------------------------------------------------------------===*/

#include "attnc-c/attnc.h"

#include <stdio.h>
#include <stdlib.h>

enum { heads = 1, length = 2, dim = 64, size = heads * length * dim };

static void print_arguments(const attnc_kernel *kernel) {
  static const char *const roles[] = {"input", "output", "updated"};
  for (size_t i = 0; i < attnc_kernel_num_arguments(kernel); ++i) {
    attnc_argument argument;
    if (attnc_kernel_get_argument(kernel, i, &argument) != ATTNC_OK)
      continue;
    printf("%s %s: %s [", roles[argument.role], argument.name,
           argument.dtype_name);
    for (int32_t j = 0; j < argument.rank; ++j) {
      if (argument.dims[j] < 0)
        printf(
            "%s%s", j ? ", " : "",
            attnc_kernel_symbol_name(kernel, (size_t)(-1 - argument.dims[j])));
      else
        printf("%s%lld", j ? ", " : "", (long long)argument.dims[j]);
    }
    puts("]");
  }
}

static int call(const attnc_kernel *kernel) {
  static float q[size], k[size], v[size], out[size];
  float *data[4] = {q, k, v, out};
  int64_t shape[4] = {1, heads, length, dim};
  DLTensor tensors[4] = {{0}};
  const DLTensor *pointers[4];
  for (int i = 0; i < size; ++i)
    v[i] = i < dim ? 1.0f : 3.0f; /* of the first key, and of the second */
  for (int i = 0; i < 4; ++i) {
    tensors[i].data = data[i];
    tensors[i].device.device_type = kDLCPU;
    tensors[i].ndim = 4;
    tensors[i].dtype.code = kDLFloat;
    tensors[i].dtype.bits = 32;
    tensors[i].dtype.lanes = 1;
    tensors[i].shape = shape;
    pointers[i] = &tensors[i];
  }
  if (attnc_kernel_call(kernel, pointers, 4) != ATTNC_OK) {
    fprintf(stderr, "%s\n", attnc_last_error());
    return 1;
  }
  printf("out: %g for the first query, %g for the second\n", out[0], out[dim]);
  return 0;
}

int main(int argc, char **argv) {
  attnc_context *context = NULL;
  attnc_module *module = NULL;
  attnc_kernel *kernel = NULL;
  attnc_error *error = NULL;
  int result = 1;
  if (argc != 2) {
    fprintf(stderr, "usage: %s spec.mlir\n", argv[0]);
    return 2;
  }
  if (attnc_context_create(&context, &error) == ATTNC_OK &&
      attnc_compile_file(context, argv[1], NULL, &module, &error) == ATTNC_OK &&
      attnc_kernel_create(module, NULL, &kernel, &error) == ATTNC_OK) {
    printf("%s\n", attnc_kernel_name(kernel));
    print_arguments(kernel);
    result = call(kernel);
  } else {
    fprintf(stderr, "%s\n", attnc_error_message(error));
  }
  attnc_error_destroy(error);
  attnc_kernel_destroy(kernel);
  attnc_module_destroy(module);
  attnc_context_destroy(context);
  return result;
}
