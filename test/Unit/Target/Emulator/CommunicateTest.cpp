//===- CommunicateTest.cpp - lanes that are not there ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is checked of shuffles, votes and reductions; their results are among
// the conformance cases.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

using namespace attnc::emulator;

namespace {

class Communicate : public EmulatorTest {};

TEST_F(Communicate, AllNamedLanesTakePart) {
  expectFault(kernel("setp.lt.u32 %p0, %thread, 16;\n"
                     "@%p0 redux.sync.add.s32 %r0, %thread, -1;"),
              "waits for lanes that do not take part: 0xffff0000");
  expectFault(kernel("redux.sync.add.s32 %r0, %thread, 0xffff;"),
              "executed by a lane that its mask does not name");
  expectFault(kernel("setp.lt.u32 %p0, %thread, 16;\n"
                     "@%p0 shfl.sync.idx.b32 %r0, %thread, 20, 31, 0xffff;"),
              "reads from lane 20, which does not take part");
}

TEST_F(Communicate, MatricesNeedTheWholeWarp) {
  expectFault(kernel("setp.lt.u32 %p0, %thread, 16;\nmov.u32 %r0, x;\n"
                     "@%p0 ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r1}, "
                     "[%r0];",
                     ".shared .align 16 .b8 x[128];"),
              "executed by a part of the warp: lanes 0xffff of 0xffffffff");
  expectFault(kernel("mov.u32 %r0, x;\nst.shared.b32 [%r0], 0;\n"
                     "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r1}, [%r0+8];",
                     ".shared .align 16 .b8 x[128];"),
              "misaligned access: a row of 16 bytes at");
}

} // namespace
