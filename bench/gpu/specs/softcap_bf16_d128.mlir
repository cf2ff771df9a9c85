// Scores between -50 and 50.

func.func @softcap_bf16_d128(%q: tensor<?x?x?x128xbf16>, %k: tensor<?x?x?x128xbf16>,
                             %v: tensor<?x?x?x128xbf16>)
    -> tensor<?x?x?x128xbf16> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %cap = arith.constant 50.0 : f32
    %share = arith.divf %s, %cap : f32
    %squashed = math.tanh %share : f32
    %score = arith.mulf %squashed, %cap : f32
    attn.yield %score : f32
  } : (tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>)
    -> tensor<?x?x?x128xbf16>
  return %out : tensor<?x?x?x128xbf16>
}
