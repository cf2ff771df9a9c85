/*===- runtime.h - What compiled kernels need at run time ---------*- C -*-===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* The C interface of libattnc_rt: checking the DLPack arguments of a kernel
|* against its signature, the message of the last failure, and the number of
|* threads. Kernels call attnc_rt_bind on entry; their callers use the rest.
|* Every function may be called from several threads at once. C99 and C++17.
|*
\*===----------------------------------------------------------------------===*/

#ifndef ATTNC_C_RUNTIME_H
#define ATTNC_C_RUNTIME_H

#include "attnc-c/dlpack.h"

#include <stddef.h>
#include <stdint.h>

/* NOLINTBEGIN(readability-identifier-naming, modernize-use-using): C. */

#if defined(__GNUC__)
#define ATTNC_RT_API __attribute__((visibility("default")))
#else
#define ATTNC_RT_API
#endif

/** The version of the structures and functions below. A kernel built for
    another major version, or for a later minor one, is refused. */
#define ATTNC_RT_ABI_MAJOR 1
#define ATTNC_RT_ABI_MINOR 5
#define ATTNC_RT_ABI_VERSION                                                   \
  (((uint32_t)ATTNC_RT_ABI_MAJOR << 16) | (uint32_t)ATTNC_RT_ABI_MINOR)

/** Limits that a signature and its tensors have to keep. The number of
    elements and bytes is far above any memory and far below overflow. */
#define ATTNC_RT_MAX_RANK 8
#define ATTNC_RT_MAX_ARGUMENTS 128
#define ATTNC_RT_MAX_SYMBOLS 128
#define ATTNC_RT_MAX_ELEMENTS ((int64_t)1 << 40)
#define ATTNC_RT_MAX_BYTES ((int64_t)1 << 46)

