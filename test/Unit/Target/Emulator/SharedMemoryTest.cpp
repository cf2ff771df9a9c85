//===- SharedMemoryTest.cpp - what is checked of shared memory ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bounds, alignment, initialisation and races.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

using namespace attnc::emulator;

namespace {

class SharedMemory : public EmulatorTest {
protected:
  /// Each thread of two warps writes its word and reads that of the other
  /// warp, after `between`.
  static std::string exchange(const std::string &between) {
    return kernel("mov.u32 %r0, cells;\n"
                  "shl.b32 %r1, %thread, 2;\n"
                  "add.u32 %r2, %r0, %r1;\n"
                  "st.shared.b32 [%r2], %thread;\n" +
                      between +
                      "xor.b32 %r1, %r1, 128;\n"
                      "add.u32 %r2, %r0, %r1;\n"
                      "ld.shared.b32 %r3, [%r2];\n"
                      "add.s64 %w0, %out, %at;\n"
                      "st.global.b32 [%w0], %r3;",
                  ".shared .align 16 .b8 cells[256];");
  }
};

TEST_F(SharedMemory, ABarrierOrdersAWriteAndARead) {
  expectPasses(exchange("bar.sync 0;\n"), 64);
  for (unsigned thread = 0; thread < 64; ++thread)
    EXPECT_EQ(out[thread], thread ^ 32);
}

TEST_F(SharedMemory, WithoutABarrierItIsARaceOrNotWrittenYet) {
  expectSomeFault(exchange(""), 64, 0);
}

TEST_F(SharedMemory, AReadRacesWithAnUnorderedWrite) {
  machine.options.seed = 0;
  // Warp 1 runs when warp 0 waits; it reads what warp 0 has written.
  std::string text = exchange("setp.lt.u32 %p0, %thread, 32;\n"
                              "@%p0 bar.sync 1, 64;\n"
                              "@!%p0 bar.arrive 2, 64;\n");
  expectHas(launch(text, 64),
            "race: read without synchronisation after the write by warp 0");
}

TEST_F(SharedMemory, AWriteRacesWithAnUnorderedRead) {
  std::string text = kernel("setp.lt.u32 %p0, %thread, 32;\n"
                            "@%p0 st.shared.b32 [cell], 1;\n"
                            "bar.sync 0;\n"
                            "@%p0 bra $write;\n"
                            "ld.shared.b32 %r0, [cell];\n"
                            "bra.uni $end;\n"
                            "$write:\n"
                            "st.shared.b32 [cell], 2;\n"
                            "$end:",
                            ".shared .align 4 .b32 cell;");
  expectFault(text, "race: ", 64);
  machine.options = {0, true};
  expectHas(launch(text, 64),
            "race: write without synchronisation after the read by warp 1");
}

TEST_F(SharedMemory, TwoUnorderedWritesRace) {
  expectFault(kernel("mov.u32 %r0, cells;\n"
                     "and.b32 %r1, %thread, 31;\n"
                     "shl.b32 %r1, %r1, 2;\n"
                     "add.u32 %r0, %r0, %r1;\n"
                     "st.shared.b32 [%r0], %thread;",
                     ".shared .align 16 .b8 cells[128];"),
              "race: write without synchronisation after the write by warp",
              64);
}

TEST_F(SharedMemory, BytesOfOneWordAreApart) {
  expectPasses(kernel("shr.u32 %r1, %thread, 5;\n"
                      "mov.u32 %r0, cell;\n"
                      "add.u32 %r0, %r0, %r1;\n"
                      "st.shared.b8 [%r0], %thread;",
                      ".shared .align 4 .b32 cell;"),
               128);
}

TEST_F(SharedMemory, WhatNobodyHasWrittenIsNotRead) {
  expectFault(
      kernel("ld.shared.b32 %r0, [cell];", ".shared .align 4 .b32 cell;"),
      "read of shared memory that nobody has written");
  expectFault(kernel("st.shared.b16 [cell], %h0;\nld.shared.b32 %r0, [cell];",
                     ".shared .align 4 .b32 cell;"),
              "read of shared memory that nobody has written");
}

TEST_F(SharedMemory, AnAccessIsInsideAndAligned) {
  const char *variables = ".shared .align 16 .b8 cells[64];";
  expectFault(kernel("st.shared.b32 [cells+64], %thread;", variables),
              "out of bounds of shared memory: 4 bytes at 0x440, the block has "
              "0x400 to 0x440");
  expectFault(kernel("st.shared.b32 [cells-4], %thread;", variables),
              "out of bounds of shared memory");
  expectFault(kernel("st.shared.b32 [cells+2], %thread;", variables),
              "misaligned access: 4 bytes at 0x402");
  expectFault(
      kernel("st.shared.v4.b32 [cells+8], {%r0, %r0, %r0, %r0};", variables),
      "misaligned access: 16 bytes at 0x408");
}

TEST_F(SharedMemory, AMessageSaysWhere) {
  machine.options = {0, true};
  std::string report = launch(
      kernel("mov.u32 %r0, cells;\nmul.lo.u32 %r1, %thread, 4;\n"
             "add.u32 %r0, %r0, %r1;\n"
             "setp.eq.u32 %p0, %thread, 37;\n@%p0 st.shared.b32 [%r0], %r1;",
             ".shared .align 16 .b8 cells[64];"),
      64);
  expectHas(report, "kernel 'k', PTX line 20 '@%p0 st.shared.b32 [%r0], %r1', "
                    "block 0, warp 1, lane 5: out of bounds");
}

TEST_F(SharedMemory, DynamicMemoryFollowsTheVariables) {
  std::string text = kernel("mov.u32 %r0, dynamic;\n"
                            "add.s64 %w0, %out, %at;\n"
                            "st.global.b32 [%w0], %r0;\n"
                            "st.shared.b32 [dynamic+252], 7;\n",
                            ".extern .shared .align 128 .b8 dynamic[];\n"
                            ".shared .align 4 .b8 first[20];\n");
  expectPasses(text, 32, 1, 256);
  EXPECT_EQ(out[0], 1024u + 128);
  expectFault(text, "out of bounds of shared memory", 32, 1, 252);
}

TEST_F(SharedMemory, AnAtomicOperationOrders) {
  std::string text = kernel("setp.eq.u32 %p0, %thread, 0;\n"
                            "@%p0 st.shared.b32 [cell], 0;\n"
                            "bar.sync 0;\n"
                            "atom.shared.add.u32 %r0, [cell], 1;\n"
                            "bar.sync 0;\n"
                            "ld.shared.b32 %r1, [cell];\n"
                            "st.global.b32 [%out], %r1;",
                            ".shared .align 4 .b32 cell;");
  machine.options = {1, true};
  EXPECT_EQ(launch(mutate(text, "st.global", "@%p0 st.global"), 128), "");
  EXPECT_EQ(out[0], 128u);
}

} // namespace
