/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* A program that has two kernels linked in and calls none. */
#include "causal.h"
#include "window.h"

int main(int argc, char **argv) {
  (void)argv;
  void *kernels[2] = {(void *)causal, (void *)window};
  return kernels[argc > 1] == 0;
}
