// DEFINE: %{entry} = paged
// DEFINE: %{run} = %python %S/Inputs/each_gpu.py attnc run %s --entry=%{entry} --target=emulate:GPU --random --check
// DEFINE: %{pages} = --dims kd=30x16x2x64 --dims t=2x15
// DEFINE: %{try} = %{run} %{pages} --dims q=2x4x1x64 --dims nk=2x2x1x64 --repeat=3 && %{run} %{pages} --dims q=2x2x40x64 --dims nk=2x2x40x64 --seed=5
//
// A decoding step, and a chunk of a prompt, in one function: new tokens are written to
// the cache by a kernel in front of those that read it.
// RUN: %{try}
// REDEFINE: %{entry} = counts
// RUN: %{try}
//
// Rings, which have no pages: those whose slots are taken again, and rows of a tile
// that begin anywhere in it.
// REDEFINE: %{entry} = rolling
// REDEFINE: %{pages} =
// RUN: %{try}
//
// A prefix, which is read by each sequence.
// REDEFINE: %{entry} = prefix
// RUN: %{run} --dims q=2x4x1x64 --dims kd=30x16x2x64 --dims t=2x15 --repeat=2
//
// Scales that are measured.
// REDEFINE: %{run} = attnc run %s --entry=%{entry} --target=emulate:sm_90a --random --check
// REDEFINE: %{entry} = quantised
// REDEFINE: %{pages} = --dims kd=30x16x2x64 --dims t=2x15
// RUN: %{try}

!q = tensor<?x?x?x64xbf16>
!w = tensor<?x2x?x64xbf16>
!d = tensor<?x16x2x64xbf16>
!r = tensor<?x2x50x64xbf16>
!t = tensor<?x?xi32>
!n = tensor<?xi32>
!paged = !attn.kv<2x64xbf16, paged<16>>
!ring = !attn.kv<2x64xbf16, rolling<50>>

func.func @paged(%q: !q, %nk: !w, %nv: !w, %kd: !d, %vd: !d, %t: !t, %n: !n) -> !q {
  %k = attn.cache %kd table(%t) lengths(%n) : (!d, !t, !n) -> !paged
  %v = attn.cache %vd table(%t) lengths(%n) : (!d, !t, !n) -> !paged
  attn.append %nk to %k : !w, !paged
  attn.append %nv to %v : !w, !paged
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!q, !paged, !paged) -> !q
  return %o : !q
}

func.func @counts(%q: !q, %nk: !w, %nv: !w, %kd: !d, %vd: !d, %t: !t, %n: !n, %m: !n) -> !q {
  %k = attn.cache %kd table(%t) lengths(%n) : (!d, !t, !n) -> !paged
  %v = attn.cache %vd table(%t) lengths(%n) : (!d, !t, !n) -> !paged
  attn.append %nk to %k counts(%m : !n) : !w, !paged
  attn.append %nv to %v counts(%m : !n) : !w, !paged
  %o = attn.attend %q, %k, %v query_lengths(%m) mask(#attn.mask<causal>)
    : (!q, !paged, !paged, !n) -> !q
  return %o : !q
}

func.func @rolling(%q: !q, %nk: !w, %nv: !w, %kd: !r, %vd: !r, %n: !n) -> !q {
  %k = attn.cache %kd lengths(%n) : (!r, !n) -> !ring
  %v = attn.cache %vd lengths(%n) : (!r, !n) -> !ring
  attn.append %nk to %k : !w, !ring
  attn.append %nv to %v : !w, !ring
  %o = attn.attend %q, %k, %v mask(#attn.mask<window<33, 0>>) : (!q, !ring, !ring) -> !q
  return %o : !q
}

func.func @prefix(%q: tensor<?x4x1x64xbf16>, %kd: !d, %vd: !d, %t: !t, %n: !n,
                  %p: tensor<i32>) -> tensor<?x4x1x64xbf16> {
  %k = attn.cache %kd table(%t) lengths(%n) prefix(%p) : (!d, !t, !n, tensor<i32>) -> !paged
  %v = attn.cache %vd table(%t) lengths(%n) prefix(%p) : (!d, !t, !n, tensor<i32>) -> !paged
  %o = attn.attend %q, %k, %v : (tensor<?x4x1x64xbf16>, !paged, !paged) -> tensor<?x4x1x64xbf16>
  return %o : tensor<?x4x1x64xbf16>
}

!c = tensor<?x16x2x64xi8>
!s = tensor<?x16x2xf32>
!codes = !attn.kv<2x64xi8, paged<16>, scale<token>>
func.func @quantised(%q: !q, %nk: !w, %nv: !w, %kd: !c, %ks: !s, %vd: !c, %vs: !s, %t: !t, %n: !n) -> !q {
  %k = attn.cache %kd table(%t) lengths(%n) scales(%ks) : (!c, !t, !n, !s) -> !codes
  %v = attn.cache %vd table(%t) lengths(%n) scales(%vs) : (!c, !t, !n, !s) -> !codes
  attn.append %nk to %k : !w, !codes
  attn.append %nv to %v : !w, !codes
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!q, !codes, !codes) -> !q
  return %o : !q
}
