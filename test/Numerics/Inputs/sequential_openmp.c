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

/* A dynamic schedule, with the bit of OpenMP 5 that any order will do. */
enum { NUM_THREADS = 3, DYNAMIC_SCHEDULE = 35, ANY_ORDER = 1 << 30 };

typedef void (*Microtask)(int32_t *global_thread, int32_t *bound_thread,
                          void *shared);

static int32_t thread = 0;
/* What is left of this thread's share of the loop. */
static uint64_t next_iteration, end_of_share;

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

/* The iterations first..last, both included, of which each thread takes a
   third, one at a time; without iterations, last is first - 1. */
void __kmpc_dispatch_init_8u(void *location, int32_t caller, int32_t schedule,
                             uint64_t first, uint64_t last, int64_t step,
                             int64_t chunk) {
  uint64_t count = last - first + 1;
  (void)location;
  if ((schedule & ~ANY_ORDER) != DYNAMIC_SCHEDULE || step != 1 || chunk != 1 ||
      caller != thread)
    fail("a loop with a schedule that is not known", schedule);
  next_iteration = first + count * (uint64_t)thread / NUM_THREADS;
  end_of_share = first + count * (uint64_t)(thread + 1) / NUM_THREADS;
}

int32_t __kmpc_dispatch_next_8u(void *location, int32_t caller,
                                int32_t *is_last, uint64_t *first,
                                uint64_t *last, int64_t *stride) {
  (void)location;
  (void)caller;
  if (next_iteration == end_of_share)
    return 0;
  *first = *last = next_iteration++;
  *stride = 1;
  *is_last = thread == NUM_THREADS - 1 && next_iteration == end_of_share;
  return 1;
}

void __kmpc_barrier(void *location, int32_t caller) {
  (void)location;
  (void)caller;
}
