//===- LastErrorTest.cpp - The message of the last failing call -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Messages are per thread, survive successes, and are cut where the buffer
// ends. Also what the library as a whole promises: its versions, its size, and
// that it needs neither LLVM nor a C++ runtime.
//
//===----------------------------------------------------------------------===//

#include "attnc-c/runtime.h"

#include "gtest/gtest.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

namespace {

TEST(LastErrorTest, IsEmptyBeforeAnyFailureOfTheThread) {
  attnc_rt_fail(ATTNC_INTERNAL, "attend", "failed here");
  std::string other = "unset";
  std::thread([&] { other = attnc_last_error(); }).join();
  EXPECT_EQ(other, "");
}

TEST(LastErrorTest, FailReturnsTheStatusAndNamesTheFunction) {
  EXPECT_EQ(attnc_rt_fail(ATTNC_OUT_OF_MEMORY, "attend",
                          "cannot allocate a workspace of 42 bytes"),
            ATTNC_OUT_OF_MEMORY);
  EXPECT_STREQ(attnc_last_error(),
               "attend: cannot allocate a workspace of 42 bytes");
  EXPECT_EQ(attnc_rt_fail(17, nullptr, nullptr), 17);
  EXPECT_STREQ(attnc_last_error(), "kernel: failed without a message");
}

TEST(LastErrorTest, TextFromOutsideIsNoFormat) {
  attnc_rt_fail(ATTNC_INTERNAL, "%s%n", "100 %d %n");
  EXPECT_STREQ(attnc_last_error(), "%s%n: 100 %d %n");
}

TEST(LastErrorTest, FailuresOfAnotherThreadStayThere) {
  attnc_rt_fail(ATTNC_INTERNAL, "attend", "mine");
  std::thread([] { attnc_rt_fail(ATTNC_INTERNAL, "attend", "theirs"); }).join();
  EXPECT_STREQ(attnc_last_error(), "attend: mine");
}

TEST(LastErrorTest, SuccessLeavesTheMessage) {
  attnc_rt_fail(ATTNC_INTERNAL, "attend", "earlier");
  attnc_rt_signature empty = {};
  empty.abi_version = ATTNC_RT_ABI_VERSION;
  empty.function = "nothing";
  EXPECT_EQ(attnc_rt_bind(&empty, nullptr, nullptr), ATTNC_OK);
  EXPECT_STREQ(attnc_last_error(), "attend: earlier");
}

TEST(LastErrorTest, PreviousMessageMayBePassedOn) {
  attnc_rt_fail(ATTNC_INTERNAL, "inner", "broke");
  attnc_rt_fail(ATTNC_INTERNAL, "outer", attnc_last_error());
  EXPECT_STREQ(attnc_last_error(), "outer: inner: broke");
}

TEST(LastErrorTest, LongMessageIsCut) {
  std::string text(100000, 'x');
  attnc_rt_fail(ATTNC_INTERNAL, "attend", text.c_str());
  std::string message = attnc_last_error();
  EXPECT_EQ(message.size(), 1023u);
  EXPECT_EQ(message, "attend: " + text.substr(0, 1023 - 8));
}

TEST(LastErrorTest, VersionsAgreeWithTheBuild) {
  EXPECT_STREQ(attnc_rt_version(), ATTNC_RT_EXPECTED_VERSION);
  EXPECT_EQ(attnc_rt_abi_version(), ATTNC_RT_ABI_VERSION);
  EXPECT_EQ(attnc_rt_abi_version() >> 16, uint32_t(ATTNC_RT_ABI_MAJOR));
}

#ifndef ATTNC_RT_IS_INSTRUMENTED
// The dynamic section refers to libraries by name, so a name that does not
// occur in the file is not needed by it.
TEST(LastErrorTest, LibraryIsSmallAndSelfContained) {
  std::ifstream file(ATTNC_RT_LIBRARY, std::ios::binary);
  ASSERT_TRUE(file.is_open());
  std::string bytes((std::istreambuf_iterator<char>(file)),
                    std::istreambuf_iterator<char>());
  EXPECT_GT(bytes.size(), 4096u);
  EXPECT_LT(bytes.size(), 1u << 20);
  EXPECT_NE(bytes.find("libc.so"), std::string::npos);
  for (const char *name : {"libLLVM", "libMLIR", "libstdc++", "libc++"})
    EXPECT_EQ(bytes.find(name), std::string::npos) << name;
}
#endif

TEST(LastErrorTest, StaticArchiveServesAProgramInC) {
  EXPECT_EQ(std::system(ATTNC_RT_C_PROGRAM), 0);
}

} // namespace
