// DEFINE: %{entry} = identity
// DEFINE: %{n} = 0
// DEFINE: %{one} = attnc run %s --entry=%{entry} --random --seed 6 --check --dims q=2x2x%{n}x12
//
// Calls of few positions and the first that are longer: nothing at all, which
// hands the state on, one position, several, and one more than are computed one by
// one. Value dims of whole strips, whose state stays in memory, and others. Heads
// in groups, from the end, without an initial state.

// RUN: %{one}
// REDEFINE: %{n} = 1
// RUN: %{one}
// REDEFINE: %{n} = 3
// RUN: %{one}
// REDEFINE: %{n} = 4
// RUN: %{one}
// REDEFINE: %{entry} = rows
// RUN: %{one}
// REDEFINE: %{n} = 3
// RUN: %{one}
// REDEFINE: %{n} = 1
// RUN: %{one}
// REDEFINE: %{n} = 0
// RUN: %{one}
// REDEFINE: %{entry} = delta
// RUN: %{one}
// REDEFINE: %{n} = 1
// RUN: %{one}
// REDEFINE: %{n} = 3
// RUN: %{one}
// REDEFINE: %{n} = 4
// RUN: %{one}
// REDEFINE: %{entry} = elements
// RUN: %{one}
// REDEFINE: %{n} = 1
// RUN: %{one}
// REDEFINE: %{n} = 0
// RUN: %{one}

// Sequences behind each other: a token of each, some without one, none.
// REDEFINE: %{one} = attnc run %s --entry=packed --random --seed 6 --check --repeat 4 --dims q=1x2x%{n}x12
// REDEFINE: %{n} = 5
// RUN: %{one} --dims starts=5
// RUN: %{one} --dims starts=9
// RUN: %{one} --dims starts=2
// RUN: %{one} --dims starts=0
// REDEFINE: %{n} = 0
// RUN: %{one} --dims starts=3

!q = tensor<?x?x?x12xf32>
!v = tensor<?x?x?x32xf32>
!s = tensor<?x?x12x32xf32>
!z = tensor<?x?x12xf32>
!w = tensor<?x?x?x20xbf16>
!k = tensor<?x?x?x12xbf16>
!r = tensor<?x?x12x20xf32>
!b = tensor<?x?x?xf32>

func.func @identity(%q: !q, %k: !q, %v: !v, %s: !s, %z: !z) -> (!v, !s, !z) {
  %o, %s1, %z1 = attn.scan %q, %k, %v transition identity normalize
    initial_state(%s : !s) initial_normalizer(%z : !z) feature {
  ^bb0(%x: f32):
    %y = math.exp %x : f32
    attn.yield %y : f32
  } write {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %x: f32):
    %i = arith.addi %t, %d : index
    %n = arith.index_cast %i : index to i32
    %f = arith.sitofp %n : i32 to f32
    %c = arith.constant 0.01 : f32
    %g = arith.mulf %f, %c : f32
    %y = arith.addf %x, %g : f32
    attn.yield %y : f32
  } output {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %x: f32):
    %u = tensor.extract %v[%b, %h, %t, %d] : !v
    %y = arith.mulf %u, %x : f32
    attn.yield %y : f32
  } {attn.recurrent = #attn.recurrent<most_positions = 3, lanes = 16>}
    : !q, !q, !v -> !v final_state !s final_normalizer !z
  return %o, %s1, %z1 : !v, !s, !z
}

func.func @rows(%q: !k, %k: !k, %v: !w, %g: !q, %s: !r) -> (!w, !r) {
  %o, %s1 = attn.scan %q, %k, %v transition diagonal reverse
    initial_state(%s : !r) decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %x = tensor.extract %g[%b, %h, %t, %e] : !q
    %a = math.absf %x : f32
    %n = arith.negf %a : f32
    attn.yield %n : f32
  } {attn.recurrent = #attn.recurrent<most_positions = 3, lanes = 16>}
    : !k, !k, !w -> !w final_state !r
  return %o, %s1 : !w, !r
}

func.func @delta(%q: !q, %k: !q, %v: !v, %g: !q, %beta: !b) -> (!v, !s) {
  %o, %s1 = attn.scan %q, %k, %v transition delta decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %x = tensor.extract %g[%b, %h, %t, %e] : !q
    %a = math.absf %x : f32
    %n = arith.negf %a : f32
    attn.yield %n : f32
  } beta {
  ^bb0(%b: index, %h: index, %t: index):
    %x = tensor.extract %beta[%b, %h, %t] : !b
    %y = math.tanh %x : f32
    %a = math.absf %y : f32
    attn.yield %a : f32
  } feature {
  ^bb0(%x: f32):
    %y = math.tanh %x : f32
    %c = arith.constant 0.25 : f32
    %z = arith.mulf %y, %c : f32
    attn.yield %z : f32
  } {attn.recurrent = #attn.recurrent<most_positions = 3, lanes = 32>}
    : !q, !q, !v -> !v final_state !s
  return %o, %s1 : !v, !s
}

func.func @elements(%q: !q, %k: !q, %v: !v, %x: !v, %s: !s) -> (!v, !s) {
  %o, %s1 = attn.scan %q, %k, %v transition diagonal reverse
    initial_state(%s : !s) decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index, %d: index):
    %y = tensor.extract %x[%b, %h, %t, %d] : !v
    %a = math.absf %y : f32
    %n = arith.negf %a : f32
    attn.yield %n : f32
  } {attn.recurrent = #attn.recurrent<most_positions = 3, lanes = 16>}
    : !q, !q, !v -> !v final_state !s
  return %o, %s1 : !v, !s
}

func.func @packed(%q: tensor<1x?x?x12xf32>, %k: tensor<1x?x?x12xf32>,
                  %v: tensor<1x?x?x32xf32>, %starts: tensor<?xi32>, %s: !s)
    -> (tensor<1x?x?x32xf32>, !s) {
  %o, %s1 = attn.scan %q, %k, %v transition scalar
    starts(%starts : tensor<?xi32>) initial_state(%s : !s) decay {
  ^bb0(%b: index, %h: index, %t: index):
    %c = arith.constant -0.25 : f32
    attn.yield %c : f32
  } {attn.recurrent = #attn.recurrent<most_positions = 3, lanes = 32>}
    : tensor<1x?x?x12xf32>, tensor<1x?x?x12xf32>, tensor<1x?x?x32xf32>
    -> tensor<1x?x?x32xf32> final_state !s
  return %o, %s1 : tensor<1x?x?x32xf32>, !s
}
