//===- DeviceMemoryTest.cpp - what is checked of global memory ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bounds, initialisation, and conflicts between warps and between blocks.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

using namespace attnc::emulator;

namespace {

class DeviceMemory : public EmulatorTest {};

TEST_F(DeviceMemory, AnAccessIsInsideAnAllocation) {
  expectFault(kernel("ld.global.b32 %r0, [%in+16384];"),
              "out of bounds of global memory: 4 bytes at 0x");
  expectFault(kernel("ld.global.b32 %r0, [%in+16384];"),
              "offset 16384 of an allocation of 16384 bytes");
  expectFault(kernel("st.global.b32 [%out-4], %thread;"),
              "out of bounds of global memory");
  expectFault(kernel("mov.u64 %w0, 0;\nld.global.b32 %r0, [%w0];"),
              "out of bounds of global memory");
  expectFault(kernel("ld.global.v4.b32 {%r0, %r1, %r2, %r3}, [%in+4];"),
              "misaligned access: 16 bytes at 0x");
}

TEST_F(DeviceMemory, WhatNobodyHasWrittenIsNotRead) {
  expectFault(kernel("ld.global.b32 %r0, [%out];"),
              "read of global memory that nobody has written");
}

TEST_F(DeviceMemory, MemoryOfTheHostIsNone) {
  uint32_t mine = 0;
  char text[96];
  snprintf(text, sizeof(text), "mov.u64 %%w0, %llu;\nld.b32 %%r0, [%%w0];",
           static_cast<unsigned long long>(reinterpret_cast<uintptr_t>(&mine)));
  expectFault(kernel(text), "out of bounds of global memory");
}

TEST_F(DeviceMemory, WarpsRaceWithoutABarrier) {
  std::string text = kernel("and.b32 %r0, %thread, 31;\n"
                            "mul.wide.u32 %w0, %r0, 4;\n"
                            "add.s64 %w0, %w0, %out;\n"
                            "setp.lt.u32 %p0, %thread, 32;\n"
                            "@%p0 st.global.b32 [%w0], %thread;\n"
                            "bar.sync 0;\n"
                            "@!%p0 ld.global.b32 %r1, [%w0];");
  expectPasses(text, 64);
  machine.options = {0, true};
  expectHas(launch(mutate(text, "bar.sync 0;\n", ""), 64),
            "race: read without synchronisation after the write by warp 0");
  expectHas(launch(kernel("st.global.b32 [%out], %thread;"), 64),
            "race: write without synchronisation after another write of the "
            "launch");
  expectHas(launch(kernel("setp.lt.u32 %p0, %thread, 32;\n"
                          "@%p0 ld.global.b32 %r0, [%in];\n"
                          "@!%p0 st.global.b32 [%in], %thread;"),
                   64),
            "race: write without synchronisation after a read of the launch");
}

TEST_F(DeviceMemory, BlocksRaceWithoutAnAtomicOperation) {
  std::string text = kernel("mov.u32 %r0, %ctaid.x;\n"
                            "setp.eq.u32 %p0, %r0, 0;\n"
                            "@%p0 st.global.b32 [%out], 5;\n"
                            "red.global.add.u32 [%in], 1;\n"
                            "@!%p0 ld.global.b32 %r1, [%out];");
  expectPasses(text, 32, 2);
  expectFault(mutate(text, "red.global.add.u32 [%in], 1;\n", ""),
              "race: read of what another block of the launch has written", 32,
              2);
  expectFault(kernel("st.global.b32 [%out], %thread;"),
              "race: write without synchronisation after another write of the "
              "launch",
              32, 2);
}

TEST_F(DeviceMemory, ALaunchEndsAllConflicts) {
  attnc::emulator::DeviceMemory memory;
  uint64_t address = reinterpret_cast<uintptr_t>(memory.allocate(16, 16));
  Clocks clocks(4, 1);
  BlockIdentity first{1, 1, {}}, second{2, 2, {}}, other{3, 2, {}};
  memory.write(address, 4, {0, clocks}, first);
  EXPECT_NO_FATAL_FAILURE(memory.read(address, 4, {1, clocks}, second));
  memory.write(address, 4, {1, clocks}, second);
  memory.synchronize(address, second);
  memory.synchronize(address, other);
  EXPECT_TRUE(other.known.count(2));
}

TEST_F(DeviceMemory, AllocationsAreFoundAndReleased) {
  attnc::emulator::DeviceMemory memory;
  uint64_t address = reinterpret_cast<uintptr_t>(memory.allocate(100, 16));
  uint64_t start = 0, bytes = 0;
  EXPECT_EQ(address % 256, 0u);
  EXPECT_TRUE(memory.contains(address, 100));
  EXPECT_FALSE(memory.contains(address, 101));
  EXPECT_FALSE(memory.contains(address + 1, ~uint64_t(0)));
  EXPECT_TRUE(memory.findRange(address + 99, start, bytes));
  EXPECT_EQ(start, address);
  EXPECT_EQ(bytes, 100u);
  EXPECT_FALSE(memory.release(address + 1));
  EXPECT_TRUE(memory.release(address));
  EXPECT_FALSE(memory.contains(address, 1));
  EXPECT_EQ(memory.allocate(uint64_t(1) << 60, 16), nullptr);
}

} // namespace
