// DEFINE: %{entry} = document
// DEFINE: %{run} = %python %S/Inputs/each_gpu.py attnc run %s --entry=%{entry} --target=emulate:GPU --random --check
// DEFINE: %{few} = %{run} --repeat=2
// DEFINE: %{long} = %{run} --dims q=2x1x200x64 --dims k=2x1x200x64
// DEFINE: %{short} = %{run} --dims q=1x1x70x64 --dims k=1x1x333x64
// DEFINE: %{none} = %{run} --dims q=2x1x5x64 --dims k=2x1x0x64 && %{run} --dims q=1x1x1x64 --dims k=1x1x1x64
// DEFINE: %{try} = %{few} && %{long} && %{none}
//
// Masks with tables that are made beforehand, by kernels of their own, on the
// emulator against the definition: summaries of blocks of keys, of one table for all
// sequences and of one for each; the ends of documents; random blocks. Lengths that
// divide no tile, more keys than queries, one key and none.
// RUN: %{try}
// REDEFINE: %{entry} = shared_document
// RUN: %{try}
// REDEFINE: %{entry} = packed
// RUN: %{try}
// REDEFINE: %{entry} = random_blocks
// RUN: %{try}
// REDEFINE: %{entry} = bigbird
// RUN: %{try}
// REDEFINE: %{entry} = by_key
// RUN: %{try}
// REDEFINE: %{entry} = outside
// RUN: %{try}
//
// More blocks than a warp has threads, most of which are not visited, or are.
// REDEFINE: %{entry} = document
// RUN: %{short}
// RUN: %{run} --dims q=1x1x17x64 --dims k=1x1x4500x64
// REDEFINE: %{entry} = outside
// RUN: %{run} --dims q=1x1x17x64 --dims k=1x1x4500x64

!t = tensor<?x?x?x64xbf16>

func.func @document(%q: !t, %k: !t, %v: !t, %ids: tensor<?x?xi32>) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<document<ids> and causal>)
    tables(ids = %ids) : (!t, !t, !t, tensor<?x?xi32>) -> !t
  return %o : !t
}

func.func @shared_document(%q: !t, %k: !t, %v: !t, %ids: tensor<?xi64>) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<document<ids>>)
    tables(ids = %ids) : (!t, !t, !t, tensor<?xi64>) -> !t
  return %o : !t
}

func.func @packed(%q: !t, %k: !t, %v: !t, %offsets: tensor<?xi32>) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<packed<offsets> and causal>)
    tables(offsets = %offsets) : (!t, !t, !t, tensor<?xi32>) -> !t
  return %o : !t
}

func.func @random_blocks(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<random_blocks<32, 2, 1>>)
    : (!t, !t, !t) -> !t
  return %o : !t
}

func.func @bigbird(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<bigbird<16, 3, 1, 2, 0>>)
    : (!t, !t, !t) -> !t
  return %o : !t
}

// A table by head and key.
func.func @by_key(%q: !t, %k: !t, %v: !t, %t: tensor<?x?xi32>) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal and "t(h, k) <= q">)
    tables(t = %t) : (!t, !t, !t, tensor<?x?xi32>) -> !t
  return %o : !t
}

func.func @outside(%q: !t, %k: !t, %v: !t, %ids: tensor<?x?xi32>) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<not document<ids>>)
    tables(ids = %ids) : (!t, !t, !t, tensor<?x?xi32>) -> !t
  return %o : !t
}
