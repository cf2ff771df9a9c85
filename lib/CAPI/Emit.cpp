//===- Emit.cpp - from a spec to a file -----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `attnc compile` writes, in memory or in a file.
//
//===----------------------------------------------------------------------===//

#include "Compiler.h"
#include "Context.h"

#include <new>

using namespace attnc;
using namespace attnc::capi;

struct attnc_buffer {
  std::string bytes;
};

/// Compiles to one output.
static int32_t emit(const char *source, size_t size,
                    const attnc_options *options, const char *kind,
                    const char *path, std::string &bytes, attnc_error **error) {
  if (size > maxFileBytes)
    return raise(error, ATTNC_LIMIT_EXCEEDED,
                 "a spec of more than 16 MiB is not compiled");
  Compilation made = compile(std::string_view(source, size),
                             getOptions(options), {kind}, path);
  if (made.status != ATTNC_OK)
    return raise(error, made.status, made.failure, std::move(made.diagnostics));
  bytes = std::move(made.outputs[0]);
  return ATTNC_OK;
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
int32_t attnc_emit(attnc_context *context, const char *source, size_t size,
                   const attnc_options *options, const char *kind,
                   attnc_buffer **buffer, attnc_error **error) {
  clear(error);
  if (buffer)
    *buffer = nullptr;
  if (!context || !kind || !buffer || (!source && size > 0))
    return raise(error, ATTNC_INVALID_ARGUMENT,
                 "context, source, kind and the place for the buffer must not "
                 "be null");
  std::string bytes;
  if (int32_t status =
          emit(source, size, options, kind, /*path=*/nullptr, bytes, error))
    return status;
  *buffer = new (std::nothrow) attnc_buffer{std::move(bytes)};
  return *buffer ? ATTNC_OK
                 : raise(error, ATTNC_OUT_OF_MEMORY,
                         "there is no memory for a buffer");
}

int32_t attnc_emit_to_file(attnc_context *context, const char *source,
                           size_t size, const attnc_options *options,
                           const char *kind, const char *path,
                           attnc_error **error) {
  clear(error);
  if (!context || !kind || !path || (!source && size > 0))
    return raise(error, ATTNC_INVALID_ARGUMENT,
                 "context, source, kind and path must not be null");
  std::string bytes;
  return emit(source, size, options, kind, path, bytes, error);
}

void attnc_buffer_destroy(attnc_buffer *buffer) { delete buffer; }

const char *attnc_buffer_data(const attnc_buffer *buffer) {
  return buffer ? buffer->bytes.c_str() : nullptr;
}

size_t attnc_buffer_size(const attnc_buffer *buffer) {
  return buffer ? buffer->bytes.size() : 0;
}
// NOLINTEND(readability-identifier-naming)
