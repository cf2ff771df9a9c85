/*===- CInterface.c - The C side of the tests of libattnc -----------------===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* That the header is strict C99, and that a program in C can do what one in C++
|* can.
|*
\*===----------------------------------------------------------------------===*/

#include "attnc-c/attnc.h"

#include "CInterface.h"

#include <string.h>

static int describe(const attnc_kernel *kernel) {
  attnc_argument argument;
  return attnc_kernel_num_arguments(kernel) == 4 &&
         attnc_kernel_get_argument(kernel, 3, &argument) == ATTNC_OK &&
         strcmp(argument.name, "out") == 0 &&
         argument.role == ATTNC_ROLE_OUTPUT && argument.dims[3] == 8;
}

static int call(const attnc_kernel *kernel) {
  float elements[4][8] = {{0}};
  int64_t shape[4] = {1, 1, 1, 8};
  DLTensor tensors[4];
  const DLTensor *pointers[4];
  int i;
  memset(tensors, 0, sizeof(tensors));
  elements[2][5] = 7;
  for (i = 0; i < 4; ++i) {
    tensors[i].data = elements[i];
    tensors[i].device.device_type = kDLCPU;
    tensors[i].ndim = 4;
    tensors[i].dtype.code = kDLFloat;
    tensors[i].dtype.bits = 32;
    tensors[i].dtype.lanes = 1;
    tensors[i].shape = shape;
    pointers[i] = &tensors[i];
  }
  return attnc_kernel_call(kernel, pointers, 4) == ATTNC_OK &&
         elements[3][5] == 7 && elements[3][4] == 0;
}

int attncTestCompileFromC(const char *folder, const char *spec) {
  attnc_context *context = NULL;
  attnc_module *module = NULL;
  attnc_kernel *kernel = NULL;
  attnc_error *error = NULL;
  int step = 1;
  if (attnc_context_create(&context, &error) == ATTNC_OK &&
      attnc_context_set(context, "cache-dir", folder, &error) == ATTNC_OK)
    step = 2;
  if (step == 2 && attnc_compile(context, spec, strlen(spec), NULL, &module,
                                 &error) == ATTNC_OK)
    step = 3;
  if (step == 3 &&
      attnc_kernel_create(module, NULL, &kernel, &error) == ATTNC_OK)
    step = 4;
  if (step == 4 && describe(kernel))
    step = 5;
  if (step == 5 && call(kernel))
    step = 0;
  attnc_error_destroy(error);
  attnc_kernel_destroy(kernel);
  attnc_module_destroy(module);
  attnc_context_destroy(context);
  return step;
}
