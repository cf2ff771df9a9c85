// RUN: attnc run %s --random --seed 81 --check --repeat 6
//
// The carry that an op starts from counts once, however many splits there are.

!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
func.func @f(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o0, %l0 = attn.attend %q, %k, %v mask(#attn.mask<"k < 4">)
    : (!t, !t, !t) -> (!t, !l)
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<"k >= 4">) init(%o0, %l0)
    {attn.schedule = #attn.schedule<query_tile = 32, key_tile = 24, lanes = 16,
                                    splits = 3>}
    : (!t, !t, !t, !t, !l) -> (!t, !l)
  return %o, %lse : !t, !l
}
