// RUN: attn-opt %s --convert-tile-to-cpu --canonicalize --cse | FileCheck %s
//
// Bytes as numbers: 8 columns as vectors, and two more, which are read one by one
// since a vector of them would reach beyond the row.

!bytes = memref<?x10xi8, strided<[?, 1], offset: ?>>
!halves = memref<?x5xi8, strided<[?, 1], offset: ?>>
!o = memref<?x10xf32, strided<[?, 1], offset: ?>>
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v3",
    features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768,
    l2_bytes = 524288>} {

// CHECK-LABEL: func @i8(
// CHECK:         %[[V:.*]] = vector.load {{.*}} : memref<?x10xi8, {{.*}}>, vector<8xi8>
// CHECK:         arith.sitofp %[[V]] : vector<8xi8> to vector<8xf32>
// CHECK-NOT:     vector.load {{.*}} : memref<?x10xi8
// CHECK:         %[[S:.*]] = memref.load {{.*}} : memref<?x10xi8
// CHECK-NEXT:    arith.sitofp %[[S]] : i8 to f32
func.func @i8(%m: !bytes, %o: !o, %n: index) {
  tile.kernel grid(%n) ins(%m : !bytes) outs(%o : !o) {
  ^bb0(%i: index, %in: !bytes, %out: !o):
    %c0 = arith.constant 0 : index
    %c10 = arith.constant 10 : index
    %t = tile.load %in[%i, %c0] extent(%n, %c10) as i8 : !bytes to tensor<8x10xf32>
    tile.store %t, %out[%i, %c0] extent(%n, %c10) : tensor<8x10xf32> to !o
  }
  return
}

// A word has the half bytes of eight lanes, and goes to each of them: shifted by its
// own distance, a lane has its half at the top, and takes it back from there by sign.
// CHECK-LABEL: func @i4(
// CHECK-DAG:     %[[PLACES:.*]] = arith.constant dense<[28, 24, 20, 16, 12, 8, 4, 0]> : vector<8xi32>
// CHECK-DAG:     %[[BITS28:.*]] = arith.constant dense<28> : vector<8xi32>
// CHECK:         %[[V:.*]] = vector.load {{.*}} : memref<?x5xi8, {{.*}}>, vector<4xi8>
// CHECK-NEXT:    %[[WORD:.*]] = vector.bitcast %[[V]] : vector<4xi8> to vector<1xi32>
// CHECK-NEXT:    %[[ALL:.*]] = vector.shuffle %[[WORD]], %[[WORD]] [0, 0, 0, 0, 0, 0, 0, 0] : vector<1xi32>, vector<1xi32>
// CHECK-NEXT:    %[[TOP:.*]] = arith.shli %[[ALL]], %[[PLACES]] : vector<8xi32>
// CHECK-NEXT:    %[[I:.*]] = arith.shrsi %[[TOP]], %[[BITS28]]
// CHECK-NEXT:    arith.sitofp %[[I]] : vector<8xi32> to vector<8xf32>
// CHECK:         scf.for %[[COLUMN:[a-z0-9]+]] =
// CHECK-DAG:       %[[AT:.*]] = arith.divui %[[COLUMN]], %[[TWO:.*]] : index
// CHECK-DAG:       %[[REST:.*]] = arith.remui %[[COLUMN]], %[[TWO]] : index
// CHECK-DAG:       %[[UPPER:.*]] = arith.cmpi ne, %[[REST]], %{{.*}} : index
// CHECK-DAG:       memref.load %{{.*}}[%{{.*}}, %[[AT]]] : memref<?x5xi8
// CHECK:           arith.select %[[UPPER]], {{.*}} : i32
// CHECK:           arith.shrsi {{.*}} : i32
func.func @i4(%m: !halves, %o: !o, %n: index) {
  tile.kernel grid(%n) ins(%m : !halves) outs(%o : !o) {
  ^bb0(%i: index, %in: !halves, %out: !o):
    %c0 = arith.constant 0 : index
    %c10 = arith.constant 10 : index
    %t = tile.load %in[%i, %c0] extent(%n, %c10) as i4 : !halves to tensor<8x10xf32>
    tile.store %t, %out[%i, %c0] extent(%n, %c10) : tensor<8x10xf32> to !o
  }
  return
}

// The sign and the other seven bits moved into an f16, whose exponent is 8 too low:
// times 256. All ones are no number, which the multiplication would miss: one more
// carries into the highest bit of the exponent, and makes that all ones as well.
// CHECK-LABEL: func @f8E4M3FN(
// CHECK-DAG:     %[[SEVEN:.*]] = arith.constant dense<7> : vector<8xi16>
// CHECK-DAG:     %[[KEPT:.*]] = arith.constant dense<-16512> : vector<8xi16>
// CHECK-DAG:     %[[LAST:.*]] = arith.constant dense<128> : vector<8xi16>
// CHECK-DAG:     %[[CARRY:.*]] = arith.constant dense<16384> : vector<8xi16>
// CHECK-DAG:     %[[SCALE:.*]] = arith.constant dense<2.560000e+02> : vector<8xf32>
// CHECK:         %[[V:.*]] = vector.load {{.*}} : memref<?x10xi8, {{.*}}>, vector<8xi8>
// CHECK-NEXT:    %[[W:.*]] = arith.extsi %[[V]] : vector<8xi8> to vector<8xi16>
// CHECK-NEXT:    %[[S:.*]] = arith.shli %[[W]], %[[SEVEN]]
// CHECK-NEXT:    %[[H:.*]] = arith.andi %[[S]], %[[KEPT]]
// CHECK-NEXT:    %[[N:.*]] = arith.addi %[[H]], %[[LAST]]
// CHECK-NEXT:    %[[C:.*]] = arith.andi %[[N]], %[[CARRY]]
// CHECK-NEXT:    %[[O:.*]] = arith.ori %[[H]], %[[C]]
// CHECK-NEXT:    %[[B:.*]] = arith.bitcast %[[O]] : vector<8xi16> to vector<8xf16>
// CHECK-NEXT:    %[[F:.*]] = arith.extf %[[B]]
// CHECK-NEXT:    arith.mulf %[[F]], %[[SCALE]]
func.func @f8E4M3FN(%m: !bytes, %o: !o, %n: index) {
  tile.kernel grid(%n) ins(%m : !bytes) outs(%o : !o) {
  ^bb0(%i: index, %in: !bytes, %out: !o):
    %c0 = arith.constant 0 : index
    %c10 = arith.constant 10 : index
    %t = tile.load %in[%i, %c0] extent(%n, %c10) as f8E4M3FN : !bytes to tensor<8x10xf32>
    tile.store %t, %out[%i, %c0] extent(%n, %c10) : tensor<8x10xf32> to !o
  }
  return
}

// The upper byte of an f16, infinities and all.
// CHECK-LABEL: func @f8E5M2(
// CHECK:         %[[V:.*]] = vector.load {{.*}} : memref<?x10xi8, {{.*}}>, vector<8xi8>
// CHECK-NEXT:    %[[W:.*]] = arith.extui %[[V]] : vector<8xi8> to vector<8xi16>
// CHECK-NEXT:    %[[S:.*]] = arith.shli %[[W]], %{{.*}} : vector<8xi16>
// CHECK-NEXT:    %[[H:.*]] = arith.bitcast %[[S]] : vector<8xi16> to vector<8xf16>
// CHECK-NEXT:    arith.extf %[[H]] : vector<8xf16> to vector<8xf32>
func.func @f8E5M2(%m: !bytes, %o: !o, %n: index) {
  tile.kernel grid(%n) ins(%m : !bytes) outs(%o : !o) {
  ^bb0(%i: index, %in: !bytes, %out: !o):
    %c0 = arith.constant 0 : index
    %c10 = arith.constant 10 : index
    %t = tile.load %in[%i, %c0] extent(%n, %c10) as f8E5M2 : !bytes to tensor<8x10xf32>
    tile.store %t, %out[%i, %c0] extent(%n, %c10) : tensor<8x10xf32> to !o
  }
  return
}
}
