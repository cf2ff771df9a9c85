/*===- attnc.h - The compiler as a library ------------------------*- C -*-===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* The C interface of libattnc: compile specs in a running program, call what
|* was compiled on DLPack tensors, write objects and shared libraries. C99 and
|* C++17; attnc-c/attnc.hpp wraps it for C++.
|*
|* Handles are opaque. What a function returns through `const char *` belongs to
|* the handle that it was asked of and lives as long as that; what it is given
|* is copied. A destroy function takes NULL.
|*
|* A function that can fail returns a status, ATTNC_OK or another. It then sets
|* attnc_last_error(), and where it takes an `attnc_error **` that is not NULL,
|* stores an error there for the caller to destroy; on success it stores NULL.
|* No C++ exception leaves the library.
|*
|* Contexts, modules and kernels may be used by several threads at once;
|* options, errors and buffers by one thread at a time.
|*
\*===----------------------------------------------------------------------===*/

#ifndef ATTNC_C_ATTNC_H
#define ATTNC_C_ATTNC_H

#include "attnc-c/dlpack.h"
#include "attnc-c/runtime.h"

#include <stddef.h>
#include <stdint.h>

/* NOLINTBEGIN(readability-identifier-naming, modernize-use-using): C. */

#if defined(__GNUC__)
#define ATTNC_API __attribute__((visibility("default")))
#else
#define ATTNC_API
#endif

/** The version of this interface. A minor version adds functions and keys of
    options; before 1.0 it may also change them. */
#define ATTNC_API_MAJOR 0
#define ATTNC_API_MINOR 1
#define ATTNC_API_VERSION                                                      \
  (((uint32_t)ATTNC_API_MAJOR << 16) | (uint32_t)ATTNC_API_MINOR)

