// DEFINE: %{entry} = plain
// DEFINE: %{run} = %python %S/Inputs/each_gpu.py attnc run %s --entry=%{entry} --target=emulate:GPU --random --check
// DEFINE: %{one} = %{run} --dims q=1x4x1x64 --dims k=1x2x1300x64
// DEFINE: %{few} = %{run} --dims q=2x4x5x64 --dims k=2x1x600x64 && %{run} --dims q=1x6x16x64 --dims k=1x1x70x64
// DEFINE: %{none} = %{run} --dims q=1x2x3x64 --dims k=1x1x0x64 && %{run} --dims q=1x2x3x64 --dims k=1x1x1x64
// DEFINE: %{try} = %{one} && %{few}
//
// Few queries on a GPU, on the emulator against the definition: keys split over blocks,
// whose carries a second kernel merges; the rows of all heads of a group in one tile,
// and in more than one; masks, by head and by table; the log-sum-exp and an initial
// carry, which is merged once. Splits of 512 keys, the last one with less; splits that
// a mask forbids altogether.
// RUN: %{try} && %{none}
// REDEFINE: %{entry} = causal
// RUN: %{try}
// REDEFINE: %{entry} = window
// RUN: %{try}
// REDEFINE: %{entry} = per_head
// RUN: %{try}
// REDEFINE: %{entry} = padding
// RUN: %{try}
// REDEFINE: %{entry} = document
// RUN: %{try} && %{none}
// REDEFINE: %{entry} = carry
// RUN: %{try}

!t = tensor<?x?x?x64xbf16>
!f = tensor<?x?x?x64xf32>
!l = tensor<?x?x?xf32>

func.func @plain(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}

func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  return %o : !t
}

func.func @window(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<window<70, 0> or "k < 3">)
    : (!t, !t, !t) -> !t
  return %o : !t
}

func.func @per_head(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v
    mask(#attn.mask<causal and "q - k < 300 * (h + 1)">) : (!t, !t, !t) -> !t
  return %o : !t
}

func.func @padding(%q: !t, %k: !t, %v: !t, %len: tensor<?xi32>) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<padding<len>>) tables(len = %len)
    : (!t, !t, !t, tensor<?xi32>) -> !t
  return %o : !t
}

func.func @document(%q: !t, %k: !t, %v: !t, %ids: tensor<?x?xi32>) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<document<ids> and causal>)
    tables(ids = %ids) : (!t, !t, !t, tensor<?x?xi32>) -> !t
  return %o : !t
}

func.func @carry(%q: !t, %k: !t, %v: !t, %out: !f, %lse: !l) -> (!t, !l) {
  %o, %all = attn.attend %q, %k, %v mask(#attn.mask<causal>) init(%out, %lse)
    : (!t, !t, !t, !f, !l) -> (!t, !l)
  return %o, %all : !t, !l
}
