// RUN: %roundtrip
// RUN: attn-opt %s | FileCheck %s

// Every clause absent.
// CHECK-LABEL: func @attend_bare
func.func @attend_bare(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>,
                       %v: tensor<2x2x8x8xf32>) -> tensor<2x4x8x8xf32> {
  // CHECK: attn.attend %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x2x8x8xf32>) -> tensor<2x4x8x8xf32>
  %o = attn.attend %q, %k, %v
    : (tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x2x8x8xf32>)
    -> tensor<2x4x8x8xf32>
  return %o : tensor<2x4x8x8xf32>
}

// Every clause present.
// CHECK-LABEL: func @attend_full
func.func @attend_full(
    %q: tensor<?x?x?x64xf16> {attn.name = "query"}, %k: tensor<?x?x?x64xf16>,
    %v: tensor<?x?x?x64xf16>, %slopes: tensor<?xf32>)
    -> (tensor<?x?x?x64xf16> {attn.name = "out"}, tensor<?x?x?xf32>) {
  // CHECK: attn.attend {{.*}} mask(#attn.mask<causal>) scale 1.250000e-01 score {
  // CHECK: ^bb0(%[[S:.*]]: f32, %{{.*}}: index, %[[H:.*]]: index, %{{.*}}: index, %{{.*}}: index):
  // CHECK: %[[SLOPE:.*]] = tensor.extract %{{.*}}[%[[H]]] : tensor<?xf32>
  // CHECK: attn.yield %{{.*}} : f32
  // CHECK: } {attn.decode = #attn.decode<most_queries = 16, rows = 32, heads = one, key_tile = 64, keys_per_split = 1024>, attn.schedule = #attn.schedule<query_tile = 192, key_tile = 128, lanes = 24, splits = 1>} : (
  // CHECK-SAME: -> (tensor<?x?x?x64xf16>, tensor<?x?x?xf32>)
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>) scale 0.125 score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %slope = tensor.extract %slopes[%h] : tensor<?xf32>
    %biased = arith.addf %s, %slope : f32
    attn.yield %biased : f32
  } {attn.schedule = #attn.schedule<query_tile = 192, key_tile = 128,
                                    lanes = 24, splits = 1>,
     attn.decode = #attn.decode<most_queries = 16, rows = 32, heads = one,
                                key_tile = 64, keys_per_split = 1024>}
    : (tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>)
    -> (tensor<?x?x?x64xf16>, tensor<?x?x?xf32>)
  return %o, %lse : tensor<?x?x?x64xf16>, tensor<?x?x?xf32>
}

