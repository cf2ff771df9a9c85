// RUN: attn-opt %s --attn-inline-calls --split-input-file --verify-diagnostics | FileCheck %s

!t = tensor<?xf32>

// What is called is there twice, and not as a function any more. Results that are
// arguments of the callee are the caller's values.
// CHECK-LABEL: func.func @twice(
// CHECK-SAME:    %[[X:.*]]: tensor<?xf32>, %[[Y:.*]]: tensor<?xf32>)
// CHECK-NEXT:    %[[A:.*]] = arith.addf %[[X]], %[[Y]]
// CHECK-NEXT:    %[[B:.*]] = arith.addf %[[A]], %[[X]]
// CHECK-NEXT:    return %[[B]], %[[X]]
// CHECK-NOT:   func.func
func.func private @add(%x: !t, %y: !t) -> (!t, !t) {
  %z = arith.addf %x, %y : !t
  return %z, %y : !t, !t
}
func.func @twice(%x: !t, %y: !t) -> (!t, !t) {
  %a, %same = call @add(%x, %y) : (!t, !t) -> (!t, !t)
  %b, %first = call @add(%a, %x) : (!t, !t) -> (!t, !t)
  return %b, %first : !t, !t
}

// -----

// Callees call as well, whichever comes first in the file; a public one stays, and so
// does a private one that nobody calls. Calls in regions are calls too.
// CHECK-LABEL: func.func @outer(
// CHECK:         linalg.generic
// CHECK:           arith.negf
// CHECK-NOT:     call
// CHECK-LABEL: func.func @negate(
// CHECK:         linalg.generic
// CHECK-NOT:     call
// CHECK-NOT:   @scalar
// CHECK:       func.func private @alone
func.func @outer(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = call @negate(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
func.func @negate(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]} outs(%x : tensor<4xf32>) {
  ^bb0(%e: f32):
    %minus = func.call @scalar(%e) : (f32) -> f32
    linalg.yield %minus : f32
  } -> tensor<4xf32>
  return %y : tensor<4xf32>
}
func.func private @scalar(%x: f32) -> f32 {
  %y = arith.negf %x : f32
  return %y : f32
}
func.func private @alone(%x: f32) -> f32 {
  return %x : f32
}

// -----

// A cache is made in the body that is called, of the caller's arguments.
// CHECK-LABEL: func.func @cached(
// CHECK-NEXT:    attn.cache
// CHECK-NEXT:    attn.attend
!q = tensor<?x2x?x8xf32>
!kv = !attn.kv<2x8xf32>
func.func private @attend(%q: !q, %keys: !q) -> !q {
  %k = attn.cache %keys : (!q) -> !kv
  %o = attn.attend %q, %k, %k : (!q, !kv, !kv) -> !q
  return %o : !q
}
func.func @cached(%q: !q, %keys: !q) -> !q {
  %o = call @attend(%q, %keys) : (!q, !q) -> !q
  return %o : !q
}

// -----

// A declaration and a body of several blocks stay: attn-verify-input tells what they are.
// CHECK-LABEL: func.func @left(
// CHECK-NEXT:    call @declared
// CHECK-NEXT:    call @blocks
func.func private @declared(f32)
func.func private @blocks(%x: f32) {
  cf.br ^end
^end:
  return
}
func.func @left(%x: f32) {
  call @declared(%x) : (f32) -> ()
  call @blocks(%x) : (f32) -> ()
  return
}

// -----

func.func @itself(%x: f32) -> f32 {
  // expected-error @below {{'itself' calls itself, here or through others; a call is replaced by the body it calls, so that calls have to end}}
  %y = call @itself(%x) : (f32) -> f32
  return %y : f32
}

// -----

func.func @ping(%x: f32) -> f32 {
  %y = call @pong(%x) : (f32) -> f32
  return %y : f32
}
func.func private @pong(%x: f32) -> f32 {
  // expected-error @below {{'ping' calls itself, here or through others}}
  %y = call @ping(%x) : (f32) -> f32
  return %y : f32
}
