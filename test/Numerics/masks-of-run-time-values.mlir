// What a mask reads when the function is called may be anything: a window that is
// negative or longer than any sequence, lengths below 0, documents in no order. The
// results are those of the reference, and a row that sees nothing has output 0 and
// log-sum-exp -inf, exactly.
//
// RUN: rm -rf %t && mkdir %t && %python %S/Inputs/make_tables.py %t
// DEFINE: %{empty} = --check --expect out=%t/zeros.npy --expect lse=%t/minus_infinities.npy | FileCheck %s --check-prefix=EMPTY
// DEFINE: %{right} = --check | FileCheck %s --check-prefix=RIGHT
// DEFINE: %{entry} =
// DEFINE: %{in} =
// DEFINE: %{check} =
// DEFINE: %{run} = attnc run %s --entry=%{entry} --random --dims q=2x1x70x16 --dims k=2x1x150x16 --in %{in}.npy %{check}
// RIGHT-COUNT-2: reference {{.*}} ok seed
// EMPTY-COUNT-2: reference 0.00e+00 {{.*}} ok seed
// EMPTY-COUNT-2: file 0.00e+00 {{.*}} ok seed

// A window of w keys before the query.
// REDEFINE: %{entry} = window
// REDEFINE: %{check} = %{empty}
// REDEFINE: %{in} = w=%t/minus_5
// RUN: %{run}
// REDEFINE: %{in} = w=%t/least
// RUN: %{run}
// REDEFINE: %{check} = %{right}
// REDEFINE: %{in} = w=%t/0
// RUN: %{run}
// REDEFINE: %{in} = w=%t/40
// RUN: %{run}

// A window that is longer than any sequence is the causal mask.
// RUN: attnc run %s --entry=causal --random --dims q=2x1x70x16 --dims k=2x1x150x16 --out out=%t/causal.npy
// REDEFINE: %{check} = --check --expect out=%t/causal.npy
// REDEFINE: %{in} = w=%t/2_to_62
// RUN: %{run}
// REDEFINE: %{in} = w=%t/greatest
// RUN: %{run}

// Lengths: below 0 and far beyond the keys, then 0 in both sequences.
// REDEFINE: %{entry} = padding
// REDEFINE: %{check} = %{right}
// REDEFINE: %{in} = lengths=%t/odd_lengths
// RUN: %{run}
// REDEFINE: %{check} = %{empty}
// REDEFINE: %{in} = lengths=%t/no_lengths
// RUN: %{run}

// Documents: negative numbers in no order, the two ends of i32, one document, and one
// for each position.
// REDEFINE: %{entry} = document
// REDEFINE: %{check} = %{right}
// REDEFINE: %{in} = ids=%t/shuffled
// RUN: %{run}
// REDEFINE: %{in} = ids=%t/extreme
// RUN: %{run}
// REDEFINE: %{in} = ids=%t/same
// RUN: %{run}
// REDEFINE: %{in} = ids=%t/descending
// RUN: %{run}

// What does not fit is refused before anything is computed.
// DEFINE: %{code} = 1
// DEFINE: %{fails} = %python %root/test/Tools/attnc/Inputs/exit_code.py %{code} attnc run %s --random --dims q=2x1x70x16 --dims k=2x1x150x16
// RUN: %{fails} --entry=document --in ids=%t/rank_2.npy | FileCheck %s --check-prefix=RANK
// RANK: attnc: error: 'ids' has rank 1, not 2 (1x150)
// RUN: %{fails} --entry=document --in ids=%t/i64.npy | FileCheck %s --check-prefix=DTYPE
// DTYPE: attnc: error: cannot read '{{.*}}i64.npy': it holds i64 but i32 is required
// RUN: %{fails} --entry=document --in ids=%t/f32.npy | FileCheck %s --check-prefix=FLOAT
// FLOAT: attnc: error: cannot read '{{.*}}f32.npy': it holds f32 but i32 is required
// RUN: %{fails} --entry=window --in w=%t/rank_1.npy | FileCheck %s --check-prefix=NUMBER
// NUMBER: attnc: error: 'w' has rank 0, not 1 (1)
// REDEFINE: %{code} = 2
// RUN: %{fails} --entry=document --in ids=%t/short.npy | FileCheck %s --check-prefix=SHORT
// SHORT: attnc: error: dimension 2 of 'k' is 150, but must be 149 like every 'kv_length'
// RUN: %{fails} --entry=padding --in lengths=%t/three_lengths.npy | FileCheck %s --check-prefix=BATCH
// BATCH: attnc: error: dimension 0 of 'q' is 2, but must be 3 like every 'batch'

!t = tensor<?x?x?x16xf32>
!l = tensor<?x?x?xf32>

func.func @window(%q: !t, %k: !t, %v: !t, %w: tensor<i64>) -> (!t, !l) {
  %out, %lse = attn.attend %q, %k, %v mask(#attn.mask<window<w, 0>>) tables(w = %w)
    : (!t, !t, !t, tensor<i64>) -> (!t, !l)
  return %out, %lse : !t, !l
}

func.func @causal(%q: !t, %k: !t, %v: !t) -> !t {
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>) : (!t, !t, !t) -> !t
  return %out : !t
}

func.func @padding(%q: !t, %k: !t, %v: !t, %lengths: tensor<?xi32>) -> (!t, !l) {
  %out, %lse = attn.attend %q, %k, %v mask(#attn.mask<padding<lengths>>)
    tables(lengths = %lengths) : (!t, !t, !t, tensor<?xi32>) -> (!t, !l)
  return %out, %lse : !t, !l
}

func.func @document(%q: !t, %k: !t, %v: !t, %ids: tensor<?xi32>) -> (!t, !l) {
  %out, %lse = attn.attend %q, %k, %v mask(#attn.mask<document<ids> and causal>)
    tables(ids = %ids) : (!t, !t, !t, tensor<?xi32>) -> (!t, !l)
  return %out, %lse : !t, !l
}
