// RUN: attn-opt %s --convert-attn-to-tile --canonicalize --cse --split-input-file | FileCheck %s
//
// What a mask reads at run time, and the loops around the visits of keys that
// have no closed form for a whole tile.

// A number is read once for a tile: the ranges are closed forms in it, and no loop
// is around them. A number beyond 2^40 would overflow in them, so it is clamped.
// CHECK-LABEL: func @number(
// CHECK-SAME:    %{{.*}}: tensor<?x?x?x16xf32>, %[[N:.*]]: tensor<i64>)
// CHECK:         tile.kernel {{.*}} ins(%{{.*}}, %{{.*}}, %{{.*}}, %[[N]] :
// CHECK:         ranges {
// CHECK-NEXT:    ^bb0(
// CHECK-NEXT:      %[[READ:.*]] = memref.load %[[M:[a-z0-9]+]][] : memref<i64
// CHECK-NEXT:      %[[INDEX:.*]] = arith.index_cast %[[READ]] : i64 to index
// CHECK-NEXT:      %[[LOW:.*]] = arith.maxsi %[[INDEX]], %{{.*}} : index
// CHECK-NEXT:      %[[NUMBER:.*]] = arith.minsi %[[LOW]], %{{.*}} : index
// CHECK-NOT:       scf.
// CHECK-COUNT-2:   tile.visit
// CHECK-NEXT:      tile.yield
// CHECK-NEXT:    } step {
// CHECK-NOT:     tile.gather
// CHECK:         tensor.splat %{{.*}} : tensor<48x64xindex>
// CHECK:         tile.guard
!t = tensor<?x?x?x16xf32>
func.func @number(%q: !t, %n: tensor<i64>) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<prefix<n>>) tables(n = %n)
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>}
    : (!t, !t, !t, tensor<i64>) -> !t
  return %o : !t
}

// -----

// What differs from query to query is between its least and its greatest value
// for the rows of the tile: one loop over the rows, and one range. Rows before
// position 0 read as position 0, and without keys there is nothing to read.
// CHECK-LABEL: func @table_of_queries(
// CHECK:         tile.kernel
// CHECK:         ranges {
// CHECK-NEXT:    ^bb0(%[[FIRST:.*]]: index, %[[COUNT:.*]]: index):
// CHECK:           %[[HAS:.*]] = arith.cmpi sgt, %[[KEYS:.*]], %{{.*}} : index
// CHECK-NEXT:      scf.if %[[HAS]] {
// CHECK-DAG:         %[[BEGIN:.*]] = arith.maxsi %[[FIRST]], %{{.*}} : index
// CHECK-DAG:         %[[LAST:.*]] = arith.addi %[[FIRST]], %[[COUNT]] : index
// CHECK:             %[[STARTS:.*]]:2 = scf.for %{{.*}} = %[[BEGIN]] to
// CHECK:               memref.load %{{.*}}[%{{.*}}] : memref<?xi32
// CHECK:               arith.minsi
// CHECK:               arith.maxsi
// CHECK:               scf.yield
// CHECK:             %[[ENDS:.*]]:2 = scf.for %{{.*}} = %[[BEGIN]] to
// CHECK:               memref.load %{{.*}}[%{{.*}}, %{{.*}}] : memref<?x?xi64
// CHECK:             arith.maxsi %[[STARTS]]#0, %{{.*}}
// CHECK:             arith.minsi %[[KEYS]], %[[ENDS]]#1
// CHECK:             arith.maxsi %{{.*}}, %[[STARTS]]#1
// CHECK:             arith.minsi %{{.*}}, %[[ENDS]]#0
// CHECK-NOT:         scf.for
// CHECK:             tile.visit
// CHECK-NEXT:      }
// CHECK-NEXT:      tile.yield
//
// The test of a key reads the same tables, once for each row.
// CHECK:         tile.gather %{{.*}}[] at %[[ROWS:.*]] : memref<?xi32, {{.*}}>, tensor<48xindex>
// CHECK:         tile.gather %{{.*}}[%{{.*}}] at %[[ROWS]] : memref<?x?xi64, {{.*}}>, tensor<48xindex>
// CHECK:         tile.guard
!t = tensor<?x?x?x16xf32>
func.func @table_of_queries(%q: !t, %s: tensor<?xi32>, %e: tensor<?x?xi64>)
    -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<"k >= s(q) and k < e(q)">)
    tables(s = %s, e = %e)
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>}
    : (!t, !t, !t, tensor<?xi32>, tensor<?x?xi64>) -> !t
  return %o : !t
}

