//===- WarpgroupTest.cpp - what is checked of wgmma -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A product of ones, and what is wrong with it when a line is missing.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

using namespace attnc::emulator;

namespace {

/// Every thread fills its part of both matrices with ones; the product of 64 x
/// 16 and 16 x 8 is 16 everywhere.
const char *productBody =
    "mov.u32 %r0, matrices;\n"
    "shl.b32 %r1, %thread, 5;\n"
    "add.u32 %r1, %r1, %r0;\n"
    "mov.u32 %r2, 0x3f803f80;\n"
    "st.shared.v4.b32 [%r1], {%r2, %r2, %r2, %r2};\n"
    "st.shared.v4.b32 [%r1+16], {%r2, %r2, %r2, %r2};\n"
    "fence.proxy.async.shared::cta;\n"
    "bar.sync 0;\n"
    "shr.u32 %r3, %r0, 4;\n"
    "cvt.u64.u32 %w0, %r3;\n"
    "mov.u64 %w1, 0x0000000800400000;\n" // strides of 128 and 1024 bytes
    "or.b64 %w0, %w0, %w1;\n"
    "mov.f32 %f0, 0f00000000;\nmov.f32 %f1, %f0;\n"
    "mov.f32 %f2, %f0;\nmov.f32 %f3, %f0;\n"
    "wgmma.fence.sync.aligned;\n"
    "wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 "
    "{%f0, %f1, %f2, %f3}, %w0, %w0, 1, 1, 1, 0, 0;\n"
    "wgmma.commit_group.sync.aligned;\n"
    "wgmma.wait_group.sync.aligned 0;\n"
    "bar.sync 0;\n"
    "st.shared.b32 [%r1], %r2;\n"
    "mul.wide.u32 %w2, %thread, 16;\n"
    "add.s64 %w2, %w2, %out;\n"
    "st.global.v4.f32 [%w2], {%f0, %f1, %f2, %f3};\n";

class Warpgroup : public EmulatorTest {
protected:
  const std::string product =
      kernel(productBody, ".shared .align 1024 .b8 matrices[4096];");
};

TEST_F(Warpgroup, AProductOfOnes) {
  expectPasses(product, 128);
  for (unsigned i = 0; i < 512; ++i)
    EXPECT_EQ(out[i], 0x41800000u);
}

TEST_F(Warpgroup, AMissingWaitIsNoticed) {
  expectFault(mutate(product, "wgmma.wait_group.sync.aligned 0;\n", ""), "",
              128);
  expectSomeFault(mutate(product, "wait_group.sync.aligned 0", // one off
                         "wait_group.sync.aligned 1"),
                  128, 0);
  std::string text = mutate(product, "wait_group.sync.aligned 0;\n",
                            "wait_group.sync.aligned 1;\n");
  text = mutate(text, "st.shared.b32 [%r1], %r2;\n", "");
  expectFault(text, "access to a register of a wgmma that is in flight", 128);
}

TEST_F(Warpgroup, WhatIsReadIsNotWritten) {
  std::string text = mutate(product, "wgmma.wait_group.sync.aligned 0;\n",
                            "st.shared.b32 [%r1], %r2;\n");
  expectFault(text,
              "write of shared memory that an asynchronous operation still "
              "reads",
              128);
  // Other warps may still read: the barrier after the wait is needed.
  size_t second = product.rfind("bar.sync 0;\n");
  text = product;
  text.erase(second, strlen("bar.sync 0;\n"));
  expectSomeFault(text, 128, 0);
}

TEST_F(Warpgroup, OrdinaryWritesAreFenced) {
  expectFault(mutate(product, "fence.proxy.async.shared::cta;\n", ""),
              "no fence.proxy.async between an ordinary write and an "
              "asynchronous read",
              128);
  expectSomeFault(mutate(product, "bar.sync 0;\nshr", "shr"), 128, 0);
}

TEST_F(Warpgroup, ADescriptorStaysInSharedMemory) {
  expectFault(mutate(product, "0x0000000800400000", "0x0000010000400000"),
              "out of bounds of shared memory", 128);
  expectFault(mutate(product, "0x0000000800400000", "0x0002000800400000"),
              "a matrix descriptor with a base offset is not executed", 128);
}

TEST_F(Warpgroup, AllWarpsTakePart) {
  expectFault(product, "wgmma in a warpgroup of fewer than four warps", 64);
  expectFault(mutate(product, "wgmma.fence",
                     "setp.eq.u32 %p0, %thread, 5;\n"
                     "@%p0 ret;\nwgmma.fence"),
              "executed by a part of the warp", 128);
}

TEST_F(Warpgroup, TheKernelWaitsForItsProducts) {
  std::string text =
      mutate(product, "wgmma.wait_group.sync.aligned 0;\n", "ret;\n");
  expectFault(text, "the kernel ends with a wgmma in flight", 128);
}

TEST_F(Warpgroup, AccumulatorsAndFragmentsAreApart) {
  std::string second =
      "mov.b32 %r4, %f4;\n"
      "wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 "
      "{%f4, %f5, %f6, %f7}, {%r5, %r6, %r7, %r8}, %w0, 1, 1, 1, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 "
      "{%r5, %r6, %r7, %r8}, %w0, %w0, 1, 1, 1, 0, 0;\n"
      "wgmma.commit_group";
  expectFault(mutate(product, "wgmma.commit_group", second),
              "the accumulator is the matrix A of a wgmma in flight", 128);
  std::string third =
      "wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 "
      "{%f4, %f5, %f6, %f7}, {%f0, %f1, %f2, %f3}, %w0, 1, 1, 1, 0;\n"
      "wgmma.commit_group";
  expectFault(mutate(product, "wgmma.commit_group", third),
              "the matrix A is the accumulator of a wgmma in flight", 128);
}

TEST_F(Warpgroup, ShapesAreChecked) {
  expectFault(mutate(product, "m64n8k16", "m64n12k16"),
              "the emulator does not execute 'wgmma", 128);
  expectFault(mutate(product, "m64n8k16", "m64n16k16"),
              "the number of registers is not that of the shape", 128);
  expectFault(mutate(product, "1, 1, 1, 0, 0", "1, 2, 1, 0, 0"),
              "a scale of wgmma is 1 or -1", 128);
}

} // namespace
