// Padded batches: a query sees the keys that its sequence really has.
//
// Sequences of different lengths are padded at their ends to the longest; BERT and every
// encoder served in batches have this mask. `lengths` has one number for each sequence
// and is read when the function is called. What lies behind a length is not visited.

func.func @padding(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                   %v: tensor<?x?x?x64xf32>, %lengths: tensor<?xi32>)
    -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<padding<lengths>>)
    tables(lengths = %lengths)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?xi32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