// -----

// Of a table of keys the least and the greatest entry of each block of 64 keys are
// found once, before the kernel. A tile visits the blocks that can hold a key it
// may see, and tests no key of a block in which all are allowed.
// CHECK-LABEL: func @table_of_keys(
// CHECK-SAME:    %{{.*}}: tensor<?x?x?x16xf32>, %[[FLAG:.*]]: tensor<?x?xi32>)
// CHECK:         %[[LEAST:.*]] = tensor.generate
// CHECK:           scf.for
// CHECK:             tensor.extract %[[FLAG]]
// CHECK:             arith.minsi
// CHECK:         } : tensor<1x?x?xi64>
// CHECK:         %[[GREATEST:.*]] = tensor.generate
// CHECK:           scf.for
// CHECK:             arith.maxsi
// CHECK:         } : tensor<1x?x?xi64>
// CHECK:         tile.kernel {{.*}} ins({{.*}}, %[[FLAG]], %[[LEAST]], %[[GREATEST]] :
// CHECK:         ranges {
// CHECK:           scf.for %[[BLOCK:.*]] = %{{.*}} to
// CHECK:             memref.load %{{.*}}[%{{.*}}, %{{.*}}, %[[BLOCK]]] : memref<1x?x?xi64
// CHECK:             memref.load %{{.*}}[%{{.*}}, %{{.*}}, %[[BLOCK]]] : memref<1x?x?xi64
// CHECK:             %[[ANY:.*]] = arith.andi
// CHECK-NEXT:        scf.if %[[ANY]] {
// CHECK:               %[[ALL:.*]] = arith.andi
// CHECK:               %[[FULL:.*]] = arith.select %[[ALL]], %[[END:.*]], %[[BEGIN:.*]] : index
// CHECK-NEXT:          tile.visit %[[BEGIN]], %[[BEGIN]], %[[FULL]], %[[END]]
// CHECK-NEXT:        }
// CHECK:         } step {
// CHECK:         tile.gather %{{.*}}[%{{.*}}] at %{{.*}} : memref<?x?xi32, {{.*}}>, tensor<64xindex>
!t = tensor<?x?x?x16xf32>
func.func @table_of_keys(%q: !t, %flag: tensor<?x?xi32>) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<"flag(h, k) == 1">)
    tables(flag = %flag)
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>}
    : (!t, !t, !t, tensor<?x?xi32>) -> !t
  return %o : !t
}

// -----

