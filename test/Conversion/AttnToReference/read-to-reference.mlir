// RUN: attn-opt %s --split-input-file --convert-attn-to-reference --canonicalize --cse \
// RUN:   | FileCheck %s --implicit-check-not=attn.read

// The definition of a read, number by number: position, page and slot, the half of
// a byte, and what it stands for, in float64. The rows of a sequence are its tokens,
// and a table entry behind them is not read.

// CHECK-LABEL: func.func @paged(
// CHECK-SAME:    %[[D:.*]]: tensor<?x4x2x3xi8>, %[[S:.*]]: tensor<?x4x2x2xf32>, %[[Z:.*]]: tensor<?x4x2x2xf32>, %[[T:.*]]: tensor<?x?xi32>, %[[N:.*]]: tensor<?xi32>)
// CHECK-DAG:     %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG:     %[[C1:.*]] = arith.constant 1 : index
// CHECK-DAG:     %[[C2:.*]] = arith.constant 2 : index
// CHECK-DAG:     %[[C3:.*]] = arith.constant 3 : index
// CHECK-DAG:     %[[C4:.*]] = arith.constant 4 : index
// CHECK-DAG:     %[[C6:.*]] = arith.constant 6 : index
// CHECK-DAG:     %[[SIXTEEN:.*]] = arith.constant 1.600000e+01 : f64
// CHECK-DAG:     %[[BATCH:.*]] = tensor.dim %[[T]], %[[C0]]
// CHECK-DAG:     %[[BLOCKS:.*]] = tensor.dim %[[T]], %[[C1]]
// CHECK:         %[[ROOM:.*]] = arith.muli %[[BLOCKS]], %[[C4]] : index
// CHECK:         %[[OUT:.*]] = memref.alloc(%[[BATCH]], %[[ROOM]]) : memref<?x2x?x6xf32>
// CHECK:         scf.for %[[B:.*]] = %[[C0]] to %[[BATCH]] step %[[C1]]
// CHECK:           %[[LENGTH:.*]] = tensor.extract %[[N]][%[[B]]]
// CHECK:           %[[ROWS:.*]] = arith.minsi %{{.*}}, %[[ROOM]] : index
// CHECK:           scf.for %[[H:.*]] = %[[C0]] to %[[C2]] step %[[C1]]
// CHECK:             scf.for %[[ROW:.*]] = %[[C0]] to %[[ROWS]] step %[[C1]]
// CHECK:               %[[P:.*]] = arith.addi %[[ROW]], %{{.*}} : index
// CHECK-DAG:           %[[SLOT:.*]] = arith.remui %[[P]], %[[C4]] : index
// CHECK-DAG:           %[[BLOCK:.*]] = arith.divui %[[P]], %[[C4]] : index
// CHECK:               %[[ENTRY:.*]] = tensor.extract %[[T]][%[[B]], %[[BLOCK]]]
// CHECK:               %[[PAGE:.*]] = arith.index_cast %[[ENTRY]] : i32 to index
// CHECK:               scf.for %[[I:.*]] = %[[C0]] to %[[C6]] step %[[C1]]
// CHECK:                 %[[BYTE:.*]] = arith.divui %[[I]], %[[C2]] : index
// CHECK:                 tensor.extract %[[D]][%[[PAGE]], %[[SLOT]], %[[H]], %[[BYTE]]]
// CHECK:                 %[[REST:.*]] = arith.remui %[[I]], %[[C2]] : index
// CHECK:                 %[[ODD:.*]] = arith.cmpi ne, %[[REST]], %[[C0]] : index
// CHECK:                 %[[HALF:.*]] = arith.select %[[ODD]], {{.*}} : i32
// CHECK:                 %[[POSITIVE:.*]] = arith.sitofp %[[HALF]] : i32 to f64
// CHECK:                 %[[NEGATIVE:.*]] = arith.subf %[[POSITIVE]], %[[SIXTEEN]] : f64
// CHECK:                 %[[X:.*]] = arith.select %{{.*}}, %[[NEGATIVE]], %[[POSITIVE]] : f64
// CHECK:                 %[[GROUP:.*]] = arith.divui %[[I]], %[[C3]] : index
// CHECK:                 tensor.extract %[[Z]][%[[PAGE]], %[[SLOT]], %[[H]], %[[GROUP]]]
// CHECK:                 %[[Y:.*]] = arith.subf %[[X]], %{{.*}} : f64
// CHECK:                 tensor.extract %[[S]][%[[PAGE]], %[[SLOT]], %[[H]], %[[GROUP]]]
// CHECK:                 arith.mulf %[[Y]], %{{.*}} : f64
// CHECK:                 memref.store %{{.*}}, %[[OUT]][%[[B]], %[[H]], %[[ROW]], %[[I]]]
!kv = !attn.kv<2x6xi4, paged<4>, scale<group = 3, zeros>>
func.func @paged(%d: tensor<?x4x2x3xi8>, %s: tensor<?x4x2x2xf32>,
                 %z: tensor<?x4x2x2xf32>, %t: tensor<?x?xi32>, %n: tensor<?xi32>)
    -> tensor<?x2x?x6xf32> {
  %c = attn.cache %d table(%t) lengths(%n) scales(%s) zeros(%z)
    : (tensor<?x4x2x3xi8>, tensor<?x?xi32>, tensor<?xi32>, tensor<?x4x2x2xf32>,
       tensor<?x4x2x2xf32>) -> !kv
  %r = attn.read %c : !kv to tensor<?x2x?x6xf32>
  return %r : tensor<?x2x?x6xf32>
}

