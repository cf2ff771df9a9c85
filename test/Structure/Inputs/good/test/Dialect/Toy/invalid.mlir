// RUN: toy-opt %s --split-input-file --verify-diagnostics
func.func @scale_c1_types_differ() {
  // expected-error @+1 {{requires the same type for all operands and results}}
  toy.scale
}
// -----
func.func @scale_c2_factor_is_nan() {
  // expected-error @+1 {{the factor is nan, and a row can only be multiplied by a finite number: use "1.0"}}
  toy.scale
}
