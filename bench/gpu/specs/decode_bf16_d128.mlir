// One query, over all keys of a cache.

func.func @decode_bf16_d128(%q: tensor<?x?x?x128xbf16>, %k: tensor<?x?x?x128xbf16>,
                            %v: tensor<?x?x?x128xbf16>)
    -> tensor<?x?x?x128xbf16> {
  %out = attn.attend %q, %k, %v
    : (tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>)
    -> tensor<?x?x?x128xbf16>
  return %out : tensor<?x?x?x128xbf16>
}
