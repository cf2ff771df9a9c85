// Attention of any number of queries, for bench/decode.sh: TYPE is replaced.
!t = tensor<?x?x?x128xTYPE>
func.func @decode(%q: !t, %k: !t, %v: !t) -> (!t {attn.name = "out"}) {
  %out = attn.attend %q, %k, %v : (!t, !t, !t) -> !t
  return %out : !t
}
