/*===- call-entry-point.c - Calls entry points rightly and wrongly -*- C
-*-===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* Linked with the object of entry-points.mlir, whose header the command line
|* includes. Prints the status of each call and the message of each failure.
|*
\*===----------------------------------------------------------------------===*/

#include <stdio.h>

enum { Elements = 4096 };

static float q[Elements], k[Elements], v[Elements], out[Elements];

typedef struct {
  DLTensor tensor;
  int64_t shape[4];
  int64_t strides[4];
} Tensor;

/* A compact tensor [1, heads, length, dim] of f32. */
static void make(Tensor *t, float *data, int64_t heads, int64_t length,
                 int64_t dim) {
  DLTensor tensor = {data, {kDLCPU, 0}, 4, {kDLFloat, 32, 1}, 0, 0, 0};
  t->tensor = tensor;
  t->shape[0] = 1;
  t->shape[1] = heads;
  t->shape[2] = length;
  t->shape[3] = dim;
  t->tensor.shape = t->shape;
}

static void report(const char *what, int32_t status) {
  printf("%s: %d", what, (int)status);
  if (status != ATTNC_OK)
    printf(", %s", attnc_last_error());
  printf("\n");
}

int main(void) {
  Tensor tq, tk, tv, to;
  int i;
  for (i = 0; i < Elements; ++i) {
    q[i] = (float)(i % 7);
    k[i] = (float)(i % 5);
    v[i] = 1.0f;
  }

  make(&tq, q, 4, 3, 8);
  make(&tk, k, 2, 5, 8);
  make(&tv, v, 2, 5, 8);
  make(&to, out, 4, 3, 8);
  report("attend with 2 of 4 heads",
         attend(&tq.tensor, &tk.tensor, &tv.tensor, &to.tensor));
  /* An average of ones, and nothing written behind the last. */
  for (i = 0; i < 4 * 3 * 8; ++i)
    if (out[i] < 0.999999f || out[i] > 1.000001f)
      return 1;
  if (out[4 * 3 * 8] != 0.0f)
    return 2;
  printf("every result is 1\n");

  make(&tk, k, 3, 5, 8);
  make(&tv, v, 3, 5, 8);
  report("attend with 3 of 4 heads",
         attend(&tq.tensor, &tk.tensor, &tv.tensor, &to.tensor));
  make(&tk, k, 2, 5, 8);
  make(&tv, v, 2, 2, 8);
  report("attend with 2 values for 5 keys",
         attend(&tq.tensor, &tk.tensor, &tv.tensor, &to.tensor));
  make(&tv, v, 2, 5, 8);
  make(&tq, q, 4, 3, 7);
  report("attend with head dim 7",
         attend(&tq.tensor, &tk.tensor, &tv.tensor, &to.tensor));
  make(&tq, q, 4, 3, 8);
  tq.strides[0] = 96;
  tq.strides[1] = 24;
  tq.strides[2] = 1;
  tq.strides[3] = 3;
  tq.tensor.strides = tq.strides;
  report("attend with a transposed query",
         attend(&tq.tensor, &tk.tensor, &tv.tensor, &to.tensor));
  make(&tq, q, 4, 3, 8);
  report("attend into its query",
         attend(&tq.tensor, &tk.tensor, &tv.tensor, &tq.tensor));
  report("attend without a tensor",
         attend(&tq.tensor, 0, &tv.tensor, &to.tensor));
  tq.tensor.dtype.bits = 16;
  report("attend of f16",
         attend(&tq.tensor, &tk.tensor, &tv.tensor, &to.tensor));

  make(&tq, q, 6, 3, 8);
  make(&to, out, 6, 3, 8);
  make(&tk, k, 3, 5, 8);
  make(&tv, v, 3, 5, 8);
  report("divides with 3 key heads",
         divides(&tq.tensor, &tk.tensor, &tv.tensor, &to.tensor));
  make(&tk, k, 4, 5, 8);
  make(&tv, v, 4, 5, 8);
  report("divides with 4 key heads",
         divides(&tq.tensor, &tk.tensor, &tv.tensor, &to.tensor));
  make(&tk, k, 0, 5, 8);
  make(&tv, v, 0, 5, 8);
  report("divides with 0 key heads",
         divides(&tq.tensor, &tk.tensor, &tv.tensor, &to.tensor));
  return 0;
}
