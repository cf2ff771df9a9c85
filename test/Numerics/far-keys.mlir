// Keys and values that are copied before they are read, because there are many of
// them, and the same that are few and read in place: head dims that are whole vectors
// and that are not, one range of keys and several.
//
// RUN: attnc run %s --entry=one_range --random --check --dims q=1x2x131x72 --dims k=1x1x1751x72 --dims v=1x1x1751x72
// RUN: attnc run %s --entry=one_range --random --check --dims q=1x2x131x72 --dims k=1x1x151x72 --dims v=1x1x151x72
// RUN: attnc run %s --entry=several --random --check --dims q=1x2x1231x37 --dims k=1x1x7351x37 --dims v=1x1x7351x37
// RUN: attnc run %s --entry=several --random --check --dims q=1x2x131x37 --dims k=1x1x251x37 --dims v=1x1x251x37

!t = tensor<?x?x?x72xf32>
func.func @one_range(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  return %o : !t
}

!u = tensor<?x?x?x37xf32>
func.func @several(%q: !u, %k: !u, %v: !u) -> !u {
  %o = attn.attend %q, %k, %v mask(#attn.mask<longformer<64, 16> or prefix<100>>)
    : (!u, !u, !u) -> !u
  return %o : !u
}
