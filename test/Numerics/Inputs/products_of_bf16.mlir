// Attention in products of bf16, of dims DIM and VALUE, in steps of KEYS keys and
// SPLITS parts.

!q = tensor<?x?x?xDIMxbf16>
!v = tensor<?x?x?xVALUExbf16>
!f = tensor<?x?x?xVALUExf32>
!l = tensor<?x?x?xf32>
#plan = #attn.schedule<query_tile = 96, key_tile = KEYS, lanes = 48, splits = SPLITS, products = bf16>

func.func @causal(%q: !q, %k: !q, %v: !v) -> (!v, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    {attn.schedule = #plan} : (!q, !q, !v) -> (!v, !l)
  return %o, %lse : !v, !l
}

func.func @window(%q: !q, %k: !q, %v: !v) -> (!v, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<window<9, 3>>)
    {attn.schedule = #plan} : (!q, !q, !v) -> (!v, !l)
  return %o, %lse : !v, !l
}

func.func @full(%q: !q, %k: !q, %v: !v) -> (!v, !l) {
  %o, %lse = attn.attend %q, %k, %v
    {attn.schedule = #plan} : (!q, !q, !v) -> (!v, !l)
  return %o, %lse : !v, !l
}

func.func @documents(%q: !q, %k: !q, %v: !v, %doc: tensor<?x?xi32>) -> (!v, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal and document<doc>>)
    tables(doc = %doc) {attn.schedule = #plan}
    : (!q, !q, !v, tensor<?x?xi32>) -> (!v, !l)
  return %o, %lse : !v, !l
}

func.func @neighborhood(%q: !q, %k: !q, %v: !v) -> (!v, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<neighborhood2d<8, 11, 2>>)
    {attn.schedule = #plan} : (!q, !q, !v) -> (!v, !l)
  return %o, %lse : !v, !l
}

func.func @strided(%q: !q, %k: !q, %v: !v) -> (!v, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    lattice 3 {attn.schedule = #plan} : (!q, !q, !v) -> (!v, !l)
  return %o, %lse : !v, !l
}

func.func @softcap(%q: !q, %k: !q, %v: !v) -> (!v, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %c = arith.constant 2.0 : f32
    %a = arith.divf %s, %c : f32
    %x = math.tanh %a : f32
    %y = arith.mulf %x, %c : f32
    attn.yield %y : f32
  } {attn.schedule = #plan} : (!q, !q, !v) -> (!v, !l)
  return %o, %lse : !v, !l
}

func.func @where(%q: !q, %k: !q, %v: !v, %keep: tensor<?x?xf32>) -> (!v, !l) {
  %zero = arith.constant 0.0 : f32
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %x = tensor.extract %keep[%b, %j] : tensor<?x?xf32>
    %sees = arith.cmpf ogt, %x, %zero : f32
    attn.yield %sees : i1
  } {attn.schedule = #plan} : (!q, !q, !v) -> (!v, !l)
  return %o, %lse : !v, !l
}

// What is scaled in the exponent has to keep the order of scores: these do not.
func.func @negative_scale(%q: !q, %k: !q, %v: !v) -> (!v, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<window<9, 3>>) scale -0.25
    {attn.schedule = #plan} : (!q, !q, !v) -> (!v, !l)
  return %o, %lse : !v, !l
}

func.func @scale_0(%q: !q, %k: !q, %v: !v) -> (!v, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<window<9, 3>>) scale 0.0
    {attn.schedule = #plan} : (!q, !q, !v) -> (!v, !l)
  return %o, %lse : !v, !l
}

func.func @initial(%q: !q, %k: !q, %v: !v) -> (!v, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<"k < 4">)
    : (!q, !q, !v) -> (!f, !l)
  %p, %all = attn.attend %q, %k, %v mask(#attn.mask<"k >= 4">) init(%o, %lse)
    {attn.schedule = #plan} : (!q, !q, !v, !f, !l) -> (!v, !l)
  return %p, %all : !v, !l
}
