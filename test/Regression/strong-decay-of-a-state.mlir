// RUN: attnc run %s --entry=constant --random --seed 1 --check --repeat 2
// RUN: attnc run %s --entry=table --random --seed 41 --check --repeat 2
//
// Within a chunk decays are differences of sums of logarithms. With a strong decay
// the sums are large and their differences were off by their rounding errors; the
// final state shows it, because its last summand has no decay at all.

!t = tensor<?x?x?x16xf32>
!s = tensor<?x?x16x16xf32>
func.func @constant(%q: !t, %k: !t, %v: !t) -> (!t, !s) {
  %o, %s = attn.scan %q, %k, %v transition scalar decay {
  ^bb0(%b: index, %h: index, %t: index):
    %c = arith.constant -30.0 : f32
    attn.yield %c : f32
  } : !t, !t, !t -> !t final_state !s
  return %o, %s : !t, !s
}

// Decays of the size that a state space model has: about 1/e a position.
func.func @table(%q: !t, %k: !t, %v: !t, %log: tensor<?x?x?xf32>) -> (!t, !s) {
  %o, %s = attn.scan %q, %k, %v transition scalar decay {
  ^bb0(%b: index, %h: index, %t: index):
    %g = tensor.extract %log[%b, %h, %t] : tensor<?x?x?xf32>
    %a = math.absf %g : f32
    %d = arith.negf %a : f32
    attn.yield %d : f32
  } : !t, !t, !t -> !t final_state !s
  return %o, %s : !t, !s
}
