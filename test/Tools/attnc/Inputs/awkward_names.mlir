// Argument names that C and C++ do not allow, and one that is given twice.
!t = tensor<?x?x?x16xf32>

func.func @attend(%q: !t {attn.name = "query"}, %class: !t, %k: !t {attn.name = "7-a"})
    -> (!t, !t {attn.name = "query"}) {
  %return = attn.attend %q, %class, %k : (!t, !t, !t) -> !t
  return %return, %return : !t, !t
}
