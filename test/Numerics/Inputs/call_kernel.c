/*===- call_kernel.c - Calls one compiled kernel on files ---------*- C -*-===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* The host program of on_aarch64.py, linked with the kernels and the runtime:
|*
|*   call_kernel KERNEL NUM_INPUTS FILE.npy...
|*
|* has one file per argument. Those after the inputs are results: they bring
|* the shape and are overwritten. Each tensor ends at a page that cannot be
|* touched, so that a kernel that reads or writes behind one is ended.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "attnc-c/runtime.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MAX_ARGUMENTS = 12 };

typedef struct {
  const char *path;
  long data_begin; /* in the file */
  size_t num_bytes;
  int64_t shape[ATTNC_RT_MAX_RANK];
  DLTensor tensor;
} Argument;

static void fail(const char *path, const char *what) {
  fprintf(stderr, "call_kernel: %s: %s\n", path, what);
  exit(2);
}

/* NumPy has no bf16: two bytes without a meaning are one. */
static DLDataType parse_dtype(const char *path, const char *text) {
  DLDataType dtype = {kDLFloat, (uint8_t)(8 * (text[2] - '0')), 1};
  if (text[1] == 'V')
    dtype.code = kDLBfloat;
  else if (text[1] == 'i')
    dtype.code = kDLInt;
  else if (text[1] != 'f')
    fail(path, "unknown dtype");
  return dtype;
}

/* Version 1 of the format: ten bytes, the last two of which are the length of
   a Python dictionary that follows. */
static void read_header(FILE *file, Argument *argument) {
  unsigned char start[10];
  char text[4096] = "";
  size_t length;
  const char *descr, *shape;
  if (fread(start, 1, 10, file) != 10 || memcmp(start, "\x93NUMPY\x01", 7))
    fail(argument->path, "not a .npy file of version 1");
  length = start[8] + 256u * start[9];
  if (length >= sizeof(text) || fread(text, 1, length, file) != length)
    fail(argument->path, "its header is cut");
  argument->data_begin = (long)(10 + length);
  descr = strstr(text, "'descr': '");
  shape = strstr(text, "'shape': (");
  if (!descr || !shape)
    fail(argument->path, "its header has no dtype or no shape");
  argument->tensor.dtype = parse_dtype(argument->path, descr + 10);
  argument->num_bytes = argument->tensor.dtype.bits / 8;
  argument->tensor.shape = argument->shape;
  for (shape += 10; *shape != ')'; shape += strspn(shape, ", ")) {
    char *end;
    int64_t extent = strtoll(shape, &end, 10);
    if (end == shape || argument->tensor.ndim == ATTNC_RT_MAX_RANK)
      fail(argument->path, "its shape cannot be read");
    argument->shape[argument->tensor.ndim++] = extent;
    argument->num_bytes *= (size_t)extent;
    shape = end;
  }
}

/* Memory that ends where a page begins that cannot be touched. */
static void *allocate_before_a_guard(const char *path, size_t num_bytes) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t pages = (num_bytes + page - 1) / page * page;
  char *memory = mmap(NULL, pages + page, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory + pages, page, PROT_NONE))
    fail(path, "no memory");
  return memory + pages - num_bytes;
}

static void read_argument(Argument *argument, int is_result) {
  FILE *file = fopen(argument->path, "rb");
  if (!file)
    fail(argument->path, "cannot be opened");
  read_header(file, argument);
  argument->tensor.device.device_type = kDLCPU;
  argument->tensor.data =
      allocate_before_a_guard(argument->path, argument->num_bytes);
  /* A result that is not written stays NaN. */
  if (is_result)
    memset(argument->tensor.data, 0xff, argument->num_bytes);
  else if (fread(argument->tensor.data, 1, argument->num_bytes, file) !=
           argument->num_bytes)
    fail(argument->path, "its data are cut");
  fclose(file);
}

static void write_result(const Argument *argument) {
  FILE *file = fopen(argument->path, "r+b");
  if (!file || fseek(file, argument->data_begin, SEEK_SET) ||
      fwrite(argument->tensor.data, 1, argument->num_bytes, file) !=
          argument->num_bytes ||
      fclose(file))
    fail(argument->path, "cannot be written");
}

/* A kernel takes one pointer per argument. It does not notice that it is given
   more, as the caller is the one that makes and removes them. */
static int32_t call(void *kernel, int num_arguments, Argument *a) {
  typedef const DLTensor *T;
  int32_t (*function)(T, T, T, T, T, T, T, T, T, T, T, T);
  T t[MAX_ARGUMENTS] = {0};
  int i;
  memcpy(&function, &kernel, sizeof(function));
  for (i = 0; i < num_arguments; ++i)
    t[i] = &a[i].tensor;
  return function(t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9],
                  t[10], t[11]);
}

int main(int argc, char **argv) {
  Argument arguments[MAX_ARGUMENTS] = {{0}};
  int num_inputs = argc > 2 ? atoi(argv[2]) : 0;
  int num_arguments = argc - 3;
  void *kernel;
  int i;
  if (num_arguments < 1 || num_arguments > MAX_ARGUMENTS)
    fail(argv[0], "usage: call_kernel KERNEL NUM_INPUTS FILE.npy...");
  kernel = dlsym(RTLD_DEFAULT, argv[1]);
  if (!kernel)
    fail(argv[1], "not linked into this program");
  for (i = 0; i < num_arguments; ++i) {
    arguments[i].path = argv[3 + i];
    read_argument(&arguments[i], i >= num_inputs);
  }
  if (call(kernel, num_arguments, arguments) != ATTNC_OK)
    fail(argv[1], attnc_last_error());
  for (i = num_inputs; i < num_arguments; ++i)
    write_result(&arguments[i]);
  return 0;
}
