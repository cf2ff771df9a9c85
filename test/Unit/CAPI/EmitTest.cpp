//===- EmitTest.cpp - from a spec to a file -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Outputs in memory and in files.
//
//===----------------------------------------------------------------------===//

#include "CompiledSpecs.h"

#include <dlfcn.h>
#include <fstream>
#include <sstream>

namespace {

using EmitTest = CompiledSpecs;

TEST_F(EmitTest, each_kind_is_what_it_says) {
  std::string spec = makeSpec(1);
  for (auto [kind, part] : {std::pair("obj", "ELF"),
                            {"header", "int32_t windowed("},
                            {"manifest", "\"functions\""},
                            {"asm", ".text"},
                            {"llvm", "define"},
                            {"tile", "tile.kernel"},
                            {"attn", "attn.attend"}}) {
    attnc_buffer *buffer = nullptr;
    ASSERT_EQ(attnc_emit(context.get(), spec.data(), spec.size(), nullptr, kind,
                         &buffer, nullptr),
              ATTNC_OK)
        << attnc_last_error();
    std::string bytes(attnc_buffer_data(buffer), attnc_buffer_size(buffer));
    EXPECT_NE(bytes.find(part), std::string::npos) << kind;
    attnc_buffer_destroy(buffer);
  }
}

TEST_F(EmitTest, a_shared_library_can_be_loaded) {
  std::string spec = makeSpec(1), path = folder + "/windowed.so";
  ASSERT_EQ(attnc_emit_to_file(context.get(), spec.data(), spec.size(), nullptr,
                               "shared", path.c_str(), nullptr),
            ATTNC_OK)
      << attnc_last_error();
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_TRUE(library) << dlerror();
  using Entry = int32_t(const DLTensor *, const DLTensor *, const DLTensor *,
                        const DLTensor *);
  auto *entry = reinterpret_cast<Entry *>(dlsym(library, "windowed"));
  ASSERT_TRUE(entry);
  WindowedCall call(9);
  EXPECT_EQ(entry(call.pointers[0], call.pointers[1], call.pointers[2],
                  call.pointers[3]),
            ATTNC_OK);
  EXPECT_TRUE(call.isRight(1));
}

TEST_F(EmitTest, what_cannot_be_made_or_written_is_refused) {
  std::string spec = makeSpec(1);
  attnc_buffer *buffer = nullptr;
  EXPECT_EQ(attnc_emit(context.get(), spec.data(), spec.size(), nullptr, "gold",
                       &buffer, nullptr),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_NE(std::string(attnc_last_error()).find("--emit has no kind 'gold'"),
            std::string::npos);
  std::string path = folder + "/absent/x.o";
  EXPECT_EQ(attnc_emit_to_file(context.get(), spec.data(), spec.size(), nullptr,
                               "obj", path.c_str(), nullptr),
            ATTNC_IO_ERROR);
  EXPECT_NE(std::string(attnc_last_error()).find("cannot write '" + path + "'"),
            std::string::npos);
  EXPECT_EQ(attnc_emit(context.get(), "func.func", 9, nullptr, "obj", &buffer,
                       nullptr),
            ATTNC_INVALID_SPEC);
  EXPECT_FALSE(buffer);
}

} // namespace
