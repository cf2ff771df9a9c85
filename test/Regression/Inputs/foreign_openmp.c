/*===- foreign_openmp.c - A program with an OpenMP of its own -----*- C -*-===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* Says of one thread, in the place of the OpenMP runtime that a framework may
|* bring into the global scope, and prints how many a kernel starts.
|*
\*===----------------------------------------------------------------------===*/

#include "attnc-c/runtime.h"
#include <dirent.h>
#include <stdio.h>

int32_t full(const DLTensor *q, const DLTensor *k, const DLTensor *v,
             const DLTensor *out);

int omp_get_max_threads(void) { return 1; }

static int call(const DLTensor *in, const DLTensor *out) {
  int32_t status = full(in, in, in, out);
  if (status)
    fprintf(stderr, "%s\n", attnc_last_error());
  return status;
}

static int count_threads(void) {
  DIR *threads = opendir("/proc/self/task");
  int count = 0;
  while (readdir(threads))
    ++count;
  closedir(threads);
  return count - 2; /* "." and ".." */
}

int main(void) {
  static float numbers[4 * 64 * 32];
  int64_t shape[] = {1, 4, 64, 32};
  DLTensor tensor = {0};
  tensor.data = numbers;
  tensor.device.device_type = kDLCPU;
  tensor.ndim = 4;
  tensor.dtype.code = kDLFloat;
  tensor.dtype.bits = 32;
  tensor.dtype.lanes = 1;
  tensor.shape = shape;
  static float result[4 * 64 * 32];
  DLTensor out = tensor;
  out.data = result;
  attnc_rt_set_num_threads(1);
  if (call(&tensor, &out))
    return 1;
  printf("%d thread\n", count_threads());
  attnc_rt_set_num_threads(3);
  if (call(&tensor, &out))
    return 1;
  printf("%d threads\n", count_threads());
  return 0;
}
