// RUN: attnc run %s --entry=scan --random --seed 1 --check --repeat 4 --target=cpu:x86-64-v3
// RUN: attnc run %s --entry=attention --dims q=1x2x1x64 --dims k=1x1x300x64 --dims v=1x1x300x64 --random --check --target=cpu:x86-64-v3
//
// Two vectors of lanes leave a block of 6 rows in 16 registers. Of 64 keys the
// last block has 4 rows and 2 more, for which the buffer has to have room: it had
// room for multiples of 8 rows only, and the heap was overwritten.

!t = tensor<?x?x?x64xf32>

// With the schedule that is chosen for it.
func.func @scan(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.scan %q, %k, %v transition identity : !t, !t, !t -> !t
  return %o : !t
}

func.func @attention(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.attend %q, %k, %v
    {attn.schedule = #attn.schedule<query_tile = 16, key_tile = 64, lanes = 16,
                                    splits = 1>} : (!t, !t, !t) -> !t
  return %o : !t
}
