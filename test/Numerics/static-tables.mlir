// RUN: attnc run %s --entry=document --random --seed 71 --check --repeat 2
// RUN: attnc run %s --entry=random_blocks --random --seed 71 --check --repeat 2
// RUN: attnc run %s --entry=flags --random --seed 71 --check --repeat 2
//
// With static lengths the tables that are computed before the kernel are static,
// too, and the kernel takes them.

!q = tensor<1x2x200x16xf32>
!k = tensor<1x2x333x16xf32>

func.func @document(%q: !q, %k: !k, %v: !k, %ids: tensor<333xi32>) -> !q {
  %o = attn.attend %q, %k, %v mask(#attn.mask<document<ids>>)
    tables(ids = %ids) : (!q, !k, !k, tensor<333xi32>) -> !q
  return %o : !q
}

func.func @random_blocks(%q: !q, %k: !k, %v: !k) -> !q {
  %o = attn.attend %q, %k, %v mask(#attn.mask<random_blocks<8, 2, 7>>)
    : (!q, !k, !k) -> !q
  return %o : !q
}

func.func @flags(%q: !q, %k: !k, %v: !k, %flag: tensor<2x333xi32>) -> !q {
  %o = attn.attend %q, %k, %v mask(#attn.mask<"flag(h, k) == 1">)
    tables(flag = %flag) : (!q, !k, !k, tensor<2x333xi32>) -> !q
  return %o : !q
}
