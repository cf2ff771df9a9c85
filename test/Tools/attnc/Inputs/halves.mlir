// Attention that a GPU has code for.
func.func @halves(%q: tensor<?x?x?x64xf16>, %k: tensor<?x?x?x64xf16>,
                  %v: tensor<?x?x?x64xf16>) -> tensor<?x?x?x64xf16> {
  %o = attn.attend %q, %k, %v
    : (tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>)
    -> tensor<?x?x?x64xf16>
  return %o : tensor<?x?x?x64xf16>
}
