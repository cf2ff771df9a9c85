// DEFINE: %{entry} = causal
// DEFINE: %{run} = %python %S/Inputs/each_gpu.py attnc run %s --entry=%{entry} --target=emulate:GPU --random --check
// DEFINE: %{few} = %{run} --repeat=4
// DEFINE: %{long} = %{run} --dims q=1x2x300x64 --dims k=1x1x300x64
//
// Kernels of a GPU on the emulator, against the definition: masks of one range
// of keys and of several, which blocks sort; by head; with numbers and a table of
// run time. Drawn shapes have lengths from 0 on; 300 divides no tile.
// RUN: %{few} && %{long}
// REDEFINE: %{entry} = window
// RUN: %{few} && %{long}
// REDEFINE: %{entry} = prefix
// RUN: %{few} && %{long}
// REDEFINE: %{entry} = chunked
// RUN: %{few} && %{long}
// REDEFINE: %{entry} = longformer
// RUN: %{few} && %{long}
// REDEFINE: %{entry} = dilated
// RUN: %{few} && %{long}
// REDEFINE: %{entry} = strided
// RUN: %{few} && %{long}
// REDEFINE: %{entry} = outside
// RUN: %{few} && %{long}
// REDEFINE: %{entry} = per_head
// RUN: %{few} && %{long}
// REDEFINE: %{entry} = padding
// RUN: %{few} && %{long}
// REDEFINE: %{entry} = run_time
// RUN: %{few} && %{long}
// REDEFINE: %{entry} = nothing
// RUN: %{few}
//
// More ranges than a list has room for.
// REDEFINE: %{entry} = column
// RUN: %{run} --dims q=1x1x3x64 --dims k=1x1x67600x64

!t = tensor<?x?x?x64xbf16>

func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  return %o : !t
}

func.func @window(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<window<70, 3>>) : (!t, !t, !t) -> !t
  return %o : !t
}

func.func @prefix(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<prefix<40>>) : (!t, !t, !t) -> !t
  return %o : !t
}

func.func @chunked(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<chunked<100>>) : (!t, !t, !t) -> !t
  return %o : !t
}

func.func @longformer(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<longformer<32, 8>>) : (!t, !t, !t) -> !t
  return %o : !t
}

func.func @dilated(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<dilated<64, 4>>) : (!t, !t, !t) -> !t
  return %o : !t
}

func.func @strided(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<strided<16> or window<20, 0>>)
    : (!t, !t, !t) -> !t
  return %o : !t
}

func.func @outside(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<not window<10, 10>>)
    : (!t, !t, !t) -> !t
  return %o : !t
}

func.func @per_head(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v
    mask(#attn.mask<causal and "q - k < 32 * (h + 1)">) : (!t, !t, !t) -> !t
  return %o : !t
}

func.func @padding(%q: !t, %k: !t, %v: !t, %len: tensor<?xi32>) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<padding<len>>) tables(len = %len)
    : (!t, !t, !t, tensor<?xi32>) -> !t
  return %o : !t
}

func.func @run_time(%q: !t, %k: !t, %v: !t, %w: tensor<i64>) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<window<w, 0>>) tables(w = %w)
    : (!t, !t, !t, tensor<i64>) -> !t
  return %o : !t
}

func.func @nothing(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<"k < 0">) : (!t, !t, !t) -> !t
  return %o : !t
}

func.func @column(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<axial<520, 130, column>>)
    : (!t, !t, !t) -> !t
  return %o : !t
}
