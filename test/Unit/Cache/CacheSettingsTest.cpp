//===- CacheSettingsTest.cpp - what the environment says of the cache -----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each variable, its values, and what resembles it.
//
//===----------------------------------------------------------------------===//

#include "attnc/Cache/CacheSettings.h"

#include "gtest/gtest.h"
#include <cstdlib>

using namespace attnc;

namespace {

/// Clears what is read, before and after each test.
class CacheSettingsTest : public testing::Test {
protected:
  CacheSettingsTest() {
    for (const char *name : names)
      unsetenv(name);
  }
  ~CacheSettingsTest() override {
    for (const char *name : names)
      unsetenv(name);
    setenv("HOME", home.c_str(), 1);
  }

  Problem read() { return CacheSettings::read(settings, warnings); }

  const char *names[8] = {"ATTNC_JIT",           "ATTNC_CACHE_DIR",
                          "ATTNC_CACHE_MAX_MIB", "ATTNC_CACHE_MAX_DAYS",
                          "ATTNC_CACHE_DRI",     "ATTNC_SPEED",
                          "XDG_CACHE_HOME",      "ATTNC_PRESET"};
  std::string home = getenv("HOME") ? getenv("HOME") : "";
  CacheSettings settings;
  std::vector<std::string> warnings;
};

TEST_F(CacheSettingsTest, the_folder_is_found_in_order) {
  setenv("HOME", "/nowhere/user", 1);
  ASSERT_FALSE(read());
  EXPECT_EQ(settings.folder, "/nowhere/user/.cache/attnc");
  setenv("XDG_CACHE_HOME", "/nowhere/caches", 1);
  ASSERT_FALSE(read());
  EXPECT_EQ(settings.folder, "/nowhere/caches/attnc");
  setenv("ATTNC_CACHE_DIR", "/nowhere/own", 1);
  ASSERT_FALSE(read());
  EXPECT_EQ(settings.folder, "/nowhere/own");
  EXPECT_TRUE(warnings.empty());
}

TEST_F(CacheSettingsTest, without_a_home_there_is_no_folder_and_a_reason) {
  unsetenv("HOME");
  ASSERT_FALSE(read());
  EXPECT_EQ(settings.folder, "");
  EXPECT_EQ(settings.whyNone,
            "none of ATTNC_CACHE_DIR, XDG_CACHE_HOME and HOME is set");
}

TEST_F(CacheSettingsTest, a_relative_folder_is_refused) {
  setenv("ATTNC_CACHE_DIR", "cache", 1);
  EXPECT_EQ(read().getMessage(),
            "ATTNC_CACHE_DIR is an absolute path, not 'cache'");
  // The specification says to ignore it there.
  unsetenv("ATTNC_CACHE_DIR");
  setenv("XDG_CACHE_HOME", "cache", 1);
  setenv("HOME", "/nowhere/user", 1);
  ASSERT_FALSE(read());
  EXPECT_EQ(settings.folder, "/nowhere/user/.cache/attnc");
}

TEST_F(CacheSettingsTest, modes_are_read) {
  for (auto [text, mode] : {std::pair("auto", JITMode::Auto),
                            {"off", JITMode::Off},
                            {"require-cache", JITMode::RequireCache}}) {
    setenv("ATTNC_JIT", text, 1);
    ASSERT_FALSE(read());
    EXPECT_EQ(settings.mode, mode);
    EXPECT_STREQ(getName(settings.mode), text);
  }
  setenv("ATTNC_JIT", "no", 1);
  EXPECT_EQ(read().getMessage(),
            "ATTNC_JIT is auto, off or require-cache, not 'no'");
}

TEST_F(CacheSettingsTest, limits_are_read) {
  setenv("ATTNC_CACHE_MAX_MIB", "3", 1);
  setenv("ATTNC_CACHE_MAX_DAYS", "7", 1);
  ASSERT_FALSE(read());
  EXPECT_EQ(settings.limits.maxBytes, uint64_t(3) << 20);
  EXPECT_EQ(settings.limits.maxDays, 7u);
  for (const char *text : {"3G", "-1", "99999999999"}) {
    setenv("ATTNC_CACHE_MAX_MIB", text, 1);
    EXPECT_EQ(
        read().getMessage(),
        std::string("ATTNC_CACHE_MAX_MIB is a number, such as 512, not '") +
            text + "'");
  }
}

TEST_F(CacheSettingsTest, unknown_variables_are_warned_of) {
  setenv("ATTNC_CACHE_DRI", "/nowhere", 1);
  setenv("ATTNC_SPEED", "high", 1);
  ASSERT_FALSE(read());
  ASSERT_EQ(warnings.size(), 2u);
  std::sort(warnings.begin(), warnings.end());
  EXPECT_EQ(warnings[0],
            "the environment variable ATTNC_CACHE_DRI is not known "
            "and has no effect; is it ATTNC_CACHE_DIR?");
  EXPECT_EQ(warnings[1],
            "the environment variable ATTNC_SPEED is not known and has no "
            "effect; those that are: ATTNC_JIT, ATTNC_CACHE_DIR, "
            "ATTNC_CACHE_MAX_MIB, ATTNC_CACHE_MAX_DAYS, ATTNC_LIBRARY");
}

} // namespace
