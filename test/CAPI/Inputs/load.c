/*===- load.c - Load all functions of some specs --------------------------===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* Compiles each spec that it is given, or finds it in the cache, and puts its
|* functions in memory. An argument key=value sets an option for those behind
it.
|*
\*===----------------------------------------------------------------------===*/

#include "attnc-c/attnc.h"

#include <stdio.h>
#include <string.h>

static int load(attnc_context *context, const attnc_options *options,
                const char *path) {
  attnc_module *module = NULL;
  attnc_error *error = NULL;
  size_t i, count = 0;
  const char *slash = strrchr(path, '/');
  if (attnc_compile_file(context, path, options, &module, &error) == ATTNC_OK) {
    count = attnc_module_num_functions(module);
    for (i = 0; i < count && !error; ++i) {
      attnc_kernel *kernel = NULL;
      (void)attnc_kernel_create(module, attnc_module_function_name(module, i),
                                &kernel, &error);
      attnc_kernel_destroy(kernel);
    }
  }
  if (error)
    printf("%s\n", attnc_error_message(error));
  else
    printf("%s: %d loaded, %s\n", slash ? slash + 1 : path, (int)count,
           attnc_module_was_cached(module) ? "cached" : "compiled");
  attnc_module_destroy(module);
  if (!error)
    return 0;
  attnc_error_destroy(error);
  return 1;
}

static int set(attnc_options *options, char *argument, char *equal) {
  *equal = 0;
  if (attnc_options_set(options, argument, equal + 1, NULL) == ATTNC_OK)
    return 0;
  printf("%s\n", attnc_last_error());
  return 1;
}

int main(int argc, char **argv) {
  attnc_context *context = NULL;
  attnc_options *options = NULL;
  int i, failed = 0;
  if (attnc_context_create(&context, NULL) != ATTNC_OK ||
      attnc_options_create(&options, NULL) != ATTNC_OK)
    return 2;
  for (i = 1; i < argc; ++i) {
    char *equal = strchr(argv[i], '=');
    failed |=
        equal ? set(options, argv[i], equal) : load(context, options, argv[i]);
  }
  attnc_options_destroy(options);
  attnc_context_destroy(context);
  return failed;
}