// The first three of each eight keys of the query's own eight: for queries of one
// eight and keys of one eight they are one range. It is full only for a tile that
// is within one eight.
// CHECK-LABEL: func @rows_of_keys(
// CHECK:         ranges {
// CHECK:           scf.for %[[PART:.*]] = %{{.*}} to %{{.*}} step
// CHECK:             %[[WHOLE:.*]] = arith.cmpi eq, %{{.*}}, %{{.*}} : index
// CHECK:             %[[SOME:.*]] = arith.cmpi slt, %[[BEGIN:.*]], %[[END:.*]] : index
// CHECK-NEXT:        %[[ROW:.*]] = arith.divui %[[BEGIN]], %[[W:.*]] : index
// CHECK-NEXT:        %[[LAST:.*]] = arith.ceildivui %[[END]], %[[W]] : index
// CHECK-NEXT:        %[[STOP:.*]] = arith.select %[[SOME]], %[[LAST]], %[[ROW]] : index
// CHECK-NEXT:        scf.for %[[R:.*]] = %[[ROW]] to %[[STOP]] step
// CHECK:               arith.select %[[WHOLE]],
// CHECK:               tile.visit
// CHECK-NEXT:        }
// CHECK-NEXT:      }
// CHECK-NEXT:      tile.yield
!t = tensor<?x?x?x16xf32>
func.func @rows_of_keys(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q
    mask(#attn.mask<block<8> and "k mod 8 < 3">)
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>}
    : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// The queries of a block share a random block of keys: one read and one range for
// each block of queries in the tile. The range is full only for a tile that is
// within one block.
// CHECK-LABEL: func @runs_of_queries(
// CHECK:         %[[RANDOM:.*]] = tensor.generate
// CHECK:           arith.remui
// CHECK:         } : tensor<?xi64>
// CHECK:         tile.kernel {{.*}} ins({{.*}}, %[[RANDOM]] :
// CHECK:         ranges {
// CHECK-NEXT:    ^bb0(%[[FIRST:.*]]: index, %[[COUNT:.*]]: index):
// CHECK:           %[[START:.*]] = arith.floordivsi %[[FIRST]], %[[SIZE:.*]] : index
// CHECK:           scf.for %[[R:.*]] = %[[START]] to
// CHECK:             %[[ROWS:.*]] = arith.subi
// CHECK-NEXT:        %[[WHOLE:.*]] = arith.cmpi eq, %[[ROWS]], %[[COUNT]] : index
// CHECK:             memref.load %{{.*}}[%{{.*}}] : memref<?xi64
// CHECK-NOT:         scf.for
// CHECK:             %[[FULL:.*]] = arith.select %[[WHOLE]], %[[END:.*]], %[[BEGIN:.*]] : index
// CHECK-NEXT:        tile.visit %[[BEGIN]], %[[BEGIN]], %[[FULL]], %[[END]]
!t = tensor<?x?x?x16xf32>
func.func @runs_of_queries(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<random_blocks<8, 1, 7>>)
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>}
    : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// Each residue class is a sequence of its own: the grid has an axis of classes, and
// a class is every third row and key in place, without a copy.
// CHECK-LABEL: func @lattice(
// CHECK:         %[[CLASSES:.*]] = arith.constant 3 : index
// CHECK:         tile.kernel grid(%{{.*}}, %{{.*}}, %[[CLASSES]], %{{.*}})
// CHECK-NEXT:    ^bb0(%{{.*}}: index, %{{.*}}: index, %[[CLASS:[a-z0-9]+]]: index, %{{.*}}: index,
// CHECK:           memref.subview %{{.*}}[0, 0, %[[ROW:.*]], 0] [{{.*}}, 16] [1, 1, 3, 1]
// CHECK:           %[[K:.*]] = memref.subview %{{.*}}[0, 0, %[[CLASS]], 0] [{{.*}}, 16] [1, 1, 3, 1]
// CHECK:           memref.subview %{{.*}}[0, 0, %[[CLASS]], 0] [{{.*}}, 16] [1, 1, 3, 1]
// CHECK:           %[[OUT:.*]] = memref.subview %{{.*}}[0, 0, %[[ROW]], 0] [{{.*}}, 16] [1, 1, 3, 1]
// CHECK:           tile.fold
// CHECK:             tile.visit
// CHECK:             tile.load %[[K]]
// CHECK:           tile.store %{{.*}}, %[[OUT]]
!t = tensor<?x?x?x16xf32>
func.func @lattice(%q: !t) -> !t {
  %o = attn.attend %q, %q, %q mask(#attn.mask<causal>) lattice 3
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>}
    : (!t, !t, !t) -> !t
  return %o : !t
}

// -----

// The carry that the fold starts from is read instead of made: the sum of a row is
// 1 relative to its log-sum-exp, or 0 for a row that has seen nothing.
// CHECK-LABEL: func @init(
// CHECK:         tile.kernel {{.*}} ins(%{{.*}}, %{{.*}}, %{{.*}}, %[[O:.*]], %[[L:.*]] :
// CHECK:         %[[OUT:.*]] = tile.load %{{.*}} : memref<?x?x?x16xf32, {{.*}}> to tensor<48x16xf32>
// CHECK:         tile.load %{{.*}} : memref<?x?x?xf32, {{.*}}> to tensor<48xf32>
// CHECK:         tile.fold {{.*}} init(%{{.*}}, %{{.*}}, %{{.*}} : tensor<48xf32>, tensor<48xf32>, tensor<48x16xf32>)
!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @init(%q: !t, %o: !t, %l: !l) -> !t {
  %r = attn.attend %q, %q, %q init(%o, %l)
    {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 24,
                                    splits = 1>}
    : (!t, !t, !t, !t, !l) -> !t
  return %r : !t
}
