// RUN: attnc run %s --entry=plain --random --seed 1 --repeat=20 --check
// RUN: attnc run %s --entry=scalar --random --seed 2 --repeat=20 --check
// RUN: attnc run %s --entry=rows --random --seed 3 --repeat=20 --check
// RUN: attnc run %s --entry=bf16 --random --seed 4 --repeat=10 --check
// RUN: attnc run %s --entry=odd --random --seed 5 --repeat=20 --check
// RUN: attnc run %s --entry=rows --random --dims q=1x2x1001x16 --check
// RUN: %python %S/Inputs/with_narrow_vectors.py attnc run %s --entry=odd --random --repeat=10 --check
// RUN: %python %S/Inputs/with_narrow_vectors.py attnc run %s --entry=rows --random --repeat=10 --check
//
// The delta rule without decay, with one for each position and with one for each
// row of the state. The features keep keys short: with long ones the recurrence
// grows without bound, in the reference too.

!t = tensor<?x?x?x16xf32>
!s = tensor<?x?x16x16xf32>
!b = tensor<?x?x?xf32>

func.func @plain(%q: !t, %k: !t, %v: !t, %beta: !b, %s: !s) -> (!t, !s) {
  %o, %s1 = attn.scan %q, %k, %v transition delta initial_state(%s : !s) beta {
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
  } : !t, !t, !t -> !t final_state !s
  return %o, %s1 : !t, !s
}

func.func @scalar(%q: !t, %k: !t, %v: !t, %beta: !b, %g: !b) -> (!t, !s) {
  %o, %s1 = attn.scan %q, %k, %v transition delta decay {
  ^bb0(%b: index, %h: index, %t: index):
    %x = tensor.extract %g[%b, %h, %t] : !b
    %square = arith.mulf %x, %x : f32
    %decay = arith.negf %square : f32
    attn.yield %decay : f32
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
  } : !t, !t, !t -> !t final_state !s
  return %o, %s1 : !t, !s
}

func.func @rows(%q: !t, %k: !t, %v: !t, %beta: !b, %g: !t, %s: !s) -> (!t, !s) {
  %o, %s1 = attn.scan %q, %k, %v transition delta initial_state(%s : !s) decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %x = tensor.extract %g[%b, %h, %t, %e] : !t
    %square = arith.mulf %x, %x : f32
    %decay = arith.negf %square : f32
    attn.yield %decay : f32
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
  } write {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %x: f32):
    %y = tensor.extract %beta[%b, %h, %t] : !b
    %z = arith.mulf %x, %y : f32
    attn.yield %z : f32
  } : !t, !t, !t -> !t final_state !s
  return %o, %s1 : !t, !s
}

!h = tensor<?x?x?x32xbf16>
func.func @bf16(%q: !h, %k: !h, %v: !h, %beta: !b) -> !h {
  %o = attn.scan %q, %k, %v transition delta beta {
  ^bb0(%b: index, %h: index, %t: index):
    %x = tensor.extract %beta[%b, %h, %t] : !b
    %y = math.tanh %x : f32
    %a = math.absf %y : f32
    attn.yield %a : f32
  } feature {
  ^bb0(%x: f32):
    %y = math.tanh %x : f32
    %c = arith.constant 0.125 : f32
    %z = arith.mulf %y, %c : f32
    attn.yield %z : f32
  } : !h, !h, !h -> !h
  return %o : !h
}

!q3 = tensor<?x?x?x3xf32>
!v5 = tensor<?x?x?x5xf32>
!s35 = tensor<?x?x3x5xf32>
func.func @odd(%q: !q3, %k: !q3, %v: !v5) -> (!v5, !s35) {
  %o, %s = attn.scan %q, %k, %v transition delta beta {
  ^bb0(%b: index, %h: index, %t: index):
    %half = arith.constant 0.5 : f32
    attn.yield %half : f32
  } feature {
  ^bb0(%x: f32):
    %y = math.tanh %x : f32
    %c = arith.constant 0.5 : f32
    %z = arith.mulf %y, %c : f32
    attn.yield %z : f32
  } : !q3, !q3, !v5 -> !v5 final_state !s35
  return %o, %s : !v5, !s35
}
