// Every query sees every key.

func.func @full_bf16_d64(%q: tensor<?x?x?x64xbf16>, %k: tensor<?x?x?x64xbf16>,
                         %v: tensor<?x?x?x64xbf16>)
    -> tensor<?x?x?x64xbf16> {
  %out = attn.attend %q, %k, %v
    : (tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>)
    -> tensor<?x?x?x64xbf16>
  return %out : tensor<?x?x?x64xbf16>
}
