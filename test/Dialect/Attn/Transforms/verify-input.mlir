// RUN: attn-opt %s --attn-verify-input --split-input-file --verify-diagnostics

// Accepted: each dialect that a spec may use. Were one of them missing from the
// list, a spec with an epilogue would be refused.
!t = tensor<2x2x8x16xf32>
func.func @every_dialect(%q: !t, %n: tensor<1xf32>) -> !t {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = tensor.extract %n[%c0] : tensor<1xf32>
  %root = math.sqrt %first : f32
  %empty = tensor.empty() : !t
  %filled = linalg.fill ins(%root : f32) outs(%empty : !t) -> !t
  %sum = scf.for %i = %c0 to %c1 step %c1 iter_args(%x = %q) -> !t {
    %y = arith.addf %x, %filled : !t
    scf.yield %y : !t
  }
  %o = attn.attend %sum, %q, %q : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Accepted: only public functions are entry points, so a private one may take
// what it likes.
func.func private @scalars(%x: f32, %n: index) -> f32 {
  return %x : f32
}

// -----

// Accepted: the ranks at both ends of what a descriptor holds.
func.func @ranks(%a: tensor<i64>, %b: tensor<1x2x3x4x5x6x7x8xf32>)
    -> (tensor<1x2x3x4x5x6x7x8xf32>, tensor<i64>) {
  return %b, %a : tensor<1x2x3x4x5x6x7x8xf32>, tensor<i64>
}

// -----

// A declaration would only be missed when the kernel is linked.
// expected-error @below {{has no body; a spec defines every function it declares}}
func.func private @declared(tensor<4xf32>)

// -----

// A second block has no place in a body that becomes one kernel.
// expected-error @below {{has control flow between blocks; use scf ops}}
func.func @blocks(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
^unreachable:
  return %x : tensor<4xf32>
}

// -----

// The function is met before the branch in it, which is not reported as well.
// expected-error @below {{has control flow between blocks; use scf ops}}
func.func @branch(%x: tensor<4xf32>) -> tensor<4xf32> {
  cf.br ^next
^next:
  return %x : tensor<4xf32>
}

// -----

// The same of a private function, which is lowered like any other.
// expected-error @below {{has control flow between blocks; use scf ops}}
func.func private @private_blocks(%x: f32) -> f32 {
  return %x : f32
^unreachable:
  return %x : f32
}

// -----

// A caller passes tensors; a scalar has no descriptor.
// expected-error @below {{argument #1 is 'f32'; an entry point takes tensors of rank 0 to 8}}
func.func @scalar_argument(%x: tensor<4xf32>, %y: f32) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// -----

// expected-error @below {{argument #0 is 'tensor<1x1x1x1x1x1x1x1x1xf32>'; an entry point takes tensors of rank 0 to 8}}
func.func @rank_9(%x: tensor<1x1x1x1x1x1x1x1x1xf32>, %y: tensor<4xf32>)
    -> tensor<4xf32> {
  return %y : tensor<4xf32>
}

// -----

// expected-error @below {{argument #0 is 'tensor<*xf32>'; an entry point takes tensors of rank 0 to 8}}
func.func @unranked(%x: tensor<*xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  return %y : tensor<4xf32>
}

// -----

// expected-error @below {{argument #0 is 'memref<4xf32>'; an entry point takes tensors of rank 0 to 8}}
func.func @memory(%x: memref<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  return %y : tensor<4xf32>
}

// -----

// expected-error @below {{result #1 is 'index'; an entry point returns tensors of rank 0 to 8}}
func.func @scalar_result(%x: tensor<4xf32>) -> (tensor<4xf32>, index) {
  %c0 = arith.constant 0 : index
  return %x, %c0 : tensor<4xf32>, index
}

// -----

// An op of a lower level would be carried through the tiling unseen.
func.func @foreign_op(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'memref.alloc' op cannot occur in a spec; use ops of the dialects attn, arith, func, linalg, math, scf and tensor}}
  %m = memref.alloc() : memref<4xf32>
  return %x : tensor<4xf32>
}

// -----

// Also inside a region: the walk goes all the way down.
func.func @nested_foreign_op(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = tensor.generate {
  ^bb0(%i: index):
    // expected-error @below {{'vector.broadcast' op cannot occur in a spec}}
    %v = vector.broadcast %i : index to vector<4xindex>
    %z = arith.constant 0.0 : f32
    tensor.yield %z : f32
  } : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// Accepted: a cache of arguments, in the body of an entry point.
!kv = !attn.kv<2x8xf16>
!t = tensor<?x2x?x8xf32>
func.func @cache(%q: !t, %d: tensor<?x2x?x8xf16>) -> !t {
  %c = attn.cache %d : (tensor<?x2x?x8xf16>) -> !kv
  %o = attn.attend %q, %c, %c : (!t, !kv, !kv) -> !t
  return %o : !t
}

// -----

// Nobody would check the table and the lengths of these.
!kv = !attn.kv<2x8xf16>
func.func private @cache_of_a_private_function(%d: tensor<?x2x?x8xf16>) {
  // expected-error @below {{'attn.cache' op is not in the body of a public function, where its table and lengths are checked when it is called}}
  %c = attn.cache %d : (tensor<?x2x?x8xf16>) -> !kv
  return
}

// -----

!kv = !attn.kv<2x8xf16>
func.func @cache_in_a_loop(%d: tensor<?x2x?x8xf16>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %c1 step %c1 iter_args(%y = %x) -> tensor<4xf32> {
    // expected-error @below {{'attn.cache' op is not in the body of a public function}}
    %c = attn.cache %d : (tensor<?x2x?x8xf16>) -> !kv
    scf.yield %y : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// A cache is no tensor: a caller passes its buffers.
// expected-error @below {{argument #0 is '!attn.kv<2x8xf16>'; an entry point takes tensors of rank 0 to 8}}
func.func @cache_argument(%c: !attn.kv<2x8xf16>) {
  return
}
