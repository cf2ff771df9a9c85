//===- ControlTest.cpp - branches, calls and returns ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What lanes do that part, and what ends a kernel.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

using namespace attnc::emulator;

namespace {

class Control : public EmulatorTest {};

TEST_F(Control, LanesMeetAfterALoop) {
  expectPasses(kernel("mov.u32 %r0, 0;\n"
                      "$loop:\nadd.u32 %r0, %r0, 1;\n"
                      "setp.le.u32 %p0, %r0, %thread;\n@%p0 bra $loop;\n"
                      "shfl.sync.idx.b32 %r1, %r0, 9, 31, -1;\n"
                      "add.s64 %w0, %out, %at;\nst.global.b32 [%w0], %r1;"));
  for (unsigned lane = 0; lane < 32; ++lane)
    EXPECT_EQ(out[lane], 10u);
}

TEST_F(Control, LanesThatReturnDoNotWait) {
  expectPasses(kernel("setp.gt.u32 %p0, %thread, 5;\n@%p0 ret;\n"
                      "shfl.sync.idx.b32 %r1, %thread, 3, 31, 0x3f;\n"
                      "add.s64 %w0, %out, %at;\nst.global.b32 [%w0], %r1;"));
  EXPECT_EQ(out[5], 3u);
}

TEST_F(Control, RecursionIsBounded) {
  std::string function = ".func (.param .b32 y) f(.param .b32 x)\n{\n"
                         ".reg .pred %p;\n.reg .b32 %a, %b;\n"
                         "ld.param.b32 %a, [x];\nsetp.eq.u32 %p, %a, 0;\n"
                         "mov.u32 %b, 1;\n@%p bra $end;\n{\n"
                         ".param .b32 less;\n.param .b32 back;\n"
                         "sub.u32 %b, %a, 1;\nst.param.b32 [less], %b;\n"
                         "call (back), f, (less);\nld.param.b32 %b, [back];\n"
                         "}\nmul.lo.u32 %b, %b, %a;\n"
                         "$end:\nst.param.b32 [y], %b;\nret;\n}\n";
  std::string body = "{\n.param .b32 x;\n.param .b32 y;\n"
                     "and.b32 %r0, %thread, 7;\nst.param.b32 [x], %r0;\n"
                     "call (y), f, (x);\nld.param.b32 %r1, [y];\n}\n"
                     "add.s64 %w0, %out, %at;\nst.global.b32 [%w0], %r1;";
  expectPasses(kernel(body, function));
  EXPECT_EQ(out[5], 120u);
  EXPECT_EQ(out[8], 1u);
  expectFault(
      kernel(mutate(body, "and.b32 %r0, %thread, 7", "mov.u32 %r0, 100"),
             function),
      "more than 64 calls inside each other");
}

TEST_F(Control, ATrapStopsTheKernel) {
  expectFault(kernel("setp.eq.u32 %p0, %thread, 9;\n@%p0 trap;"),
              "the kernel stops itself with trap");
}

TEST_F(Control, LocalMemoryHasAnEnd) {
  expectFault(kernel(".local .align 4 .b8 depot[16];\n"
                     "mov.u64 %w0, depot;\nst.local.b32 [%w0+16], %thread;"),
              "out of bounds of local memory: 4 bytes at");
  expectFault(kernel("mov.u64 %w0, in;\nadd.s64 %w0, %w0, 16;\n"
                     "ld.param.b32 %r0, [%w0];"),
              "out of bounds of the parameters: 4 bytes at");
}

} // namespace
