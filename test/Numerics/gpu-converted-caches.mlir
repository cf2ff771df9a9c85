// DEFINE: %{entry} = mixed
// DEFINE: %{run} = attnc run %s --entry=%{entry} --target=emulate:sm_90a --random --check
//
// Caches that a GPU converts on the way, on the emulator against the definition: keys as
// they are multiplied beside values that are not; numbers of f32 and f16 for products of
// bf16; an initial carry, ragged queries, ranges that begin anywhere; no tokens, and one.
// RUN: %{run} --dims q=2x4x40x64 --dims kd=2x2x90x64 && %{run} --dims q=2x4x3x64 --dims kd=2x2x90x64
// RUN: %{run} --dims q=2x2x5x64 --dims kd=2x2x0x64 && %{run} --dims q=1x2x20x64 --dims kd=1x2x1x64
// REDEFINE: %{entry} = floats
// RUN: %{run} --dims q=2x4x40x64 --dims kd=2x2x90x64 && %{run} --dims q=2x4x3x64 --dims kd=2x2x90x64
// REDEFINE: %{entry} = ragged
// RUN: %{run} --dims q=2x4x40x64 --dims kd=13x16x2x32 --dims t=2x6 && %{run} --dims q=2x4x3x64 --dims kd=13x16x2x32 --dims t=2x6

!q = tensor<?x?x?x64xbf16>
!d = tensor<?x2x?x64xbf16>
!c = tensor<?x2x?x64xi8>
!s = tensor<?x2x?xf32>
!n = tensor<?xi32>
!f = tensor<?x?x?x64xf32>
!l = tensor<?x?x?xf32>
!keys = !attn.kv<2x64xbf16>
!values = !attn.kv<2x64xf8E5M2, scale<token>>

func.func @mixed(%q: !q, %kd: !d, %vd: !c, %vs: !s, %n: !n, %out: !f, %lse: !l) -> (!q, !l) {
  %k = attn.cache %kd lengths(%n) : (!d, !n) -> !keys
  %v = attn.cache %vd lengths(%n) scales(%vs) : (!c, !n, !s) -> !values
  %o, %all = attn.attend %q, %k, %v mask(#attn.mask<causal>) init(%out, %lse)
    : (!q, !keys, !values, !f, !l) -> (!q, !l)
  return %o, %all : !q, !l
}

func.func @floats(%q: !q, %kd: tensor<?x2x?x64xf32>, %vd: tensor<?x2x?x64xf16>, %n: !n) -> !q {
  %k = attn.cache %kd lengths(%n) : (tensor<?x2x?x64xf32>, !n) -> !attn.kv<2x64xf32>
  %v = attn.cache %vd lengths(%n) : (tensor<?x2x?x64xf16>, !n) -> !attn.kv<2x64xf16>
  %o = attn.attend %q, %k, %v mask(#attn.mask<window<37, 0> or "k < 3">)
    : (!q, !attn.kv<2x64xf32>, !attn.kv<2x64xf16>) -> !q
  return %o : !q
}

!pages = tensor<?x16x2x32xi8>
!groups = tensor<?x16x2x2xf32>
!t = tensor<?x?xi32>
!kv = !attn.kv<2x64xi4, paged<16>, scale<group = 32, zeros>>
func.func @ragged(%q: !q, %kd: !pages, %ks: !groups, %kz: !groups, %vd: !pages,
                  %vs: !groups, %vz: !groups, %t: !t, %n: !n, %m: !n) -> (!q, !l) {
  %k = attn.cache %kd table(%t) lengths(%n) scales(%ks) zeros(%kz)
    : (!pages, !t, !n, !groups, !groups) -> !kv
  %v = attn.cache %vd table(%t) lengths(%n) scales(%vs) zeros(%vz)
    : (!pages, !t, !n, !groups, !groups) -> !kv
  %o, %lse = attn.attend %q, %k, %v query_lengths(%m) mask(#attn.mask<causal>)
    : (!q, !kv, !kv, !n) -> (!q, !l)
  return %o, %lse : !q, !l
}
