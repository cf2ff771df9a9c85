//===- ErrorsTest.cpp - errors of the C interface -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a program learns of a spec that is wrong.
//
//===----------------------------------------------------------------------===//

#include "CompiledSpecs.h"

namespace {

using ErrorsTest = CompiledSpecs;

TEST_F(ErrorsTest, diagnostics_have_places_and_notes) {
  setOption("name", "folder/twice.mlir");
  auto error = refusalOf(makeSpec(1) + makeSpec(2));
  EXPECT_EQ(attnc_error_status(error.get()), ATTNC_INVALID_SPEC);
  ASSERT_EQ(attnc_error_num_diagnostics(error.get()), 2u);
  attnc_diagnostic first, note;
  ASSERT_EQ(attnc_error_get_diagnostic(error.get(), 0, &first), ATTNC_OK);
  ASSERT_EQ(attnc_error_get_diagnostic(error.get(), 1, &note), ATTNC_OK);
  EXPECT_EQ(first.severity, ATTNC_SEVERITY_ERROR);
  EXPECT_EQ(first.parent, -1);
  EXPECT_STREQ(first.file, "folder/twice.mlir");
  EXPECT_EQ(first.line, 5);
  EXPECT_EQ(first.column, 1);
  EXPECT_STREQ(first.message, "redefinition of symbol named 'windowed'");
  EXPECT_EQ(note.severity, ATTNC_SEVERITY_NOTE);
  EXPECT_EQ(note.parent, 0);
  EXPECT_EQ(note.line, 1);
  EXPECT_STREQ(note.message, "see existing symbol definition here");
  EXPECT_STREQ(attnc_error_message(error.get()),
               "folder/twice.mlir:5:1: error: redefinition of symbol named "
               "'windowed'");
  EXPECT_EQ(std::string(attnc_last_error()),
            std::string("attnc: ") + attnc_error_message(error.get()));
  EXPECT_EQ(attnc_error_get_diagnostic(error.get(), 2, &note),
            ATTNC_INVALID_ARGUMENT);
}

TEST_F(ErrorsTest, nothing_is_printed) {
  testing::internal::CaptureStderr();
  refusalOf("func.func");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(ErrorsTest, success_clears_the_place_for_an_error) {
  auto *error = reinterpret_cast<attnc_error *>(this);
  attnc_options *created = nullptr;
  EXPECT_EQ(attnc_options_create(&created, &error), ATTNC_OK);
  EXPECT_EQ(error, nullptr);
  attnc_options_destroy(created);
}

TEST_F(ErrorsTest, an_unknown_target_is_refused) {
  setOption("target", "cpu:quantum");
  auto error = refusalOf(makeSpec(1));
  EXPECT_EQ(attnc_error_status(error.get()), ATTNC_INVALID_ARGUMENT);
  EXPECT_NE(std::string(attnc_error_message(error.get()))
                .find("unknown target 'cpu:quantum'"),
            std::string::npos);
}

TEST_F(ErrorsTest, null_handles_are_empty) {
  EXPECT_STREQ(attnc_error_message(nullptr), "");
  EXPECT_EQ(attnc_error_status(nullptr), ATTNC_OK);
  EXPECT_EQ(attnc_error_num_diagnostics(nullptr), 0u);
  attnc_error_destroy(nullptr);
  attnc_buffer_destroy(nullptr);
  attnc_kernel_destroy(nullptr);
  attnc_module_destroy(nullptr);
  attnc_options_destroy(nullptr);
  attnc_context_destroy(nullptr);
}

} // namespace
