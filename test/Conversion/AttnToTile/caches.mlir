// RUN: attn-opt %s --attn-read-caches --convert-attn-to-tile --canonicalize --cse --split-input-file | FileCheck %s
//
// Tiles that come from caches: where their rows are, and where factors go.

// A contiguous cache is a tensor with lengths: no tile is gathered.
// CHECK-LABEL: func @contiguous(
// CHECK:         tile.kernel
// CHECK-NEXT:    ^bb0(%[[B:[a-z0-9]+]]: index, %[[H:[a-z0-9]+]]: index,
// CHECK-DAG:       %[[G:.*]] = arith.divui %[[H]], %{{.*}} : index
// CHECK-DAG:       memref.load %{{.*}}[%[[B]]] : memref<?xi32
// CHECK:           tile.fold
// CHECK:             tile.visit
// CHECK:           step {
// CHECK-NEXT:      ^bb0(%[[KEY:[a-z0-9]+]]: index, %[[KEYS:[a-z0-9]+]]: index,
// CHECK-NOT:         gather
// CHECK:             tile.load %{{.*}}[%[[B]], %[[G]], %[[KEY]], %{{.*}}] extent(%[[KEYS]], %{{.*}}) : memref<?x2x?x16xf16, {{.*}}> to tensor<64x16xf32>
// CHECK-NOT:         gather
// CHECK:             tile.load %{{.*}}[%[[B]], %[[G]], %[[KEY]], %{{.*}}] extent(%[[KEYS]], %{{.*}}) : memref<?x2x?x16xf16, {{.*}}> to tensor<64x16xf32>
// CHECK:             tile.yield
!kv = !attn.kv<2x16xf16>
!d = tensor<?x2x?x16xf16>
!q = tensor<?x4x?x16xf32>
func.func @contiguous(%q: !q, %k: !d, %v: !d, %n: tensor<?xi32>) -> !q {
  %kc = attn.cache %k lengths(%n) : (!d, tensor<?xi32>) -> !kv
  %vc = attn.cache %v lengths(%n) : (!d, tensor<?xi32>) -> !kv
  %o = attn.attend %q, %kc, %vc
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>}
    : (!q, !kv, !kv) -> !q
  return %o : !q
}

// -----

// The page of a position is looked up in the table, its slot is what is left. What
// is behind the last key is the last key again, so that no page is asked for that
// the table does not have. The scale of a token multiplies its score, and that of a
// value its weight, behind the sum of weights: a tile of scaled numbers is nowhere.
// CHECK-LABEL: func @paged(
// CHECK:         tile.kernel
// CHECK-NEXT:    ^bb0(%[[B:[a-z0-9]+]]: index, %[[H:[a-z0-9]+]]: index,
// CHECK-DAG:       %[[SIZE:.*]] = arith.constant dense<4> : tensor<64xindex>
// CHECK-DAG:       %[[ONE:.*]] = arith.constant 1 : index
// CHECK:           %[[G:.*]] = arith.divui %[[H]], %{{.*}} : index
// CHECK:           step {
// CHECK-NEXT:      ^bb0(%[[KEY:[a-z0-9]+]]: index, %[[KEYS:[a-z0-9]+]]: index,
// CHECK:             %[[LAST:.*]] = arith.subi %{{.*}}, %[[ONE]] : index
// CHECK-DAG:         %[[IOTA:.*]] = tile.iota %[[KEY]] : tensor<64xindex>
// CHECK-DAG:         %[[ENDS:.*]] = tensor.splat %[[LAST]] : tensor<64xindex>
// CHECK:             %[[P:.*]] = arith.minsi %[[IOTA]], %[[ENDS]] : tensor<64xindex>
// CHECK-DAG:         %[[SLOT:.*]] = arith.remui %[[P]], %[[SIZE]] : tensor<64xindex>
// CHECK-DAG:         %[[BLOCK:.*]] = arith.divui %[[P]], %[[SIZE]] : tensor<64xindex>
// CHECK:             %[[PAGE:.*]] = tile.gather %{{.*}}[%[[B]]] at %[[BLOCK]] : memref<?x?xi32, {{.*}}>, tensor<64xindex>
// CHECK:             %[[K:.*]] = tile.load %{{.*}}[%[[C0:.*]], %[[C0]], %[[G]], %[[C0]]] gather(%[[PAGE]], %[[SLOT]] : tensor<64xindex>, tensor<64xindex>) axes [0, 1] extent(%[[KEYS]], %{{.*}}) as i8 : memref<?x4x2x16xi8, {{.*}}> to tensor<64x16xf32>
// CHECK-NEXT:        %[[PRODUCT:.*]] = tile.contract %{{.*}} axis 1, %[[K]] axis 1
// CHECK:             %[[KS:.*]] = tile.load %{{.*}}[%[[C0]], %[[C0]], %[[G]]] gather(%[[PAGE]], %[[SLOT]] : {{.*}}) axes [0, 1] extent(%[[KEYS]]) : memref<?x4x2xf32, {{.*}}> to tensor<64xf32>
// CHECK-NEXT:        %[[KSB:.*]] = tile.broadcast %[[KS]] axis 1 : tensor<64xf32> to tensor<48x64xf32>
// CHECK-NEXT:        %[[SCORES:.*]] = arith.mulf %[[PRODUCT]], %[[KSB]] : tensor<48x64xf32>
// CHECK:             tile.reduce max %[[SCORES]]
// CHECK:             %[[W:.*]] = math.exp2 %{{.*}} : tensor<48x64xf32>
// CHECK-NEXT:        tile.reduce add %[[W]]
// CHECK:             %[[VS:.*]] = tile.load %{{.*}}[%[[C0]], %[[C0]], %[[G]]] gather(
// CHECK-NEXT:        %[[VSB:.*]] = tile.broadcast %[[VS]] axis 1
// CHECK-NEXT:        %[[WEIGHTS:.*]] = arith.mulf %[[W]], %[[VSB]] : tensor<48x64xf32>
// CHECK-NEXT:        %[[V:.*]] = tile.load {{.*}} as i8 : {{.*}} to tensor<64x16xf32>
// CHECK-NEXT:        tile.contract %[[WEIGHTS]] axis 1, %[[V]] axis 0
!kv = !attn.kv<2x16xi8, paged<4>, scale<token>>
!d = tensor<?x4x2x16xi8>
!s = tensor<?x4x2xf32>
!q = tensor<?x4x?x16xf32>
func.func @paged(%q: !q, %k: !d, %ks: !s, %v: !d, %vs: !s, %t: tensor<?x?xi32>,
                 %n: tensor<?xi32>) -> !q {
  %kc = attn.cache %k table(%t) lengths(%n) scales(%ks)
    : (!d, tensor<?x?xi32>, tensor<?xi32>, !s) -> !kv
  %vc = attn.cache %v table(%t) lengths(%n) scales(%vs)
    : (!d, tensor<?x?xi32>, tensor<?xi32>, !s) -> !kv
  %o = attn.attend %q, %kc, %vc
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>}
    : (!q, !kv, !kv) -> !q
  return %o : !q
}

