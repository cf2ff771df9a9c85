// Functions to tune: one plan each, both plans, and ops with schedules by hand.
!t = tensor<?x?x?x16xf32>

func.func @both(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  return %o : !t
}

func.func @scan(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.scan %q, %k, %v transition identity : !t, !t, !t -> !t
  return %o : !t
}

func.func @mixed(%q: !t, %k: !t, %v: !t) -> (!t, !t) {
  %o = attn.attend %q, %k, %v
    {attn.schedule = #attn.schedule<query_tile = 16, key_tile = 8, lanes = 16,
                                    splits = 1>} : (!t, !t, !t) -> !t
  %p = attn.scan %q, %k, %v transition identity : !t, !t, !t -> !t
  return %o, %p : !t, !t
}

func.func @by_hand(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v
    {attn.schedule = #attn.schedule<query_tile = 16, key_tile = 8, lanes = 16,
                                    splits = 1>} : (!t, !t, !t) -> !t
  return %o : !t
}

func.func @no_op(%q: !t) -> !t {
  return %q : !t
}
