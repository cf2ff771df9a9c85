/*===- UpstreamDLPack.c - Both DLPack headers in one source ---------------===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* A program that already includes its own DLPack header can include attnc's
|* afterwards: nothing is defined twice, and the layouts agree.
|*
\*===----------------------------------------------------------------------===*/

#include "UpstreamDLPack.h"

#include "attnc-c/dlpack.h"
#include "attnc-c/runtime.h"

#include "CInterface.h"

#ifndef DLPACK_VERSION
#error "the header that came first did not provide the definitions"
#endif
#ifdef DLPACK_MAJOR_VERSION
#error "the definitions of both headers are in effect"
#endif

int attncTestBindFromUpstreamDLPack(void) {
  static const int64_t dims[1] = {4};
  attnc_rt_argument argument = {"x", kDLBfloat, 16, 0, 0, 1, NULL};
  attnc_rt_signature signature = {
      ATTNC_RT_ABI_VERSION, 1, "upstream", NULL, 0, 0, NULL, NULL};
  uint16_t elements[4] = {0, 0, 0, 0};
  int64_t shape[1] = {4};
  DLManagedTensor managed = {{0}, NULL, NULL};
  int64_t descriptor[5];
  const DLTensor *tensors[1];
  void *descriptors[1];

  argument.dims = dims;
  signature.arguments = &argument;
  managed.dl_tensor.data = elements;
  managed.dl_tensor.device.device_type = kDLCPU;
  managed.dl_tensor.ndim = 1;
  managed.dl_tensor.dtype.code = kDLBfloat;
  managed.dl_tensor.dtype.bits = 16;
  managed.dl_tensor.dtype.lanes = 1;
  managed.dl_tensor.shape = shape;
  tensors[0] = &managed.dl_tensor;
  descriptors[0] = descriptor;
  return attnc_rt_bind(&signature, tensors, descriptors) == ATTNC_OK &&
         descriptor[1] == (int64_t)(intptr_t)elements && descriptor[3] == 4 &&
         descriptor[4] == 1;
}
