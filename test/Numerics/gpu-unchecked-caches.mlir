// RUN: %python %S/Inputs/gpu_unchecked.py %s | FileCheck %s
//
// Tables and lengths in a GPU's memory are not checked when a kernel is called: none of
// them makes it read or write what it was not given, and NaN behind the last token is
// no part of a result. The emulator reports every access out of bounds.
// CHECK: the same bits

!q = tensor<?x?x?x64xf16>
!d = tensor<?xPAGEx2x64xf16>
!t = tensor<?x?xi32>
!n = tensor<?xi32>
!w = tensor<?x2x?x64xf16>
!kv = !attn.kv<2x64xf16, paged<PAGE>>

func.func @attend(%q: !q, %kd: !d, %vd: !d, %t: !t, %n: !n) -> !q {
  %k = attn.cache %kd table(%t) lengths(%n) : (!d, !t, !n) -> !kv
  %v = attn.cache %vd table(%t) lengths(%n) : (!d, !t, !n) -> !kv
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!q, !kv, !kv) -> !q
  return %o : !q
}

func.func @append(%x: !w, %kd: !d, %t: !t, %n: !n) {
  %k = attn.cache %kd table(%t) lengths(%n) : (!d, !t, !n) -> !kv
  attn.append %x to %k : !w, !kv
  return
}

!codes = tensor<?xPAGEx2x64xi8>
!scales = tensor<?xPAGEx2xf32>
!quantised = !attn.kv<2x64xi8, paged<PAGE>, scale<token, zeros>>
func.func @quantised(%q: !q, %kd: !codes, %ks: !scales, %kz: !scales, %vd: !codes,
                     %vs: !scales, %vz: !scales, %t: !t, %n: !n) -> !q {
  %k = attn.cache %kd table(%t) lengths(%n) scales(%ks) zeros(%kz)
    : (!codes, !t, !n, !scales, !scales) -> !quantised
  %v = attn.cache %vd table(%t) lengths(%n) scales(%vs) zeros(%vz)
    : (!codes, !t, !n, !scales, !scales) -> !quantised
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!q, !quantised, !quantised) -> !q
  return %o : !q
}
