// RUN: attnc run %s --random --seed 1 --repeat=10 --check
// RUN: not attnc run %s --random --dims x=4x8 --dims row=7 2>&1 | FileCheck %s
// CHECK: dimension 0 of 'row' is 7, but must be 8 like every 'x_1'
//
// Tables in the body of a linalg op, read at an index of its loops and at a number: the
// axis is as long as the loop, which is checked at each call.

#map = affine_map<(i, j) -> (i, j)>
func.func @look_ups(%x: tensor<?x?xf32>, %row: tensor<?xf32>, %few: tensor<3xf32>)
    -> tensor<?x?xf32> {
  %two = arith.constant 2 : index
  %y = linalg.generic {indexing_maps = [#map], iterator_types = ["parallel", "parallel"]}
      outs(%x : tensor<?x?xf32>) {
  ^bb0(%element: f32):
    %j = linalg.index 1 : index
    %bias = tensor.extract %row[%j] : tensor<?xf32>
    %last = tensor.extract %few[%two] : tensor<3xf32>
    %sum = arith.addf %element, %bias : f32
    %scaled = arith.mulf %sum, %last : f32
    linalg.yield %scaled : f32
  } -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
