// A sliding window whose width is an argument: a query sees itself and the `w` keys
// before it.
//
// One function serves layers of different windows, as those of Gemma 2, where every
// other layer has one of 4096. `w` is a tensor of one number, read when the function is
// called; the keys before the window are not visited.

func.func @window_runtime(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                          %v: tensor<?x?x?x64xf32>, %w: tensor<i64>)
    -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<window<w, 0>>) tables(w = %w)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<i64>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
