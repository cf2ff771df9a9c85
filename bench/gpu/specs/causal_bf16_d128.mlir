// A query sees itself and what came before it.

func.func @causal_bf16_d128(%q: tensor<?x?x?x128xbf16>, %k: tensor<?x?x?x128xbf16>,
                            %v: tensor<?x?x?x128xbf16>)
    -> tensor<?x?x?x128xbf16> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>)
    -> tensor<?x?x?x128xbf16>
  return %out : tensor<?x?x?x128xbf16>
}
