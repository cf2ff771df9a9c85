// Kernels for a GPU over caches of i8, i4 and f8, for tests of what is written.

!int8_0 = !attn.kv<2x128xi8, paged<16>, scale<token>>
!int8_1 = tensor<?x?x?x128xbf16>
!int8_2 = tensor<?x16x2x128xi8>
!int8_3 = tensor<?x16x2xf32>
!int8_4 = tensor<?x?xi32>
!int8_5 = tensor<?xi32>
func.func @int8(%q: !int8_1, %kd: !int8_2, %ks: !int8_3, %vd: !int8_2, %vs: !int8_3, %t: !int8_4, %n: !int8_5) -> !int8_1 {
  %k = attn.cache %kd table(%t) lengths(%n) scales(%ks) : (!int8_2, !int8_4, !int8_5, !int8_3) -> !int8_0
  %v = attn.cache %vd table(%t) lengths(%n) scales(%vs) : (!int8_2, !int8_4, !int8_5, !int8_3) -> !int8_0
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!int8_1, !int8_0, !int8_0) -> !int8_1
  return %o : !int8_1
}

!int4_0 = !attn.kv<2x128xi4, scale<group = 32, zeros>>
!int4_1 = tensor<?x?x?x128xbf16>
!int4_2 = tensor<?x2x?x4xf32>
!int4_3 = tensor<?x2x?x64xi8>
!int4_4 = tensor<?xi32>
func.func @int4(%q: !int4_1, %kd: !int4_3, %ks: !int4_2, %kz: !int4_2, %vd: !int4_3, %vs: !int4_2, %vz: !int4_2, %n: !int4_4) -> !int4_1 {
  %k = attn.cache %kd lengths(%n) scales(%ks) zeros(%kz) : (!int4_3, !int4_4, !int4_2, !int4_2) -> !int4_0
  %v = attn.cache %vd lengths(%n) scales(%vs) zeros(%vz) : (!int4_3, !int4_4, !int4_2, !int4_2) -> !int4_0
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!int4_1, !int4_0, !int4_0) -> !int4_1
  return %o : !int4_1
}

!float8_0 = !attn.kv<2x64xf8E4M3FN, rolling<50>, scale<channel>>
!float8_1 = tensor<?x2x50x64xi8>
!float8_2 = tensor<?x?x?x64xf16>
!float8_3 = tensor<2x64xf32>
!float8_4 = tensor<?xi32>
func.func @float8(%q: !float8_2, %kd: !float8_1, %ks: !float8_3, %vd: !float8_1, %vs: !float8_3, %n: !float8_4) -> !float8_2 {
  %k = attn.cache %kd lengths(%n) scales(%ks) : (!float8_1, !float8_4, !float8_3) -> !float8_0
  %v = attn.cache %vd lengths(%n) scales(%vs) : (!float8_1, !float8_4, !float8_3) -> !float8_0
  %o = attn.attend %q, %k, %v mask(#attn.mask<window<33, 0>>) : (!float8_2, !float8_0, !float8_0) -> !float8_2
  return %o : !float8_2
}
