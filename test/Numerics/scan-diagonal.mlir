// RUN: attnc run %s --entry=rows --random --seed 1 --repeat=20 --check
// RUN: attnc run %s --entry=rows_f16 --random --seed 2 --repeat=10 --check
// RUN: attnc run %s --entry=rows_bf16 --random --seed 3 --repeat=10 --check
// RUN: attnc run %s --entry=odd_rows --random --seed 4 --repeat=20 --check
// RUN: attnc run %s --entry=normalized --random --seed 5 --repeat=20 --check
// RUN: attnc run %s --entry=transposed_table --random --seed 6 --repeat=10 --check
// RUN: attnc run %s --entry=constant_rates --random --seed 7 --repeat=10 --check
// RUN: attnc run %s --entry=elements --random --seed 8 --repeat=20 --check
// RUN: attnc run %s --entry=elements_bf16 --random --seed 9 --repeat=10 --check
// RUN: attnc run %s --entry=odd_elements --random --seed 10 --repeat=20 --check
// RUN: attnc run %s --entry=rows --random --dims q=1x2x1001x16 --check
// RUN: attnc run %s --entry=elements --random --dims v=1x4x1001x16 --check
// RUN: %python %S/Inputs/with_narrow_vectors.py attnc run %s --entry=odd_rows --random --repeat=10 --check
// RUN: %python %S/Inputs/with_narrow_vectors.py attnc run %s --entry=odd_elements --random --repeat=10 --check
//
// A decay of each row of the state, in chunks, and of each element, position by
// position. Some are so strong that the past is gone within a chunk.

!t = tensor<?x?x?x16xf32>
!s = tensor<?x?x16x16xf32>

func.func @rows(%q: !t, %k: !t, %v: !t, %g: !t, %s: !s) -> (!t, !s) {
  %o, %s1 = attn.scan %q, %k, %v transition diagonal initial_state(%s : !s) decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %x = tensor.extract %g[%b, %h, %t, %e] : !t
    %square = arith.mulf %x, %x : f32
    %decay = arith.negf %square : f32
    attn.yield %decay : f32
  } : !t, !t, !t -> !t final_state !s
  return %o, %s1 : !t, !s
}

// A table of the operands' type is extended; each row of queries and keys serves
// several heads of value.
!f16 = tensor<?x?x?x24xf16>
func.func @rows_f16(%q: !f16, %k: !f16, %v: !f16, %g: !f16) -> !f16 {
  %o = attn.scan %q, %k, %v transition diagonal decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %x = tensor.extract %g[%b, %h, %t, %e] : !f16
    %y = arith.extf %x : f16 to f32
    %a = math.absf %y : f32
    %decay = arith.negf %a : f32
    attn.yield %decay : f32
  } : !f16, !f16, !f16 -> !f16
  return %o : !f16
}

!bf16 = tensor<?x?x?x24xbf16>
func.func @rows_bf16(%q: !bf16, %k: !bf16, %v: !bf16, %g: !bf16) -> !bf16 {
  %o = attn.scan %q, %k, %v transition diagonal decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %x = tensor.extract %g[%b, %h, %t, %e] : !bf16
    %y = arith.extf %x : bf16 to f32
    %a = math.absf %y : f32
    %decay = arith.negf %a : f32
    attn.yield %decay : f32
  } : !bf16, !bf16, !bf16 -> !bf16
  return %o : !bf16
}

!q3 = tensor<?x?x?x3xf32>
!v5 = tensor<?x?x?x5xf32>
!s35 = tensor<?x?x3x5xf32>
func.func @odd_rows(%q: !q3, %k: !q3, %v: !v5, %g: !q3) -> (!v5, !s35) {
  %o, %s = attn.scan %q, %k, %v transition diagonal decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %x = tensor.extract %g[%b, %h, %t, %e] : !q3
    %a = math.absf %x : f32
    %decay = arith.negf %a : f32
    attn.yield %decay : f32
  } : !q3, !q3, !v5 -> !v5 final_state !s35
  return %o, %s : !v5, !s35
}

!z = tensor<?x?x16xf32>
func.func @normalized(%q: !t, %k: !t, %v: !t, %g: !t, %s: !s)
    -> (!t, !s, !z) {
  %o, %s1, %z1 = attn.scan %q, %k, %v transition diagonal normalize
    initial_state(%s : !s) decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %x = tensor.extract %g[%b, %h, %t, %e] : !t
    %a = math.absf %x : f32
    %decay = arith.negf %a : f32
    attn.yield %decay : f32
  } feature {
  ^bb0(%x: f32):
    %y = math.exp %x : f32
    attn.yield %y : f32
  } : !t, !t, !t -> !t final_state !s final_normalizer !z
  return %o, %s1, %z1 : !t, !s, !z
}

