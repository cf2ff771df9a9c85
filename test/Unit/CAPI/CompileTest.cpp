//===- CompileTest.cpp - from a spec to a module --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled, found in the process, found on disk: the same bytes, or a refusal.
//
//===----------------------------------------------------------------------===//

#include "CompiledSpecs.h"

#include <cstring>
#include <fstream>
#include <thread>

namespace {

using CompileTest = CompiledSpecs;
namespace fs = std::filesystem;

std::string objectOf(const attnc_module *module) {
  size_t size = 0;
  const void *bytes = attnc_module_object(module, &size);
  return std::string(static_cast<const char *>(bytes), size);
}

std::vector<fs::path> entriesIn(const std::string &folder) {
  std::vector<fs::path> entries;
  for (const fs::directory_entry &entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".kernel")
      entries.push_back(entry.path());
  return entries;
}

TEST_F(CompileTest, what_is_found_is_what_was_compiled) {
  auto cold = compile(makeSpec(1));
  EXPECT_FALSE(attnc_module_was_cached(cold.get()));
  auto again = compile(makeSpec(1));
  EXPECT_TRUE(attnc_module_was_cached(again.get()));
  auto other = makeContext("require-cache");
  auto found = compile(makeSpec(1), other.get());
  EXPECT_TRUE(attnc_module_was_cached(found.get()));
  EXPECT_EQ(objectOf(cold.get()), objectOf(found.get()));
  EXPECT_STREQ(attnc_module_manifest(cold.get()),
               attnc_module_manifest(found.get()));
  for (attnc_module *module : {cold.get(), again.get(), found.get()}) {
    WindowedCall call(9);
    EXPECT_EQ(call.run(getKernel(module).get()), ATTNC_OK);
    EXPECT_TRUE(call.isRight(1));
  }
  EXPECT_TRUE(getWarnings().empty());
}

TEST_F(CompileTest, text_need_not_end_and_may_not_hold_NUL) {
  std::string spec = makeSpec(1);
  std::vector<char> text(spec.begin(), spec.end());
  text.push_back('}');
  attnc_module *module = nullptr;
  EXPECT_EQ(attnc_compile(context.get(), text.data(), spec.size(), nullptr,
                          &module, nullptr),
            ATTNC_OK);
  attnc_module_destroy(module);
  spec += '\0';
  auto error = refusalOf(spec);
  EXPECT_EQ(attnc_error_status(error.get()), ATTNC_INVALID_SPEC);
  EXPECT_STREQ(
      attnc_error_message(error.get()),
      "spec.mlir:5:1: error: the text contains a NUL character; a spec "
      "is plain text");
}

TEST_F(CompileTest, a_file_names_the_spec_and_its_folder_does_not_count) {
  for (const char *place : {"a", "b"}) {
    fs::create_directory(folder + "/" + place);
    std::string path = folder + "/" + place + "/window.mlir";
    std::ofstream(path) << makeSpec(1);
    attnc_module *module = nullptr;
    auto where = makeContext();
    ASSERT_EQ(attnc_compile_file(where.get(), path.c_str(), nullptr, &module,
                                 nullptr),
              ATTNC_OK)
        << attnc_last_error();
    EXPECT_EQ(attnc_module_was_cached(module), place[0] == 'b');
    EXPECT_NE(std::string(attnc_module_manifest(module)).find("\"window\""),
              std::string::npos);
    attnc_module_destroy(module);
  }
  attnc_module *module = nullptr;
  EXPECT_EQ(attnc_compile_file(context.get(), (folder + "/absent").c_str(),
                               nullptr, &module, nullptr),
            ATTNC_IO_ERROR);
  EXPECT_EQ(std::string(attnc_last_error()),
            "attnc: cannot read '" + folder +
                "/absent': No such file or directory");
}

TEST_F(CompileTest, a_damaged_entry_is_warned_of_and_replaced) {
  compile(makeSpec(1));
  ASSERT_EQ(entriesIn(folder).size(), 1u);
  std::fstream file(entriesIn(folder)[0],
                    std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4000);
  file.put('\x5a');
  file.put('\x5a');
  file.close();
  auto other = makeContext();
  auto healed = compile(makeSpec(1), other.get());
  EXPECT_FALSE(attnc_module_was_cached(healed.get()));
  ASSERT_EQ(getWarnings().size(), 1u);
  EXPECT_NE(getWarnings()[0].find("is not used: its checksum is wrong"),
            std::string::npos)
      << getWarnings()[0];
  auto third = makeContext("require-cache");
  auto found = compile(makeSpec(1), third.get());
  EXPECT_TRUE(attnc_module_was_cached(found.get()));
}

TEST_F(CompileTest, modes_forbid_to_compile) {
  auto strict = makeContext("require-cache");
  auto error = refusalOf(makeSpec(1), strict.get());
  EXPECT_EQ(attnc_error_status(error.get()), ATTNC_NOT_CACHED);
  EXPECT_EQ(std::string(attnc_error_message(error.get())),
            "'spec.mlir' is not in the cache '" + folder +
                "'; ATTNC_JIT=require-cache forbids to compile it");
  compile(makeSpec(1));
  compile(makeSpec(1), strict.get());
  auto off = makeContext("off");
  error = refusalOf(makeSpec(1), off.get());
  EXPECT_EQ(attnc_error_status(error.get()), ATTNC_NOT_CACHED);
  EXPECT_STREQ(attnc_error_message(error.get()),
               "ATTNC_JIT=off forbids to compile 'spec.mlir' while the program "
               "runs; compile it ahead of time");
}

TEST_F(CompileTest, without_a_cache_it_compiles) {
  ASSERT_EQ(attnc_context_set(context.get(), "cache-dir", "", nullptr),
            ATTNC_OK);
  auto module = compile(makeSpec(1));
  EXPECT_FALSE(attnc_module_was_cached(module.get()));
  EXPECT_STREQ(attnc_context_get(context.get(), "cache-dir"), "");
  EXPECT_STREQ(attnc_context_get(context.get(), "cache-problem"),
               "the program wants no cache");
  EXPECT_TRUE(entriesIn(folder).empty());
}

TEST_F(CompileTest, a_cache_that_is_not_safe_is_warned_of_and_not_used) {
  fs::permissions(folder, fs::perms::all);
  auto module = compile(makeSpec(1));
  EXPECT_FALSE(attnc_module_was_cached(module.get()));
  EXPECT_TRUE(entriesIn(folder).empty());
  ASSERT_EQ(getWarnings().size(), 1u);
  EXPECT_NE(getWarnings()[0].find("can be written by other users"),
            std::string::npos);
  EXPECT_NE(getWarnings()[0].find("; kernels are compiled and not kept"),
            std::string::npos);
}

TEST_F(CompileTest, options_are_part_of_the_key) {
  compile(makeSpec(1));
  setOption("threads", "off");
  auto module = compile(makeSpec(1));
  EXPECT_FALSE(attnc_module_was_cached(module.get()));
  EXPECT_EQ(objectOf(module.get()).find("__kmpc_"), std::string::npos);
  setOption("target", "reference");
  module = compile(makeSpec(1));
  EXPECT_FALSE(attnc_module_was_cached(module.get()));
  EXPECT_EQ(entriesIn(folder).size(), 3u);
}

TEST_F(CompileTest, threads_compile_and_run_at_once) {
  constexpr int numThreads = 6, numSpecs = 3;
  std::vector<std::thread> threads;
  std::atomic<int> numCompiled{0}, numWrong{0};
  for (int i = 0; i < numThreads; ++i)
    threads.emplace_back([&, i] {
      std::string spec = makeSpec(i % numSpecs);
      attnc_module *module = nullptr;
      attnc_kernel *kernel = nullptr;
      if (attnc_compile(context.get(), spec.data(), spec.size(), nullptr,
                        &module, nullptr) ||
          attnc_kernel_create(module, nullptr, &kernel, nullptr)) {
        ++numWrong;
        return;
      }
      numCompiled += !attnc_module_was_cached(module);
      // The kernel keeps what it needs.
      attnc_module_destroy(module);
      for (int64_t length : {1, 7, 64, 100}) {
        WindowedCall call(length);
        numWrong += call.run(kernel) != ATTNC_OK || !call.isRight(i % numSpecs);
      }
      attnc_kernel_destroy(kernel);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(numWrong, 0);
  // Of two that want the same, one compiles and the other waits or finds it.
  EXPECT_EQ(numCompiled, numSpecs);
}

TEST_F(CompileTest, null_is_refused) {
  attnc_module *module = nullptr;
  EXPECT_EQ(attnc_compile(nullptr, "", 0, nullptr, &module, nullptr),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_compile(context.get(), nullptr, 1, nullptr, &module, nullptr),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_compile(context.get(), "", 0, nullptr, nullptr, nullptr),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(
      attnc_compile_file(context.get(), nullptr, nullptr, &module, nullptr),
      ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(attnc_compile(context.get(), "x", SIZE_MAX / 2, nullptr, &module,
                          nullptr),
            ATTNC_LIMIT_EXCEEDED);
  auto error = refusalOf("");
  EXPECT_EQ(attnc_error_status(error.get()), ATTNC_INVALID_SPEC);
  EXPECT_STREQ(attnc_error_message(error.get()),
               "'spec.mlir' has no public function; a spec is a func.func on "
               "tensors");
}

} // namespace
