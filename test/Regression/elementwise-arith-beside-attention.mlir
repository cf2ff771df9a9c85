// RUN: attnc run %s --entry=after --random --check
// RUN: attnc run %s --entry=before --random --check
//
// Elementwise arith on tensors, which a spec may hold, has no bufferization of
// its own: it has to become linalg first.

!t = tensor<2x3x20x16xf32>

func.func @after(%q: !t, %k: !t, %v: !t) -> !t {
  %a = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  %b = arith.addf %a, %q : !t
  return %b : !t
}

func.func @before(%q: !t, %k: !t, %v: !t) -> !t {
  %c = arith.constant dense<0.5> : !t
  %s = arith.mulf %q, %c : !t
  %a = attn.attend %s, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  return %a : !t
}
