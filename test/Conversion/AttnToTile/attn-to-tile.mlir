// RUN: attn-opt %s --convert-attn-to-tile --canonicalize --cse --split-input-file | FileCheck %s

// A fold has three regions of information: the init, the key ranges and the step.
// Of a causal mask the ranges are a closed form: keys 0 to first are allowed for
// every row, keys up to first + count - 1 for some. Without it every key would be
// visited, and every step would test the mask.
// CHECK-LABEL: func @causal(
// CHECK-SAME:    %[[Q:[a-z0-9]+]]: tensor<?x?x?x16xf32>, %[[K:[a-z0-9]+]]:
// CHECK:         %[[OUT:.*]] = tensor.empty
// CHECK:         %[[R:.*]] = tile.kernel grid(%{{.*}}, %{{.*}}, %{{.*}}) ins(%[[Q]], %[[K]], {{.*}}) outs(%[[OUT]] :
// CHECK-NEXT:    ^bb0(%[[B:[a-z0-9]+]]: index, %[[H:[a-z0-9]+]]: index, %[[T:[a-z0-9]+]]: index, %[[QM:[a-z0-9]+]]: memref<{{[^>]*>}}>, %[[KM:[a-z0-9]+]]: memref<{{[^>]*>}}>, %[[VM:[a-z0-9]+]]:
// CHECK:           %[[GROUP:.*]] = arith.divui
// CHECK:           %[[KH:.*]] = arith.divui %[[H]], %[[GROUP]]
// CHECK:           %[[QT:.*]] = tile.load %[[QM]][%[[B]], %[[H]], %{{.*}}, %{{.*}}] {{.*}} to tensor<48x16xf32>
// CHECK:           %[[SCALED:.*]] = arith.mulf %[[QT]], %{{.*}} : tensor<48x16xf32>
// CHECK:           %[[CARRY:.*]]:3 = tile.fold rows(%[[FIRST:.*]], %{{.*}}) keys 64 lanes 24 axes [0, 0, 0] rows_follow_axis init({{.*}} : tensor<48xf32>, tensor<48xf32>, tensor<48x16xf32>) ranges {
// CHECK-NEXT:      ^bb0(%[[F:.*]]: index, %[[C:.*]]: index):
// CHECK:             %[[LAST:.*]] = arith.addi %[[F]], %[[C]]
// CHECK:             arith.minsi %{{.*}}, %[[LAST]]
// CHECK:             %[[END:.*]] = arith.maxsi
// CHECK:             %[[NEXT:.*]] = arith.addi %[[F]], %{{.*}}
// CHECK:             arith.minsi %[[END]], %[[NEXT]]
// CHECK:             %[[FULL:.*]] = arith.maxsi
// CHECK-NEXT:        tile.visit %[[ZERO:.*]], %[[ZERO]], %[[FULL]], %[[END]]
// CHECK-NEXT:        tile.yield{{$}}
// CHECK-NEXT:      } step {
// CHECK-NEXT:      ^bb0(%[[J:.*]]: index, %[[N:.*]]: index, %[[M0:.*]]: tensor<48xf32>, %[[L0:.*]]: tensor<48xf32>, %[[O0:.*]]: tensor<48x16xf32>):
// CHECK:             %[[KT:.*]] = tile.load %[[KM]][%[[B]], %[[KH]], %[[J]], %{{.*}}] extent(%[[N]],
// CHECK:             %[[S:.*]] = tile.contract %[[SCALED]] axis 1, %[[KT]] axis 1
// CHECK:             %[[POSITIONS:.*]] = tile.iota %[[FIRST]]
// CHECK:             %[[KEYS:.*]] = tile.iota %[[J]]
// CHECK:             %[[ALLOWED:.*]] = arith.cmpi sle
// CHECK:             %[[G:.*]] = tile.guard %[[ALLOWED]], %[[S]] else
// CHECK:             %[[TOP:.*]] = tile.reduce max %[[G]] axis 1 extent(%[[N]])
// CHECK:             %[[ABOVE:.*]] = arith.cmpf ogt, %[[TOP]],
// CHECK:             %[[NEED:.*]] = tile.any %[[ABOVE]]
// CHECK:             %[[I:.*]]:3 = scf.if %[[NEED]]
// CHECK:             } else {
// CHECK-NEXT:          scf.yield %[[M0]], %[[L0]], %[[O0]]
// CHECK:             %[[P:.*]] = math.exp2
// CHECK:             %[[SUM:.*]] = tile.reduce add %[[P]] axis 1 extent(%[[N]])
// CHECK:             %[[L:.*]] = arith.addf %[[I]]#1, %[[SUM]]
// CHECK:             %[[VT:.*]] = tile.load %[[VM]][%[[B]], %[[KH]], %[[J]],
// CHECK:             %[[O:.*]] = tile.contract %[[P]] axis 1, %[[VT]] axis 0 into %[[I]]#2 extent(%[[N]])
// CHECK:             tile.yield %[[I]]#0, %[[L]], %[[O]]
// CHECK-NOT:       tile.fold
// CHECK:           tile.store
// CHECK-NOT:       tile.store
// CHECK:         return %[[R]]
// CHECK-NOT:     attn.
!t = tensor<?x?x?x16xf32>
func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>} : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Without a mask: one full range, no guard and no positions. A guard that always
// holds would be tested on every element.
// CHECK-LABEL: func @no_mask(
// CHECK:         %[[KEYS:.*]] = memref.dim
// CHECK:         tile.fold
// CHECK-NEXT:    ^bb0(
// CHECK-NEXT:      tile.visit %[[ZERO:.*]], %[[ZERO]], %[[N:.*]], %[[N]]
// CHECK-NEXT:      tile.yield{{$}}
// CHECK-NOT:     tile.guard
// CHECK-NOT:     tile.iota
// CHECK:         return
!t = tensor<?x?x?x16xf32>
func.func @no_mask(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>} : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// A mask of two pieces visits two ranges.
// CHECK-LABEL: func @two_pieces(
// CHECK:         tile.fold
// CHECK:         tile.visit %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}
// CHECK-NEXT:    tile.visit %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}
// CHECK-NEXT:    tile.yield{{$}}
// CHECK-NEXT:    } step {
// CHECK:         tile.guard
!t = tensor<?x?x?x16xf32>
func.func @two_pieces(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<window<8, 0> or "k < 4">)
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>} : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Two splits are two folds over halves of the keys, merged: the larger maximum,
// and sums and outputs relative to it. Were the maxima not merged, the half with
// the smaller one would weigh too much.
// CHECK-LABEL: func @two_splits(
// CHECK:         %[[PART:.*]] = arith.ceildivui
// CHECK:         %[[A:.*]]:3 = tile.fold
// CHECK:         %[[B:.*]]:3 = tile.fold
// CHECK-NOT:     tile.fold
// CHECK:         %[[IS:.*]] = arith.cmpf ogt, %[[A]]#0, %[[B]]#0
// CHECK:         %[[M:.*]] = arith.select %[[IS]], %[[A]]#0, %[[B]]#0
// CHECK:         %[[NONE:.*]] = arith.cmpf oeq, %[[M]],
// CHECK:         %[[BASE:.*]] = arith.select %[[NONE]], %{{.*}}, %[[M]]
// CHECK:         %[[DA:.*]] = arith.subf %[[A]]#0, %[[BASE]]
// CHECK:         %[[FA:.*]] = math.exp2 %[[DA]]
// CHECK:         %[[DB:.*]] = arith.subf %[[B]]#0, %[[BASE]]
// CHECK:         %[[FB:.*]] = math.exp2 %[[DB]]
// CHECK-DAG:     arith.mulf %[[A]]#1, %[[FA]]
// CHECK-DAG:     arith.mulf %[[B]]#1, %[[FB]]
// CHECK-DAG:     arith.mulf %[[A]]#2,
// CHECK-DAG:     arith.mulf %[[B]]#2,
// CHECK:         tile.store
!t = tensor<?x?x?x16xf32>
func.func @two_splits(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 2>} : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// The score region becomes the same ops on tiles; what depends on no position
// stays scalar. It sees natural scores, so the change to base two comes after it.
// CHECK-LABEL: func @score_region(
// CHECK:         tile.kernel {{.*}} ins(%{{.*}}, %{{.*}}, %{{.*}}, %[[TABLE:.*]] :
// CHECK:         step {
// CHECK:           %[[S:.*]] = tile.contract
// CHECK:           %[[SLOPE:.*]] = memref.load %{{.*}}[%{{.*}}] : memref<?xf32,
// CHECK:           %[[D:.*]] = arith.subi {{.*}} : tensor<48x64xindex>
// CHECK:           %[[I:.*]] = arith.index_cast %[[D]] : tensor<48x64xindex> to tensor<48x64xi32>
// CHECK:           %[[F:.*]] = arith.sitofp %[[I]] : tensor<48x64xi32> to tensor<48x64xf32>
// CHECK:           %[[SPLAT:.*]] = tensor.splat %[[SLOPE]] : tensor<48x64xf32>
// CHECK:           %[[BIAS:.*]] = arith.mulf %[[SPLAT]], %[[F]]
// CHECK:           %[[SUM:.*]] = arith.addf %[[S]], %[[BIAS]]
// CHECK:           %[[BASE2:.*]] = arith.mulf %[[SUM]], %{{.*}}
// CHECK:           tile.reduce max %[[BASE2]]
// CHECK-NOT:     tile.guard
!t = tensor<?x?x?x16xf32>
func.func @score_region(%q: !t, %slopes: tensor<?xf32>) -> !t {
  %o = attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %slope = tensor.extract %slopes[%h] : tensor<?xf32>
    %d = arith.subi %j, %i : index
    %n = arith.index_cast %d : index to i32
    %f = arith.sitofp %n : i32 to f32
    %bias = arith.mulf %slope, %f : f32
    %y = arith.addf %s, %bias : f32
    attn.yield %y : f32
  } {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>} : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Log-sum-exp is a second output, in natural logarithms and -inf for a row that
