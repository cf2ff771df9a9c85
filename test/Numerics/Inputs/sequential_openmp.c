/*===- sequential_openmp.c - Three threads, one after another -----*- C -*-===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* What compiled kernels call of LLVM's OpenMP runtime, for a target that this
|* machine has no such library for. A parallel region runs once for each of
|* three threads, in turn; that is as good as at once as long as no thread
|* waits for another before the end of the region, which kernels do not.
|*
\*===----------------------------------------------------------------------===*/

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUM_THREADS = 3, STATIC_SCHEDULE = 34 };

typedef void (*Microtask)(int32_t *global_thread, int32_t *bound_thread,
                          void *shared);

static int32_t thread = 0;

static void fail(const char *what, long number) {
  fprintf(stderr, "sequential_openmp: %s: %ld\n", what, number);
  exit(2);
}

int32_t __kmpc_global_thread_num(void *location) {
  (void)location;
  return thread;
}

void __kmpc_fork_call(void *location, int32_t num_arguments, Microtask task,
                      ...) {
  va_list arguments;
  void *shared;
  (void)location;
  if (num_arguments != 1)
    fail("a parallel region has other than one argument", num_arguments);
  va_start(arguments, task);
  shared = va_arg(arguments, void *);
  va_end(arguments);
  for (thread = 0; thread < NUM_THREADS; ++thread) {
    int32_t bound_thread = thread, global_thread = thread;
    task(&global_thread, &bound_thread, shared);
  }
  thread = 0;
}

/* The iterations first..last, both included, in pieces of nearly equal size;
   without iterations, last is first - 1. */
void __kmpc_for_static_init_8u(void *location, int32_t caller, int32_t schedule,
                               int32_t *is_last, uint64_t *first,
                               uint64_t *last, int64_t *stride, int64_t step,
                               int64_t chunk) {
  uint64_t count = *last - *first + 1, begin = *first;
  (void)location;
  (void)chunk;
  if (schedule != STATIC_SCHEDULE || step != 1 || caller != thread)
    fail("a loop with a schedule that is not known", schedule);
  *stride = (int64_t)count;
  *is_last = thread == NUM_THREADS - 1;
  *first = begin + count * (uint64_t)thread / NUM_THREADS;
  *last = begin + count * (uint64_t)(thread + 1) / NUM_THREADS - 1;
}

void __kmpc_for_static_fini(void *location, int32_t caller) {
  (void)location;
  (void)caller;
}

void __kmpc_barrier(void *location, int32_t caller) {
  (void)location;
  (void)caller;
}
