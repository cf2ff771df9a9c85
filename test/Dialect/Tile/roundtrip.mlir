// RUN: %roundtrip
// RUN: attn-opt %s | FileCheck %s

!view = memref<?x?x?x16xf16, strided<[?, ?, ?, 1], offset: ?>>

// A kernel on tensors returns its outputs.
// CHECK-LABEL: func @kernel_on_tensors
func.func @kernel_on_tensors(%q: tensor<?x?x?x16xf16>, %o: tensor<?x?x?x16xf16>,
                             %n: index) -> tensor<?x?x?x16xf16> {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  // CHECK: tile.kernel grid(%{{.*}}, %{{.*}}) ins(%{{.*}} : tensor<?x?x?x16xf16>) outs(%{{.*}} : tensor<?x?x?x16xf16>) -> tensor<?x?x?x16xf16> attributes {note = "kept"} {
  // CHECK-NEXT: ^bb0(%[[B:.*]]: index, %[[H:.*]]: index, %[[IN:.*]]: memref<{{.*}}>, %[[OUT:.*]]: memref<{{.*}}>):
  // CHECK-NEXT: %[[T:.*]] = tile.load %[[IN]][%[[B]], %[[H]], %{{.*}}, %{{.*}}] extent(%{{.*}}, %{{.*}}) : memref<?x?x?x16xf16, strided<[?, ?, ?, 1], offset: ?>> to tensor<8x16xf32>
  // CHECK-NEXT: tile.store %[[T]], %[[OUT]][%[[B]], %[[H]], %{{.*}}, %{{.*}}] extent(%{{.*}}, %{{.*}}) : tensor<8x16xf32> to memref<?x?x?x16xf16, strided<[?, ?, ?, 1], offset: ?>>
  // CHECK-NEXT: }
  %r = tile.kernel grid(%n, %n) ins(%q : tensor<?x?x?x16xf16>)
      outs(%o : tensor<?x?x?x16xf16>) -> tensor<?x?x?x16xf16>
      attributes {note = "kept"} {
  ^bb0(%b: index, %h: index, %in: !view, %out: !view):
    %t = tile.load %in[%b, %h, %c0, %c0] extent(%n, %c16)
      : !view to tensor<8x16xf32>
    tile.store %t, %out[%b, %h, %c0, %c0] extent(%n, %c16)
      : tensor<8x16xf32> to !view
  }
  return %r : tensor<?x?x?x16xf16>
}

// After bufferization it has memrefs and returns nothing; the body is the same.
// CHECK-LABEL: func @kernel_on_memory
func.func @kernel_on_memory(%o: memref<4xf32>, %n: index) {
  // CHECK: tile.kernel grid(%{{.*}}) outs(%{{.*}} : memref<4xf32>) {
  // CHECK-NEXT: ^bb0(%{{.*}}: index, %{{.*}}: memref<4xf32>):
  tile.kernel grid(%n) outs(%o : memref<4xf32>) {
  ^bb0(%b: index, %out: memref<4xf32>):
    tile.end
  }
  return
}

// CHECK-LABEL: func @kernel_without_operands
func.func @kernel_without_operands(%n: index) {
  // CHECK: tile.kernel grid(%{{.*}}) {
  tile.kernel grid(%n) {
  ^bb0(%b: index):
  }
  return
}

// CHECK-LABEL: func @fold
func.func @fold(%i: index, %n: index, %m0: tensor<24xf32>,
                %o0: tensor<24x16xf32>, %s: tensor<4xf32>)
    -> (tensor<24xf32>, tensor<24x16xf32>, tensor<4xf32>) {
  // CHECK: tile.fold rows(%{{.*}}, %{{.*}}) keys 128 lanes 8 axes [0, 0, -1] rows_follow_axis in_memory init(%{{.*}}, %{{.*}}, %{{.*}} : tensor<24xf32>, tensor<24x16xf32>, tensor<4xf32>) ranges {
  // CHECK-NEXT: ^bb0(%{{.*}}: index, %[[ROWS:.*]]: index):
  // CHECK-NEXT: tile.visit %{{.*}}, %{{.*}}, %{{.*}}, %[[ROWS]]
  // CHECK-NEXT: tile.yield
  // CHECK-NEXT: } step {
  // CHECK-NEXT: ^bb0(%{{.*}}: index, %{{.*}}: index, %[[M:.*]]: tensor<24xf32>, %[[O:.*]]: tensor<24x16xf32>, %[[S:.*]]: tensor<4xf32>):
  // CHECK-NEXT: tile.yield %[[M]], %[[O]], %[[S]] : tensor<24xf32>, tensor<24x16xf32>, tensor<4xf32>
  // CHECK-NEXT: } {note = "kept"} -> tensor<24xf32>, tensor<24x16xf32>, tensor<4xf32>
  %r:3 = tile.fold rows(%i, %n) keys 128 lanes 8 axes [0, 0, -1]
      rows_follow_axis in_memory
      init(%m0, %o0, %s : tensor<24xf32>, tensor<24x16xf32>, tensor<4xf32>)
      ranges {
  ^bb0(%first: index, %rows: index):
    tile.visit %first, %first, %first, %rows
    tile.yield
  } step {
  ^bb0(%key: index, %keys: index, %m: tensor<24xf32>, %o: tensor<24x16xf32>,
       %t: tensor<4xf32>):
    tile.yield %m, %o, %t : tensor<24xf32>, tensor<24x16xf32>, tensor<4xf32>
  } {note = "kept"} -> tensor<24xf32>, tensor<24x16xf32>, tensor<4xf32>
  return %r#0, %r#1, %r#2 : tensor<24xf32>, tensor<24x16xf32>, tensor<4xf32>
}

