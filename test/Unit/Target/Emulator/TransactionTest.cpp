//===- TransactionTest.cpp - what is checked of mbarriers -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Misuse, and waiting for what does not come.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

using namespace attnc::emulator;

namespace {

class Transaction : public EmulatorTest {
protected:
  const char *variables = ".shared .align 8 .b64 bar;\n"
                          ".shared .align 4 .b32 cell;\n";
  /// Thread 0 sets the barrier up for `count` arrivals.
  std::string with(const std::string &count, const std::string &body) {
    return kernel("setp.eq.u32 %p0, %thread, 0;\n"
                  "@%p0 mbarrier.init.shared::cta.b64 [bar], " +
                      count + ";\nbar.sync 0;\n" + body,
                  variables);
  }
  const std::string wait =
      "$wait:\n"
      "mbarrier.try_wait.parity.shared::cta.b64 %p1, [bar], 0;\n"
      "@!%p1 bra $wait;\n";
  const std::string arrive = "mbarrier.arrive.shared::cta.b64 %w0, [bar];\n";
};

TEST_F(Transaction, ABarrierOrdersWhatArrives) {
  std::string text = with("32", "setp.lt.u32 %p2, %thread, 32;\n"
                                "@!%p2 bra $wait;\n"
                                "setp.eq.u32 %p3, %thread, 3;\n"
                                "@%p3 st.shared.b32 [cell], 5;\n" +
                                    arrive + "bra.uni $end;\n" + wait +
                                    "ld.shared.b32 %r0, [cell];\n"
                                    "$end:");
  expectPasses(text, 64);
  // The arrival has to follow the write.
  expectSomeFault(mutate(mutate(text, arrive, ""),
                         "@%p3 st.shared.b32 [cell], 5;\n",
                         arrive + "@%p3 st.shared.b32 [cell], 5;\n"),
                  64, 0);
}

TEST_F(Transaction, WhatIsNotInitialisedIsNotUsed) {
  expectFault(kernel(arrive, variables),
              "use of an mbarrier that is not initialised, at shared address");
  expectFault(with("1", "bar.sync 0;\n"
                        "@%p0 mbarrier.inval.shared::cta.b64 [bar];\n"
                        "bar.sync 0;\n" +
                            arrive),
              "use of an mbarrier that is not initialised, at shared address");
}

TEST_F(Transaction, CountsAndPlacesAreChecked) {
  expectFault(with("0", ""),
              "an mbarrier expects 1 to 1048575 arrivals, not 0");
  expectFault(kernel("mbarrier.init.shared::cta.b64 [cell+4], 1;",
                     ".shared .align 8 .b8 cell[16];"),
              "misaligned access: an mbarrier at");
  expectFault(with("1", "@%p0 mbarrier.expect_tx.relaxed.cta.shared::cta.b64 "
                        "[bar], 1048576;"),
              "counts more than 1048575 bytes");
  std::string many;
  for (int i = 0; i < 65; ++i)
    many += "mbarrier.init.shared::cta.b64 [bars+" + std::to_string(8 * i) +
            "], 1;\n";
  expectFault(kernel(many, ".shared .align 8 .b8 bars[520];"),
              "more than 64 mbarriers in a block are not executed");
}

TEST_F(Transaction, ThereAreNotMoreArrivalsThanExpected) {
  expectFault(with("33", "mbarrier.arrive.shared::cta.b64 _, [bar], 2;"),
              "more arrivals than expected at the mbarrier at shared address");
  expectFault(with("4", "@%p0 mbarrier.arrive_drop.shared::cta.b64 _, [bar], "
                        "5;"),
              "more arrivals are dropped than the mbarrier expects");
}

TEST_F(Transaction, ADeadlockSaysWhoWaitsForWhat) {
  std::string text = with("33", arrive + wait);
  expectFault(text, "deadlock: no warp can go on");
  machine.options = {0, true};
  std::string report = launch(text);
  expectHas(report, "warp 0 at PTX line");
  expectHas(report, "phase 0: 1 of 33 arrivals and 0 bytes are missing");
  // The second phase does not end.
  std::string again =
      mutate(mutate(wait, "$wait", "$again"), "$wait", "$again");
  expectFault(with("32", arrive + wait + mutate(again, "[bar], 0", "[bar], 1")),
              "deadlock: no warp can go on");
}

TEST_F(Transaction, WaitingIsALoop) {
  std::string text = with("32", "setp.lt.u32 %p2, %thread, 32;\n"
                                "@!%p2 bra $wait;\n"
                                "@%p0 st.shared.b32 [cell], 5;\n" +
                                    arrive + "bra.uni $end;\n" + wait +
                                    "ld.shared.b32 %r0, [cell];\n"
                                    "$end:");
  expectPasses(text, 64);
  // The second warp runs first: what it waits for cannot be there yet.
  std::string once =
      mutate(mutate(text, "@!%p1 bra $wait;\n", ""), "@!%p2 bra", "@%p2 bra");
  machine.options = {0, true};
  EXPECT_NE(launch(once, 64), "");
}

TEST_F(Transaction, PollingForeverIsADeadlockToo) {
  expectFault(with("33", "$wait:\n"
                         "mbarrier.test_wait.parity.shared::cta.b64 %p1, "
                         "[bar], 0;\n"
                         "@!%p1 bra $wait;\n"),
              "deadlock: no warp can go on");
}

TEST_F(Transaction, TheWrongPhaseIsNoticed) {
  // The reader waits for the phase before the first, which is always over.
  std::string text = with("32", "setp.lt.u32 %p2, %thread, 32;\n"
                                "@!%p2 bra $wait;\n"
                                "setp.eq.u32 %p3, %thread, 3;\n"
                                "@%p3 st.shared.b32 [cell], 5;\n" +
                                    arrive + "bra.uni $end;\n" + wait +
                                    "ld.shared.b32 %r0, [cell];\n"
                                    "$end:");
  expectSomeFault(mutate(text, "%p1, [bar], 0", "%p1, [bar], 1"), 64, 0);
}

TEST_F(Transaction, TheStateIsOpaque) {
  expectFault(with("33", arrive + "mbarrier.pending_count.b64 %r0, %w0;"),
              "the state of an mbarrier is opaque");
}

} // namespace
