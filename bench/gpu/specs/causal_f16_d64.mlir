// A query sees itself and what came before it.

func.func @causal_f16_d64(%q: tensor<?x?x?x64xf16>, %k: tensor<?x?x?x64xf16>,
                          %v: tensor<?x?x?x64xf16>)
    -> tensor<?x?x?x64xf16> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>)
    -> tensor<?x?x?x64xf16>
  return %out : tensor<?x?x?x64xf16>
}
