/*===- leaks.c - Every handle of the library, made and destroyed ----------===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* Compiles, emits, calls wrongly and is refused, again and again.
|*
|*   leaks causal.mlir [forget]
|*
\*===----------------------------------------------------------------------===*/

#include "attnc-c/attnc.h"

#include <stdio.h>
#include <string.h>

static int refuse(attnc_context *context, int is_first) {
  static const char spec[] = "func.func @f(";
  attnc_module *module = NULL;
  attnc_error *error = NULL;
  attnc_diagnostic diagnostic;
  if (attnc_compile(context, spec, sizeof(spec) - 1, NULL, &module, &error) ==
      ATTNC_OK)
    return 0;
  if (is_first && attnc_error_get_diagnostic(error, 0, &diagnostic) == ATTNC_OK)
    printf("%d of %s:%d: %s\n", (int)attnc_error_num_diagnostics(error),
           diagnostic.file, (int)diagnostic.line, diagnostic.message);
  attnc_error_destroy(error);
  return 1;
}

static void emit(attnc_context *context, const char *kind) {
  static const char spec[] = "func.func @f(";
  attnc_buffer *buffer = NULL;
  attnc_error *error = NULL;
  if (attnc_emit(context, spec, sizeof(spec) - 1, NULL, kind, &buffer,
                 &error) != ATTNC_OK)
    printf("attnc_emit: %s\n", attnc_error_message(error));
  attnc_error_destroy(error);
  attnc_buffer_destroy(buffer);
}

/* Two kernels of a module that goes first, called with no tensors. */
static void use(attnc_context *context, const char *path) {
  attnc_options *options = NULL;
  attnc_module *module = NULL;
  attnc_kernel *kernels[2] = {NULL, NULL};
  attnc_options_create(&options, NULL);
  attnc_options_set(options, "target", "cpu", NULL);
  attnc_options_set(options, "no such option", "x", NULL);
  attnc_compile_file(context, path, options, &module, NULL);
  for (int i = 0; i < 2; ++i)
    attnc_kernel_create(module, NULL, &kernels[i], NULL);
  attnc_options_destroy(options);
  attnc_module_destroy(module);
  for (int i = 0; i < 2; ++i) {
    if (attnc_kernel_call(kernels[i], NULL, 0) == ATTNC_OK)
      puts("called without tensors");
    attnc_kernel_destroy(kernels[i]);
  }
}

int main(int argc, char **argv) {
  attnc_context *context = NULL;
  int count = 0;
  if (argc < 2 || attnc_context_create(&context, NULL) != ATTNC_OK)
    return 2;
  for (int i = 0; i < 20; ++i) {
    count += refuse(context, i == 0);
    use(context, argv[1]);
  }
  emit(context, "gold");
  printf("spec.mlir is refused %d times\n", count);
  if (argc < 3 || strcmp(argv[2], "forget") != 0)
    attnc_context_destroy(context);
  context = NULL;
  return 0;
}
