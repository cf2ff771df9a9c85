// RUN: attn-opt %s --cpu-expand-vector-math --split-input-file --verify-diagnostics

// A function without an expansion would be a library call for each lane.
func.func @no_expansion(%x: vector<8xf32>) -> vector<8xf32> {
  // expected-error @below {{'math.asinh' has no vector form on cpu; use exp, exp2, expm1, log, log1p, log2, sqrt, rsqrt, sin, cos, tanh, atan, atan2, erf, absf, floor, ceil, trunc, roundeven, copysign or fma}}
  %y = math.asinh %x : vector<8xf32>
  return %y : vector<8xf32>
}

// -----

// The polynomials are for f32: bits of another type lie elsewhere.
func.func @f64(%x: vector<4xf64>) -> vector<4xf64> {
  // expected-error @below {{'math.exp2' has no vector form on cpu}}
  %y = math.exp2 %x : vector<4xf64>
  return %y : vector<4xf64>
}

// -----

// Accepted: the same function of a scalar.
func.func @scalar(%x: f32) -> f32 {
  %y = math.asinh %x : f32
  return %y : f32
}
