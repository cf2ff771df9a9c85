//===- ParserTest.cpp - what is no PTX ------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Modules come from files: whatever they hold, a message is the answer.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

#include <random>

using namespace attnc::emulator;

namespace {

class Parser : public EmulatorTest {
protected:
  void expectRefused(const std::string &text, const std::string &why) {
    std::unique_ptr<LoadedModule> module;
    expectHas(machine.load(text, module), why);
    EXPECT_EQ(module, nullptr);
  }
};

TEST_F(Parser, AnInstructionThatIsNotKnownIsNamed) {
  expectRefused(kernel("frobnicate.b32 %r0, %r1;"),
                "the PTX module cannot be loaded: line 16: the emulator does "
                "not execute 'frobnicate.b32'");
  expectRefused(kernel("add.sat.s32 %r0, %r1, %r2;"),
                "the emulator does not execute 'add.sat.s32'");
  expectRefused(kernel("barrier.cluster.arrive;"),
                "the emulator does not execute 'barrier.cluster.arrive'");
}

TEST_F(Parser, OperandsAreChecked) {
  expectRefused(kernel("add.s32 %r0, %r1;"),
                "'add' has 2 operands, expected 3");
  expectRefused(kernel("add.s32 %r0, %r1, %w1;"),
                "the register '%w1' has 64 bits, expected 32");
  expectRefused(kernel("add.s32 %r0, %r1, %nothing;"),
                "'%nothing' is not declared");
  expectRefused(kernel("mov.u32 5, %r1;"),
                "is no register that can be written");
  expectRefused(kernel("ld.global.b64 %r0, [%in];"),
                "a register is narrower than the type of the access");
  expectRefused(kernel("ld.global.v2.b32 {%r0}, [%in];"),
                "the number of registers is not that of the vector");
  expectRefused(kernel("ld.global.b32 %r0, %in;"),
                "an address in brackets was expected");
  expectRefused(kernel("ld.global.b32 %r0, [%h1];"),
                "an address is a register of 32 or 64 bits");
  expectRefused(kernel("lop3.b32 %r0, %r1, %r2, %r3, %r4;"),
                "operand 5 has to be a constant");
}

TEST_F(Parser, SyntaxIsChecked) {
  expectRefused("/* open", "line 1: a comment has no end");
  expectRefused(".file 1 \"open", "line 1: a string has no end");
  expectRefused("nonsense", "the directive 'nonsense' is not known");
  expectRefused(kernel("bra $nowhere;"), "a branch has no target");
  expectRefused(kernel("$twice:\n$twice:"), "a label is defined twice");
  expectRefused(kernel("add.s32 %r0 %r1;"), "expected ';', found '%r1'");
  expectRefused(kernel("mov.b32 %r0, {%h1 %h2};"),
                "expected ',' or '}' in a list");
  expectRefused(kernel("mov.b32 %r0, {{{{{{{{{{{{%r1}}}}}}}}}}}};"),
                "operands are nested too deeply");
  expectRefused(".visible .entry k()\n{", "the body of 'k' has no end");
  expectRefused(".address_size 32", "only modules with 64-bit addresses");
  expectRefused(".visible .entry k()\n{\n.reg .b32 %r<9999999>;\n}",
                "more than a million registers");
  expectRefused(".shared .align 3 .b8 x[4];",
                "an alignment is a power of two, at most 65536");
  expectRefused(".shared .align 4 .b8 x[99999999];",
                "the variables in shared memory are too large");
  expectRefused(".global .b32 x[2] = {1, 2, 3};",
                "has too many initial values");
  expectRefused(".visible .entry k(.param .b8 x[40000])\n{\nret;\n}",
                "the parameters are larger than 32764 bytes");
}

TEST_F(Parser, FunctionsAreChecked) {
  expectRefused(kernel("call nothing;"), "the function 'nothing' has no body");
  expectRefused(kernel("call f;", ".func f(.param .b32 x)\n{\nret;\n}\n"),
                "has another number of parameters or results");
}

TEST_F(Parser, VariablesHaveTheirValues) {
  std::string text = kernel("mov.u64 %w0, table;\n"
                            "ld.global.b32 %r0, [table+4];\n"
                            "ld.global.b32 %r1, [%w0+8];\n"
                            "ld.const.b32 %r2, [pi];\n"
                            "st.global.b32 [%out], %r0;\n"
                            "st.global.b32 [%out+4], %r1;\n"
                            "st.global.b32 [%out+8], %r2;",
                            ".global .align 4 .b32 table[4] = {7, -8, 9};\n"
                            ".const .align 4 .f32 pi = 0f40490FDB;\n");
  EXPECT_EQ(launch(text, 1), "");
  EXPECT_EQ(out[0], 0xfffffff8u);
  EXPECT_EQ(out[1], 9u);
  EXPECT_EQ(out[2], 0x40490fdbu);
}

TEST_F(Parser, AnInnerBlockHasNamesOfItsOwn) {
  std::string text = kernel("mov.u32 %r0, 0;\n"
                            "{\n.reg .b32 %r0;\nmov.u32 %r0, 5;\n"
                            "$again:\nadd.u32 %r0, %r0, 1;\n"
                            "setp.lt.u32 %p0, %r0, 9;\n@%p0 bra $again;\n}\n"
                            "{\n$again:\nadd.u32 %r0, %r0, 1;\n"
                            "setp.lt.u32 %p0, %r0, 3;\n@%p0 bra $again;\n}\n"
                            "st.global.b32 [%out], %r0;");
  EXPECT_EQ(launch(text, 1), "");
  EXPECT_EQ(out[0], 3u);
}

TEST_F(Parser, ABranchByIndexReachesEachOfItsTargets) {
  std::string text = kernel("and.b32 %r0, %thread, 3;\n"
                            "$table: .branchtargets $a, $b, $c, $d;\n"
                            "brx.idx %r0, $table;\n"
                            "$a: mov.u32 %r1, 10;\nbra $end;\n"
                            "$b: mov.u32 %r1, 20;\nbra $end;\n"
                            "$c: mov.u32 %r1, 30;\nbra $end;\n"
                            "$d: mov.u32 %r1, 40;\n"
                            "$end:\nbar.sync 0;\nadd.s64 %w0, %out, %at;\n"
                            "st.global.b32 [%w0], %r1;");
  expectPasses(text);
  for (unsigned lane = 0; lane < 32; ++lane)
    EXPECT_EQ(out[lane], 10 * (lane % 4 + 1));
  expectFault(mutate(text, "%thread, 3", "%thread, 7"),
              "a branch by index has 4 targets, the index is 4");
}

/// Cut, doubled and exchanged characters: a message or a module, no crash.
TEST_F(Parser, BrokenTextIsRefusedOrRead) {
  std::string good =
      kernel("setp.lt.u32 %p0, %thread, 7;\n@%p0 bra $end;\n"
             "ld.global.v2.b32 {%r0, %r1}, [%in+8];\n"
             "mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 "
             "{%f0, %f1, %f2, %f3}, {%r0, %r1}, {%r2}, "
             "{%f0, %f1, %f2, %f3};\n"
             "mbarrier.init.shared.b64 [x], 1;\n$end:",
             ".shared .align 8 .b8 x[64];");
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string text = good;
    for (int change = int(random() % 3); change >= 0; --change) {
      size_t at = random() % text.size();
      switch (random() % 4) {
      case 0:
        text.resize(at + 1);
        break;
      case 1:
        text[at] = "{}[]();,.%$@!<>0-+|\"/*x"[random() % 23];
        break;
      case 2:
        text.erase(at, random() % 9);
        break;
      case 3:
        text.insert(at, text.substr(random() % text.size(), random() % 20));
        break;
      }
    }
    std::unique_ptr<LoadedModule> module;
    std::string report = machine.load(text, module);
    EXPECT_EQ(report.empty(), module != nullptr);
  }
}

} // namespace