// No piece of keys, and nothing carried.
// CHECK-LABEL: func @fold_bare
func.func @fold_bare(%i: index) {
  // CHECK: tile.fold rows(%{{.*}}, %{{.*}}) keys 1 lanes 1 axes [] ranges {
  // CHECK: tile.yield{{$}}
  tile.fold rows(%i, %i) keys 1 lanes 1 axes [] ranges {
  ^bb0(%first: index, %rows: index):
    tile.yield
  } step {
  ^bb0(%key: index, %keys: index):
    tile.yield
  }
  return
}

// CHECK-LABEL: func @contract
func.func @contract(%a: tensor<24x16xf32>, %b: tensor<8x16xf32>,
                    %v: tensor<24xf32>, %c: tensor<24x8xf32>,
                    %d: tensor<16xf32>, %n: index) {
  // CHECK: tile.contract %{{.*}} axis 1, %{{.*}} axis 1 into %{{.*}} extent(%{{.*}}) : tensor<24x16xf32>, tensor<8x16xf32> -> tensor<24x8xf32>
  %r0 = tile.contract %a axis 1, %b axis 1 into %c extent(%n)
    : tensor<24x16xf32>, tensor<8x16xf32> -> tensor<24x8xf32>
  // A rank-1 rhs gives a vector.
  // CHECK: tile.contract %{{.*}} axis 0, %{{.*}} axis 0 into %{{.*}} extent(%{{.*}}) : tensor<24x16xf32>, tensor<24xf32> -> tensor<16xf32>
  %r1 = tile.contract %a axis 0, %v axis 0 into %d extent(%n)
    : tensor<24x16xf32>, tensor<24xf32> -> tensor<16xf32>
  return
}

// What a product multiplies may be bf16, loaded or rounded; its sums are f32.
// CHECK-LABEL: func @products_of_bf16
func.func @products_of_bf16(%m: memref<?x16xbf16>, %p: tensor<24x8xf32>,
                            %c: tensor<24x16xf32>, %n: index)
    -> tensor<24x16xf32> {
  // CHECK: tile.load %{{.*}}[%{{.*}}, %{{.*}}] extent(%{{.*}}, %{{.*}}) : memref<?x16xbf16> to tensor<8x16xbf16>
  %b = tile.load %m[%n, %n] extent(%n, %n)
    : memref<?x16xbf16> to tensor<8x16xbf16>
  %a = arith.truncf %p : tensor<24x8xf32> to tensor<24x8xbf16>
  // CHECK: tile.contract %{{.*}} axis 1, %{{.*}} axis 0 into %{{.*}} extent(%{{.*}}) : tensor<24x8xbf16>, tensor<8x16xbf16> -> tensor<24x16xf32>
  %r = tile.contract %a axis 1, %b axis 0 into %c extent(%n)
    : tensor<24x8xbf16>, tensor<8x16xbf16> -> tensor<24x16xf32>
  return %r : tensor<24x16xf32>
}

