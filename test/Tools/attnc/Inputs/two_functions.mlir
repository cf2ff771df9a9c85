// Two entry points in one file; the second has one head and a state.
func.func @first(%q: tensor<?x?x?x16xf32>, %k: tensor<?x?x?x16xf32>,
                 %v: tensor<?x?x?x16xf32>) -> tensor<?x?x?x16xf32> {
  %o = attn.attend %q, %k, %v
    : (tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>)
    -> tensor<?x?x?x16xf32>
  return %o : tensor<?x?x?x16xf32>
}

func.func @second(%q: tensor<?x1x?x8xf32>, %k: tensor<?x1x?x8xf32>,
                  %v: tensor<?x1x?x8xf32>)
    -> (tensor<?x1x?x8xf32>, tensor<?x1x8x8xf32>) {
  %o:2 = attn.scan %q, %k, %v transition identity
    : tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>
    -> tensor<?x1x?x8xf32> final_state tensor<?x1x8x8xf32>
  return %o#0, %o#1 : tensor<?x1x?x8xf32>, tensor<?x1x8x8xf32>
}
