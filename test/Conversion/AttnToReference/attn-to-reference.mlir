// RUN: attn-opt %s --split-input-file --convert-attn-to-reference --canonicalize --cse \
// RUN:   | FileCheck %s --implicit-check-not=attn.attend --implicit-check-not=attn.scan --implicit-check-not=attn.yield

// The three passes over the keys of a row, with every sum in float64. With 4
// query heads for each key head of a group, key and value are read at head
// h * kv_heads / heads; reading them at h would leave their memory.

// CHECK-LABEL: func.func @softmax_is_max_then_sum_then_weighted_sum(
// CHECK-SAME:    %[[Q:.*]]: tensor<2x8x?x4xf32>, %[[K:.*]]: tensor<2x2x?x4xf32>, %[[V:.*]]: tensor<2x2x?x3xf32>
func.func @softmax_is_max_then_sum_then_weighted_sum(
    %q: tensor<2x8x?x4xf32>, %k: tensor<2x2x?x4xf32>, %v: tensor<2x2x?x3xf32>)
    -> (tensor<2x8x?x3xf32>, tensor<2x8x?xf32>) {
  // CHECK-DAG:   %[[NEG_INF:.*]] = arith.constant 0xFFF0000000000000 : f64
  // CHECK-DAG:   %[[ZERO:.*]] = arith.constant 0.000000e+00 : f64
  // CHECK-DAG:   %[[SCALE:.*]] = arith.constant 2.500000e-01 : f64
  // CHECK-DAG:   %[[C0:.*]] = arith.constant 0 : index
  // CHECK-DAG:   %[[C1:.*]] = arith.constant 1 : index
  // CHECK-DAG:   %[[C2:.*]] = arith.constant 2 : index
  // CHECK-DAG:   %[[C3:.*]] = arith.constant 3 : index
  // CHECK-DAG:   %[[C4:.*]] = arith.constant 4 : index
  // CHECK-DAG:   %[[C8:.*]] = arith.constant 8 : index
  // CHECK-DAG:   %[[ROWS:.*]] = tensor.dim %[[Q]], %[[C2]]
  // CHECK-DAG:   %[[KEYS:.*]] = tensor.dim %[[K]], %[[C2]]
  // CHECK:       %[[OUT:.*]] = memref.alloc(%[[ROWS]]) : memref<2x8x?x3xf32>
  // CHECK:       %[[LSE:.*]] = memref.alloc(%[[ROWS]]) : memref<2x8x?xf32>
  // CHECK:       %[[WEIGHTS:.*]] = memref.alloc(%[[KEYS]]) : memref<?xf64>
  // CHECK:       %[[SUMS:.*]] = memref.alloc() : memref<3xf64>
  // CHECK:       scf.for %[[B:.*]] = %[[C0]] to %[[C2]] step %[[C1]]
  // CHECK:         scf.for %[[H:.*]] = %[[C0]] to %[[C8]] step %[[C1]]
  // CHECK:           %[[H2:.*]] = arith.muli %[[H]], %[[C2]]
  // CHECK:           %[[KVH:.*]] = arith.divui %[[H2]], %[[C8]]
  // CHECK:           scf.for %[[I:.*]] = %[[C0]] to %[[ROWS]] step %[[C1]]
  // CHECK:             %[[MAX:.*]] = scf.for %[[KEY:.*]] = %[[C0]] to %[[KEYS]] step %[[C1]] iter_args(%{{.*}} = %[[NEG_INF]]) -> (f64)
  // CHECK:               %[[DOT:.*]] = scf.for %[[D:.*]] = %[[C0]] to %[[C4]] step %[[C1]] iter_args(%{{.*}} = %[[ZERO]]) -> (f64)
  // CHECK-DAG:             tensor.extract %[[Q]][%[[B]], %[[H]], %[[I]], %[[D]]]
  // CHECK-DAG:             tensor.extract %[[K]][%[[B]], %[[KVH]], %[[KEY]], %[[D]]]
  // CHECK:                 arith.mulf {{.*}} : f64
  // CHECK:               %[[SCORE:.*]] = arith.mulf %[[DOT]], %[[SCALE]] : f64
  // CHECK:               memref.store %[[SCORE]], %[[WEIGHTS]][%[[KEY]]]
  // CHECK:               arith.maximumf %{{.*}}, %[[SCORE]] : f64
  // CHECK:             %[[EMPTY:.*]] = arith.cmpf oeq, %[[MAX]], %[[NEG_INF]]
  // CHECK:             %[[SHIFT:.*]] = arith.select %[[EMPTY]], %[[ZERO]], %[[MAX]]
  // CHECK:             %[[SUM:.*]] = scf.for {{.*}} to %[[KEYS]] step %[[C1]] iter_args(%{{.*}} = %[[ZERO]]) -> (f64)
  // CHECK:               arith.subf %{{.*}}, %[[SHIFT]] : f64
  // CHECK:               math.exp %{{.*}} : f64
  // CHECK:             scf.for %[[KEY:.*]] = %[[C0]] to %[[KEYS]]
  // CHECK:               scf.for %[[D:.*]] = %[[C0]] to %[[C3]]
  // CHECK:                 tensor.extract %[[V]][%[[B]], %[[KVH]], %[[KEY]], %[[D]]]
  // CHECK:                 memref.store %{{.*}}, %[[SUMS]][%[[D]]] : memref<3xf64>
  // CHECK:             scf.for %[[D:.*]] = %[[C0]] to %[[C3]]
  // CHECK:               %[[MEAN:.*]] = arith.divf %{{.*}}, %[[SUM]] : f64
  // CHECK:               %[[ROW:.*]] = arith.select %[[EMPTY]], %[[ZERO]], %[[MEAN]] : f64
  // CHECK:               %[[ROUNDED:.*]] = arith.truncf %[[ROW]] : f64 to f32
  // CHECK:               memref.store %[[ROUNDED]], %[[OUT]][%[[B]], %[[H]], %[[I]], %[[D]]]
  // CHECK:             math.log %[[SUM]] : f64
  // CHECK:             memref.store %{{.*}}, %[[LSE]][%[[B]], %[[H]], %[[I]]]
  // CHECK:       %[[O:.*]] = bufferization.to_tensor %[[OUT]] restrict writable
  // CHECK:       %[[L:.*]] = bufferization.to_tensor %[[LSE]] restrict writable
  // CHECK:       return %[[O]], %[[L]]
  %o, %l = attn.attend %q, %k, %v scale 0.25
    : (tensor<2x8x?x4xf32>, tensor<2x2x?x4xf32>, tensor<2x2x?x3xf32>)
    -> (tensor<2x8x?x3xf32>, tensor<2x8x?xf32>)
  return %o, %l : tensor<2x8x?x3xf32>, tensor<2x8x?xf32>
}

