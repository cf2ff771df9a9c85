// A query sees itself and the 127 keys before it.

func.func @short_window_bf16_d128(%q: tensor<?x?x?x128xbf16>, %k: tensor<?x?x?x128xbf16>,
                                  %v: tensor<?x?x?x128xbf16>)
    -> tensor<?x?x?x128xbf16> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<window<127, 0>>)
    : (tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>)
    -> tensor<?x?x?x128xbf16>
  return %out : tensor<?x?x?x128xbf16>
}
