// BigBird (Zaheer et al. 2020, section 2): a query sees its own block of 16 keys and
// the blocks beside it, two random blocks, and the first block, which sees everything.
//
// The published encoder has blocks of 64, of which a query sees three around it, two
// global ones and three random ones. The last number is the seed of the random blocks:
// the same seed gives the same blocks on every machine.

func.func @bigbird(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                   %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<bigbird<16, 3, 1, 2, 0>>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
