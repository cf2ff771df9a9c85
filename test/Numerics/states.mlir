// RUN: attnc run %s --entry=decay_table --random --seed 41 --check --repeat 4
// RUN: attnc run %s --entry=decay_of_head --random --seed 41 --check --repeat 4
// RUN: attnc run %s --entry=decay_of_position --random --seed 41 --check --repeat 4
// RUN: attnc run %s --entry=normalizer --random --seed 41 --check --repeat 4
//
// States that come in and go out, under each kind of decay.

!t = tensor<?x?x?x16xf32>
!s = tensor<?x?x16x16xf32>
!z = tensor<?x?x16xf32>

// One decay for each batch, head and position, as a state space model computes.
func.func @decay_table(%q: !t, %k: !t, %v: !t, %s: !s, %log: tensor<?x?x?xf32>)
    -> (!t, !s) {
  %o, %s1 = attn.scan %q, %k, %v transition scalar initial_state(%s : !s) decay {
  ^bb0(%b: index, %h: index, %t: index):
    %g = tensor.extract %log[%b, %h, %t] : tensor<?x?x?xf32>
    %a = math.absf %g : f32
    %c = arith.constant -0.05 : f32
    %d = arith.mulf %a, %c : f32
    attn.yield %d : f32
  } : !t, !t, !t -> !t final_state !s
  return %o, %s1 : !t, !s
}

// One for each head, a scalar of the kernel instance.
func.func @decay_of_head(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.scan %q, %k, %v transition scalar decay {
  ^bb0(%b: index, %h: index, %t: index):
    %c = arith.constant -0.1 : f32
    %i = arith.index_cast %h : index to i32
    %f = arith.sitofp %i : i32 to f32
    %d = arith.mulf %f, %c : f32
    attn.yield %d : f32
  } : !t, !t, !t -> !t
  return %o : !t
}

// One that is computed from the position.
func.func @decay_of_position(%q: !t, %k: !t, %v: !t, %s: !s) -> (!t, !s) {
  %o, %s1 = attn.scan %q, %k, %v transition scalar initial_state(%s : !s) decay {
  ^bb0(%b: index, %h: index, %t: index):
    %c = arith.constant -0.001 : f32
    %i = arith.index_cast %t : index to i32
    %f = arith.sitofp %i : i32 to f32
    %d = arith.mulf %f, %c : f32
    attn.yield %d : f32
  } : !t, !t, !t -> !t final_state !s
  return %o, %s1 : !t, !s
}

// The normalizer's state beside the state, under a decay.
func.func @normalizer(%q: !t, %k: !t, %v: !t, %s: !s, %z: !z,
                      %log: tensor<?x?x?xf32>) -> (!t, !s, !z) {
  %o, %s1, %z1 = attn.scan %q, %k, %v transition scalar normalize
    initial_state(%s : !s) initial_normalizer(%z : !z) decay {
  ^bb0(%b: index, %h: index, %t: index):
    %g = tensor.extract %log[%b, %h, %t] : tensor<?x?x?xf32>
    %a = math.absf %g : f32
    %c = arith.constant -0.05 : f32
    %d = arith.mulf %a, %c : f32
    attn.yield %d : f32
  } feature {
  ^bb0(%x: f32):
    %y = math.exp %x : f32
    attn.yield %y : f32
  } : !t, !t, !t -> !t final_state !s final_normalizer !z
  return %o, %s1, %z1 : !t, !s, !z
}
