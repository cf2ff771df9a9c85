// RUN: attn-opt %s --canonicalize | FileCheck %s

!t = tensor<?x?x?x16xf32>
!r = tensor<?x?x?xf32>
!s = tensor<?x?x16x16xf32>
!z = tensor<?x?x16xf32>

// Else the kernel would take a logarithm per row for nobody. What was decided
// about the op stays with it, and so does its score region.
// CHECK-LABEL: func @unused_lse
func.func @unused_lse(%q: !t) -> !t {
  // CHECK: %[[O:.*]] = attn.attend {{.*}} mask(#attn.mask<causal>) scale 5.000000e-01 score
  // CHECK: math.tanh
  // CHECK: attn.schedule = #attn.schedule<query_tile = 8, key_tile = 8, lanes = 8, splits = 1>
  // CHECK-SAME: -> tensor<?x?x?x16xf32>
  // CHECK-NEXT: return %[[O]]
  %o, %lse = attn.attend %q, %q, %q mask(#attn.mask<causal>) scale 0.5 score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %r = math.tanh %s : f32
    attn.yield %r : f32
  } {attn.schedule = #attn.schedule<query_tile = 8, key_tile = 8, lanes = 8,
                                    splits = 1>} : (!t, !t, !t) -> (!t, !r)
  return %o : !t
}

// Without its lengths the op would see keys that no sequence has.
// CHECK-LABEL: func @unused_lse_of_sequences
func.func @unused_lse_of_sequences(%q: !t, %n: tensor<?xi32>, %m: tensor<?xi64>) -> !t {
  // CHECK: attn.attend {{.*}} lengths(%{{.*}}) query_lengths(%{{.*}}) : ({{.*}}, tensor<?xi32>, tensor<?xi64>) -> tensor<?x?x?x16xf32>
  %o, %lse = attn.attend %q, %q, %q lengths(%n) query_lengths(%m)
    : (!t, !t, !t, tensor<?xi32>, tensor<?xi64>) -> (!t, !r)
  return %o : !t
}

// A cache keeps nothing in memory, so nobody reads it for nothing.
// CHECK-LABEL: func @unused_cache
func.func @unused_cache(%d: tensor<?x2x?x8xf16>) {
  // CHECK-NEXT: return
  %c = attn.cache %d : (tensor<?x2x?x8xf16>) -> !attn.kv<2x8xf16>
  %r = attn.read %c : !attn.kv<2x8xf16> to tensor<?x2x?x8xf32>
  return
}

// CHECK-LABEL: func @used_lse
func.func @used_lse(%q: !t) -> (!t, !r) {
  // CHECK: attn.attend {{.*}} -> (tensor<?x?x?x16xf32>, tensor<?x?x?xf32>)
  %o, %lse = attn.attend %q, %q, %q : (!t, !t, !t) -> (!t, !r)
  return %o, %lse : !t, !r
}

// The second instruction is dead, so the region is the identity after all.
// CHECK-LABEL: func @identity_score
func.func @identity_score(%q: !t) -> !t {
  // CHECK-NOT: score
  %o = attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %r = math.tanh %s : f32
    attn.yield %s : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// A score that ignores the products is no identity.
// CHECK-LABEL: func @constant_score
func.func @constant_score(%q: !t) -> !t {
  // CHECK: score
  %o = attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %r = arith.constant 0.0 : f32
    attn.yield %r : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}

// CHECK-LABEL: func @unused_states
func.func @unused_states(%q: !t, %s: !s) -> !t {
  // CHECK: attn.scan {{.*}} transition identity normalize initial_state
  // CHECK-NOT: final
  // CHECK: return
  %o, %s1, %z1 = attn.scan %q, %q, %q transition identity normalize
    initial_state(%s : !s) : !t, !t, !t -> !t final_state !s final_normalizer !z
  return %o : !t
}

// Each result is dropped or kept for itself.
// CHECK-LABEL: func @unused_state
func.func @unused_state(%q: !t, %g: f32) -> (!t, !z) {
  // CHECK: %[[O:.*]], %[[Z:.*]] = attn.scan {{.*}} transition scalar normalize decay
  // CHECK: } feature
  // CHECK: } : {{.*}} -> tensor<?x?x?x16xf32> final_normalizer tensor<?x?x16xf32>
  // CHECK: return %[[O]], %[[Z]]
  %o, %s1, %z1 = attn.scan %q, %q, %q transition scalar normalize decay {
  ^bb0(%b: index, %h: index, %i: index):
    attn.yield %g : f32
  } feature {
  ^bb0(%x: f32):
    %y = math.exp %x : f32
    attn.yield %y : f32
  } : !t, !t, !t -> !t final_state !s final_normalizer !z
  return %o, %z1 : !t, !z
}

// CHECK-LABEL: func @unused_rows
func.func @unused_rows(%x: !t, %w: tensor<?x16x4xf32>) -> !t {
  // CHECK: attn.convolve {{.*}} output {
  // CHECK: } : tensor<?x?x?x16xf32>, tensor<?x16x4xf32> -> tensor<?x?x?x16xf32>{{$}}
  %y, %s = attn.convolve %x, %w output {
  ^bb0(%b: index, %h: index, %t: index, %d: index, %z: f32):
    %a = math.tanh %z : f32
    attn.yield %a : f32
  } : !t, tensor<?x16x4xf32> -> !t final_state tensor<?x?x3x16xf32>
  return %y : !t
}

// CHECK-LABEL: func @unused_numbers
func.func @unused_numbers(%x: !t, %a: tensor<?x2x4x16xf32>, %dt: tensor<?x16xf32>) -> !t {
  // CHECK: attn.state_space {{.*}} step({{.*}}) discretization zoh : tensor<?x?x?x16xf32>, tensor<?x2x4x16xf32> -> tensor<?x?x?x16xf32>{{$}}
  %y, %s = attn.state_space %x, %a, %a, %a step(%dt : tensor<?x16xf32>)
    discretization zoh
    : !t, tensor<?x2x4x16xf32> -> !t final_state tensor<?x?x2x4x16xf32>
  return %y : !t
}

// CHECK-LABEL: func @identity_feature
func.func @identity_feature(%q: !t) -> !t {
  // CHECK-NOT: feature
  %o = attn.scan %q, %q, %q transition identity feature {
  ^bb0(%x: f32):
    attn.yield %x : f32
  } : !t, !t, !t -> !t
  return %o : !t
}

// No side effect: an op without readers goes.
// CHECK-LABEL: func @dead
func.func @dead(%q: !t) {
  // CHECK-NEXT: return
  %o = attn.attend %q, %q, %q : (!t, !t, !t) -> !t
  %p = attn.scan %q, %q, %q transition identity : !t, !t, !t -> !t
  return
}
