// Full attention: every query sees every key.
//
//   out[b,h,i] = sum_k softmax_k(q[b,h,i] . k[b,h,k] / sqrt(32)) v[b,h,k]
//
// Batch, heads and both lengths are known only when the kernel is called; the
// head dimension, 32, is that of examples/data. Encoders (BERT, MiniLM, ViT) and
// cross-attention are of this form.

func.func @full(%q: tensor<?x?x?x32xf32>, %k: tensor<?x?x?x32xf32>,
                %v: tensor<?x?x?x32xf32>) -> tensor<?x?x?x32xf32> {
  %out = attn.attend %q, %k, %v
    : (tensor<?x?x?x32xf32>, tensor<?x?x?x32xf32>, tensor<?x?x?x32xf32>)
    -> tensor<?x?x?x32xf32>
  return %out : tensor<?x?x?x32xf32>
}