// -----

// The query's position is its row plus what the keys are longer, and a masked
// key takes part in none of the three passes: not even its value, which may be
// infinite, is multiplied by zero. `mod` is of possibly negative numbers.

// CHECK-LABEL: func.func @mask_guards_every_pass(
func.func @mask_guards_every_pass(
    %q: tensor<2x2x2x4xf32>, %k: tensor<2x2x8x4xf32>, %v: tensor<2x2x8x4xf32>)
    -> tensor<2x2x2x4xf32> {
  // CHECK-DAG:   %[[C0:.*]] = arith.constant 0 : index
  // CHECK-DAG:   %[[C3:.*]] = arith.constant 3 : index
  // CHECK-DAG:   %[[C6:.*]] = arith.constant 6 : index
  // CHECK:       %[[POSITION:.*]] = arith.addi %{{.*}}, %[[C6]] : index
  // CHECK:       scf.for %[[KEY:[a-z0-9]+]] = {{.*}} iter_args(%[[MAX:[a-z0-9]+]] = %{{.*}}) -> (f64)
  // CHECK:         %[[CAUSAL:.*]] = arith.cmpi sle, %[[KEY]], %[[POSITION]] : index
  // CHECK:         %[[DISTANCE:.*]] = arith.subi %[[POSITION]], %[[KEY]] : index
  // CHECK:         %[[REMAINDER:.*]] = arith.remsi %[[DISTANCE]], %[[C3]] : index
  // CHECK:         %[[NEGATIVE:.*]] = arith.cmpi slt, %[[REMAINDER]], %[[C0]] : index
  // CHECK:         %[[RAISED:.*]] = arith.addi %[[REMAINDER]], %[[C3]] : index
  // CHECK:         %[[MOD:.*]] = arith.select %[[NEGATIVE]], %[[RAISED]], %[[REMAINDER]] : index
  // CHECK:         %[[SPARSE:.*]] = arith.cmpi eq, %[[MOD]], %[[C0]] : index
  // CHECK:         %[[ALLOWED:.*]] = arith.andi %[[CAUSAL]], %[[SPARSE]] : i1
  // CHECK:         scf.if %[[ALLOWED]] -> (f64)
  // CHECK:           arith.maximumf
  // CHECK:         } else {
  // CHECK-NEXT:      scf.yield %[[MAX]] : f64
  // CHECK:       scf.for {{.*}} iter_args(%[[SUM:[a-z0-9]+]] = %{{.*}}) -> (f64)
  // CHECK:         scf.if %{{.*}} -> (f64)
  // CHECK:           math.exp
  // CHECK:         } else {
  // CHECK-NEXT:      scf.yield %[[SUM]] : f64
  // CHECK:         scf.if %{{.*}} {
  // CHECK-NEXT:      memref.load
  // CHECK-NEXT:      scf.for
  // CHECK:             arith.mulf
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal and "(q - k) mod 3 == 0">)
    : (tensor<2x2x2x4xf32>, tensor<2x2x8x4xf32>, tensor<2x2x8x4xf32>)
    -> tensor<2x2x2x4xf32>
  return %o : tensor<2x2x2x4xf32>
}

