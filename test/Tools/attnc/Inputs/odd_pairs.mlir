// Rows of an odd number of bf16, multiplied in pairs: the last pair of a row of
// keys, and that of an odd number of values, must not be read whole.
func.func @odd_pairs(%q: tensor<?x?x?x13xbf16>, %k: tensor<?x?x?x13xbf16>,
                     %v: tensor<?x?x?x13xbf16>) -> tensor<?x?x?x13xbf16> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<window<20, 7>>)
    {attn.schedule = #attn.schedule<query_tile = 96, key_tile = 31, lanes = 48,
                                    splits = 1, products = bf16>}
    : (tensor<?x?x?x13xbf16>, tensor<?x?x?x13xbf16>, tensor<?x?x?x13xbf16>)
    -> tensor<?x?x?x13xbf16>
  return %out : tensor<?x?x?x13xbf16>
}
