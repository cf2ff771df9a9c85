// DEFINE: %{seeds} = --random --seed 11 --check --repeat 3
// DEFINE: %{rows} = 16
// DEFINE: %{keys} = 16
// DEFINE: %{lanes} = 16
// DEFINE: %{splits} = 1
// DEFINE: %{run} = sed 's/ROWS/%{rows}/; s/KEYS/%{keys}/; s/LANES/%{lanes}/; s/SPLITS/%{splits}/' %s > %t.mlir && attnc run %t.mlir --entry=causal %{seeds} && attnc run %t.mlir --entry=window %{seeds} && attnc run %t.mlir --entry=full %{seeds}
//
// A schedule changes the time and nothing else. Extents are drawn, so that tiles
// of rows and of keys are cut off at their ends; lanes are multiples of 16, which
// are whole vectors on every target.

// One strip, steps of one key.
// REDEFINE: %{keys} = 1
// RUN: %{run}

// Several strips, a step that is no power of two.
// REDEFINE: %{rows} = 48
// REDEFINE: %{keys} = 7
// RUN: %{run}

// Three vectors a strip, or more than fit into the registers at once.
// REDEFINE: %{keys} = 40
// REDEFINE: %{lanes} = 48
// RUN: %{run}
// REDEFINE: %{rows} = 160
// REDEFINE: %{keys} = 64
// REDEFINE: %{lanes} = 80
// RUN: %{run}

// Two vectors a strip on AVX2: blocks of 6 rows, of which 64 is no multiple.
// REDEFINE: %{rows} = 64
// REDEFINE: %{lanes} = 16
// RUN: %{run}

// A step longer than all keys.
// REDEFINE: %{rows} = 32
// REDEFINE: %{keys} = 1000
// REDEFINE: %{lanes} = 32
// RUN: %{run}

// Splits: an even number, an odd one, one that does not divide the keys, more
// than there are keys.
// REDEFINE: %{keys} = 24
// REDEFINE: %{splits} = 2
// RUN: %{run}
// REDEFINE: %{splits} = 3
// RUN: %{run}
// REDEFINE: %{rows} = 16
// REDEFINE: %{keys} = 5
// REDEFINE: %{lanes} = 16
// REDEFINE: %{splits} = 7
// RUN: %{run}
// RUN: attnc run %t.mlir --entry=causal --dims q=1x2x9x16 --dims k=1x1x3x16 --dims v=1x1x3x16 --random --check

!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>
#schedule = #attn.schedule<query_tile = ROWS, key_tile = KEYS, lanes = LANES, splits = SPLITS>

func.func @causal(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    {attn.schedule = #schedule} : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}

func.func @window(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<window<9, 3>>)
    {attn.schedule = #schedule} : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}

func.func @full(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %o, %lse = attn.attend %q, %k, %v
    {attn.schedule = #schedule} : (!t, !t, !t) -> (!t, !l)
  return %o, %lse : !t, !l
}
