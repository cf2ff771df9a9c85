// RUN: attn-opt %s --cpu-expand-vector-math | FileCheck %s

// The polynomial: clamp, round by adding 1.5 * 2^23, five FMAs, exponent bits
// added. Comparisons are ordered, so that NaN falls through both selections.
// CHECK-LABEL: func @exp2(
// CHECK-SAME:    %[[X:.*]]: vector<8xf32>)
// CHECK-DAG:     %[[LOW:.*]] = arith.constant dense<-1.260000e+02> : vector<8xf32>
// CHECK-DAG:     %[[HIGH:.*]] = arith.constant dense<127.999992> : vector<8xf32>
// CHECK:         %[[IS_LOW:.*]] = arith.cmpf olt, %[[X]], %[[LOW]]
// CHECK:         %[[A:.*]] = arith.select %[[IS_LOW]], %[[LOW]], %[[X]]
// CHECK:         %[[IS_HIGH:.*]] = arith.cmpf ogt, %[[A]], %[[HIGH]]
// CHECK:         %[[B:.*]] = arith.select %[[IS_HIGH]], %[[HIGH]], %[[A]]
// CHECK:         %[[SHIFT:.*]] = arith.constant dense<0x4B400000> : vector<8xf32>
// CHECK:         %[[SHIFTED:.*]] = arith.addf %[[B]], %[[SHIFT]]
// CHECK:         %[[BITS:.*]] = arith.bitcast %[[SHIFTED]] : vector<8xf32> to vector<8xi32>
// CHECK:         %[[N:.*]] = arith.subf %[[SHIFTED]], %[[SHIFT]]
// CHECK:         %[[EXPONENT:.*]] = arith.shli %[[BITS]],
// CHECK:         %[[F:.*]] = arith.subf %[[B]], %[[N]]
// CHECK-COUNT-5: vector.fma %{{.*}}, %[[F]],
// CHECK-NOT:     vector.fma
// CHECK:         %[[SUM:.*]] = arith.bitcast
// CHECK:         %[[SCALED:.*]] = arith.addi %[[SUM]], %[[EXPONENT]]
// CHECK:         %[[Y:.*]] = arith.bitcast %[[SCALED]] : vector<8xi32> to vector<8xf32>
// CHECK:         return %[[Y]]
func.func @exp2(%x: vector<8xf32>) -> vector<8xf32> {
  %y = math.exp2 %x : vector<8xf32>
  return %y : vector<8xf32>
}

// exp is exp2 of x log2(e). Upstream's pattern for exp is slower and must lose.
// CHECK-LABEL: func @exp(
// CHECK-SAME:    %[[X:.*]]: vector<16xf32>)
// CHECK-DAG:     %[[LOG2E:.*]] = arith.constant dense<1.44269502> : vector<16xf32>
// CHECK:         %[[S:.*]] = arith.mulf %[[X]], %[[LOG2E]]
// CHECK:         arith.cmpf olt, %[[S]]
// CHECK-COUNT-5: vector.fma
// CHECK-NOT:     math.
// CHECK:         return
func.func @exp(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.exp %x : vector<16xf32>
  return %y : vector<16xf32>
}

// Other functions become upstream's polynomials; libm would be called per lane.
// CHECK-LABEL: func @others(
// CHECK-NOT:     math.tanh
// CHECK-NOT:     math.log
// CHECK-NOT:     math.sin
// CHECK:         return
func.func @others(%x: vector<4xf32>) -> (vector<4xf32>, vector<4xf32>, vector<4xf32>) {
  %a = math.tanh %x : vector<4xf32>
  %b = math.log %x : vector<4xf32>
  %c = math.sin %x : vector<4xf32>
  return %a, %b, %c : vector<4xf32>, vector<4xf32>, vector<4xf32>
}

// rsqrt is two instructions.
// CHECK-LABEL: func @rsqrt(
// CHECK-SAME:    %[[X:.*]]: vector<8xf32>)
// CHECK-DAG:     %[[ONE:.*]] = arith.constant dense<1.000000e+00> : vector<8xf32>
// CHECK-DAG:     %[[R:.*]] = math.sqrt %[[X]] : vector<8xf32>
// CHECK:         arith.divf %[[ONE]], %[[R]] : vector<8xf32>
func.func @rsqrt(%x: vector<8xf32>) -> vector<8xf32> {
  %y = math.rsqrt %x : vector<8xf32>
  return %y : vector<8xf32>
}

// Unchanged: what is an instruction already.
// CHECK-LABEL: func @instructions(
// CHECK-NEXT:    math.absf
// CHECK-NEXT:    math.floor
// CHECK-NEXT:    math.fma
// CHECK-NEXT:    return
func.func @instructions(%x: vector<8xf32>) -> vector<8xf32> {
  %a = math.absf %x : vector<8xf32>
  %b = math.floor %a : vector<8xf32>
  %c = math.fma %a, %b, %x : vector<8xf32>
  return %c : vector<8xf32>
}

// Unchanged: scalars, which libm computes.
// CHECK-LABEL: func @scalar(
// CHECK-NEXT:    math.exp2 %{{.*}} : f32
// CHECK-NEXT:    return
func.func @scalar(%x: f32) -> f32 {
  %a = math.exp2 %x : f32
  return %a : f32
}

// Turns by pi/2 are taken off in three parts; the lowest bit of their number says which
// polynomial, the next one the sign.
// CHECK-LABEL: func @sine(
// CHECK-SAME:    %[[X:.*]]: vector<8xf32>)
// CHECK:         %[[SHIFTED:.*]] = vector.fma %[[X]],
// CHECK:         %[[BITS:.*]] = arith.bitcast %[[SHIFTED]]
// CHECK:         %[[TURNS:.*]] = arith.subf %[[SHIFTED]],
// CHECK-COUNT-3: vector.fma %[[TURNS]],
// CHECK:         arith.cmpf olt
// CHECK:         arith.select
// CHECK:         arith.cmpf ogt
// CHECK:         arith.select
// CHECK:         arith.cmpi ne
// CHECK:         arith.select
// CHECK:         arith.shli
// CHECK:         arith.xori
// CHECK-NOT:     math.
// CHECK:         return
func.func @sine(%x: vector<8xf32>) -> vector<8xf32> {
  %y = math.sin %x : vector<8xf32>
  return %y : vector<8xf32>
}
