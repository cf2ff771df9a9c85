// RUN: attnc run %s --entry=plain --random --seed 1 --repeat=20 --check
// RUN: attnc run %s --entry=stateful --random --seed 2 --repeat=20 --check
// RUN: attnc run %s --entry=two_taps --random --seed 3 --repeat=10 --check
// RUN: attnc run %s --entry=bf16 --random --seed 4 --repeat=20 --check
// RUN: attnc run %s --entry=odd --random --seed 5 --repeat=20 --check
// RUN: attnc run %s --entry=stateful --random --dims x=2x3x1001x48 --check
// RUN: %python %S/Inputs/with_narrow_vectors.py attnc run %s --entry=odd --random --repeat=10 --check
//
// Sequences shorter than the taps, and states that outlive them.

!x = tensor<?x?x?x64xf32>
func.func @plain(%x: !x, %w: tensor<?x64x4xf32>) -> !x {
  %y = attn.convolve %x, %w : !x, tensor<?x64x4xf32> -> !x
  return %y : !x
}

!u = tensor<?x?x?x48xf32>
!s = tensor<?x?x3x48xf32>
func.func @stateful(%x: !u, %w: tensor<?x48x4xf32>, %bias: tensor<48xf32>, %s: !s)
    -> (!u, !s) {
  %y, %s1 = attn.convolve %x, %w initial_state(%s : !s) output {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %sum: f32):
    %c = tensor.extract %bias[%d] : tensor<48xf32>
    %z = arith.addf %sum, %c : f32
    %y = math.tanh %z : f32
    attn.yield %y : f32
  } : !u, tensor<?x48x4xf32> -> !u final_state !s
  return %y, %s1 : !u, !s
}

func.func @two_taps(%x: !x, %w: tensor<?x64x2xf32>) -> (!x, tensor<?x?x1x64xf32>) {
  %y, %s = attn.convolve %x, %w
    : !x, tensor<?x64x2xf32> -> !x final_state tensor<?x?x1x64xf32>
  return %y, %s : !x, tensor<?x?x1x64xf32>
}

!h = tensor<?x?x?x40xbf16>
!t = tensor<?x?x3x40xbf16>
func.func @bf16(%x: !h, %w: tensor<?x40x4xf32>, %s: !t) -> (!h, !t) {
  %y, %s1 = attn.convolve %x, %w initial_state(%s : !t)
    : !h, tensor<?x40x4xf32> -> !h final_state !t
  return %y, %s1 : !h, !t
}

!v = tensor<?x?x?x5xf32>
!r = tensor<?x?x6x5xf32>
func.func @odd(%x: !v, %w: tensor<?x5x7xf32>, %s: !r) -> (!v, !r) {
  %y, %s1 = attn.convolve %x, %w initial_state(%s : !r)
    : !v, tensor<?x5x7xf32> -> !v final_state !r
  return %y, %s1 : !v, !r
}