// The positions of a table may be in either order, or one of them.
!et = tensor<?x?x16x?xf32>
func.func @transposed_table(%q: !t, %k: !t, %v: !t, %g: !et,
                            %p: tensor<16xf32>, %r: tensor<?xf32>) -> !t {
  %o = attn.scan %q, %k, %v transition diagonal decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %x = tensor.extract %g[%b, %h, %e, %t] : !et
    %y = tensor.extract %p[%e] : tensor<16xf32>
    %w = tensor.extract %r[%t] : tensor<?xf32>
    %xy = arith.mulf %x, %y : f32
    %xyw = arith.mulf %xy, %w : f32
    %a = math.absf %xyw : f32
    %decay = arith.negf %a : f32
    attn.yield %decay : f32
  } : !t, !t, !t -> !t
  return %o : !t
}

// Neither does a decay need a position, nor positions a table.
func.func @constant_rates(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.scan %q, %k, %v transition diagonal decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %i = arith.index_cast %e : index to i32
    %f = arith.sitofp %i : i32 to f32
    %c = arith.constant -0.01 : f32
    %decay = arith.mulf %f, %c : f32
    attn.yield %decay : f32
  } write {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %x: f32):
    %i = arith.index_cast %t : index to i32
    %j = arith.index_cast %d : index to i32
    %m = arith.addi %i, %j : i32
    %f = arith.sitofp %m : i32 to f32
    %c = arith.constant 0.001 : f32
    %w = arith.mulf %f, %c : f32
    %y = arith.addf %x, %w : f32
    attn.yield %y : f32
  } : !t, !t, !t -> !t
  return %o : !t
}

!a = tensor<?x16x16xf32>
func.func @elements(%v: !t, %q: !t, %k: !t, %g: !t, %w: !a, %s: !s) -> (!t, !s) {
  %o, %s1 = attn.scan %q, %k, %v transition diagonal initial_state(%s : !s) decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index, %d: index):
    %x = tensor.extract %g[%b, %h, %t, %d] : !t
    %y = tensor.extract %w[%h, %d, %e] : !a
    %xy = arith.mulf %x, %y : f32
    %a = math.absf %xy : f32
    %decay = arith.negf %a : f32
    attn.yield %decay : f32
  } output {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %y: f32):
    %x = tensor.extract %g[%b, %h, %t, %d] : !t
    %z = arith.mulf %x, %y : f32
    attn.yield %z : f32
  } : !t, !t, !t -> !t final_state !s
  return %o, %s1 : !t, !s
}

!u = tensor<?x?x?x40xbf16>
!c = tensor<?x?x?x16xbf16>
func.func @elements_bf16(%v: !u, %q: !c, %k: !c, %g: !u, %w: tensor<16x40xf32>) -> !u {
  %o = attn.scan %q, %k, %v transition diagonal decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index, %d: index):
    %x = tensor.extract %g[%b, %h, %t, %d] : !u
    %x32 = arith.extf %x : bf16 to f32
    %y = tensor.extract %w[%e, %d] : tensor<16x40xf32>
    %xy = arith.mulf %x32, %y : f32
    %a = math.absf %xy : f32
    %decay = arith.negf %a : f32
    attn.yield %decay : f32
  } write {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %x: f32):
    %y = tensor.extract %g[%b, %h, %t, %d] : !u
    %y32 = arith.extf %y : bf16 to f32
    %z = arith.mulf %x, %y32 : f32
    attn.yield %z : f32
  } : !c, !c, !u -> !u
  return %o : !u
}

func.func @odd_elements(%q: !q3, %k: !q3, %v: !v5, %w: tensor<?x5x3xf32>)
    -> (!v5, !s35) {
  %o, %s = attn.scan %q, %k, %v transition diagonal decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index, %d: index):
    %x = tensor.extract %w[%h, %d, %e] : tensor<?x5x3xf32>
    %a = math.absf %x : f32
    %decay = arith.negf %a : f32
    attn.yield %decay : f32
  } : !q3, !q3, !v5 -> !v5 final_state !s35
  return %o, %s : !v5, !s35
}