// -----

// Row 0 of a ring is the oldest token that it holds. f8E4M3FN by its definition: the
// leading one that a subnormal has not, the exponent as a power of two, and the one
// NaN; its sign last, so that the zeros have theirs.

// CHECK-LABEL: func.func @rolling(
// CHECK-SAME:    %[[D:.*]]: tensor<3x2x8x6xi8>, %[[S:.*]]: tensor<2x6xf32>, %[[N:.*]]: tensor<3xi64>)
// CHECK-DAG:     %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG:     %[[C8:.*]] = arith.constant 8 : index
// CHECK-DAG:     %[[NONE:.*]] = arith.constant 0.000000e+00 : f64
// CHECK-DAG:     %[[LEADING:.*]] = arith.constant 8.000000e+00 : f64
// CHECK-DAG:     %[[BIAS:.*]] = arith.constant 1.000000e+01 : f64
// CHECK-DAG:     %[[NAN:.*]] = arith.constant 0x7FF8000000000000 : f64
// CHECK:         scf.for %[[B:[a-z0-9]+]] =
// CHECK:           %[[WRITTEN:.*]] = arith.maxsi %{{.*}}, %[[C0]] : index
// CHECK-DAG:       %[[ROWS:.*]] = arith.minsi %[[WRITTEN]], %[[C8]] : index
// CHECK-DAG:       %[[BEYOND:.*]] = arith.subi %[[WRITTEN]], %[[C8]] : index
// CHECK:           %[[GONE:.*]] = arith.maxsi %[[BEYOND]], %[[C0]] : index
// CHECK:           scf.for %[[H:[a-z0-9]+]] =
// CHECK:             scf.for %[[ROW:.*]] = %[[C0]] to %[[ROWS]]
// CHECK:               %[[P:.*]] = arith.addi %[[ROW]], %[[GONE]] : index
// CHECK:               %[[SLOT:.*]] = arith.remui %[[P]], %[[C8]] : index
// CHECK:               scf.for %[[I:[a-z0-9]+]] =
// CHECK:                 tensor.extract %[[D]][%[[B]], %[[H]], %[[SLOT]], %[[I]]]
// CHECK:                 %[[SUBNORMAL:.*]] = arith.cmpi eq, %{{.*}}, %{{.*}} : i32
// CHECK:                 arith.select %[[SUBNORMAL]], %[[NONE]], %[[LEADING]] : f64
// CHECK:                 arith.subf %{{.*}}, %[[BIAS]] : f64
// CHECK:                 math.exp2
// CHECK:                 arith.select %{{.*}}, %[[NAN]], %{{.*}} : f64
// CHECK:                 arith.negf
// CHECK:                 tensor.extract %[[S]][%[[H]], %[[I]]]
// CHECK:                 arith.mulf
!kv = !attn.kv<2x6xf8E4M3FN, rolling<8>, scale<channel>>
func.func @rolling(%d: tensor<3x2x8x6xi8>, %s: tensor<2x6xf32>, %n: tensor<3xi64>)
    -> tensor<3x2x8x6xf32> {
  %c = attn.cache %d lengths(%n) scales(%s)
    : (tensor<3x2x8x6xi8>, tensor<3xi64>, tensor<2x6xf32>) -> !kv
  %r = attn.read %c : !kv to tensor<3x2x8x6xf32>
  return %r : tensor<3x2x8x6xf32>
}

// -----

// Without lengths all rows are read, and floats as they are.

// CHECK-LABEL: func.func @contiguous(
// CHECK-SAME:    %[[D:.*]]: tensor<1x2x?x7xf16>)
// CHECK:         %[[ROOM:.*]] = tensor.dim %[[D]], %{{.*}}
// CHECK:         scf.for %[[H:[a-z0-9]+]] =
// CHECK:           scf.for %[[ROW:.*]] = %{{.*}} to %[[ROOM]]
// CHECK:             scf.for %[[I:[a-z0-9]+]] =
// CHECK:               %[[X:.*]] = tensor.extract %[[D]][%{{.*}}, %[[H]], %[[ROW]], %[[I]]]
// CHECK-NEXT:          arith.extf %[[X]] : f16 to
// CHECK-NOT:           arith.mulf
// CHECK:               memref.store
!kv = !attn.kv<2x6xf16>
func.func @contiguous(%d: tensor<1x2x?x7xf16>) -> tensor<1x2x?x6xf32> {
  %c = attn.cache %d : (tensor<1x2x?x7xf16>) -> !kv
  %r = attn.read %c : !kv to tensor<1x2x?x6xf32>
  return %r : tensor<1x2x?x6xf32>
}
