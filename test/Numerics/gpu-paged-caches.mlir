// DEFINE: %{blocks} = 21
// DEFINE: %{page} = 16
// DEFINE: %{order} = nhd
// DEFINE: %{data} = 16x2
// DEFINE: %{type} = bf16
// DEFINE: %{dim} = 64
// DEFINE: %{make} = sed 's/ORDER/%{order}/g; s/PAGE/%{page}/g; s/DATA/%{data}/g; s/TYPE/%{type}/g; s/DIM/%{dim}/g' %s > %t.mlir
// DEFINE: %{run} = %python %S/Inputs/each_gpu.py attnc run %t.mlir --target=emulate:GPU --random --check
// DEFINE: %{many} = %{run} --entry=causal --dims q=2x4x150x%{dim} --dims kd=17x%{data}x%{dim} --dims t=2x%{blocks} --repeat=2
// DEFINE: %{chunk} = %{run} --entry=window --dims q=1x2x70x%{dim} --dims kd=40x%{data}x%{dim} --dims t=1x%{blocks} --seed=3
// DEFINE: %{few} = %{run} --entry=causal --dims q=2x6x5x%{dim} --dims kd=40x%{data}x%{dim} --dims t=2x%{blocks} --repeat=3
// DEFINE: %{one} = %{run} --entry=all --dims q=3x4x1x%{dim} --dims kd=40x%{data}x%{dim} --dims t=3x%{blocks} --repeat=3
// DEFINE: %{none} = %{run} --entry=all --dims q=2x2x3x%{dim} --dims kd=0x%{data}x%{dim} --dims t=2x1
// DEFINE: %{try} = %{make} && %{many} && %{chunk} && %{few} && %{one} && %{none}
//
// Paged caches on the emulator, against the definition: lengths that divide neither
// tiles nor pages, 0 and 1 among them; many queries, a chunk of a prompt under a mask
// whose ranges begin anywhere, few queries of grouped heads whose keys are split, and
// one; no pages at all. Pages that are runs of a bulk copy, of every size that fits.
// RUN: %{try}
// REDEFINE: %{order} = hnd
// REDEFINE: %{data} = 2x16
// REDEFINE: %{type} = f16
// RUN: %{try}
// REDEFINE: %{order} = nhd
// REDEFINE: %{data} = 64x2
// REDEFINE: %{page} = 64
// REDEFINE: %{dim} = 128
// REDEFINE: %{blocks} = 9
// RUN: %{try}
// REDEFINE: %{data} = 24x2
// REDEFINE: %{page} = 24
// REDEFINE: %{dim} = 40
// RUN: %{try}
//
// Pages that are not, and are copied row by row.
// REDEFINE: %{data} = 1x2
// REDEFINE: %{page} = 1
// REDEFINE: %{dim} = 64
// REDEFINE: %{blocks} = 300
// RUN: %{try}
// REDEFINE: %{order} = hnd
// REDEFINE: %{data} = 2x7
// REDEFINE: %{page} = 7
// REDEFINE: %{dim} = 128
// REDEFINE: %{blocks} = 50
// RUN: %{try}
// REDEFINE: %{type} = bf16
// REDEFINE: %{dim} = 72
// RUN: %{try}

!q = tensor<?x?x?xDIMxTYPE>
!d = tensor<?xDATAxDIMxTYPE>
!t = tensor<?x?xi32>
!n = tensor<?xi32>
!kv = !attn.kv<2xDIMxTYPE, paged<PAGE, ORDER>>

func.func @all(%q: !q, %kd: !d, %vd: !d, %t: !t, %n: !n) -> (!q, tensor<?x?x?xf32>) {
  %k = attn.cache %kd table(%t) lengths(%n) : (!d, !t, !n) -> !kv
  %v = attn.cache %vd table(%t) lengths(%n) : (!d, !t, !n) -> !kv
  %o, %lse = attn.attend %q, %k, %v : (!q, !kv, !kv) -> (!q, tensor<?x?x?xf32>)
  return %o, %lse : !q, tensor<?x?x?xf32>
}

func.func @causal(%q: !q, %kd: !d, %vd: !d, %t: !t, %n: !n) -> !q {
  %k = attn.cache %kd table(%t) lengths(%n) : (!d, !t, !n) -> !kv
  %v = attn.cache %vd table(%t) lengths(%n) : (!d, !t, !n) -> !kv
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!q, !kv, !kv) -> !q
  return %o : !q
}

func.func @window(%q: !q, %kd: !d, %vd: !d, %t: !t, %n: !n) -> !q {
  %k = attn.cache %kd table(%t) lengths(%n) : (!d, !t, !n) -> !kv
  %v = attn.cache %vd table(%t) lengths(%n) : (!d, !t, !n) -> !kv
  %o = attn.attend %q, %k, %v mask(#attn.mask<window<37, 0> or "k < 3">)
    : (!q, !kv, !kv) -> !q
  return %o : !q
}
