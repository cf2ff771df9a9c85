//===- Options.cpp - how to compile, from C -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Keys and values as text, so that a new option is no new function.
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include "Errors.h"
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <unistd.h>

using namespace attnc;
using namespace attnc::capi;

Problem capi::readFile(const std::string &path, std::string &text) {
  auto refuse = [&](const std::string &why) {
    return Problem(ATTNC_IO_ERROR, "cannot read '" + path + "': " + why);
  };
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return refuse(strerror(errno));
  text.clear();
  char chunk[16384];
  ssize_t count;
  while ((count = read(file, chunk, sizeof(chunk))) != 0) {
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0) {
      int code = errno;
      close(file);
      return refuse(strerror(code));
    }
    text.append(chunk, static_cast<size_t>(count));
    if (text.size() > maxFileBytes) {
      close(file);
      return Problem(ATTNC_LIMIT_EXCEEDED,
                     "'" + path + "' is larger than 16 MiB");
    }
  }
  close(file);
  return {};
}

const attnc_options &capi::getOptions(const attnc_options *options) {
  static const attnc_options defaults;
  return options ? *options : defaults;
}

static int32_t setTuning(attnc_options &options, const std::string &path,
                         attnc_error **error) {
  std::string text;
  if (!path.empty())
    if (Problem problem = readFile(path, text))
      return raise(error, problem);
  options.tuningPath = path;
  options.tuningText = std::move(text);
  return ATTNC_OK;
}

/// Sets an option that has two values, the first of which is true.
static int32_t setFlag(bool &flag, const char *name, const char *yes,
                       const char *no, const std::string &value,
                       attnc_error **error) {
  if (value != yes && value != no)
    return raise(error, ATTNC_INVALID_ARGUMENT,
                 std::string("the option ") + name + " is " + yes + " or " +
                     no + ", not '" + value + "'");
  flag = value == yes;
  return ATTNC_OK;
}

// NOLINTBEGIN(readability-identifier-naming): the C interface.
int32_t attnc_options_create(attnc_options **options, attnc_error **error) {
  clear(error);
  if (!options)
    return raise(error, ATTNC_INVALID_ARGUMENT,
                 "the place for the options is null");
  *options = new (std::nothrow) attnc_options();
  return *options ? ATTNC_OK
                  : raise(error, ATTNC_OUT_OF_MEMORY,
                          "there is no memory for options");
}

void attnc_options_destroy(attnc_options *options) { delete options; }

int32_t attnc_options_set(attnc_options *options, const char *key,
                          const char *value, attnc_error **error) {
  clear(error);
  if (!options || !key || !value)
    return raise(error, ATTNC_INVALID_ARGUMENT,
                 "options, key and value must not be null");
  std::string name = key, text = value;
  if (name == "threads")
    return setFlag(options->threads, key, "on", "off", text, error);
  if (name == "format")
    return setFlag(options->isBytecode, key, "bytecode", "text", text, error);
  if (name == "tuning")
    return setTuning(*options, text, error);
  if (name != "target" && name != "name")
    return raise(
        error, ATTNC_INVALID_ARGUMENT,
        "there is no option '" + name +
            "'; the options are target, threads, tuning, name and format");
  if (text.empty())
    return raise(error, ATTNC_INVALID_ARGUMENT,
                 "the option " + name + " must not be empty");
  (name == "target" ? options->target : options->name) = text;
  return ATTNC_OK;
}
// NOLINTEND(readability-identifier-naming)