#ifdef __cplusplus
extern "C" {
#endif

/** What a kernel or a function of the runtime returns, as an int32_t. */
typedef enum {
  ATTNC_OK = 0,
  /** An argument does not fit the signature; nothing was computed. */
  ATTNC_INVALID_ARGUMENT = 1,
  /** A workspace could not be allocated; nothing was computed. */
  ATTNC_OUT_OF_MEMORY = 2,
  /** The kernel and the runtime do not fit together: a defect, not misuse. */
  ATTNC_INTERNAL = 3,
  /** A pool has too few pages or sequences left (attnc-c/pool.h); nothing was
      changed, and the call may succeed once others are freed. */
  ATTNC_EXHAUSTED = 4,
  /** There is no GPU, or not the one that a kernel was compiled for, or it or
      its driver reports an error (attnc-c/gpu.h). */
  ATTNC_GPU_FAILED = 5
} attnc_status;

/** One tensor argument as the kernel was compiled for it. */
typedef struct {
  /** The name in the specification, used in messages. */
  const char *name;
  /** The DLDataTypeCode and the width that the elements must have. */
  uint8_t dtype_code;
  uint8_t dtype_bits;
  /** Nonzero when the kernel writes to the tensor. */
  uint8_t is_output;
  uint8_t reserved;
  int32_t rank;
  /** `rank` entries: an extent >= 0, or -1 - n for the symbol number n. */
  const int64_t *dims;
} attnc_rt_argument;

/** A condition on symbolic extents: `symbol` is a multiple of the symbol
    `divisor_symbol` when that is >= 0, else of the constant `divisor`. Zero is
    a multiple of everything, and the only multiple of zero. */
typedef struct {
  int32_t symbol;
  int32_t divisor_symbol;
  int64_t divisor;
} attnc_rt_multiple;

/** Everything that a kernel requires of its arguments. Constant data inside
    the compiled kernel; the runtime never keeps a pointer to it. */
typedef struct {
  /** ATTNC_RT_ABI_VERSION of the compiler that wrote the signature. */
  uint32_t abi_version;
  uint32_t num_arguments;
  const char *function;
  const attnc_rt_argument *arguments;
  uint32_t num_symbols;
  uint32_t num_multiples;
  const char *const *symbols;
  const attnc_rt_multiple *multiples;
} attnc_rt_signature;

/** Checks `tensors` (one per argument) against `signature` and fills in one
    MLIR ranked memref descriptor per argument:

      struct { void *allocated; void *aligned; int64_t offset;
               int64_t sizes[rank]; int64_t strides[rank]; };

    with byte_offset folded into the pointers and offset 0. Strides of
    dimensions of extent 1, and of tensors without elements, are replaced by
    those of a compact tensor, so the last stride is 1 in every descriptor.

    Accepted are tensors in host memory with the exact dtype, rank and extents,
    equal extents wherever a symbol recurs, aligned to their element size, with
    non-negative strides and a contiguous last dimension. The elements of an
    output are distinct in memory, and the bytes between its first and last
    element belong to no other argument.

    Returns an attnc_status. On failure attnc_last_error() starts with
    "<function>: argument <name>: " whenever one argument is at fault, and the
    content of the descriptors is unspecified. Reads only the DLTensor
    structures, never the elements. */
ATTNC_RT_API int32_t attnc_rt_bind(const attnc_rt_signature *signature,
                                   const DLTensor *const *tensors,
                                   void *const *descriptors);

/** The tensors that hold the keys or the values of a batch of sequences, as
    numbers of arguments; -1 for one that there is not. */
typedef struct {
  int32_t data;
  /** [batch, blocks] of i32: the pages of each sequence. */
  int32_t table;
  /** [batch] of i32 or i64: the tokens of each sequence. */
  int32_t lengths;
  /** Scales and zero points, if they are few: for each head and channel, or one
      for all. Those of tokens are not checked: one that is no number makes the
      results no numbers. */
  int32_t scales;
  int32_t zeros;
  /** The axis of the data along which tokens are. */
  int32_t token_axis;
  /** The tokens of a page or a ring; 0 for as many as the data says. */
  int64_t block_tokens;
  /** New tokens, [batch, heads, new_length, dim], that the function writes to
      the last positions of each sequence; -1 if it writes none, or if they are
      no argument, when it writes at least the last one. */
  int32_t tokens;
  /** 1 if the function writes tokens. */
  int32_t is_written;
  /** The number of tokens that all sequences begin with, a scalar of i32 or
      i64; -1 for none. */
  int32_t prefix;
  int32_t reserved;
} attnc_rt_cache;

/** Checks the contents of what a cache is made of, after attnc_rt_bind: every
    length is from 0 to the tokens that there is room for (a ring has room for
    any number), every page in use is one that the data has, no page that is
    written is in use elsewhere, sequences share the pages of their prefix,
    every scale is finite. Returns an attnc_status; on failure
    attnc_last_error() names the sequence, and the page. */
ATTNC_RT_API int32_t attnc_rt_check_cache(const attnc_rt_signature *signature,
                                          const attnc_rt_cache *cache,
                                          const DLTensor *const *tensors);

/** Records "<function>: <message>" as the last error of this thread and
    returns `status`: how a kernel reports a failure of its own, such as a
    workspace that could not be allocated. Both strings are copied. */
ATTNC_RT_API int32_t attnc_rt_fail(int32_t status, const char *function,
                                   const char *message);

/** The message of the last failing call on this thread, "" when none has
    failed. A later success leaves it in place. Valid until the next failing
    call on this thread; never NULL. */
ATTNC_RT_API const char *attnc_last_error(void);

/** The release of the runtime, such as "0.1.0". Static storage. */
ATTNC_RT_API const char *attnc_rt_version(void);

/** ATTNC_RT_ABI_VERSION of the runtime that is loaded. */
ATTNC_RT_API uint32_t attnc_rt_abi_version(void);

/** Sets the number of threads of kernels called from any thread; a number
    below 1 stands for one per processor. It reaches the OpenMP runtime of the
    calling thread at once, and that of another thread, or one loaded later, at
    that thread's next kernel call. Never calling it leaves OpenMP's own
    default, such as OMP_NUM_THREADS. No effect without an OpenMP runtime. */
ATTNC_RT_API void attnc_rt_set_num_threads(int32_t num_threads);

/** The number of threads that a kernel called from this thread would use: 1
    when no OpenMP runtime is loaded. */
ATTNC_RT_API int32_t attnc_rt_get_num_threads(void);

/* ---- Called by compiled kernels ---- */

/** 1 if kernels called from this thread have no other thread to share work
   with, else 0. An OpenMP runtime that cannot be found may have some. */
ATTNC_RT_API int64_t attnc_rt_has_one_thread(void);

/** In how many parts, at most `most`, each of `instances` instances of a kernel
    is worked on so that threads without an instance have work: 1 if there is
    none. Parts compute what one would. */
ATTNC_RT_API int64_t attnc_rt_count_parts(int64_t instances, int64_t most);

/** Memory for a kernel instance, aligned to 64 bytes. Each thread keeps up to
   16 blocks of up to 2 MiB for its next instances, until it ends. Ends the
   process with a message where there is no memory. */
ATTNC_RT_API void *attnc_rt_scratch_allocate(size_t bytes);
/** Gives back what attnc_rt_scratch_allocate returned, from any thread. */
ATTNC_RT_API void attnc_rt_scratch_free(void *memory);

/** The size of a list of key segments, which a kernel keeps on its stack. */
#define ATTNC_RT_SEGMENTS_BYTES 8192

/** Makes an empty list in the ATTNC_RT_SEGMENTS_BYTES at address `list`,
   aligned to 8. A list belongs to one thread. It is filled with the key ranges
   of some query rows and turned into segments: sorted, disjoint, each either
   allowed to all rows or to be tested key by key. */
ATTNC_RT_API void attnc_rt_segments_init(int64_t list);

/** Frees what a long list allocated. */
ATTNC_RT_API void attnc_rt_segments_free(int64_t list);

/** Empties the list. */
ATTNC_RT_API void attnc_rt_segments_clear(int64_t list);

/** Adds the keys [begin, end), of which [full_begin, full_end), a part of them,
    is allowed to all rows. Without memory for a longer list keys are visited
    that need not be; which ones are allowed does not change. */
ATTNC_RT_API void attnc_rt_segments_add(int64_t list, int64_t begin,
                                        int64_t full_begin, int64_t full_end,
                                        int64_t end);

/** Makes segments of what was added since the last clear, and selects them all;
    returns how many. */
ATTNC_RT_API int64_t attnc_rt_segments_finish(int64_t list);

/** Adds the keys of all segments of `other`, a finished list. */
ATTNC_RT_API void attnc_rt_segments_add_list(int64_t list, int64_t other);

/** Selects what segments of a finished list have of the keys [begin, end);
    returns how many they are. */
ATTNC_RT_API int64_t attnc_rt_segments_select(int64_t list, int64_t begin,
                                              int64_t end);

/** The first key of the selected segment `index`, its last key plus one, and 1
    if all rows may see all its keys, else 0. */
ATTNC_RT_API int64_t attnc_rt_segments_begin(int64_t list, int64_t index);
ATTNC_RT_API int64_t attnc_rt_segments_end(int64_t list, int64_t index);
ATTNC_RT_API int64_t attnc_rt_segments_is_full(int64_t list, int64_t index);

#ifdef __cplusplus
} /* extern "C" */
#endif

