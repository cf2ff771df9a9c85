/*===- CProgram.c - A program without a C++ runtime -----------------------===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* Linked by the C compiler against the static archive, as firmware or another
|* language's package would do. Exits with 0 when the runtime works.
|*
\*===----------------------------------------------------------------------===*/

#include "attnc-c/gpu.h"
#include "attnc-c/pool.h"
#include "attnc-c/runtime.h"

#include <string.h>

static int usePool(void) {
  attnc_rt_pool_options options = {4, 16, 64, 2, 4, NULL, 0};
  attnc_rt_pool *pool = NULL;
  attnc_rt_sequence sequence = 0, fork = 0;
  attnc_rt_pool_statistics statistics;
  int64_t slots[20], cached = 0;
  int fits = attnc_rt_pool_create(&options, &pool) == ATTNC_OK &&
             attnc_rt_pool_create_sequence(pool, 0, NULL, 0, &sequence,
                                           &cached) == ATTNC_OK &&
             attnc_rt_pool_append(pool, sequence, 20, slots) == ATTNC_OK &&
             attnc_rt_pool_fork_sequence(pool, sequence, &fork) == ATTNC_OK &&
             attnc_rt_pool_append(pool, fork, 1, slots) == ATTNC_OK &&
             attnc_rt_pool_get_statistics(pool, &statistics) == ATTNC_OK &&
             statistics.used_pages == 3 && statistics.copied_pages == 1;
  attnc_rt_pool_destroy(pool);
  return fits;
}

/* There is no driver where the path points. */
static int missGpu(void) {
  void *memory = NULL;
  return attnc_rt_gpu_set_driver("/nowhere/libcuda.so.1") == ATTNC_OK &&
         attnc_rt_gpu_allocate(&memory, 16) == ATTNC_GPU_FAILED &&
         memory == NULL && attnc_rt_gpu_status() == ATTNC_OK;
}

int main(void) {
  if (attnc_rt_bind(NULL, NULL, NULL) != ATTNC_INTERNAL)
    return 1;
  if (strcmp(attnc_last_error(), "kernel: the signature is null") != 0)
    return 2;
  attnc_rt_set_num_threads(3);
  /* No OpenMP runtime is linked. */
  if (attnc_rt_get_num_threads() != 1)
    return 3;
  if (!missGpu())
    return 4;
  return usePool() ? 0 : 5;
}
