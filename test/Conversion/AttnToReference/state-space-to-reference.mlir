// RUN: attn-opt %s --convert-attn-to-reference --canonicalize --cse | FileCheck %s
//
// A channel at a time, in float64. Parameters in continuous time stay what they are:
// the hold is an exponential at each position, the bilinear method an equation.

!x = tensor<?x?x?x16xf32>
!p = tensor<?x2x3x16xf32>
!dt = tensor<?x16xf32>

// CHECK-LABEL: func.func @held(
// CHECK:         %[[STATE:.*]] = memref.alloc() : memref<2x3xf64>
// CHECK:         scf.for
// CHECK:           %[[SIZE:.*]] = math.exp %{{.*}} : f64
// CHECK:           math.cos
// CHECK:           math.sin
// CHECK:           arith.cmpf oeq
// CHECK:           memref.store %{{.*}}, %[[STATE]]
// CHECK:         scf.for {{.*}} iter_args
// CHECK:           memref.load %[[STATE]]
func.func @held(%x: !x, %a: !p, %b: !p, %c: !p, %dt: !dt) -> !x {
  %y = attn.state_space %x, %a, %b, %c step(%dt : !dt) discretization zoh
    : !x, !p -> !x
  return %y : !x
}

// CHECK-LABEL: func.func @bilinear(
// CHECK:         %[[STATE:.*]] = memref.alloc() : memref<2x3xf64>
// CHECK:         %[[NEXT:.*]] = memref.alloc() : memref<2x3xf64>
// CHECK-NOT:     math.exp
// Q^* h before the step, that of the diagonal's part, and Q^* of the rank.
// CHECK-COUNT-3: scf.for {{.*}} iter_args
// CHECK:         return
func.func @bilinear(%x: !x, %a: !p, %b: !p, %c: !p, %p: !p, %dt: !dt) -> !x {
  %y = attn.state_space %x, %a, %b, %c low_rank(%p, %p : !p, !p)
    step(%dt : !dt) discretization bilinear : !x, !p -> !x
  return %y : !x
}
