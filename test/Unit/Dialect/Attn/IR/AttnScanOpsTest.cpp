//===- AttnScanOpsTest.cpp - shape contracts of recurrences ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the op requires of the extents that are known at run time only.
//
//===----------------------------------------------------------------------===//

#include "ContractTest.h"

using namespace attnc;
using namespace attnc::attn;

namespace {

using AttnScanOpsTest = ContractTest;
using Lines = std::vector<std::string>;

TEST_F(AttnScanOpsTest, ContractOfScan) {
  auto op = parse<ScanOp>(R"mlir(
    func.func @f(%q: tensor<?x?x?x8xf32>, %k: tensor<?x?x?x8xf32>,
                 %v: tensor<?x?x?x4xf32>, %s: tensor<?x?x8x4xf32>,
                 %z: tensor<?x?x8xf32>, %table: tensor<?x?xf32>) {
      attn.scan %q, %k, %v transition scalar normalize
        initial_state(%s : tensor<?x?x8x4xf32>)
        initial_normalizer(%z : tensor<?x?x8xf32>) decay {
      ^bb0(%b: index, %h: index, %t: index):
        %r = tensor.extract %table[%h, %t] : tensor<?x?xf32>
        attn.yield %r : f32
      } : tensor<?x?x?x8xf32>, tensor<?x?x?x8xf32>, tensor<?x?x?x4xf32>
        -> tensor<?x?x?x4xf32> final_state tensor<?x?x8x4xf32>
      return
    })mlir");
  ASSERT_TRUE(op);
  EXPECT_EQ(getContract(op), (Lines{"arg0:0 is batch",
                                    "arg0:1 is key_heads",
                                    "arg0:2 is length",
                                    "arg0:3 is dim",
                                    "arg2:1 is heads",
                                    "arg2:3 is value_dim",
                                    "arg0:0 == arg1:0 batch",
                                    "arg0:1 == arg1:1 key_heads",
                                    "arg0:2 == arg1:2 length",
                                    "arg0:0 == arg2:0 batch",
                                    "arg0:2 == arg2:2 length",
                                    "arg2:1 % arg0:1",
                                    "arg2:0 == res0:0 batch",
                                    "arg2:1 == res0:1 heads",
                                    "arg2:2 == res0:2 length",
                                    "arg0:3 == arg1:3 dim",
                                    "arg2:3 == res0:3 value_dim",
                                    "arg2:0 == arg3:0 batch",
                                    "arg2:1 == arg3:1 heads",
                                    "arg0:3 == arg3:2 dim",
                                    "arg2:3 == arg3:3 value_dim",
                                    "arg2:0 == res1:0 batch",
                                    "arg2:1 == res1:1 heads",
                                    "arg0:3 == res1:2 dim",
                                    "arg2:3 == res1:3 value_dim",
                                    "arg2:0 == arg4:0 batch",
                                    "arg2:1 == arg4:1 heads",
                                    "arg0:3 == arg4:2 dim",
                                    "arg2:1 == arg5:0 heads",
                                    "arg0:2 == arg5:1 length"}));
}

TEST_F(AttnScanOpsTest, StatesAreThoseOfSequences) {
  auto op = parse<ScanOp>(R"mlir(
    func.func @f(%q: tensor<1x?x?x8xf32>, %starts: tensor<?xi32>,
                 %s: tensor<?x?x8x8xf32>) {
      attn.scan %q, %q, %q transition identity starts(%starts : tensor<?xi32>)
        initial_state(%s : tensor<?x?x8x8xf32>)
        : tensor<1x?x?x8xf32>, tensor<1x?x?x8xf32>, tensor<1x?x?x8xf32>
        -> tensor<1x?x?x8xf32>
      return
    })mlir");
  ASSERT_TRUE(op);
  Lines contract = getContract(op);
  EXPECT_TRUE(llvm::is_contained(contract, "arg1:0 is sequences"));
  EXPECT_TRUE(llvm::is_contained(contract, "arg1:0 == arg2:0 sequences"));
}

TEST_F(AttnScanOpsTest, ContractOfConvolve) {
  auto op = parse<ConvolveOp>(R"mlir(
    func.func @f(%x: tensor<?x?x?x8xf32>, %w: tensor<?x8x4xf32>,
                 %s: tensor<?x?x3x8xf32>) {
      attn.convolve %x, %w initial_state(%s : tensor<?x?x3x8xf32>)
        : tensor<?x?x?x8xf32>, tensor<?x8x4xf32> -> tensor<?x?x?x8xf32>
      return
    })mlir");
  ASSERT_TRUE(op);
  EXPECT_EQ(getContract(op),
            (Lines{"arg0:0 is batch", "arg0:1 is heads", "arg0:2 is length",
                   "arg0:3 is dim", "arg0:1 == arg1:0 heads",
                   "arg0:0 == res0:0 batch", "arg0:1 == res0:1 heads",
                   "arg0:2 == res0:2 length", "arg0:0 == arg2:0 batch",
                   "arg0:1 == arg2:1 heads"}));
}

TEST_F(AttnScanOpsTest, ContractOfStateSpace) {
  auto op = parse<StateSpaceOp>(R"mlir(
    func.func @f(%x: tensor<?x?x?x8xf32>, %a: tensor<?x2x4x8xf32>,
                 %b: tensor<?x2x4x8xf32>, %c: tensor<?x2x4x8xf32>,
                 %p: tensor<?x2x4x8xf32>, %q: tensor<?x2x4x8xf32>,
                 %dt: tensor<?x8xf32>, %s: tensor<?x?x2x4x8xf32>) {
      attn.state_space %x, %a, %b, %c
        low_rank(%p, %q : tensor<?x2x4x8xf32>, tensor<?x2x4x8xf32>)
        step(%dt : tensor<?x8xf32>) discretization bilinear
        initial_state(%s : tensor<?x?x2x4x8xf32>)
        : tensor<?x?x?x8xf32>, tensor<?x2x4x8xf32> -> tensor<?x?x?x8xf32>
      return
    })mlir");
  ASSERT_TRUE(op);
  EXPECT_EQ(op.getStateSize(), 4);
  EXPECT_EQ(getContract(op),
            (Lines{"arg0:0 is batch", "arg0:1 is heads", "arg0:2 is length",
                   "arg0:3 is dim", "arg0:0 == res0:0 batch",
                   "arg0:1 == res0:1 heads", "arg0:2 == res0:2 length",
                   "arg0:1 == arg1:0 heads", "arg0:1 == arg2:0 heads",
                   "arg0:1 == arg3:0 heads", "arg0:1 == arg4:0 heads",
                   "arg0:1 == arg5:0 heads", "arg0:1 == arg6:0 heads",
                   "arg0:0 == arg7:0 batch", "arg0:1 == arg7:1 heads"}));
}

} // namespace
