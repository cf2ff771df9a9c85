// RUN: attn-opt %s --split-input-file --pass-pipeline='builtin.module(gpu-attach-target,func.func(attn-schedule,attn-verify-scheduled))' --verify-diagnostics | FileCheck %s
//
// Strips of 64 rows, and tiles that fit the registers: fewer keys for large heads,
// more rows for small ones. Few queries share a strip with those of the other heads of
// their group, and split the keys.

// CHECK-LABEL: @small
// CHECK: attn.decode = #attn.decode<most_queries = 16, rows = 64, heads = group, key_tile = 64, keys_per_split = 512>
// CHECK: #attn.schedule<query_tile = 192, key_tile = 128, lanes = 64, splits = 1, products = bf16>
func.func @small(%q: tensor<?x?x?x64xbf16>) -> tensor<?x?x?x64xbf16> {
  %o = attn.attend %q, %q, %q : (tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>) -> tensor<?x?x?x64xbf16>
  return %o : tensor<?x?x?x64xbf16>
}

// CHECK-LABEL: @usual
// CHECK: #attn.schedule<query_tile = 128, key_tile = 176, lanes = 64, splits = 1, products = f16>
func.func @usual(%q: tensor<?x?x?x128xf16>) -> tensor<?x?x?x128xf16> {
  %o = attn.attend %q, %q, %q : (tensor<?x?x?x128xf16>, tensor<?x?x?x128xf16>, tensor<?x?x?x128xf16>) -> tensor<?x?x?x128xf16>
  return %o : tensor<?x?x?x128xf16>
}

// Never few.
// CHECK-LABEL: @static
// CHECK-NOT: attn.decode
// CHECK: return
func.func @static(%q: tensor<1x2x17x64xbf16>) -> tensor<1x2x17x64xbf16> {
  %o = attn.attend %q, %q, %q : (tensor<1x2x17x64xbf16>, tensor<1x2x17x64xbf16>, tensor<1x2x17x64xbf16>) -> tensor<1x2x17x64xbf16>
  return %o : tensor<1x2x17x64xbf16>
}

// Heads that see different keys.
// CHECK-LABEL: @unlike
// CHECK: heads = one
func.func @unlike(%q: tensor<?x?x?x64xbf16>) -> tensor<?x?x?x64xbf16> {
  %o = attn.attend %q, %q, %q mask(#attn.mask<"q - k < h">) : (tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>) -> tensor<?x?x?x64xbf16>
  return %o : tensor<?x?x?x64xbf16>
}

// CHECK-LABEL: @large
// CHECK: #attn.schedule<query_tile = 128, key_tile = 80, lanes = 64, splits = 1, products = bf16>
func.func @large(%q: tensor<?x?x?x64xbf16>, %v: tensor<?x?x?x256xbf16>) -> tensor<?x?x?x256xbf16> {
  %o = attn.attend %q, %q, %v : (tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>, tensor<?x?x?x256xbf16>) -> tensor<?x?x?x256xbf16>
  return %o : tensor<?x?x?x256xbf16>
}

// Caches as the operands are.
// CHECK-LABEL: @cache
// CHECK: products = bf16
func.func @cache(%q: tensor<?x?x?x64xbf16>, %d: tensor<?x2x?x64xbf16>) -> tensor<?x?x?x64xbf16> {
  %c = attn.cache %d : (tensor<?x2x?x64xbf16>) -> !attn.kv<2x64xbf16>
  %k = attn.read %c : !attn.kv<2x64xbf16> to tensor<?x2x?x64xf32>
  %o = attn.attend %q, %k, %k : (tensor<?x?x?x64xbf16>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>) -> tensor<?x?x?x64xbf16>
  return %o : tensor<?x?x?x64xbf16>
}

// -----

// What is converted takes registers of the threads that do so.
// CHECK-LABEL: @quantised
// CHECK: attn.decode
// CHECK: #attn.schedule<query_tile = 128, key_tile = 128, lanes = 64, splits = 1, products = bf16>
func.func @quantised(%q: tensor<?x?x?x64xbf16>, %d: tensor<?x2x?x64xi8>, %s: tensor<f32>) -> tensor<?x?x?x64xbf16> {
  %c = attn.cache %d scales(%s) : (tensor<?x2x?x64xi8>, tensor<f32>) -> !attn.kv<2x64xi8, scale<tensor>>
  %k = attn.read %c : !attn.kv<2x64xi8, scale<tensor>> to tensor<?x2x?x64xf32>
  %o = attn.attend %q, %k, %k : (tensor<?x?x?x64xbf16>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>) -> tensor<?x?x?x64xbf16>
  return %o : tensor<?x?x?x64xbf16>
}

// -----

func.func @f32(%q: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  // expected-error @below {{'attn.attend' op has no code for a GPU yet: that takes attention whose operands and output are all bf16 or all f16, but for caches; convert them, or compile for cpu}}
  %o = attn.attend %q, %q, %q : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32>
  return %o : tensor<?x?x?x64xf32>
}

// -----

func.func @scan(%q: tensor<?x?x?x64xbf16>) -> tensor<?x?x?x64xbf16> {
  // expected-error @below {{'attn.scan' op has no code for a GPU yet}}
  %o = attn.scan %q, %q, %q transition identity : tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16> -> tensor<?x?x?x64xbf16>
  return %o : tensor<?x?x?x64xbf16>
}

// -----

func.func @huge(%q: tensor<?x?x?x264xbf16>) -> tensor<?x?x?x264xbf16> {
  // expected-error @below {{'attn.attend' op has a head dim of 264, and kernels for a GPU take up to 256; compile for cpu}}
  %o = attn.attend %q, %q, %q : (tensor<?x?x?x264xbf16>, tensor<?x?x?x264xbf16>, tensor<?x?x?x264xbf16>) -> tensor<?x?x?x264xbf16>
  return %o : tensor<?x?x?x264xbf16>
}
