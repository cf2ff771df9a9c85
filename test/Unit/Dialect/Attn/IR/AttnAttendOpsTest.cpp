//===- AttnAttendOpsTest.cpp - scale and shape contract of attn.attend ----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What no printed form shows: the scale in force, and what the op requires
// of the extents that are known at run time only.
//
//===----------------------------------------------------------------------===//

#include "ContractTest.h"

using namespace attnc;
using namespace attnc::attn;

namespace {

using AttnAttendOpsTest = ContractTest;
using Lines = std::vector<std::string>;

TEST_F(AttnAttendOpsTest, ScaleDefaultsToOneOverRootDim) {
  auto parseWithScale = [&](const std::string &scale) {
    return parse<AttendOp>(
        "func.func @f(%q: tensor<?x?x?x64xf32>, %v: tensor<?x?x?x9xf32>) {\n"
        "  attn.attend %q, %q, %v " +
        scale +
        " : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x9xf32>)"
        " -> tensor<?x?x?x9xf32>\n  return\n}");
  };
  AttendOp op = parseWithScale("");
  ASSERT_TRUE(op);
  EXPECT_EQ(op.getEffectiveScale(), 0.125);
  op = parseWithScale("scale -3.0");
  ASSERT_TRUE(op);
  EXPECT_EQ(op.getEffectiveScale(), -3.0);
}

TEST_F(AttnAttendOpsTest, ContractOfAttend) {
  auto op = parse<AttendOp>(R"mlir(
    func.func @f(%q: tensor<?x?x?x8xf32>, %k: tensor<?x?x?x8xf32>,
                 %v: tensor<?x?x?x4xf32>, %table: tensor<?x2x?xf32>) {
      attn.attend %q, %k, %v score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
        %c1 = arith.constant 1 : index
        %r = tensor.extract %table[%h, %c1, %b] : tensor<?x2x?xf32>
        attn.yield %r : f32
      } : (tensor<?x?x?x8xf32>, tensor<?x?x?x8xf32>, tensor<?x?x?x4xf32>)
        -> (tensor<?x?x?x4xf32>, tensor<?x?x?xf32>)
      return
    })mlir");
  ASSERT_TRUE(op);
  EXPECT_EQ(getContract(op), (Lines{"arg0:0 is batch",
                                    "arg0:1 is heads",
                                    "arg0:2 is query_length",
                                    "arg0:3 is dim",
                                    "arg1:1 is kv_heads",
                                    "arg1:2 is kv_length",
                                    "arg2:3 is value_dim",
                                    "arg0:0 == arg1:0 batch",
                                    "arg0:0 == arg2:0 batch",
                                    "arg1:1 == arg2:1 kv_heads",
                                    "arg1:2 == arg2:2 kv_length",
                                    "arg0:3 == arg1:3 dim",
                                    "arg0:1 % arg1:1",
                                    "arg0:0 == res0:0 batch",
                                    "arg0:1 == res0:1 heads",
                                    "arg0:2 == res0:2 query_length",
                                    "arg0:0 == res1:0 batch",
                                    "arg0:1 == res1:1 heads",
                                    "arg0:2 == res1:2 query_length",
                                    "arg2:3 == res0:3 value_dim",
                                    "arg0:1 == arg3:0 heads",
                                    "arg0:0 == arg3:2 batch"}));
}

TEST_F(AttnAttendOpsTest, ReifiedExtentsAreConstantsWhereTheResultsAre) {
  // The types of query and out know different extents.
  auto op = parse<AttendOp>(R"mlir(
    func.func @f(%q: tensor<2x?x?x8xf32>, %v: tensor<?x?x?x4xf32>) {
      attn.attend %q, %q, %v
        : (tensor<2x?x?x8xf32>, tensor<2x?x?x8xf32>, tensor<?x?x?x4xf32>)
        -> (tensor<?x3x?x4xf32>, tensor<2x?x5xf32>)
      return
    })mlir");
  ASSERT_TRUE(op);
  mlir::ReifiedRankedShapedTypeDims shapes;
  OpBuilder builder(op);
  ASSERT_TRUE(succeeded(op.reifyResultShapes(builder, shapes)));
  ASSERT_EQ(shapes.size(), 2u);

  // A constant, -1 for a value.
  auto getExtents = [](ArrayRef<mlir::OpFoldResult> shape) {
    std::vector<int64_t> extents;
    for (mlir::OpFoldResult extent : shape)
      extents.push_back(
          isa<Attribute>(extent)
              ? cast<mlir::IntegerAttr>(cast<Attribute>(extent)).getInt()
              : -1);
    return extents;
  };
  EXPECT_EQ(getExtents(shapes[0]), (std::vector<int64_t>{-1, 3, -1, 4}));
  EXPECT_EQ(getExtents(shapes[1]), (std::vector<int64_t>{2, -1, 5}));
}

} // namespace
