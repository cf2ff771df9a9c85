// RUN: attn-opt %s --split-input-file --convert-attn-to-reference --verify-diagnostics

// Float types that float64 cannot be rounded to, or is narrower than.

func.func @score_region_with_f8_table(
    %q: tensor<1x2x4x4xf32>, %k: tensor<1x2x4x4xf32>, %v: tensor<1x2x4x4xf32>,
    %table: tensor<2xf8E4M3FN>) -> tensor<1x2x4x4xf32> {
  // expected-error @+1 {{'attn.attend' op has a score region that computes with 'f8E4M3FN': the reference knows index, integers, f16, bf16, f32 and f64, so convert to f32 before the op}}
  %o = attn.attend %q, %k, %v score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %narrow = tensor.extract %table[%h] : tensor<2xf8E4M3FN>
    %bias = arith.extf %narrow : f8E4M3FN to f32
    %sum = arith.addf %s, %bias : f32
    attn.yield %sum : f32
  } : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>)
    -> tensor<1x2x4x4xf32>
  return %o : tensor<1x2x4x4xf32>
}

// -----

func.func @feature_region_in_f128(
    %q: tensor<1x2x4x4xf32>, %k: tensor<1x2x4x4xf32>, %v: tensor<1x2x4x4xf32>)
    -> tensor<1x2x4x4xf32> {
  // expected-error @+1 {{'attn.scan' op has a feature region that computes with 'f128'}}
  %o = attn.scan %q, %k, %v transition identity feature {
  ^bb0(%x: f32):
    %wide = arith.extf %x : f32 to f128
    %square = arith.mulf %wide, %wide : f128
    %y = arith.truncf %square : f128 to f32
    attn.yield %y : f32
  } : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
    -> tensor<1x2x4x4xf32>
  return %o : tensor<1x2x4x4xf32>
}

// -----

func.func @decay_region_in_f80(
    %q: tensor<1x2x4x4xf32>, %k: tensor<1x2x4x4xf32>, %v: tensor<1x2x4x4xf32>)
    -> tensor<1x2x4x4xf32> {
  // expected-error @+1 {{'attn.scan' op has a decay region that computes with 'f80'}}
  %o = attn.scan %q, %k, %v transition scalar decay {
  ^bb0(%b: index, %h: index, %t: index):
    %wide = arith.constant -1.0 : f80
    %log = arith.truncf %wide : f80 to f32
    attn.yield %log : f32
  } : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
    -> tensor<1x2x4x4xf32>
  return %o : tensor<1x2x4x4xf32>
}
