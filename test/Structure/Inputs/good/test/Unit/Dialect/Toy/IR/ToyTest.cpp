// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
TEST(Toy, OperandIsNeeded) {
  EXPECT_EQ(verify(scale),
            "'toy.scale' op needs an operand that no text can omit");
}
