// DEFINE: %{dim} = 16
// DEFINE: %{value} = 16
// DEFINE: %{keys} = 16
// DEFINE: %{splits} = 1
// DEFINE: %{program} = sed 's/VALUE/%{value}/g; s/DIM/%{dim}/g; s/KEYS/%{keys}/; s/SPLITS/%{splits}/' %s > %t.mlir
// DEFINE: %{random} = --random --seed 71 --check --repeat 3
// DEFINE: %{masks} = %{program} && attnc run %t.mlir --entry=causal %{random} && attnc run %t.mlir --entry=window %{random} && attnc run %t.mlir --entry=full %{random}
//
// Products of bf16 by hand: a processor without an instruction for them gets the
// same layouts in pairs and the same rounding, so that these tests mean the same
// everywhere. Extents are drawn; tiles are cut off at their ends, and strips begin
// and end in the middle of a pair.

// RUN: %{masks}

// Steps of an odd number of keys, of one, and of more than there are.
// REDEFINE: %{keys} = 7
// RUN: %{masks}
// REDEFINE: %{keys} = 1
// RUN: %{masks}
// REDEFINE: %{keys} = 1000
// RUN: %{masks}

// Head dims that no vector divides, odd ones, one pair and half of one.
// REDEFINE: %{keys} = 64
// REDEFINE: %{dim} = 72
// REDEFINE: %{value} = 80
// RUN: %{masks}
// REDEFINE: %{dim} = 33
// REDEFINE: %{value} = 13
// RUN: %{masks}
// REDEFINE: %{dim} = 2
// REDEFINE: %{value} = 1
// RUN: %{masks}
// REDEFINE: %{dim} = 1
// REDEFINE: %{value} = 67
// RUN: %{masks}

// Splits begin anywhere.
// REDEFINE: %{dim} = 64
// REDEFINE: %{value} = 64
// REDEFINE: %{splits} = 3
// RUN: %{masks}

// What is around the products.
// REDEFINE: %{splits} = 1
// RUN: %{program}
// RUN: attnc run %t.mlir --entry=documents %{random}
// RUN: attnc run %t.mlir --entry=neighborhood %{random}
// RUN: attnc run %t.mlir --entry=strided %{random}
// RUN: attnc run %t.mlir --entry=softcap %{random}
// RUN: attnc run %t.mlir --entry=where %{random}
// RUN: attnc run %t.mlir --entry=negative_scale %{random}
// RUN: attnc run %t.mlir --entry=scale_0 %{random}
// RUN: attnc run %t.mlir --entry=initial %{random}

// No query, no key, one of each, one pair of keys and a half; 8 heads that share 2.
// DEFINE: %{rows} = 17
// DEFINE: %{columns} = 63
// DEFINE: %{lengths} = attnc run %t.mlir --entry=causal --dims q=2x8x%{rows}x64 --dims k=2x2x%{columns}x64 --dims v=2x2x%{columns}x64 --random --seed 72 --check
// RUN: %{lengths}
// REDEFINE: %{rows} = 63
// REDEFINE: %{columns} = 17
// RUN: %{lengths}
// REDEFINE: %{rows} = 1
// REDEFINE: %{columns} = 3
// RUN: %{lengths}
// REDEFINE: %{columns} = 1
// RUN: %{lengths}
// REDEFINE: %{columns} = 0
// RUN: %{lengths}
// REDEFINE: %{rows} = 0
// REDEFINE: %{columns} = 5
// RUN: %{lengths}
// REDEFINE: %{rows} = 300
// REDEFINE: %{columns} = 515
// RUN: %{lengths}

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
