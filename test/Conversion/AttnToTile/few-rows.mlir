// RUN: attn-opt %s --attn-materialize-destinations --convert-attn-to-tile --canonicalize --cse --split-input-file | FileCheck %s

// Which of two kernels runs is a question of how many queries there are. For few,
// an instance folds 1024 keys for the queries of two heads, and a second kernel
// folds the carries. Each branch writes to the caller's memory.
// CHECK-LABEL: func @attnc.kernel.any_length(
// CHECK:         %[[N:.*]] = memref.dim %arg0, %c2
// CHECK:         %[[FEW:.*]] = arith.cmpi ule, %[[N]], %c16
// CHECK:         scf.if %[[FEW]] {
// CHECK:           %[[SPLITS:.*]] = arith.ceildivui %{{.*}}, %c1024
// Carries have the rows that there are, 6 at most.
// CHECK:           %[[MOST:.*]] = arith.minui %{{.*}}, %c6
// CHECK:           %[[SUMS:.*]] = tensor.empty(%{{.*}}, %[[SPLITS]], %[[MOST]]) : tensor<?x?x?xf32>
// CHECK:           tensor.empty(%{{.*}}, %[[SPLITS]], %[[MOST]]) : tensor<?x?x?x64xf32>
// CHECK:           %[[PARTS:.*]]:3 = tile.kernel grid(%{{.*}}, %[[SPLITS]], %[[KH:.*]], %[[TILES:[0-9]+]]) {{.*}} outs(%[[SUMS]],
// CHECK-NEXT:      ^bb0(%[[B:[a-z0-9]+]]: index, %[[S:[a-z0-9]+]]: index, %[[H:[a-z0-9]+]]: index, %[[T:[a-z0-9]+]]: index,
// The row's number is that of a head and of a query of it.
// CHECK:             %[[ROWS:.*]] = tile.iota %{{.*}} : tensor<6xindex>
// CHECK:             %[[HEADS:.*]] = arith.divui %[[ROWS]],
// CHECK:             %[[QUERIES:.*]] = arith.remui %[[ROWS]],
// CHECK:             tile.load %{{.*}}[%[[B]], %{{.*}}, %{{.*}}, %{{.*}}] gather(%[[HEADS]], %[[QUERIES]] : tensor<6xindex>, tensor<6xindex>) axes [1, 2]
// CHECK:             %[[BEGIN:.*]] = arith.muli %[[S]], %c1024
// CHECK:             %[[CARRY:.*]]:3 = tile.fold rows({{.*}}) keys 32 lanes 1 axes [-1, -1, -1] init(
// CHECK:               tile.load %{{.*}}[%[[B]], %[[H]], %{{.*}}, %{{.*}}] extent({{.*}} to tensor<32x64xf32>
// CHECK:             tile.store %[[CARRY]]#0, %{{.*}}[%{{.*}}, %[[S]], %{{.*}}] extent(
// CHECK:             tile.store %[[CARRY]]#2, %{{.*}}[%{{.*}}, %[[S]], %{{.*}}, %{{.*}}] extent(
// CHECK:           %[[R:.*]] = tile.kernel grid(%{{.*}}, %[[KH]], %[[TILES]]) {{.*}}%[[PARTS]]#0, %[[PARTS]]#1, %[[PARTS]]#2
// Nothing of the first kernel is done again.
// CHECK-NOT:         tile.contract
// CHECK:             tile.fold rows({{.*}}) keys 1 lanes 1 axes [-1, -1, -1]
// CHECK:               tile.visit %{{.*}}, %{{.*}}, %[[COUNT:.*]], %[[COUNT]]
// CHECK:             tile.store %{{.*}} gather({{.*}}) axes [1, 2]
// CHECK:           bufferization.materialize_in_destination %[[R]]
// CHECK:         } else {
// CHECK-NOT:       gather
// CHECK:           %[[L:.*]] = tile.kernel grid(
// CHECK:             tile.fold {{.*}} lanes 8 axes [0, 0, 0] rows_follow_axis
// CHECK:           bufferization.materialize_in_destination %[[L]]
// CHECK-NOT:     materialize_in_destination
!t = tensor<?x?x?x64xf32>
func.func @any_length(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v
    {attn.schedule = #attn.schedule<query_tile = 8, key_tile = 64, lanes = 8,
                                    splits = 1>,
     attn.decode = #attn.decode<most_queries = 16, rows = 6, heads = group,
                                key_tile = 32, keys_per_split = 1024>}
    : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// A known number of queries leaves one of the two. Rows of one head are behind each
// other, and their ranges are asked for as ever.
// CHECK-LABEL: func @attnc.kernel.one_query(
// CHECK-NOT:     scf.if
// CHECK:         tile.kernel
// CHECK-NOT:       gather
// CHECK:           tile.fold {{.*}} axes [-1, -1, -1]
// CHECK-NOT:     rows_follow_axis
!q = tensor<?x?x1x64xf32>
!t = tensor<?x?x?x64xf32>
func.func @one_query(%q: !q, %k: !t, %v: !t) -> !q {
  %o = attn.attend %q, %k, %v mask(#attn.mask<"k <= q + h">)
    {attn.schedule = #attn.schedule<query_tile = 8, key_tile = 64, lanes = 8,
                                    splits = 1>,
     attn.decode = #attn.decode<most_queries = 16, rows = 6, heads = one,
                                key_tile = 32, keys_per_split = 1024>}
    : (!q, !t, !t) -> !q
  return %o : !q
}

// -----

// CHECK-LABEL: func @attnc.kernel.many_queries(
// CHECK-NOT:     scf.if %{{[^:]*}}{{$}}
// CHECK:         tile.kernel
// CHECK:           tile.fold {{.*}} axes [0, 0, 0] rows_follow_axis
// CHECK-NOT:     tile.kernel
!q = tensor<?x?x17x64xf32>
!t = tensor<?x?x?x64xf32>
func.func @many_queries(%q: !q, %k: !t, %v: !t) -> !q {
  %o = attn.attend %q, %k, %v
    {attn.schedule = #attn.schedule<query_tile = 8, key_tile = 64, lanes = 8,
                                    splits = 1>,
     attn.decode = #attn.decode<most_queries = 16, rows = 6, heads = one,
                                key_tile = 32, keys_per_split = 1024>}
    : (!q, !t, !t) -> !q
  return %o : !q
}

// -----

// A result that another op reads stays a value.
// CHECK-LABEL: func @attnc.kernel.read_again(
// CHECK:         %[[O:.*]] = scf.if {{.*}} -> (tensor<?x?x?x64xf32>) {
// CHECK:           scf.yield
// CHECK:         } else {
// CHECK:           scf.yield
// CHECK:         arith.negf %[[O]]
!t = tensor<?x?x?x64xf32>
func.func @read_again(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v
    {attn.schedule = #attn.schedule<query_tile = 8, key_tile = 64, lanes = 8,
                                    splits = 1>,
     attn.decode = #attn.decode<most_queries = 16, rows = 6, heads = group,
                                key_tile = 32, keys_per_split = 1024>}
    : (!t, !t, !t) -> !t
  %n = arith.negf %o : !t
  return %n : !t
}
