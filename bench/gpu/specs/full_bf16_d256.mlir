// Every query sees every key.

func.func @full_bf16_d256(%q: tensor<?x?x?x256xbf16>, %k: tensor<?x?x?x256xbf16>,
                          %v: tensor<?x?x?x256xbf16>)
    -> tensor<?x?x?x256xbf16> {
  %out = attn.attend %q, %k, %v
    : (tensor<?x?x?x256xbf16>, tensor<?x?x?x256xbf16>, tensor<?x?x?x256xbf16>)
    -> tensor<?x?x?x256xbf16>
  return %out : tensor<?x?x?x256xbf16>
}
