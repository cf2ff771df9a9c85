// RUN: attnc run %s --entry=packed --random --seed 1 --repeat=20 --check
// RUN: attnc run %s --entry=packed_delta --random --seed 2 --repeat=20 --check
// RUN: attnc run %s --entry=packed_elements --random --seed 3 --repeat=20 --check
// RUN: attnc run %s --entry=packed_reverse --random --seed 4 --repeat=20 --check
// RUN: attnc run %s --entry=packed --random --seed 5 --dims starts=0 --check
// RUN: attnc run %s --entry=packed --random --seed 6 --dims starts=40 --check
// RUN: attnc run %s --entry=reverse --random --seed 7 --repeat=20 --check
// RUN: attnc run %s --entry=reverse_rows --random --seed 8 --repeat=20 --check
// RUN: attnc run %s --entry=reverse_elements --random --seed 9 --repeat=20 --check
// RUN: attnc run %s --entry=both_ways --random --seed 10 --repeat=10 --check
// RUN: attnc run %s --entry=groups --random --seed 11 --repeat=20 --check
//
// Several sequences behind each other, each with a state of its own; scans from
// the end; heads that share queries and keys.

!one = tensor<1x?x?x16xf32>
!t = tensor<?x?x?x16xf32>
!s = tensor<?x?x16x16xf32>
!z = tensor<?x?x16xf32>
!g = tensor<?x?x?xf32>
!starts = tensor<?xi32>

func.func @packed(%q: !one, %k: !one, %v: !one, %starts: !starts, %s: !s, %z: !z)
    -> (!one, !s, !z) {
  %o, %s1, %z1 = attn.scan %q, %k, %v transition identity normalize
    starts(%starts : !starts) initial_state(%s : !s) initial_normalizer(%z : !z)
    feature {
  ^bb0(%x: f32):
    %y = math.exp %x : f32
    attn.yield %y : f32
  } : !one, !one, !one -> !one final_state !s final_normalizer !z
  return %o, %s1, %z1 : !one, !s, !z
}

func.func @packed_delta(%q: !one, %k: !one, %v: !one, %starts: tensor<?xi64>, %s: !s)
    -> (!one, !s) {
  %o, %s1 = attn.scan %q, %k, %v transition delta
    starts(%starts : tensor<?xi64>) initial_state(%s : !s) beta {
  ^bb0(%b: index, %h: index, %t: index):
    %half = arith.constant 0.5 : f32
    attn.yield %half : f32
  } feature {
  ^bb0(%x: f32):
    %y = math.tanh %x : f32
    %c = arith.constant 0.25 : f32
    %f = arith.mulf %y, %c : f32
    attn.yield %f : f32
  } : !one, !one, !one -> !one final_state !s
  return %o, %s1 : !one, !s
}

func.func @packed_elements(%q: !one, %k: !one, %v: !one, %x: !one, %starts: !starts, %s: !s)
    -> (!one, !s) {
  %o, %s1 = attn.scan %q, %k, %v transition diagonal
    starts(%starts : !starts) initial_state(%s : !s) decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index, %d: index):
    %y = tensor.extract %x[%b, %h, %t, %d] : !one
    %a = math.absf %y : f32
    %n = arith.negf %a : f32
    attn.yield %n : f32
  } : !one, !one, !one -> !one final_state !s
  return %o, %s1 : !one, !s
}

func.func @packed_reverse(%q: !one, %k: !one, %v: !one, %x: !one, %starts: !starts, %s: !s)
    -> (!one, !s) {
  %o, %s1 = attn.scan %q, %k, %v transition diagonal reverse
    starts(%starts : !starts) initial_state(%s : !s) decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %y = tensor.extract %x[%b, %h, %t, %e] : !one
    %a = math.absf %y : f32
    %n = arith.negf %a : f32
    attn.yield %n : f32
  } : !one, !one, !one -> !one final_state !s
  return %o, %s1 : !one, !s
}

func.func @reverse(%q: !t, %k: !t, %v: !t, %x: !g, %s: !s) -> (!t, !s) {
  %o, %s1 = attn.scan %q, %k, %v transition scalar reverse
    initial_state(%s : !s) decay {
  ^bb0(%b: index, %h: index, %t: index):
    %y = tensor.extract %x[%b, %h, %t] : !g
    %a = math.absf %y : f32
    %n = arith.negf %a : f32
    attn.yield %n : f32
  } output {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %y: f32):
    %i = arith.index_cast %t : index to i32
    %f = arith.sitofp %i : i32 to f32
    %c = arith.constant 0.01 : f32
    %w = arith.mulf %f, %c : f32
    %skip = tensor.extract %v[%b, %h, %t, %d] : !t
    %x1 = arith.addf %y, %skip : f32
    %z = arith.addf %x1, %w : f32
    attn.yield %z : f32
  } : !t, !t, !t -> !t final_state !s
  return %o, %s1 : !t, !s
}

// The table has its positions in the other order.
!et = tensor<?x?x16x?xf32>
func.func @reverse_rows(%q: !t, %k: !t, %v: !t, %x: !et) -> !t {
  %o = attn.scan %q, %k, %v transition diagonal reverse decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %y = tensor.extract %x[%b, %h, %e, %t] : !et
    %a = math.absf %y : f32
    %n = arith.negf %a : f32
    attn.yield %n : f32
  } : !t, !t, !t -> !t
  return %o : !t
}

func.func @reverse_elements(%q: !t, %k: !t, %v: !t, %x: !t) -> (!t, !s) {
  %o, %s = attn.scan %q, %k, %v transition diagonal reverse decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index, %d: index):
    %y = tensor.extract %x[%b, %h, %t, %d] : !t
    %i = arith.index_cast %t : index to i32
    %f = arith.sitofp %i : i32 to f32
    %c = arith.constant 0.001 : f32
    %w = arith.mulf %f, %c : f32
    %yw = arith.addf %y, %w : f32
    %a = math.absf %yw : f32
    %n = arith.negf %a : f32
    attn.yield %n : f32
  } : !t, !t, !t -> !t final_state !s
  return %o, %s : !t, !s
}

// What bidirectional models add up: the past with the position, and the future.
func.func @both_ways(%q: !t, %k: !t, %v: !t) -> !t {
  %past = attn.scan %q, %k, %v transition identity : !t, !t, !t -> !t
  %future = attn.scan %q, %k, %v transition identity reverse : !t, !t, !t -> !t
  %sum = arith.addf %past, %future : !t
  return %sum : !t
}

!c = tensor<?x2x?x16xf32>
!u = tensor<?x6x?x24xf32>
!p = tensor<?x6x16x24xf32>
func.func @groups(%q: !c, %k: !c, %v: !u, %x: tensor<6x?xf32>) -> (!u, !p) {
  %o, %s = attn.scan %q, %k, %v transition scalar decay {
  ^bb0(%b: index, %h: index, %t: index):
    %y = tensor.extract %x[%h, %t] : tensor<6x?xf32>
    %a = math.absf %y : f32
    %n = arith.negf %a : f32
    attn.yield %n : f32
  } : !c, !c, !u -> !u final_state !p
  return %o, %s : !u, !p
}
