// Heads that see differently: every fourth head sees all keys before the query, the
// others the last 64.
//
// A mask may depend on the head. Longformer gives its heads dilations of their own;
// DuoAttention (Xiao et al. 2024) keeps the whole context for few heads only. All heads
// are one kernel, and each visits its own keys.

func.func @per_head(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                    %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal and ("h mod 4 == 3" or window<63, 0>)>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