// -----

// In the other order of axes heads are in front of slots.
// CHECK-LABEL: func @paged_hnd(
// CHECK:         %[[G:.*]] = arith.divui
// CHECK:         %[[SLOT:.*]] = arith.remui
// CHECK:         %[[PAGE:.*]] = tile.gather
// CHECK:         tile.load %{{.*}}[%[[C0:.*]], %[[G]], %[[C0]], %[[C0]]] gather(%[[PAGE]], %[[SLOT]] : {{.*}}) axes [0, 2] {{.*}} : memref<?x2x4x16xf16,
!kv = !attn.kv<2x16xf16, paged<4, hnd>>
!d = tensor<?x2x4x16xf16>
!q = tensor<?x4x?x16xf32>
func.func @paged_hnd(%q: !q, %k: !d, %t: tensor<?x?xi32>, %n: tensor<?xi32>) -> !q {
  %c = attn.cache %k table(%t) lengths(%n)
    : (!d, tensor<?x?xi32>, tensor<?xi32>) -> !kv
  %o = attn.attend %q, %c, %c
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>}
    : (!q, !kv, !kv) -> !q
  return %o : !q
}

// -----

// Row 0 of a ring is the oldest position that it holds: as many tokens as have
// passed but for its slots. There is no table.
// CHECK-LABEL: func @rolling(
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant 0 : index
// CHECK:         tile.kernel
// CHECK-NEXT:    ^bb0(%[[B:[a-z0-9]+]]: index,
// CHECK-DAG:       %[[SLOTS:.*]] = arith.constant 96 : index
// CHECK-DAG:       %[[SIZE:.*]] = arith.constant dense<96> : tensor<64xindex>
// CHECK:           %[[READ:.*]] = memref.load %{{.*}}[%[[B]]] : memref<?xi64
// CHECK:           arith.subi %{{.*}}, %[[SLOTS]] : index
// CHECK-NEXT:      %[[BASE:.*]] = arith.maxsi %{{.*}}, %[[ZERO]] : index
// CHECK:           step {
// CHECK-NOT:         tile.gather
// CHECK:             %[[ROW:.*]] = arith.minsi %{{.*}} : tensor<64xindex>
// CHECK:             %[[BASES:.*]] = tensor.splat %[[BASE]] : tensor<64xindex>
// CHECK:             %[[P:.*]] = arith.addi %[[ROW]], %[[BASES]] : tensor<64xindex>
// CHECK:             %[[SLOT:.*]] = arith.remui %[[P]], %[[SIZE]] : tensor<64xindex>
// CHECK:             tile.load %{{.*}}[%[[B]], %{{.*}}, %[[ZERO]], %[[ZERO]]] gather(%[[SLOT]] : tensor<64xindex>) axes [2]
!kv = !attn.kv<2x16xf16, rolling<96>>
!d = tensor<?x2x96x16xf16>
!q = tensor<?x4x?x16xf32>
func.func @rolling(%q: !q, %k: !d, %n: tensor<?xi64>) -> !q {
  %c = attn.cache %k lengths(%n) : (!d, tensor<?xi64>) -> !kv
  %o = attn.attend %q, %c, %c
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>}
    : (!q, !kv, !kv) -> !q
  return %o : !q
}