#ifdef __cplusplus
extern "C" {
#endif

/** Statuses of this interface, beside those of attnc-c/runtime.h. */
enum {
  /** The spec has errors; the diagnostics of the error say which and where. */
  ATTNC_INVALID_SPEC = 16,
  /** A limit on sizes was hit. */
  ATTNC_LIMIT_EXCEEDED = 17,
  /** Something that is needed is not there: the compiler, a linker, an OpenMP
      runtime, or a machine that can run the code. */
  ATTNC_UNAVAILABLE = 18,
  /** ATTNC_JIT forbids to compile, and the cache has not what was asked for. */
  ATTNC_NOT_CACHED = 19,
  /** A file could not be read or written. */
  ATTNC_IO_ERROR = 20
};

/** Where kernels are kept, and whether they may be compiled. */
typedef struct attnc_context attnc_context;
/** How to compile. */
typedef struct attnc_options attnc_options;
/** A spec that has been compiled: machine code and what describes it. */
typedef struct attnc_module attnc_module;
/** A function of a module, in executable memory. */
typedef struct attnc_kernel attnc_kernel;
/** Why a function failed. */
typedef struct attnc_error attnc_error;
/** Bytes that the library made. */
typedef struct attnc_buffer attnc_buffer;

/* ---- Versions ---- */

/** ATTNC_API_VERSION of the library that is loaded. */
ATTNC_API uint32_t attnc_api_version(void);
/** The release of the library, such as "0.1.0". */
ATTNC_API const char *attnc_version(void);
/** ATTNC_RT_ABI_VERSION of the kernels that it compiles. */
ATTNC_API uint32_t attnc_abi_version(void);
/** Identifies the build of the compiler, in hexadecimal: another build may make
    other code of the same spec. */
ATTNC_API const char *attnc_build_id(void);

/* ---- Errors and diagnostics ---- */

/** What a diagnostic is. */
enum {
  ATTNC_SEVERITY_ERROR = 0,
  ATTNC_SEVERITY_WARNING = 1,
  ATTNC_SEVERITY_REMARK = 2,
  ATTNC_SEVERITY_NOTE = 3
};

/** One message about a place in a spec. */
typedef struct {
  int32_t severity;
  /** The number of the diagnostic that a note belongs to; -1 for others. */
  int32_t parent;
  /** The place, from 1; 0 and "" where it is not known. */
  int32_t line;
  int32_t column;
  const char *file;
  const char *message;
} attnc_diagnostic;

ATTNC_API void attnc_error_destroy(attnc_error *error);
ATTNC_API int32_t attnc_error_status(const attnc_error *error);
/** One line: the first error with its place, or what went wrong otherwise. */
ATTNC_API const char *attnc_error_message(const attnc_error *error);
ATTNC_API size_t attnc_error_num_diagnostics(const attnc_error *error);
/** Fills in the diagnostic `index`; a note follows what it belongs to. Returns
    ATTNC_INVALID_ARGUMENT if there are fewer. */
ATTNC_API int32_t attnc_error_get_diagnostic(const attnc_error *error,
                                             size_t index,
                                             attnc_diagnostic *diagnostic);

/** Warnings that concern the process, such as a cache that cannot be used, go
   to `handler`, or to standard error if that is NULL, the default. */
ATTNC_API void attnc_set_warning_handler(void (*handler)(const char *message,
                                                         void *data),
                                         void *data);

/* ---- Contexts ---- */

/** Creates a context as the environment asks for: ATTNC_JIT, ATTNC_CACHE_DIR,
    ATTNC_CACHE_MAX_MIB, ATTNC_CACHE_MAX_DAYS. An unknown variable ATTNC_... is
    warned of. */
ATTNC_API int32_t attnc_context_create(attnc_context **context,
                                       attnc_error **error);
/** Modules and kernels of the context stay valid. */
ATTNC_API void attnc_context_destroy(attnc_context *context);
/** Sets "jit" to "auto", "off" or "require-cache", or "cache-dir" to a path, or
    to "" for no cache. Before the context is used. */
ATTNC_API int32_t attnc_context_set(attnc_context *context, const char *key,
                                    const char *value, attnc_error **error);
/** The value of a key; NULL if there is no such key. "cache-dir" is "" if
    nothing is cached, and "cache-problem" then says why. */
ATTNC_API const char *attnc_context_get(attnc_context *context,
                                        const char *key);

/* ---- Options ---- */

/** Options as they are by default. */
ATTNC_API int32_t attnc_options_create(attnc_options **options,
                                       attnc_error **error);
ATTNC_API void attnc_options_destroy(attnc_options *options);
/** Sets an option:

      target    "cpu" (the default, this machine), "cpu:<processor>",
                "reference"
      threads   "on" (the default) or "off": whether kernels use OpenMP
      tuning    the path of a file that `attnc tune` wrote; "" for none
      name      what diagnostics and files call the spec; "spec.mlir"
      format    "text" (the default) or "bytecode" of MLIR, whose reader is not
                made for input that cannot be trusted */
ATTNC_API int32_t attnc_options_set(attnc_options *options, const char *key,
                                    const char *value, attnc_error **error);

/* ---- Compiling ---- */

/** Compiles a spec, or takes it from the cache. `options` may be NULL. The text
    need not end in NUL. */
ATTNC_API int32_t attnc_compile(attnc_context *context, const char *source,
                                size_t size, const attnc_options *options,
                                attnc_module **module, attnc_error **error);
/** The same for a file, which names the spec. */
ATTNC_API int32_t attnc_compile_file(attnc_context *context, const char *path,
                                     const attnc_options *options,
                                     attnc_module **module,
                                     attnc_error **error);

/** Compiles a spec to what `kind` says: "obj", "shared", "header", "manifest",
    "asm", "llvm", "tile" or "attn", as `attnc compile --emit=` does. Uses no
    cache. */
ATTNC_API int32_t attnc_emit(attnc_context *context, const char *source,
                             size_t size, const attnc_options *options,
                             const char *kind, attnc_buffer **buffer,
                             attnc_error **error);
/** The same to a file, which is written whole or not at all. */
ATTNC_API int32_t attnc_emit_to_file(attnc_context *context, const char *source,
                                     size_t size, const attnc_options *options,
                                     const char *kind, const char *path,
                                     attnc_error **error);

ATTNC_API void attnc_buffer_destroy(attnc_buffer *buffer);
/** The bytes; a NUL that is not counted follows them. */
ATTNC_API const char *attnc_buffer_data(const attnc_buffer *buffer);
ATTNC_API size_t attnc_buffer_size(const attnc_buffer *buffer);

/* ---- Modules ---- */

/** Kernels of the module stay valid. */
ATTNC_API void attnc_module_destroy(attnc_module *module);
/** 1 if the machine code was in the cache, 0 if it was compiled. */
ATTNC_API int32_t attnc_module_was_cached(const attnc_module *module);
/** Describes the module in JSON, as `attnc compile --emit=manifest`. */
ATTNC_API const char *attnc_module_manifest(const attnc_module *module);
/** The object file. */
ATTNC_API const void *attnc_module_object(const attnc_module *module,
                                          size_t *size);
ATTNC_API size_t attnc_module_num_functions(const attnc_module *module);
/** The name of a function; NULL if there are fewer. */
ATTNC_API const char *attnc_module_function_name(const attnc_module *module,
                                                 size_t index);
/** Warnings and remarks about the spec. */
ATTNC_API size_t attnc_module_num_diagnostics(const attnc_module *module);
ATTNC_API int32_t attnc_module_get_diagnostic(const attnc_module *module,
                                              size_t index,
                                              attnc_diagnostic *diagnostic);

/* ---- Kernels ---- */

/** What a kernel does with an argument. */
enum {
  ATTNC_ROLE_INPUT = 0,
  ATTNC_ROLE_OUTPUT = 1,
  /** Read and written. */
  ATTNC_ROLE_UPDATED = 2
};

/** One tensor that a kernel takes. */
typedef struct {
  const char *name;
  /** "f32", "bf16", "i8", ... */
  const char *dtype_name;
  DLDataType dtype;
  int32_t role;
  int32_t rank;
  int32_t reserved;
  /** `rank` entries: an extent >= 0, or -1 - n for the symbol number n. Equal
      symbols stand for equal extents. */
  const int64_t *dims;
} attnc_argument;

/** A condition on extents: the first is a multiple of the second. Both are
    encoded as in `attnc_argument::dims`. */
typedef struct {
  int64_t extent;
  int64_t divisor;
} attnc_multiple;

/** Puts a function of a module in executable memory; the functions of a module
    share it. `function` may be NULL if there is only one. */
ATTNC_API int32_t attnc_kernel_create(attnc_module *module,
                                      const char *function,
                                      attnc_kernel **kernel,
                                      attnc_error **error);
/** No call may be running, or come later through attnc_kernel_entry. */
ATTNC_API void attnc_kernel_destroy(attnc_kernel *kernel);
ATTNC_API const char *attnc_kernel_name(const attnc_kernel *kernel);
/** The inputs come first, then the outputs. */
ATTNC_API size_t attnc_kernel_num_arguments(const attnc_kernel *kernel);
ATTNC_API int32_t attnc_kernel_get_argument(const attnc_kernel *kernel,
                                            size_t index,
                                            attnc_argument *argument);
ATTNC_API size_t attnc_kernel_num_symbols(const attnc_kernel *kernel);
/** The name of a symbol; NULL if there are fewer. */
ATTNC_API const char *attnc_kernel_symbol_name(const attnc_kernel *kernel,
                                               size_t index);
ATTNC_API size_t attnc_kernel_num_multiples(const attnc_kernel *kernel);
ATTNC_API int32_t attnc_kernel_get_multiple(const attnc_kernel *kernel,
                                            size_t index,
                                            attnc_multiple *multiple);
/** The C function that a header of the spec declares: int32_t (const DLTensor
   *,
    ...). */
ATTNC_API void *attnc_kernel_entry(const attnc_kernel *kernel);

/** Calls a kernel on `count` tensors, in the order of its arguments. Device,
    dtype, rank, extents, strides and overlaps are checked; after a failure
    attnc_last_error() names the argument and says what it must be. Allocates
    nothing. */
ATTNC_API int32_t attnc_kernel_call(const attnc_kernel *kernel,
                                    const DLTensor *const *tensors,
                                    size_t count);
/** The same on tensors with owners, which are borrowed: nothing is deleted. A
    read-only tensor is refused where the kernel writes, one of another major
    version of DLPack everywhere. */
ATTNC_API int32_t attnc_kernel_call_managed(
    const attnc_kernel *kernel, const DLManagedTensorVersioned *const *tensors,
    size_t count);
/** The same on tensors of DLPack before 1.0, which do not say whether they are
    read-only. */
ATTNC_API int32_t
attnc_kernel_call_legacy(const attnc_kernel *kernel,
                         const DLManagedTensor *const *tensors, size_t count);

#ifdef __cplusplus
} /* extern "C" */
#endif

ATTNC_STATIC_ASSERT(diagnostic_size, sizeof(attnc_diagnostic) == 32);
ATTNC_STATIC_ASSERT(api_argument_size, sizeof(attnc_argument) == 40);
ATTNC_STATIC_ASSERT(api_multiple_size, sizeof(attnc_multiple) == 16);

/* NOLINTEND(readability-identifier-naming, modernize-use-using) */

#endif /* ATTNC_C_ATTNC_H */
