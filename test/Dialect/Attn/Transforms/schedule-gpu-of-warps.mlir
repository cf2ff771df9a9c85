// DEFINE: %{gpu} = sm_80
// DEFINE: %{schedule} = attn-opt %s --pass-pipeline='builtin.module(gpu-attach-target{target=cuda:%{gpu}},func.func(attn-schedule,attn-verify-scheduled))'
// RUN: %{schedule} | FileCheck %s --check-prefixes=CHECK,LARGE
// REDEFINE: %{gpu} = sm_86
// RUN: %{schedule} | FileCheck %s --check-prefixes=CHECK,SMALL
// REDEFINE: %{gpu} = compute_89
// RUN: %{schedule} | FileCheck %s --check-prefixes=CHECK,SMALL
//
// Where warps multiply, registers and the shared memory of a block say how many rows and
// keys there are: queries, two slots of keys and values, and a list have to fit. Calls
// with few rows have steps of which two blocks fit on a multiprocessor.
//
// CHECK-LABEL: @dim64(
func.func @dim64(%q: tensor<?x?x?x64xbf16>, %k: tensor<?x?x?x64xbf16>) -> tensor<?x?x?x64xbf16> {
  // CHECK: key_tile = 64, keys_per_split = 512
  // CHECK: attn.schedule<query_tile = 128, key_tile = 64, lanes = 64
  %o = attn.attend %q, %k, %k : (tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>) -> tensor<?x?x?x64xbf16>
  return %o : tensor<?x?x?x64xbf16>
}

// CHECK-LABEL: @dim128
func.func @dim128(%q: tensor<?x?x?x128xbf16>, %k: tensor<?x?x?x128xbf16>) -> tensor<?x?x?x128xbf16> {
  // LARGE: key_tile = 64, keys_per_split = 512
  // LARGE: attn.schedule<query_tile = 128, key_tile = 64, lanes = 64
  // SMALL: key_tile = 32, keys_per_split = 512
  // SMALL: attn.schedule<query_tile = 128, key_tile = 48, lanes = 64
  %o = attn.attend %q, %k, %k : (tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>) -> tensor<?x?x?x128xbf16>
  return %o : tensor<?x?x?x128xbf16>
}

// CHECK-LABEL: @dim256
func.func @dim256(%q: tensor<?x?x?x256xbf16>, %k: tensor<?x?x?x256xbf16>) -> tensor<?x?x?x256xbf16> {
  // LARGE: key_tile = 48, keys_per_split = 512
  // LARGE: attn.schedule<query_tile = 64, key_tile = 48, lanes = 64
  // SMALL: key_tile = 16, keys_per_split = 512
  // SMALL: attn.schedule<query_tile = 64, key_tile = 16, lanes = 64
  %o = attn.attend %q, %k, %k : (tensor<?x?x?x256xbf16>, tensor<?x?x?x256xbf16>, tensor<?x?x?x256xbf16>) -> tensor<?x?x?x256xbf16>
  return %o : tensor<?x?x?x256xbf16>
}

// Rows of 192 columns beside values of 128: the larger one counts for the rows.
// CHECK-LABEL: @dims
func.func @dims(%q: tensor<?x?x?x192xbf16>, %k: tensor<?x?x?x192xbf16>, %v: tensor<?x?x?x128xbf16>) -> tensor<?x?x?x128xbf16> {
  // LARGE: attn.schedule<query_tile = 128, key_tile = 48, lanes = 64
  // SMALL: attn.schedule<query_tile = 128, key_tile = 32, lanes = 64
  %o = attn.attend %q, %k, %v : (tensor<?x?x?x192xbf16>, tensor<?x?x?x192xbf16>, tensor<?x?x?x128xbf16>) -> tensor<?x?x?x128xbf16>
  return %o : tensor<?x?x?x128xbf16>
}
