/*===- gpu.h - Kernels on a GPU -----------------------------------*- C -*-===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* The part of libattnc_rt that runs kernels on an NVIDIA GPU. It opens the CUDA
|* driver library, libcuda.so.1, at the first use of a GPU and needs neither a
|* toolkit nor the CUDA runtime. A program that uses the CUDA runtime, or a
|* framework on top of it, shares its contexts, memory and streams with kernels.
|*
|* Functions that return int32_t return an attnc_status, and on failure
|* attnc_last_error() starts with the name of the function: ATTNC_GPU_FAILED
|* where there is no driver or GPU or one of them reports an error,
|* ATTNC_OUT_OF_MEMORY where device memory is short. Every function may be
|* called from several threads at once. C99 and C++17.
|*
\*===----------------------------------------------------------------------===*/

#ifndef ATTNC_C_GPU_H
#define ATTNC_C_GPU_H

#include "attnc-c/runtime.h"

/* NOLINTBEGIN(readability-identifier-naming, modernize-use-using): C. */

#ifdef __cplusplus
extern "C" {
#endif

/* ---- For hosts ---- */

/** Uses the driver library at `path`, such as attnc's emulator, instead of
    libcuda.so.1. ATTNC_INVALID_ARGUMENT once another library is in use, which
    the first use of a GPU decides. */
ATTNC_RT_API int32_t attnc_rt_gpu_set_driver(const char *path);

/** The stream (a CUstream, which is also a cudaStream_t) on which kernels that
    this thread calls run from now on, and on which the functions below work;
    null, as at first, is the default stream. The stream is one of the GPU on
    which the tensors are. A kernel returns before its results are there. */
ATTNC_RT_API void attnc_rt_gpu_set_stream(void *stream);

/** Device memory aligned to 256 bytes, of the GPU that is this thread's
    current one, or of the first GPU if there is none. No bytes are a null
    pointer. */
ATTNC_RT_API int32_t attnc_rt_gpu_allocate(void **memory, size_t bytes);
/** Gives back what attnc_rt_gpu_allocate returned; null is none. Waits for
    kernels that may use it. */
ATTNC_RT_API int32_t attnc_rt_gpu_free(void *memory);

/** Copies after the kernels that this thread called before; the copy is done
    when the function returns. */
ATTNC_RT_API int32_t attnc_rt_gpu_copy_to_device(void *device, const void *host,
                                                 size_t bytes);
ATTNC_RT_API int32_t attnc_rt_gpu_copy_to_host(void *host, const void *device,
                                               size_t bytes);

/** Waits for the kernels on this thread's stream. What went wrong while they
    ran, such as an illegal address, is reported here or by a later call. */
ATTNC_RT_API int32_t attnc_rt_gpu_synchronize(void);

/* ---- Called by compiled functions ---- */

/** The program of the kernels of one object for one architecture. The compiler
    writes it into the object, which stays loaded once a kernel has run. */
typedef struct {
  /** The runtime's own; null at first. */
  void *state;
  /** A cubin, or PTX text with its final 0, of `size` bytes. */
  const void *data;
  uint64_t size;
  /** What it was compiled for: "sm_90a" runs on compute capability 9.0 only, as
      does everything with a suffix on its own; a cubin for "sm_80" on 8.0 and
      later 8.x, PTX for "sm_80" on 8.0 and everything later. */
  const char *arch;
} attnc_rt_gpu_image;

/** attnc_rt_bind for tensors in the memory of one GPU: kDLCUDA, all of the same
    device_id, every extent below 2^28. Same checks, same descriptors. That GPU
   becomes this thread's current one: its context that is current already, or
   else its primary one. Forgets an earlier failure of this thread; a failure of
   this call counts as the first of those that attnc_rt_gpu_status tells. */
ATTNC_RT_API int32_t attnc_rt_gpu_bind(const attnc_rt_signature *signature,
                                       const DLTensor *const *tensors,
                                       void *const *descriptors);

/** Launches `blocks` blocks (at most 2^31 - 1) of `threads` threads of the
    kernel of this name on the thread's stream, with the addresses of its
    parameters as cuLaunchKernel takes them and `shared_bytes` of dynamic shared
    memory. Without blocks it launches nothing, and neither does it after a
    failure, until the next attnc_rt_gpu_bind. */
ATTNC_RT_API void attnc_rt_gpu_launch(attnc_rt_gpu_image *image,
                                      const char *kernel, int64_t blocks,
                                      int64_t threads, int64_t shared_bytes,
                                      void *const *parameters);

/** Writes a tensor map, the 128 bytes at `map` (aligned to 64) that describe a
    tensor to the hardware that copies boxes of it to shared memory. `code` and
    `bits` are a DLPack element type. The `rank` (2 to 5) sizes and strides
    count elements, innermost axis first; strides[0] is 1 and not read. `box`
   has the elements that one copy moves along each axis. `swizzle_bytes` is 0,
   32, 64 or 128, and if it is not 0 the innermost axis of the box has at most
   as many bytes. Elements outside of the tensor read as 0, which is all of them
   if a size is 0. `name` is the tensor's, for messages: it has to begin at a
    multiple of 16 bytes, and so have its rows. On a GPU without such hardware,
    of compute capability 8 and less, that is checked and nothing is written. */
ATTNC_RT_API void
attnc_rt_gpu_tensor_map(void *map, const char *name, int32_t code, int32_t bits,
                        int32_t rank, const void *base, const int64_t *sizes,
                        const int64_t *strides, const int64_t *box,
                        int32_t swizzle_bytes);

/** Refuses a tensor whose rows do not begin at multiples of `bytes`, at which a
    kernel reads that many of them at once. Sizes and strides are those of
    attnc_rt_gpu_tensor_map, in elements of `element_bytes`. */
ATTNC_RT_API void attnc_rt_gpu_check_alignment(
    const char *name, int32_t element_bytes, int32_t rank, const void *base,
    const int64_t *sizes, const int64_t *strides, int64_t bytes);

/** Device memory, aligned to 256 bytes, for the kernels that are launched
    between the two calls. Null for no bytes and after a failure. */
ATTNC_RT_API void *attnc_rt_gpu_scratch_allocate(int64_t bytes);
ATTNC_RT_API void attnc_rt_gpu_scratch_free(void *memory);

/** The status of the first failure since attnc_rt_gpu_bind, or ATTNC_OK. Its
    message starts with the name of the function in the signature. */
ATTNC_RT_API int32_t attnc_rt_gpu_status(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

/* Compiled functions contain this structure. */
ATTNC_STATIC_ASSERT(gpu_image_data, offsetof(attnc_rt_gpu_image, data) == 8);
ATTNC_STATIC_ASSERT(gpu_image_size, offsetof(attnc_rt_gpu_image, size) == 16);
ATTNC_STATIC_ASSERT(gpu_image_arch, offsetof(attnc_rt_gpu_image, arch) == 24);
ATTNC_STATIC_ASSERT(gpu_image, sizeof(attnc_rt_gpu_image) == 32);

/* NOLINTEND(readability-identifier-naming, modernize-use-using) */

#endif /* ATTNC_C_GPU_H */