// CHECK-LABEL: func @along_an_axis
func.func @along_an_axis(%a: tensor<24x16xf32>, %v: tensor<24xf32>,
                         %i: tensor<24xi1>, %n: index) {
  // CHECK: tile.reduce max %{{.*}} axis 1 extent(%{{.*}}) : tensor<24x16xf32> -> tensor<24xf32>
  %r0 = tile.reduce max %a axis 1 extent(%n) : tensor<24x16xf32> -> tensor<24xf32>
  // CHECK: tile.reduce add %{{.*}} axis 0 extent(%{{.*}}) : tensor<24xf32> -> f32
  %r1 = tile.reduce add %v axis 0 extent(%n) : tensor<24xf32> -> f32
  // CHECK: tile.cumulative_sum %{{.*}} : tensor<24xf32>
  %r2 = tile.cumulative_sum %v : tensor<24xf32>
  // CHECK: tile.cumulative_sum %{{.*}} axis 1 : tensor<24x16xf32>
  %r2b = tile.cumulative_sum %a axis 1 : tensor<24x16xf32>
  // CHECK: tile.broadcast %{{.*}} axis 0 : tensor<24xf32> to tensor<24x16xf32>
  %r3 = tile.broadcast %v axis 0 : tensor<24xf32> to tensor<24x16xf32>
  // CHECK: tile.broadcast %{{.*}} axis 1 : tensor<24xi1> to tensor<3x24xi1>
  %r4 = tile.broadcast %i axis 1 : tensor<24xi1> to tensor<3x24xi1>
  // CHECK: tile.repeat %{{.*}} : tensor<24x16xf32> to tensor<24x128xf32>
  %r4b = tile.repeat %a : tensor<24x16xf32> to tensor<24x128xf32>
  // Once is nothing, and still a repetition.
  // CHECK: tile.repeat %{{.*}} {note = "kept"} : tensor<24x16xf32> to tensor<24x16xf32>
  %r4c = tile.repeat %a {note = "kept"} : tensor<24x16xf32> to tensor<24x16xf32>
  // CHECK: tile.transpose %{{.*}} : tensor<24x16xf32> to tensor<16x24xf32>
  %r4d = tile.transpose %a : tensor<24x16xf32> to tensor<16x24xf32>
  // CHECK: tile.flip %{{.*}} extent(%{{.*}}) : tensor<24xf32>
  %r4e = tile.flip %v extent(%n) : tensor<24xf32>
  // CHECK: tile.iota %{{.*}} : tensor<24xindex>
  %r5 = tile.iota %n : tensor<24xindex>
  // CHECK: tile.any %{{.*}} : tensor<24xi1>
  %r6 = tile.any %i : tensor<24xi1>
  return
}

