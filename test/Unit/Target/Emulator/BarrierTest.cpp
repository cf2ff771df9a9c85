//===- BarrierTest.cpp - what is checked of bar.sync ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Numbers, counts, whole warps and deadlocks.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

using namespace attnc::emulator;

namespace {

class Barrier : public EmulatorTest {};

TEST_F(Barrier, CountsAgree) {
  expectFault(kernel("bar.sync 1, 40;"),
              "barrier 1 is for 40 threads, not a multiple of 32", 64);
  expectFault(kernel("setp.lt.u32 %p0, %thread, 32;\n"
                     "@%p0 bar.sync 1, 64;\n"
                     "@!%p0 bar.sync 1, 96;"),
              "elsewhere", 96);
  expectFault(kernel("mov.u32 %r0, 16;\nbar.sync %r0, 64;"),
              "there are sixteen barriers, not one with number 16", 64);
  expectFault(kernel("bar.sync %thread, 64;"),
              "the lanes of a warp name different barriers", 64);
}

TEST_F(Barrier, AWarpArrivesAsAWhole) {
  expectFault(kernel("setp.lt.u32 %p0, %thread, 16;\n@%p0 bar.sync 0;"),
              "executed by a part of the warp: lanes 0xffff of 0xffffffff");
}

TEST_F(Barrier, ADeadlockSaysWhoWaitsForWhat) {
  std::string text = kernel("setp.lt.u32 %p0, %thread, 32;\n"
                            "@%p0 bar.sync 3, 64;\n");
  expectFault(text, "deadlock: no warp can go on", 64);
  machine.options = {0, true};
  std::string report = launch(text, 64);
  expectHas(report, "warp 0 at PTX line");
  expectHas(report, "waits for barrier 3: 32 of 64 threads had come");
  expectHas(report, "warp 1 has returned");
}

TEST_F(Barrier, TheLastWarpMayBeSmall) {
  expectPasses(kernel("bar.sync 0;\nbar.sync 0;"), 40);
}

} // namespace
