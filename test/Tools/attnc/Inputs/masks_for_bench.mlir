// One function for each way that useful work is counted. The masks are told again
// in check_bench.py, in Python.
!t = tensor<?x?x?x16xf32>
!wide = tensor<?x?x?x24xf32>

func.func @full(%q: !t, %k: !t, %v: !wide) -> !wide {
  %o = attn.attend %q, %k, %v : (!t, !t, !wide) -> !wide
  return %o : !wide
}
func.func @window(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v mask(#attn.mask<window<9, 3>>) : (!t, !t, !t) -> !t
  return %o : !t
}
func.func @sinks(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v
    mask(#attn.mask<causal and (window<12, 0> or "k < 4")>) : (!t, !t, !t) -> !t
  return %o : !t
}
func.func @dilated(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v
    mask(#attn.mask<causal and "(q - k) mod 4 == 0">) : (!t, !t, !t) -> !t
  return %o : !t
}
func.func @heads(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v
    mask(#attn.mask<"h < 1 or k <= q and b + k > 2">) : (!t, !t, !t) -> !t
  return %o : !t
}
func.func @scan(%q: !t, %k: !t, %v: !wide) -> !wide {
  %o = attn.scan %q, %k, %v transition identity : !t, !t, !wide -> !wide
  return %o : !wide
}