// A plan for few positions beside the schedule.
// CHECK-LABEL: func @scan_recurrent
func.func @scan_recurrent(%q: tensor<?x?x?x8xf32>)
    -> (tensor<?x?x?x8xf32>, tensor<?x?x8x8xf32>) {
  // CHECK: attn.recurrent = #attn.recurrent<most_positions = 16, lanes = 8>
  %o, %s = attn.scan %q, %q, %q transition identity
    {attn.recurrent = #attn.recurrent<most_positions = 16, lanes = 8>}
    : tensor<?x?x?x8xf32>, tensor<?x?x?x8xf32>, tensor<?x?x?x8xf32>
    -> tensor<?x?x?x8xf32> final_state tensor<?x?x8x8xf32>
  return %o, %s : tensor<?x?x?x8xf32>, tensor<?x?x8x8xf32>
}

// Lengths of 0 are legal, and so are no heads at all.
// CHECK-LABEL: func @attend_empty
func.func @attend_empty(%q: tensor<0x0x0x16xbf16>, %k: tensor<0x0x5x16xbf16>)
    -> tensor<0x0x0x16xbf16> {
  // CHECK: attn.attend
  %o = attn.attend %q, %k, %k
    : (tensor<0x0x0x16xbf16>, tensor<0x0x5x16xbf16>, tensor<0x0x5x16xbf16>)
    -> tensor<0x0x0x16xbf16>
  return %o : tensor<0x0x0x16xbf16>
}

// CHECK-LABEL: func @scan_bare
func.func @scan_bare(%q: tensor<?x?x?x16xf32>, %v: tensor<?x?x?x8xf32>)
    -> tensor<?x?x?x8xf32> {
  // CHECK: attn.scan %{{.*}}, %{{.*}}, %{{.*}} transition identity : tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>, tensor<?x?x?x8xf32> -> tensor<?x?x?x8xf32>
  %o = attn.scan %q, %q, %v transition identity
    : tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>, tensor<?x?x?x8xf32>
    -> tensor<?x?x?x8xf32>
  return %o : tensor<?x?x?x8xf32>
}

// CHECK-LABEL: func @scan_full
func.func @scan_full(
    %q: tensor<?x?x?x16xf32>, %v: tensor<?x?x?x8xf32>,
    %s: tensor<?x?x16x8xf32>, %z: tensor<?x?x16xf32>,
    %log_decay: tensor<?x?x?xf32>)
    -> (tensor<?x?x?x8xf32>, tensor<?x?x16x8xf32>, tensor<?x?x16xf32>) {
  // CHECK: attn.scan {{.*}} transition scalar normalize initial_state(%{{.*}} : tensor<?x?x16x8xf32>) initial_normalizer(%{{.*}} : tensor<?x?x16xf32>) decay {
  // CHECK: ^bb0(%[[B:.*]]: index, %[[H:.*]]: index, %[[T:.*]]: index):
  // CHECK: tensor.extract %{{.*}}[%[[B]], %[[H]], %[[T]]]
  // CHECK: } feature {
  // CHECK: ^bb0(%[[X:.*]]: f32):
  // CHECK: math.exp %[[X]] : f32
  // CHECK: } {{.*}} -> tensor<?x?x?x8xf32> final_state tensor<?x?x16x8xf32> final_normalizer tensor<?x?x16xf32>
  %o, %s1, %z1 = attn.scan %q, %q, %v transition scalar normalize
    initial_state(%s : tensor<?x?x16x8xf32>)
    initial_normalizer(%z : tensor<?x?x16xf32>) decay {
  ^bb0(%b: index, %h: index, %t: index):
    %g = tensor.extract %log_decay[%b, %h, %t] : tensor<?x?x?xf32>
    attn.yield %g : f32
  } feature {
  ^bb0(%x: f32):
    %y = math.exp %x : f32
    attn.yield %y : f32
  } : tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>, tensor<?x?x?x8xf32>
    -> tensor<?x?x?x8xf32> final_state tensor<?x?x16x8xf32>
       final_normalizer tensor<?x?x16xf32>
  return %o, %s1, %z1
    : tensor<?x?x?x8xf32>, tensor<?x?x16x8xf32>, tensor<?x?x16xf32>
}

// What a region may hold: a constant index in bounds, an extent, integers on the
// way from a position to a float, a captured scalar.
// CHECK-LABEL: func @score_vocabulary
func.func @score_vocabulary(%q: tensor<2x4x8x16xf32>, %bias: tensor<2x3xf16>,
                            %captured: f32) -> tensor<2x4x8x16xf32> {
  // CHECK: tensor.extract
  // CHECK: tensor.dim
  %o = attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %c1 = arith.constant 1 : index
    %entry = tensor.extract %bias[%b, %c1] : tensor<2x3xf16>
    %wide = arith.extf %entry : f16 to f32
    %distance = arith.subi %i, %j : index
    %integer = arith.index_cast %distance : index to i64
    %float = arith.sitofp %integer : i64 to f32
    %n = tensor.dim %q, %c1 : tensor<2x4x8x16xf32>
    %near = arith.cmpi slt, %distance, %n : index
    %chosen = arith.select %near, %wide, %captured : f32
    %sum = arith.addf %float, %chosen : f32
    attn.yield %sum : f32
  } : (tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>)
    -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

// The target description of a module.
// CHECK-LABEL: module @target
// CHECK-SAME: attn.target = #attn.cpu<triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v3", features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768, l2_bytes = 524288>
module @target attributes {
  attn.target = #attn.cpu<triple = "x86_64-unknown-linux-gnu",
                          cpu = "x86-64-v3", features = "", vector_bytes = 32,
                          vector_registers = 16, l1_bytes = 32768,
                          l2_bytes = 524288>} {}

// CHECK-LABEL: func @where(
func.func @where(%q: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  // CHECK: attn.attend {{.*}} mask(#attn.mask<causal>) scale 5.000000e-01 where {
  // CHECK: ^bb0(%{{.*}}: index, %{{.*}}: index, %[[Q:.*]]: index, %[[K:.*]]: index):
  // CHECK:   %[[X:.*]] = arith.cmpi ne, %[[Q]], %[[K]] : index
  // CHECK:   attn.yield %[[X]] : i1
  // CHECK: } score {
  %o = attn.attend %q, %q, %q mask(#attn.mask<causal>) scale 0.5 where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %x = arith.cmpi ne, %i, %j : index
    attn.yield %x : i1
  } score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %t = math.tanh %s : f32
    attn.yield %t : f32
  } : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %o : tensor<?x?x?x64xf32>
}
