/*===- CProgram.c - A program without a C++ runtime -----------------------===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* Linked by the C compiler against the static archive, as firmware or another
|* language's package would do. Exits with 0 when the runtime works.
|*
\*===----------------------------------------------------------------------===*/

#include "attnc-c/runtime.h"

#include <string.h>

int main(void) {
  if (attnc_rt_bind(NULL, NULL, NULL) != ATTNC_INTERNAL)
    return 1;
  if (strcmp(attnc_last_error(), "kernel: the signature is null") != 0)
    return 2;
  attnc_rt_set_num_threads(3);
  /* No OpenMP runtime is linked. */
  return attnc_rt_get_num_threads() == 1 ? 0 : 3;
}
