//===- MachineTest.cpp - launches -----------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Limits of a launch, parameters and grids.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

using namespace attnc::emulator;

namespace {

class MachineLimits : public EmulatorTest {};

TEST_F(MachineLimits, ALaunchIsWithinTheDevice) {
  std::string text = kernel("");
  expectFault(text, "a block has 1 to 1024 threads", 1025);
  expectFault(text, "a block has 1 to 1024 threads", 0);
  expectFault(text, "the grid is not within 1 to", 32, 0);
  expectFault(text, "bytes of dynamic shared memory, allowed are 232448", 32, 1,
              232449);
  expectFault(kernel("", ".shared .align 4 .b8 x[4096];"),
              "bytes of shared memory, a block may have 232448", 32, 1, 232448);
  std::string limited = mutate(text, ")\n{", ")\n.maxntid 64\n{");
  expectPasses(limited, 64);
  expectFault(limited, "launched with 96 threads, declared for 64", 96);
}

TEST_F(MachineLimits, EachBlockKnowsItsPlace) {
  std::string text = kernel("mov.u32 %r0, %ctaid.x;\nmov.u32 %r1, %nctaid.x;\n"
                            "mad.lo.u32 %r2, %r1, 100, %r0;\n"
                            "mul.wide.u32 %w0, %r0, 4;\n"
                            "add.s64 %w0, %w0, %out;\n"
                            "setp.eq.u32 %p0, %thread, 0;\n"
                            "@%p0 st.global.b32 [%w0], %r2;");
  expectPasses(text, 32, 5);
  EXPECT_EQ(out[4], 504u);
}

TEST_F(MachineLimits, MinimaAndMaximaMayBeClampedAtZero) {
  expectPasses(kernel("min.relu.s32 %r0, -5, 3;\nmin.relu.s32 %r1, 7, 3;\n"
                      "max.relu.s32 %r2, -5, -3;\nmin.s32 %r3, -5, 3;\n"
                      "st.global.b32 [%out], %r0;\n"
                      "st.global.b32 [%out+4], %r1;\n"
                      "st.global.b32 [%out+8], %r2;\n"
                      "st.global.b32 [%out+12], %r3;"),
               1);
  EXPECT_EQ(out[0], 0u);
  EXPECT_EQ(out[1], 3u);
  EXPECT_EQ(out[2], 0u);
  EXPECT_EQ(out[3], uint32_t(-5));
}

TEST_F(MachineLimits, ParametersHaveTheirPlaces) {
  std::string text =
      ".version 8.6\n.target sm_90a\n.address_size 64\n"
      ".visible .entry k(.param .u8 a, .param .u64 b, .param .align 64 .b8 "
      "c[128], .param .f32 d)\n{\n.reg .b32 %r<4>;\n.reg .b64 %w<4>;\n"
      ".reg .b16 %h;\n"
      "ld.param.u8 %h, [a];\nld.param.u64 %w0, [b];\nmov.b64 %w1, c;\n"
      "cvta.param.u64 %w1, %w1;\nld.b32 %r1, [%w1+124];\n"
      "ld.param.b32 %r2, [d];\ncvt.u32.u16 %r0, %h;\n"
      "st.global.v2.b32 [%w0], {%r0, %r1};\nst.global.b32 [%w0+8], %r2;\n"
      "ret;\n}\n";
  std::unique_ptr<LoadedModule> module;
  ASSERT_EQ(machine.load(text, module), "");
  uint64_t to = reinterpret_cast<uintptr_t>(machine.memory.allocate(64, 16));
  uint8_t a = 200;
  uint32_t c[32] = {};
  c[31] = 77;
  float d = 2;
  void *parameters[] = {&a, &to, c, &d};
  ASSERT_EQ(machine.launch(module->kernels.at("k"), {}, {}, 0, parameters), "");
  auto *words = reinterpret_cast<uint32_t *>(to);
  EXPECT_EQ(words[0], 200u);
  EXPECT_EQ(words[1], 77u);
  EXPECT_EQ(words[2], 0x40000000u);
  machine.memory.release(to);
}

TEST_F(MachineLimits, ASeedGivesTheSameScheduleAgain) {
  std::string text = kernel("setp.lt.u32 %p0, %thread, 32;\n"
                            "mov.u32 %r0, 0;\n"
                            "$loop:\nadd.u32 %r0, %r0, 1;\n"
                            "setp.lt.u32 %p1, %r0, 50;\n@%p1 bra $loop;\n"
                            "atom.global.add.u32 %r1, [%in+16], 1;\n"
                            "add.s64 %w0, %out, %at;\n"
                            "st.global.b32 [%w0], %r1;");
  std::vector<uint32_t> first;
  for (int round = 0; round < 2; ++round) {
    Machine fresh;
    machine.options = {7, true};
    ASSERT_EQ(launch(text, 256), "");
    std::vector<uint32_t> order(out.begin(), out.begin() + 256);
    std::sort(order.begin(), order.end());
    for (uint32_t i = 0; i < 256; ++i)
      EXPECT_EQ(order[i], i + 4);
  }
}

} // namespace
