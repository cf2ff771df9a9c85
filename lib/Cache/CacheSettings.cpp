//===- CacheSettings.cpp - what the environment says of the cache ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A misspelt variable would be ignored without a word, so all that begin with
// ATTNC_ are looked at.
//
//===----------------------------------------------------------------------===//

#include "attnc/Cache/CacheSettings.h"

#include "attnc-c/attnc.h"
#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace attnc;

extern char **environ;

namespace {

// The last one is read by the Python package, to find this library.
constexpr const char *variables[] = {"ATTNC_JIT", "ATTNC_CACHE_DIR",
                                     "ATTNC_CACHE_MAX_MIB",
                                     "ATTNC_CACHE_MAX_DAYS", "ATTNC_LIBRARY"};

/// How many letters must be changed, added or taken away.
size_t getDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t above = row[j];
      row[j] = std::min(
          {row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

void warnOfUnknown(std::vector<std::string> &warnings) {
  constexpr std::string_view prefix = "ATTNC_";
  for (char **variable = environ; variable && *variable; ++variable) {
    std::string_view text(*variable);
    std::string_view name = text.substr(0, text.find('='));
    if (name.substr(0, prefix.size()) != prefix ||
        std::find(std::begin(variables), std::end(variables), name) !=
            std::end(variables))
      continue;
    std::string warning = "the environment variable " + std::string(name) +
                          " is not known and has no effect; ";
    const char *nearest =
        *std::min_element(std::begin(variables), std::end(variables),
                          [&](const char *a, const char *b) {
                            return getDistance(name, a) < getDistance(name, b);
                          });
    if (getDistance(name, nearest) <= 3)
      warning += std::string("is it ") + nearest + "?";
    else
      warning += "those that are: ATTNC_JIT, ATTNC_CACHE_DIR, "
                 "ATTNC_CACHE_MAX_MIB, ATTNC_CACHE_MAX_DAYS, ATTNC_LIBRARY";
    warnings.push_back(std::move(warning));
  }
}

/// A number of at most nine digits.
Problem readNumber(const char *variable, uint64_t &number) {
  const char *text = secure_getenv(variable);
  if (!text || !*text)
    return {};
  size_t length = strlen(text);
  if (length > 9 || strspn(text, "0123456789") != length)
    return Problem(ATTNC_INVALID_ARGUMENT,
                   std::string(variable) + " is a number, such as 512, not '" +
                       text + "'");
  number = strtoull(text, nullptr, 10);
  return {};
}

Problem chooseFolder(CacheSettings &settings) {
  const char *own = secure_getenv("ATTNC_CACHE_DIR");
  if (own && *own) {
    if (own[0] != '/')
      return Problem(ATTNC_INVALID_ARGUMENT,
                     std::string("ATTNC_CACHE_DIR is an absolute path, not '") +
                         own + "'");
    settings.folder = own;
    return {};
  }
  // The specification of the folders of a desktop ignores relative paths.
  const char *caches = secure_getenv("XDG_CACHE_HOME");
  const char *home = secure_getenv("HOME");
  if (caches && caches[0] == '/')
    settings.folder = std::string(caches) + "/attnc";
  else if (home && home[0] == '/' && home[1])
    settings.folder = std::string(home) + "/.cache/attnc";
  else
    settings.whyNone =
        "none of ATTNC_CACHE_DIR, XDG_CACHE_HOME and HOME is set";
  return {};
}

} // namespace

Problem attnc::parseJITMode(std::string_view text, JITMode &mode) {
  for (JITMode each : {JITMode::Auto, JITMode::Off, JITMode::RequireCache})
    if (text == getName(each)) {
      mode = each;
      return {};
    }
  return Problem(ATTNC_INVALID_ARGUMENT,
                 "ATTNC_JIT is auto, off or require-cache, not '" +
                     std::string(text) + "'");
}

const char *attnc::getName(JITMode mode) {
  switch (mode) {
  case JITMode::Auto:
    return "auto";
  case JITMode::Off:
    return "off";
  case JITMode::RequireCache:
    return "require-cache";
  }
  return "";
}

Problem CacheSettings::read(CacheSettings &settings,
                            std::vector<std::string> &warnings) {
  warnOfUnknown(warnings);
  const char *mode = secure_getenv("ATTNC_JIT");
  if (mode && *mode)
    if (Problem problem = parseJITMode(mode, settings.mode))
      return problem;
  uint64_t mebibytes = settings.limits.maxBytes >> 20;
  if (Problem problem = readNumber("ATTNC_CACHE_MAX_MIB", mebibytes))
    return problem;
  settings.limits.maxBytes = mebibytes << 20;
  if (Problem problem =
          readNumber("ATTNC_CACHE_MAX_DAYS", settings.limits.maxDays))
    return problem;
  return chooseFolder(settings);
}