// -----

// A region is its formula, in float64: constants and tables are widened, a
// cast from f16 to f32 is nothing, and a permission to reassociate is not used.
// The result is rounded to f16 once: bits of the f32 step are made odd first.

// CHECK-LABEL: func.func @score_region_is_computed_in_f64(
// CHECK-SAME:    %[[SLOPES:[^:]*]]: tensor<2xf16>)
func.func @score_region_is_computed_in_f64(
    %q: tensor<2x2x4x4xf16>, %k: tensor<2x2x4x4xf16>, %v: tensor<2x2x4x4xf16>,
    %slopes: tensor<2xf16>) -> tensor<2x2x4x4xf16> {
  // 0.1 as f32 and then as f64 is not 0.1 as f64.
  // CHECK-DAG:   %[[TENTH:.*]] = arith.constant 0.10000000149011612 : f64
  // CHECK-DAG:   %[[ONE:.*]] = arith.constant 1 : i32
  // CHECK:       scf.for
  // CHECK:       scf.for %[[H:[a-z0-9]+]] =
  // CHECK:       scf.for %[[KEY:[a-z0-9]+]] = {{.*}} -> (f64)
  // CHECK:         %[[SLOPE:.*]] = tensor.extract %[[SLOPES]][%[[H]]] : tensor<2xf16>
  // CHECK:         %[[SLOPE32:.*]] = arith.extf %[[SLOPE]] : f16 to f32
  // CHECK:         %[[SLOPE64:.*]] = arith.extf %[[SLOPE32]] : f32 to f64
  // CHECK:         %[[DISTANCE:.*]] = arith.subi %[[KEY]], %{{.*}} : index
  // CHECK:         %[[DISTANCE32:.*]] = arith.index_cast %[[DISTANCE]] : index to i32
  // CHECK:         %[[DISTANCE64:.*]] = arith.sitofp %[[DISTANCE32]] : i32 to f64
  // CHECK:         %[[BIAS:.*]] = arith.mulf %[[DISTANCE64]], %[[SLOPE64]] : f64
  // CHECK:         %[[SUM:.*]] = arith.addf %{{.*}}, %[[BIAS]] : f64
  // CHECK:         arith.mulf %[[SUM]], %[[TENTH]] : f64
  // CHECK:       %[[ROUNDED:.*]] = arith.truncf %{{.*}} : f64 to f32
  // CHECK:       %[[BITS:.*]] = arith.bitcast %[[ROUNDED]] : f32 to i32
  // CHECK:       arith.andi %[[BITS]], %[[ONE]] : i32
  // CHECK:       %[[ODD:.*]] = arith.bitcast %{{.*}} : i32 to f32
  // CHECK:       arith.truncf %[[ODD]] : f32 to f16
  %o = attn.attend %q, %k, %v scale 1.0 score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %slope16 = tensor.extract %slopes[%h] : tensor<2xf16>
    %slope = arith.extf %slope16 : f16 to f32
    %distance = arith.subi %j, %i : index
    %distance_i32 = arith.index_cast %distance : index to i32
    %distance_f32 = arith.sitofp %distance_i32 : i32 to f32
    %bias = arith.mulf %distance_f32, %slope fastmath<fast> : f32
    %sum = arith.addf %s, %bias : f32
    %tenth = arith.constant 0.1 : f32
    %scaled = arith.mulf %sum, %tenth : f32
    attn.yield %scaled : f32
  } : (tensor<2x2x4x4xf16>, tensor<2x2x4x4xf16>, tensor<2x2x4x4xf16>)
    -> tensor<2x2x4x4xf16>
  return %o : tensor<2x2x4x4xf16>
}

// -----

// CHECK-LABEL: func.func @function_without_attn_is_unchanged(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>
// CHECK-NEXT:    %[[E:.*]] = math.exp %[[X]] : tensor<4xf32>
// CHECK-NEXT:    return %[[E]]
func.func @function_without_attn_is_unchanged(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = math.exp %x : tensor<4xf32>
  return %e : tensor<4xf32>
}
