//===- AsyncCopyTest.cpp - what is checked of cp.async --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A pipeline of two stages, and what is wrong with it when a line is missing.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

using namespace attnc::emulator;

namespace {

class AsyncCopy : public EmulatorTest {
protected:
  /// Two warps copy four tiles of a word per thread through two stages and read
  /// each other's words.
  const std::string pipeline =
      kernel("mov.u32 %r0, stages;\n"
             "shl.b32 %r1, %thread, 2;\n"
             "add.u32 %r2, %r0, %r1;\n" // my place
             "xor.b32 %r3, %r1, 128;\n"
             "add.u32 %r3, %r0, %r3;\n" // the other's place
             "add.s64 %w0, %in, %at;\n"
             "cp.async.ca.shared.global [%r2], [%w0], 4;\n"
             "cp.async.commit_group;\n"
             "mov.u32 %r4, 1;\nmov.u32 %r9, 0;\n"
             "$loop:\n"
             "and.b32 %r5, %r4, 1;\n"
             "shl.b32 %r5, %r5, 8;\n"
             "add.u32 %r6, %r2, %r5;\n"
             "mad.wide.u32 %w1, %r4, 256, %w0;\n"
             "cp.async.ca.shared.global [%r6], [%w1], 4;\n"
             "cp.async.commit_group;\n"
             "cp.async.wait_group 1;\n"
             "bar.sync 0;\n"
             "xor.b32 %r5, %r5, 256;\n"
             "add.u32 %r7, %r3, %r5;\n"
             "ld.shared.b32 %r8, [%r7];\n"
             "add.u32 %r9, %r9, %r8;\n"
             "bar.sync 1;\n"
             "add.u32 %r4, %r4, 1;\n"
             "setp.lt.u32 %p0, %r4, 5;\n"
             "@%p0 bra $loop;\n"
             "cp.async.wait_group 0;\n"
             "add.s64 %w2, %out, %at;\n"
             "st.global.b32 [%w2], %r9;",
             ".shared .align 16 .b8 stages[512];");
};

TEST_F(AsyncCopy, APipelineRuns) {
  expectPasses(pipeline, 64);
  for (unsigned thread = 0; thread < 64; ++thread)
    EXPECT_EQ(out[thread], 4 * (thread ^ 32) + 64 * (0 + 1 + 2 + 3));
}

TEST_F(AsyncCopy, AWaitThatIsOneOffIsNoticed) {
  expectFault(mutate(pipeline, "wait_group 1", "wait_group 2"),
              "read of shared memory while a copy to it is in flight", 64);
}

TEST_F(AsyncCopy, AMissingBarrierIsNoticed) {
  expectSomeFault(mutate(pipeline, "bar.sync 0;\n", ""), 64, 0);
  expectSomeFault(mutate(pipeline, "bar.sync 1;\n", ""), 64, 0);
}

TEST_F(AsyncCopy, WhatReadsInTheLastStageWaits) {
  expectFault(kernel("mov.u32 %r0, cells;\nshl.b32 %r1, %thread, 2;\n"
                     "add.u32 %r0, %r0, %r1;\nadd.s64 %w0, %in, %at;\n"
                     "cp.async.ca.shared.global [%r0], [%w0], 4;",
                     ".shared .align 16 .b8 cells[128];"),
              "the kernel ends with a cp.async that nothing waits for");
}

TEST_F(AsyncCopy, SizesAndPlacesAreChecked) {
  const char *variables = ".shared .align 16 .b8 cells[128];";
  auto copy = [&](const std::string &operands) {
    return kernel("mov.u32 %r1, 5;\ncp.async.ca.shared.global " + operands +
                      ";\ncp.async.wait_all;",
                  variables);
  };
  expectFault(copy("[cells], [%in], 4, %r1"),
              "cp.async reads 5 bytes and writes 4");
  expectFault(copy("[cells+2], [%in], 4"), "misaligned access: 4 bytes from");
  expectFault(copy("[cells], [%in+4], 8"), "misaligned access: 8 bytes from");
  expectFault(copy("[cells+128], [%in], 4"), "out of bounds of shared memory");
  expectFault(copy("[cells], [%in+16384], 4"),
              "out of bounds of global memory");
  expectFault(copy("[cells], [%out], 4"),
              "read of global memory that nobody has written");
  expectFault(copy("[cells], [%in], 5"), "cp.async copies 4, 8 or 16 bytes");
}

} // namespace
