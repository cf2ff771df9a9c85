// Rows that end inside a vector, of 16-bit numbers: the last vector of the last
// row must not be read whole.
func.func @odd_halves(%q: tensor<?x?x?x13xf16>, %k: tensor<?x?x?x13xf16>,
                      %v: tensor<?x?x?x13xf16>) -> tensor<?x?x?x13xf16> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<window<20, 7>>)
    : (tensor<?x?x?x13xf16>, tensor<?x?x?x13xf16>, tensor<?x?x?x13xf16>)
    -> tensor<?x?x?x13xf16>
  return %out : tensor<?x?x?x13xf16>
}