/* Compiled kernels contain these structures as constants. */
ATTNC_STATIC_ASSERT(argument_code,
                    offsetof(attnc_rt_argument, dtype_code) == 8);
ATTNC_STATIC_ASSERT(argument_bits,
                    offsetof(attnc_rt_argument, dtype_bits) == 9);
ATTNC_STATIC_ASSERT(argument_output,
                    offsetof(attnc_rt_argument, is_output) == 10);
ATTNC_STATIC_ASSERT(argument_rank, offsetof(attnc_rt_argument, rank) == 12);
ATTNC_STATIC_ASSERT(argument_dims, offsetof(attnc_rt_argument, dims) == 16);
ATTNC_STATIC_ASSERT(argument_size, sizeof(attnc_rt_argument) == 24);
ATTNC_STATIC_ASSERT(multiple_divisor,
                    offsetof(attnc_rt_multiple, divisor) == 8);
ATTNC_STATIC_ASSERT(multiple_size, sizeof(attnc_rt_multiple) == 16);
ATTNC_STATIC_ASSERT(signature_count,
                    offsetof(attnc_rt_signature, num_arguments) == 4);
ATTNC_STATIC_ASSERT(signature_function,
                    offsetof(attnc_rt_signature, function) == 8);
ATTNC_STATIC_ASSERT(signature_arguments,
                    offsetof(attnc_rt_signature, arguments) == 16);
ATTNC_STATIC_ASSERT(signature_symbol_count,
                    offsetof(attnc_rt_signature, num_symbols) == 24);
ATTNC_STATIC_ASSERT(signature_symbols,
                    offsetof(attnc_rt_signature, symbols) == 32);
ATTNC_STATIC_ASSERT(signature_multiples,
                    offsetof(attnc_rt_signature, multiples) == 40);
ATTNC_STATIC_ASSERT(signature_size, sizeof(attnc_rt_signature) == 48);

/* NOLINTEND(readability-identifier-naming, modernize-use-using) */

#endif /* ATTNC_C_RUNTIME_H */
