// A query sees what came before it in its own document.

func.func @document_bf16_d128(%q: tensor<?x?x?x128xbf16>, %k: tensor<?x?x?x128xbf16>,
                              %v: tensor<?x?x?x128xbf16>, %ids: tensor<?xi32>)
    -> tensor<?x?x?x128xbf16> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<document<ids> and causal>) tables(ids = %ids)
    : (tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>, tensor<?xi32>)
    -> tensor<?x?x?x128xbf16>
  return %out : tensor<?x?x?x128xbf16>
}
