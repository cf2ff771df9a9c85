//===- OptionsTest.cpp - how to compile, from C ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Keys and values of options and of contexts.
//
//===----------------------------------------------------------------------===//

#include "CompiledSpecs.h"

#include <fstream>

namespace {

using OptionsTest = CompiledSpecs;

std::string refusalOfOption(const char *key, const char *value) {
  attnc_options *options = nullptr;
  attnc_error *error = nullptr;
  EXPECT_EQ(attnc_options_create(&options, nullptr), ATTNC_OK);
  EXPECT_NE(attnc_options_set(options, key, value, &error), ATTNC_OK);
  std::string message = attnc_error_message(error);
  attnc_error_destroy(error);
  attnc_options_destroy(options);
  return message;
}

TEST_F(OptionsTest, what_is_no_option_is_refused) {
  EXPECT_EQ(refusalOfOption("speed", "high"),
            "there is no option 'speed'; the options are target, threads, "
            "tuning, name and format");
  EXPECT_EQ(refusalOfOption("format", "json"),
            "the option format is bytecode or text, not 'json'");
  EXPECT_EQ(refusalOfOption("threads", "4"),
            "the option threads is on or off, not '4'");
  EXPECT_EQ(refusalOfOption("target", ""),
            "the option target must not be empty");
  EXPECT_EQ(refusalOfOption("target", nullptr),
            "options, key and value must not be null");
  EXPECT_EQ(refusalOfOption("tuning", "nowhere.json"),
            "cannot read 'nowhere.json': No such file or directory");
}

TEST_F(OptionsTest, a_tuning_file_is_read_and_checked) {
  std::string path = folder + "/t.json";
  std::ofstream(path) << "{}";
  setOption("tuning", path);
  auto error = refusalOf(makeSpec(1));
  EXPECT_NE(std::string(attnc_error_message(error.get())).find("t.json"),
            std::string::npos)
      << attnc_error_message(error.get());
  setOption("tuning", "");
  compile(makeSpec(1));
}

TEST_F(OptionsTest, a_context_has_its_keys) {
  EXPECT_STREQ(attnc_context_get(context.get(), "jit"), "auto");
  EXPECT_EQ(attnc_context_get(context.get(), "cache-dir"), folder);
  EXPECT_STREQ(attnc_context_get(context.get(), "cache-problem"), "");
  EXPECT_EQ(attnc_context_get(context.get(), "speed"), nullptr);
  EXPECT_EQ(attnc_context_set(context.get(), "speed", "high", nullptr),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_STREQ(attnc_last_error(),
               "attnc: a context has no key 'speed' to set; "
               "the keys are jit and cache-dir");
  EXPECT_EQ(attnc_context_set(context.get(), "cache-dir", "here", nullptr),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_context_set(context.get(), "jit", "perhaps", nullptr),
            ATTNC_INVALID_ARGUMENT);
}

TEST_F(OptionsTest, versions_are_those_of_the_headers) {
  EXPECT_EQ(attnc_api_version(), ATTNC_API_VERSION);
  EXPECT_EQ(attnc_abi_version(), ATTNC_RT_ABI_VERSION);
  EXPECT_STREQ(attnc_version(), attnc_rt_version());
  EXPECT_EQ(std::string(attnc_build_id()).size(), 32u);
}

} // namespace
