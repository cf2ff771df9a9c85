// Cascade attention: a prompt that all sequences share is attended to once for all of
// them, and what each has of its own is merged (Juravsky et al. 2024; Ye et al. 2024).
//
// For the shared keys the sequences of the batch are the rows of one: the first op
// reads each key once, with a product of matrices, where a decoding step would read it
// once for each sequence. Its output and lse are the carry that the second op goes on
// from, over the pages of each sequence.

!own = !attn.kv<8x64xf32, paged<16>>

func.func @cascade(%q: tensor<?x8x1x64xf32>,
                   %shared_keys: tensor<1x8x?x64xf32>,
                   %shared_values: tensor<1x8x?x64xf32>,
                   %key_pages: tensor<?x16x8x64xf32>,
                   %value_pages: tensor<?x16x8x64xf32>,
                   %blocks: tensor<?x?xi32>, %lengths: tensor<?xi32>)
    -> tensor<?x8x1x64xf32> {
  %c0 = arith.constant 0 : index
  %batch = tensor.dim %q, %c0 : tensor<?x8x1x64xf32>
  %rows = tensor.empty(%batch) : tensor<1x8x?x64xf32>
  %q_rows = linalg.transpose ins(%q : tensor<?x8x1x64xf32>)
                             outs(%rows : tensor<1x8x?x64xf32>) permutation = [2, 1, 0, 3]
  %shared:2 = attn.attend %q_rows, %shared_keys, %shared_values
    : (tensor<1x8x?x64xf32>, tensor<1x8x?x64xf32>, tensor<1x8x?x64xf32>)
    -> (tensor<1x8x?x64xf32>, tensor<1x8x?xf32>)
  %empty = tensor.empty(%batch) : tensor<?x8x1x64xf32>
  %init = linalg.transpose ins(%shared#0 : tensor<1x8x?x64xf32>)
                           outs(%empty : tensor<?x8x1x64xf32>) permutation = [2, 1, 0, 3]
  %empty_lse = tensor.empty(%batch) : tensor<?x8x1xf32>
  %init_lse = linalg.transpose ins(%shared#1 : tensor<1x8x?xf32>)
                               outs(%empty_lse : tensor<?x8x1xf32>) permutation = [2, 1, 0]

  %k = attn.cache %key_pages table(%blocks) lengths(%lengths)
    : (tensor<?x16x8x64xf32>, tensor<?x?xi32>, tensor<?xi32>) -> !own
  %v = attn.cache %value_pages table(%blocks) lengths(%lengths)
    : (tensor<?x16x8x64xf32>, tensor<?x?xi32>, tensor<?xi32>) -> !own
  %out = attn.attend %q, %k, %v init(%init, %init_lse)
    : (tensor<?x8x1x64xf32>, !own, !own, tensor<?x8x1x64xf32>, tensor<?x8x1xf32>)
    -> tensor<?x8x1x64xf32>
  return %out : tensor<?x8x1x64xf32>
}
