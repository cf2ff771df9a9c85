// DEFINE: %{entry} = causal
// DEFINE: %{run} = %python %S/Inputs/each_gpu.py attnc run %s --entry=%{entry} --target=emulate:GPU --random --check
// DEFINE: %{many} = %{run} --dims q=2x4x200x64 --dims kd=2x2x333x64 --repeat=3
// DEFINE: %{few} = %{run} --dims q=3x6x5x64 --dims kd=3x2x600x64 --repeat=3 && %{run} --dims q=2x4x1x64 --dims kd=2x2x1100x64
// DEFINE: %{none} = %{run} --dims q=2x2x5x64 --dims kd=2x2x0x64 && %{run} --dims q=1x2x40x64 --dims kd=1x2x1x64
// DEFINE: %{try} = %{many} && %{few} && %{none}
//
// Contiguous caches on a GPU, on the emulator against the definition: lengths of each
// sequence, 0 and 1 among them, and none at all; other orders of the axes, which are
// strides; more tokens in the buffer than queries; ragged queries; an initial carry.
// RUN: %{try}
// REDEFINE: %{entry} = whole
// RUN: %{try}
// REDEFINE: %{entry} = ragged
// RUN: %{try}
// REDEFINE: %{entry} = carry
// RUN: %{many} && %{few}
//
// Rows that go on behind the dim, where a product would read on.
// REDEFINE: %{entry} = wide
// RUN: %{run} --dims q=2x4x200x40 --dims kd=2x2x333x136 --repeat=2
// RUN: %{run} --dims q=2x4x3x40 --dims kd=2x2x600x136

!q = tensor<?x?x?x64xbf16>
!d = tensor<?x2x?x64xbf16>
!n = tensor<?xi64>
!f = tensor<?x?x?x64xf32>
!l = tensor<?x?x?xf32>
!kv = !attn.kv<2x64xbf16>

func.func @causal(%q: !q, %kd: !d, %vd: !d, %n: !n) -> (!q, !l) {
  %k = attn.cache %kd lengths(%n) : (!d, !n) -> !kv
  %v = attn.cache %vd lengths(%n) : (!d, !n) -> !kv
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!q, !kv, !kv) -> (!q, !l)
  return %o, %lse : !q, !l
}

func.func @whole(%q: !q, %kd: !d, %vd: !d) -> !q {
  %k = attn.cache %kd : (!d) -> !kv
  %v = attn.cache %vd : (!d) -> !kv
  %o = attn.attend %q, %k, %v mask(#attn.mask<window<70, 0>>) : (!q, !kv, !kv) -> !q
  return %o : !q
}

func.func @ragged(%q: !q, %kd: !d, %vd: !d, %n: !n, %m: tensor<?xi32>) -> !q {
  %k = attn.cache %kd lengths(%n) : (!d, !n) -> !kv
  %v = attn.cache %vd lengths(%n) : (!d, !n) -> !kv
  %o = attn.attend %q, %k, %v query_lengths(%m) mask(#attn.mask<causal>)
    : (!q, !kv, !kv, tensor<?xi32>) -> !q
  return %o : !q
}

func.func @carry(%q: !q, %kd: !d, %vd: !d, %n: !n, %out: !f, %lse: !l) -> (!q, !l) {
  %k = attn.cache %kd lengths(%n) : (!d, !n) -> !kv
  %v = attn.cache %vd lengths(%n) : (!d, !n) -> !kv
  %o, %all = attn.attend %q, %k, %v mask(#attn.mask<causal>) init(%out, %lse)
    : (!q, !kv, !kv, !f, !l) -> (!q, !l)
  return %o, %all : !q, !l
}

func.func @wide(%q: tensor<?x?x?x40xbf16>, %kd: tensor<?x2x?x136xbf16>,
                %vd: tensor<?x2x?x136xbf16>, %n: !n) -> tensor<?x?x?x40xbf16> {
  %k = attn.cache %kd lengths(%n) : (tensor<?x2x?x136xbf16>, !n) -> !attn.kv<2x40xbf16>
  %v = attn.cache %vd lengths(%n) : (tensor<?x2x?x136xbf16>, !n) -> !attn.kv<2x40xbf16>
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x?x?x40xbf16>, !attn.kv<2x40xbf16>, !attn.kv<2x40xbf16>)
    -> tensor<?x?x?x40xbf16>
  return %o : tensor<?x?x?x40xbf16>
}