// saw no key.
// CHECK-LABEL: func @lse(
// CHECK:         tile.kernel {{.*}} outs(%{{.*}}, %{{.*}} : tensor<?x?x?x16xf16>, tensor<?x?x?xf32>) -> tensor<?x?x?x16xf16>, tensor<?x?x?xf32>
// CHECK:         %[[CARRY:.*]]:3 = tile.fold
// CHECK:         %[[EMPTY:.*]] = arith.cmpf olt, %[[CARRY]]#1,
// CHECK:         arith.mulf %[[CARRY]]#0,
// CHECK:         math.log %[[CARRY]]#1
// CHECK:         %[[LSE:.*]] = arith.select %[[EMPTY]],
// CHECK:         tile.store %[[LSE]], {{.*}} : tensor<48xf32> to memref
// CHECK:         tile.store {{.*}} : tensor<48x16xf32> to memref<?x?x?x16xf16
!t = tensor<?x?x?x16xf16>
func.func @lse(%q: !t) -> (!t, tensor<?x?x?xf32>) {
  %o, %l = attn.attend %q, %q, %q
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>}
    : (!t, !t, !t) -> (!t, tensor<?x?x?xf32>)
  return %o, %l : !t, tensor<?x?x?xf32>
}

// -----

// Unchanged: upstream ops beside it.
// CHECK-LABEL: func @upstream(
// CHECK-NEXT:    %[[S:.*]] = arith.addf %{{.*}}, %{{.*}} : tensor<4xf32>
// CHECK-NEXT:    return %[[S]]
func.func @upstream(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = arith.addf %x, %x : tensor<4xf32>
  return %s : tensor<4xf32>
}
