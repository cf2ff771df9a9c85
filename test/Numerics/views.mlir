// RUN: attnc run %s --entry=slices --random --seed 4 --check --repeat 3
// RUN: attnc run %s --entry=reshapes --random --seed 4 --check --repeat 3
// RUN: attnc run %s --entry=layers --random --seed 4 --check --repeat 3
//
// Slices and reshapes around sequence ops are views, of arguments with strides and of
// memory between ops, and what is written into one lands in its place.

!t = tensor<?x?x?x16xf32>
!half = tensor<?x?x?x8xf32>

// Query and key of one tensor; results next to each other in another.
func.func @slices(%qk: !t, %v: !half) -> !t {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %qk, %c0 : !t
  %h = tensor.dim %qk, %c1 : !t
  %n = tensor.dim %qk, %c2 : !t
  %q = tensor.extract_slice %qk[0, 0, 0, 0] [%b, %h, %n, 8] [1, 1, 1, 1] : !t to !half
  %k = tensor.extract_slice %qk[0, 0, 0, 8] [%b, %h, %n, 8] [1, 1, 1, 1] : !t to !half
  %x = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!half, !half, !half) -> !half
  %y = attn.scan %k, %q, %v transition identity : !half, !half, !half -> !half
  %empty = tensor.empty(%b, %h, %n) : !t
  %first = tensor.insert_slice %x into %empty[0, 0, 0, 0] [%b, %h, %n, 8] [1, 1, 1, 1]
    : !half into !t
  %both = tensor.insert_slice %y into %first[0, 0, 0, 8] [%b, %h, %n, 8] [1, 1, 1, 1]
    : !half into !t
  return %both : !t
}

// [batch, length, heads * dim], the order of a linear layer.
!rows = tensor<?x?x48xf32>
!split = tensor<?x?x3x16xf32>
!heads = tensor<?x3x?x16xf32>
func.func @reshapes(%x: !rows) -> !rows {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : !rows
  %n = tensor.dim %x, %c1 : !rows
  %split = tensor.expand_shape %x [[0], [1], [2, 3]] output_shape [%b, %n, 3, 16]
    : !rows into !split
  %empty = tensor.empty(%b, %n) : !heads
  %q = linalg.transpose ins(%split : !split) outs(%empty : !heads) permutation = [0, 2, 1, 3]
  %o = attn.attend %q, %q, %q mask(#attn.mask<causal>) : (!heads, !heads, !heads) -> !heads
  %back = tensor.empty(%b, %n) : !split
  %rows = linalg.transpose ins(%o : !heads) outs(%back : !split) permutation = [0, 2, 1, 3]
  %y = tensor.collapse_shape %rows [[0], [1], [2, 3]] : !split into !rows
  return %y : !rows
}

// Weights and states of all layers in one tensor each; a body for each layer.
!state = tensor<?x?x16x16xf32>
!states = tensor<2x?x?x16x16xf32>
func.func private @layer(%x: !t, %state: !state) -> (!t, !state) {
  %y, %next = attn.scan %x, %x, %x transition identity initial_state(%state : !state)
    feature {
  ^bb0(%e: f32):
    %small = arith.constant 0.1 : f32
    %f = arith.mulf %e, %small : f32
    attn.yield %f : f32
  } : !t, !t, !t -> !t final_state !state
  return %y, %next : !t, !state
}
func.func @layers(%x: !t, %states: !states) -> (!t, !states) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %states, %c1 : !states
  %h = tensor.dim %states, %c2 : !states
  %s0 = tensor.extract_slice %states[0, 0, 0, 0, 0] [1, %b, %h, 16, 16] [1, 1, 1, 1, 1]
    : !states to !state
  %s1 = tensor.extract_slice %states[1, 0, 0, 0, 0] [1, %b, %h, 16, 16] [1, 1, 1, 1, 1]
    : !states to !state
  %y, %t0 = call @layer(%x, %s0) : (!t, !state) -> (!t, !state)
  %z, %t1 = call @layer(%y, %s1) : (!t, !state) -> (!t, !state)
  %empty = tensor.empty(%b, %h) : !states
  %first = tensor.insert_slice %t0 into %empty[0, 0, 0, 0, 0] [1, %b, %h, 16, 16]
    [1, 1, 1, 1, 1] : !state into !states
  %both = tensor.insert_slice %t1 into %first[1, 0, 0, 0, 0] [1, %b, %h, 16, 16]
    [1, 1, 1, 1, 1] : !state into !states
  return %z, %both : !t, !states
}
