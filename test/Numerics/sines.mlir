// RUN: attnc run %s --random --seed 1 --repeat=10 --check
// RUN: attnc run %s --random --dims x=1x2x500x24 --check
// RUN: %python %S/Inputs/with_narrow_vectors.py attnc run %s --random --repeat=5 --check
//
// Sines and cosines of small numbers, and of some turns: small results have as many
// digits as large ones.

!x = tensor<?x?x?x24xf32>
func.func @sines(%x: !x, %w: tensor<?x24x2xf32>) -> (!x, !x) {
  %small = attn.convolve %x, %w output {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %sum: f32):
    %number = tensor.extract %x[%b, %h, %t, %d] : !x
    %unit = arith.constant 0.001953125 : f32
    %angle = arith.mulf %number, %unit : f32
    %sine = math.sin %angle : f32
    attn.yield %sine : f32
  } : !x, tensor<?x24x2xf32> -> !x
  %turns = attn.convolve %x, %w output {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %sum: f32):
    %number = tensor.extract %x[%b, %h, %t, %d] : !x
    %unit = arith.constant 8.0 : f32
    %angle = arith.mulf %number, %unit : f32
    %sine = math.sin %angle : f32
    %cosine = math.cos %angle : f32
    %four = arith.constant 4.0 : f32
    %scaled = arith.mulf %cosine, %four : f32
    %y = arith.addf %sine, %scaled : f32
    attn.yield %y : f32
  } : !x, tensor<?x24x2xf32> -> !x
  return %small, %turns : !x, !x
}