// CHECK-LABEL: func @guard
func.func @guard(%i: index, %a: tensor<8xi1>, %t: tensor<8xf32>)
    -> tensor<8xf32> {
  %r = tile.fold rows(%i, %i) keys 4 lanes 8 axes [0]
      init(%t : tensor<8xf32>) ranges {
  ^bb0(%first: index, %rows: index):
    tile.yield
  } step {
  ^bb0(%key: index, %keys: index, %m: tensor<8xf32>):
    // CHECK: tile.guard %{{.*}}, %{{.*}} else %{{.*}} : tensor<8xf32>
    %g = tile.guard %a, %m else %t : tensor<8xf32>
    tile.yield %g : tensor<8xf32>
  } -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// CHECK-LABEL: func @gather
func.func @gather(%doc: memref<?x?xi32>, %n: memref<8xi64>, %i: index,
                  %t: tensor<24xindex>) -> tensor<24xindex> {
  // CHECK: tile.gather %{{.*}}[%{{.*}}] at %{{.*}} : memref<?x?xi32>, tensor<24xindex>
  %r0 = tile.gather %doc[%i] at %t : memref<?x?xi32>, tensor<24xindex>
  // CHECK: tile.gather %{{.*}}[] at %{{.*}} : memref<8xi64>, tensor<24xindex>
  %r1 = tile.gather %n[] at %r0 : memref<8xi64>, tensor<24xindex>
  return %r1 : tensor<24xindex>
}

// Ranges that are found by a loop, or not at all.
// CHECK-LABEL: func @visits_in_loops
func.func @visits_in_loops(%i: index, %c: i1) {
  tile.fold rows(%i, %i) keys 4 lanes 8 axes [] ranges {
  ^bb0(%first: index, %rows: index):
    // CHECK: scf.for %[[J:.*]] = %[[F:.*]] to
    // CHECK-NEXT: scf.if
    // CHECK-NEXT: tile.visit %[[J]], %[[J]], %{{.*}}, %{{.*}}
    scf.for %j = %first to %rows step %i {
      scf.if %c {
        tile.visit %j, %j, %rows, %rows
      }
    }
    tile.yield
  } step {
  ^bb0(%key: index, %keys: index):
    tile.yield
  }
  return
}

// Rows from and to where index tiles say, in axes of the memory before the last.
// CHECK-LABEL: func @rows_gathered
func.func @rows_gathered(%m: memref<2x4x6x8xf16>, %l: memref<2x4x6xf32>,
                         %head: tensor<5xindex>, %token: tensor<5xindex>,
                         %n: index) {
  // CHECK: %[[T:.*]] = tile.load %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}] gather(%[[H:.*]], %[[I:.*]] : tensor<5xindex>, tensor<5xindex>) axes [1, 2] extent(%{{.*}}, %{{.*}}) : memref<2x4x6x8xf16> to tensor<5x8xf32>
  %t = tile.load %m[%n, %n, %n, %n] gather(%head, %token
      : tensor<5xindex>, tensor<5xindex>) axes [1, 2] extent(%n, %n)
    : memref<2x4x6x8xf16> to tensor<5x8xf32>
  // CHECK: tile.store %[[T]], %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}] gather(%[[H]] : tensor<5xindex>) axes [0] extent(%{{.*}}, %{{.*}}) : tensor<5x8xf32> to memref<2x4x6x8xf16>
  tile.store %t, %m[%n, %n, %n, %n] gather(%head : tensor<5xindex>) axes [0]
      extent(%n, %n) : tensor<5x8xf32> to memref<2x4x6x8xf16>
  // Of a vector every axis is in front.
  // CHECK: tile.load %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}] gather(%[[I]] : tensor<5xindex>) axes [2] extent(%{{.*}}) : memref<2x4x6xf32> to tensor<5xf32>
  %r = tile.load %l[%n, %n, %n] gather(%token : tensor<5xindex>) axes [2]
      extent(%n) : memref<2x4x6xf32> to tensor<5xf32>
  return
}

// Bytes say what they stand for, also where their rows are gathered.
// CHECK-LABEL: func @bytes
func.func @bytes(%m: memref<9x16x2x8xi8>, %page: tensor<5xindex>,
                 %slot: tensor<5xindex>, %n: index) {
  // CHECK: tile.load %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}] extent(%{{.*}}, %{{.*}}) as i8 : memref<9x16x2x8xi8> to tensor<5x8xf32>
  %0 = tile.load %m[%n, %n, %n, %n] extent(%n, %n) as i8
    : memref<9x16x2x8xi8> to tensor<5x8xf32>
  // CHECK: gather(%{{.*}}, %{{.*}} : tensor<5xindex>, tensor<5xindex>) axes [0, 1] extent(%{{.*}}, %{{.*}}) as i4 {note = "kept"} : memref<9x16x2x8xi8> to tensor<5x16xf32>
  %1 = tile.load %m[%n, %n, %n, %n] gather(%page, %slot
      : tensor<5xindex>, tensor<5xindex>) axes [0, 1] extent(%n, %n) as i4 {note = "kept"}
    : memref<9x16x2x8xi8> to tensor<5x16xf32>
  // CHECK: extent(%{{.*}}) as f8E4M3FN : memref<9x16x2x8xi8> to tensor<8xf32>
  %2 = tile.load %m[%n, %n, %n, %n] extent(%n) as f8E4M3FN
    : memref<9x16x2x8xi8> to tensor<8xf32>
  // CHECK: extent(%{{.*}}) as f8E5M2 : memref<9x16x2x8xi8> to tensor<8xf32>
  %3 = tile.load %m[%n, %n, %n, %n] extent(%n) as f8E5M2
    : memref<9x16x2x8xi8> to tensor<8xf32>
  return
}
// CHECK-LABEL: func @recurrences
func.func @recurrences(%a: tensor<24x16xf32>, %l: tensor<24x24xf32>, %n: index) {
  // CHECK: tile.cumulative_product %{{.*}} extent(%{{.*}}) : tensor<24x16xf32>
  %r0 = tile.cumulative_product %a extent(%n) : tensor<24x16xf32>
  // CHECK: tile.cumulative_product %{{.*}} suffix extent(%{{.*}}) : tensor<24x16xf32>
  %r1 = tile.cumulative_product %a suffix extent(%n) : tensor<24x16xf32>
  // CHECK: tile.decayed_product %{{.*}}, %{{.*}}, %{{.*}} extent(%{{.*}}) : tensor<24x16xf32> -> tensor<24x24xf32>
  %r2 = tile.decayed_product %a, %a, %a extent(%n) : tensor<24x16xf32> -> tensor<24x24xf32>
  // CHECK: tile.solve %{{.*}}, %{{.*}} extent(%{{.*}}) : tensor<24x24xf32>, tensor<24x16xf32>
  %r3 = tile.solve %l, %a extent(%n) : tensor<24x24xf32>, tensor<24x16xf32>
  return
}
