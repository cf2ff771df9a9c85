// RUN: attn-opt %s --convert-attn-to-tile --canonicalize --cse --split-input-file | FileCheck %s

// Queries, keys and values are tiles of bf16, as they are in memory: a scaled
// query would not be the number that was given. The scale is applied where a score
// becomes an exponent, in the instruction that subtracts the base; the carry's
// base is scaled. Weights are rounded for the second product and summed before.
// CHECK-LABEL: func @causal(
// CHECK:         %[[QT:.*]] = tile.load {{.*}} to tensor<48x64xbf16>
// CHECK-NOT:     arith.mulf
// CHECK:         tile.fold
// CHECK:         step {
// CHECK-NEXT:      ^bb0(%{{.*}}: index, %[[N:.*]]: index, %[[M0:.*]]: tensor<48xf32>,
// CHECK:           %[[KT:.*]] = tile.load {{.*}} to tensor<32x64xbf16>
// CHECK:           %[[S:.*]] = tile.contract %[[QT]] axis 1, %[[KT]] axis 1 into %{{.*}} : tensor<48x64xbf16>, tensor<32x64xbf16> -> tensor<48x32xf32>
// CHECK:           %[[G:.*]] = tile.guard %{{.*}}, %[[S]] else
// CHECK:           %[[TOP:.*]] = tile.reduce max %[[G]] axis 1
// CHECK:           %[[HIGHEST:.*]] = arith.mulf %[[TOP]], %[[ROW_SCALE:.*]] : tensor<48xf32>
// CHECK:           arith.cmpf ogt, %[[HIGHEST]],
// CHECK:           %[[RAISED:.*]]:3 = scf.if
// CHECK:           } else {
// CHECK:           %[[BASE:.*]] = arith.select %{{.*}}, %{{.*}}, %[[RAISED]]#0
// CHECK:           %[[MINUS:.*]] = arith.negf %[[BASE]]
// CHECK:           %[[SHIFT:.*]] = tile.broadcast %[[MINUS]] axis 0
// CHECK:           %[[X:.*]] = math.fma %[[G]], %{{.*}}, %[[SHIFT]]
// CHECK:           %[[P:.*]] = math.exp2 %[[X]]
// CHECK:           tile.reduce add %[[P]] axis 1
// CHECK:           %[[VT:.*]] = tile.load {{.*}} to tensor<32x64xbf16>
// CHECK:           %[[PB:.*]] = arith.truncf %[[P]] : tensor<48x32xf32> to tensor<48x32xbf16>
// CHECK:           tile.contract %[[PB]] axis 1, %[[VT]] axis 0 into %{{.*}} : tensor<48x32xbf16>, tensor<32x64xbf16> -> tensor<48x64xf32>
!t = tensor<?x?x?x64xbf16>
func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 32, lanes = 24,
                                    splits = 1, products = bf16>}
    : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// A region sees the natural score, scaled at once. The change to base two is left
// for the exponent.
// CHECK-LABEL: func @score_region(
// CHECK:         %[[S:.*]] = tile.contract
// CHECK:         %[[SCALED:.*]] = arith.mulf %[[S]], %{{.*}} : tensor<48x32xf32>
// CHECK:         %[[SUM:.*]] = arith.addf %[[SCALED]],
// CHECK-NOT:     arith.mulf {{.*}} : tensor<48x32xf32>
// CHECK:         tile.reduce max %[[SUM]]
// CHECK:         math.fma %[[SUM]],
!t = tensor<?x?x?x64xbf16>
func.func @score_region(%q: !t) -> !t {
  %one = arith.constant 1.0 : f32
  %o = attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %y = arith.addf %s, %one : f32
    attn.yield %y : f32
  } {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 32, lanes = 24,
                                    splits = 1, products = bf16>}
    : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// The largest score is not the largest exponent where the scale is negative, and
// minus infinity of a mask times 0 is no number: both are scaled in front of it.
// CHECK-LABEL: func @negative_scale(
// CHECK:         %[[S:.*]] = tile.contract
// CHECK:         %[[SCALED:.*]] = arith.mulf %[[S]], %{{.*}} : tensor<48x32xf32>
// CHECK:         %[[G:.*]] = tile.guard %{{.*}}, %[[SCALED]] else
// CHECK:         tile.reduce max %[[G]]
// CHECK:         arith.subf %[[G]],
// CHECK-NOT:     math.fma
// CHECK-LABEL: func @scale_0(
// CHECK:         %[[S:.*]] = tile.contract
// CHECK:         arith.mulf %[[S]], %{{.*}} : tensor<48x32xf32>
// CHECK-NOT:     math.fma
!t = tensor<?x?x?x64xbf16>
#plan = #attn.schedule<query_tile = 48, key_tile = 32, lanes = 24, splits = 1, products = bf16>
func.func @negative_scale(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<causal>) scale -0.25
    {attn.schedule = #plan} : (!t, !t, !t) -> !t
  return %o : !t
}
func.func @scale_0(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<causal>) scale 0.0
    {attn.schedule = #plan} : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Few queries are worked on as they were: their kernel widens what it reads.
// CHECK-LABEL: func @few_queries(
// CHECK:         tile.load {{.*}} to tensor<8x64xf32>
// CHECK-NOT:     xbf16> to tensor<{{.*}}xbf16>
!t = tensor<?x?x?x64xbf16>
func.func @few_queries(%q: tensor<?x?x1x64xbf16>, %k: !t) -> tensor<?x?x1x64xbf16> {
  %o = attn.attend %q, %k, %k
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 32, lanes = 24,
                                    splits = 1, products = bf16>,
     attn.decode = #attn.decode<most_queries = 4, rows = 8, heads = group,
                                key_tile = 16, keys_per_split = 1024>}
    : (tensor<?x?x1x64xbf16>, !t, !t) -> tensor<?x?x1x64xbf16>
  return %o : tensor<?x?x1x64xbf16>
}
