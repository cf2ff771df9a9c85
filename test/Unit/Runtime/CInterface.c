/*===- CInterface.c - The runtime's interface in C99 ----------------------===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* That the headers are strict C99, and that a descriptor written by the
|* runtime has the layout that a C program declares for it.
|*
\*===----------------------------------------------------------------------===*/

#include "attnc-c/runtime.h"

#include "attnc-c/dlpack.h"

#include "CInterface.h"

typedef struct {
  float *allocated;
  float *aligned;
  int64_t offset;
  int64_t sizes[2];
  int64_t strides[2];
} Memref2D;

int attncTestBindFromC(void) {
  static const int64_t dims[2] = {-1, 3};
  static const char *const symbols[1] = {"n"};
  attnc_rt_argument argument = {"x", kDLFloat, 32, 0, 0, 2, NULL};
  attnc_rt_signature signature = {
      ATTNC_RT_ABI_VERSION, 1, "from_c", NULL, 1, 0, NULL, NULL};
  float elements[2][3] = {{1, 2, 3}, {4, 5, 6}};
  int64_t shape[2] = {2, 3};
  DLTensor tensor = {0};
  Memref2D descriptor;
  const DLTensor *tensors[1];
  void *descriptors[1];

  argument.dims = dims;
  signature.arguments = &argument;
  signature.symbols = symbols;
  tensor.data = elements;
  tensor.device.device_type = kDLCPU;
  tensor.ndim = 2;
  tensor.dtype.code = kDLFloat;
  tensor.dtype.bits = 32;
  tensor.dtype.lanes = 1;
  tensor.shape = shape;
  tensors[0] = &tensor;
  descriptors[0] = &descriptor;
  if (attnc_rt_bind(&signature, tensors, descriptors) != ATTNC_OK)
    return 0;
  return descriptor.aligned[descriptor.strides[0] + 2] == 6.0f &&
         descriptor.allocated == &elements[0][0] && descriptor.offset == 0 &&
         descriptor.sizes[0] == 2 && descriptor.sizes[1] == 3 &&
         descriptor.strides[0] == 3 && descriptor.strides[1] == 1;
}
