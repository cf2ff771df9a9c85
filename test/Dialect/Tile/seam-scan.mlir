// RUN: %roundtrip
//
// Form (d) of dialects/Tile/Rationale.md: three recurrences. The chunked scan
// (RetNet) and the gated delta rule carry a matrix whose value columns are
// independent; the selective scan of Mamba-1 carries one small state a channel
// and walks the positions of a chunk one by one.

!seq = tensor<?x?x?x64xf32>
!mem = memref<?x?x?x64xf32, strided<[?, ?, ?, 1], offset: ?>>
!gate = tensor<?x?x?xf32>
!gate_mem = memref<?x?x?xf32, strided<[?, ?, 1], offset: ?>>
!vec = tensor<64xf32>
!mat = tensor<64x64xf32>

func.func @chunked_scan_is_matrix_products(%q: !seq, %k: !seq, %v: !seq, %o: !seq,
                                           %log_decay: f32) -> !seq {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant dense<0.0> : !mat
  %batch = tensor.dim %q, %c0 : !seq
  %heads = tensor.dim %q, %c1 : !seq
  %n = tensor.dim %q, %c2 : !seq
  %r = tile.kernel grid(%batch, %heads) ins(%q, %k, %v : !seq, !seq, !seq)
      outs(%o : !seq) -> !seq {
  ^bb0(%b: index, %h: index, %qm: !mem, %km: !mem, %vm: !mem, %om: !mem):
    %state = tile.fold rows(%c0, %c1) keys 64 lanes 16 axes [1]
        init(%zero : !mat) ranges {
    ^bb0(%f: index, %c: index):
      tile.visit %c0, %c0, %n, %n
      tile.yield
    } step {
    ^bb0(%j: index, %num: index, %s: !mat):
      %qt = tile.load %qm[%b, %h, %j, %c0] extent(%num, %c64) : !mem to !mat
      %kt = tile.load %km[%b, %h, %j, %c0] extent(%num, %c64) : !mem to !mat
      %vt = tile.load %vm[%b, %h, %j, %c0] extent(%num, %c64) : !mem to !mat
      // Log decay from the start of the chunk to each position.
      %g = tensor.splat %log_decay : !vec
      %c = tile.cumulative_sum %g : !vec
      %ci = tile.broadcast %c axis 0 : !vec to !mat
      %cj = tile.broadcast %c axis 1 : !vec to !mat
      %gap = arith.subf %ci, %cj : !mat
      %between = math.exp %gap : !mat
      %i = tile.iota %c0 : tensor<64xindex>
      %pi = tile.broadcast %i axis 0 : tensor<64xindex> to tensor<64x64xindex>
      %pj = tile.broadcast %i axis 1 : tensor<64xindex> to tensor<64x64xindex>
      %past = arith.cmpi sle, %pj, %pi : tensor<64x64xindex>
      %qk = tile.contract %qt axis 1, %kt axis 1 into %zero extent(%c64)
        : !mat, !mat -> !mat
      %decayed = arith.mulf %qk, %between : !mat
      // Not tile.guard: a chunk's triangle holds in every step.
      %w = arith.select %past, %decayed, %zero : tensor<64x64xi1>, !mat
      %since = math.exp %ci : !mat
      %qd = arith.mulf %qt, %since : !mat
      %from_state = tile.contract %qd axis 1, %s axis 0 into %zero extent(%c64)
        : !mat, !mat -> !mat
      %out = tile.contract %w axis 1, %vt axis 0 into %from_state extent(%num)
        : !mat, !mat -> !mat
      tile.store %out, %om[%b, %h, %j, %c0] extent(%num, %c64) : !mat to !mem
      %total = tile.reduce add %g axis 0 extent(%num) : !vec -> f32
      %totals = tensor.splat %total : !mat
      %rest = arith.subf %totals, %ci : !mat
      %until = math.exp %rest : !mat
      %kd = arith.mulf %kt, %until : !mat
      %shrink = math.exp %totals : !mat
      %kept = arith.mulf %s, %shrink : !mat
      %next = tile.contract %kd axis 0, %vt axis 0 into %kept extent(%num)
        : !mat, !mat -> !mat
      tile.yield %next : !mat
    } -> !mat
  }
  return %r : !seq
}

func.func @gated_delta_rule_is_one_triangular_system_more(
    %q: !seq, %k: !seq, %v: !seq, %beta: !gate, %decay: !gate, %o: !seq) -> !seq {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant dense<0.0> : !mat
  %batch = tensor.dim %q, %c0 : !seq
  %heads = tensor.dim %q, %c1 : !seq
  %n = tensor.dim %q, %c2 : !seq
  %r = tile.kernel grid(%batch, %heads)
      ins(%q, %k, %v, %beta, %decay : !seq, !seq, !seq, !gate, !gate)
      outs(%o : !seq) -> !seq {
  ^bb0(%b: index, %h: index, %qm: !mem, %km: !mem, %vm: !mem, %bm: !gate_mem,
       %gm: !gate_mem, %om: !mem):
    %state = tile.fold rows(%c0, %c1) keys 64 lanes 16 axes [1]
        init(%zero : !mat) ranges {
    ^bb0(%f: index, %c: index):
      tile.visit %c0, %c0, %n, %n
      tile.yield
    } step {
    ^bb0(%j: index, %num: index, %s: !mat):
      %qt = tile.load %qm[%b, %h, %j, %c0] extent(%num, %c64) : !mem to !mat
      %kt = tile.load %km[%b, %h, %j, %c0] extent(%num, %c64) : !mem to !mat
      %vt = tile.load %vm[%b, %h, %j, %c0] extent(%num, %c64) : !mem to !mat
      %bt = tile.load %bm[%b, %h, %j] extent(%num) : !gate_mem to !vec
      %g = tile.load %gm[%b, %h, %j] extent(%num) : !gate_mem to !vec
      %c = tile.cumulative_sum %g : !vec
      %ci = tile.broadcast %c axis 0 : !vec to !mat
      %cj = tile.broadcast %c axis 1 : !vec to !mat
      %gap = arith.subf %ci, %cj : !mat
      %between = math.exp %gap : !mat
      %since = math.exp %ci : !mat
      %bs = tile.broadcast %bt axis 0 : !vec to !mat
      // L = beta (k k^T . decay), of which only the part below the diagonal is used.
      %kk = tile.contract %kt axis 1, %kt axis 1 into %zero extent(%c64)
        : !mat, !mat -> !mat
      %kkd = arith.mulf %kk, %between : !mat
      %lower = arith.mulf %kkd, %bs : !mat
      // R = beta (v - decayed k S): what each position would write on its own.
      %kd = arith.mulf %kt, %since : !mat
      %nk = arith.negf %kd : !mat
      %missing = tile.contract %nk axis 1, %s axis 0 into %vt extent(%c64)
        : !mat, !mat -> !mat
      %right = arith.mulf %missing, %bs : !mat
      // U = (I + L)^-1 R by forward substitution.
      %u = scf.for %i = %c0 to %num step %c1 iter_args(%x = %right) -> (!mat) {
        %li = tensor.extract_slice %lower[%i, 0] [1, 64] [1, 1]
          : !mat to tensor<1x64xf32>
        %xi = tensor.extract_slice %x[%i, 0] [1, 64] [1, 1] : !mat to tensor<1x64xf32>
        %minus = arith.negf %li : tensor<1x64xf32>
        %row = tile.contract %minus axis 1, %x axis 0 into %xi extent(%i)
          : tensor<1x64xf32>, !mat -> tensor<1x64xf32>
        %y = tensor.insert_slice %row into %x[%i, 0] [1, 64] [1, 1]
          : tensor<1x64xf32> into !mat
        scf.yield %y : !mat
      }
      // From here on the chunked scan, with u in the place of v.
      %i = tile.iota %c0 : tensor<64xindex>
      %pi = tile.broadcast %i axis 0 : tensor<64xindex> to tensor<64x64xindex>
      %pj = tile.broadcast %i axis 1 : tensor<64xindex> to tensor<64x64xindex>
      %past = arith.cmpi sle, %pj, %pi : tensor<64x64xindex>
      %qk = tile.contract %qt axis 1, %kt axis 1 into %zero extent(%c64)
        : !mat, !mat -> !mat
      %qkd = arith.mulf %qk, %between : !mat
      %w = arith.select %past, %qkd, %zero : tensor<64x64xi1>, !mat
      %qd = arith.mulf %qt, %since : !mat
      %from_state = tile.contract %qd axis 1, %s axis 0 into %zero extent(%c64)
        : !mat, !mat -> !mat
      %out = tile.contract %w axis 1, %u axis 0 into %from_state extent(%num)
        : !mat, !mat -> !mat
      tile.store %out, %om[%b, %h, %j, %c0] extent(%num, %c64) : !mat to !mem
      %total = tile.reduce add %g axis 0 extent(%num) : !vec -> f32
      %totals = tensor.splat %total : !mat
      %rest = arith.subf %totals, %ci : !mat
      %until = math.exp %rest : !mat
      %ku = arith.mulf %kt, %until : !mat
      %shrink = math.exp %totals : !mat
      %kept = arith.mulf %s, %shrink : !mat
      %next = tile.contract %ku axis 0, %u axis 0 into %kept extent(%num)
        : !mat, !mat -> !mat
      tile.yield %next : !mat
    } -> !mat
  }
  return %r : !seq
}

!channels = tensor<?x?x?xf32>
!channels_mem = memref<?x?x?xf32, strided<[?, ?, 1], offset: ?>>
!table = tensor<?x16xf32>
!table_mem = memref<?x16xf32, strided<[?, 1], offset: ?>>
!lane = tensor<256xf32>
!state = tensor<256x16xf32>

func.func @selective_scan_walks_positions(
    %x: !channels, %delta: !channels, %a: !table, %bs: !channels, %cs: !channels,
    %y: !channels) -> !channels {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c16 = arith.constant 16 : index
  %c256 = arith.constant 256 : index
  %log2e = arith.constant dense<1.44269502> : !state
  %start = arith.constant dense<0.0> : !state
  %none = arith.constant dense<0.0> : !lane
  %batch = tensor.dim %x, %c0 : !channels
  %n = tensor.dim %x, %c1 : !channels
  %width = tensor.dim %x, %c2 : !channels
  %tiles = arith.ceildivui %width, %c256 : index
  %r = tile.kernel grid(%batch, %tiles)
      ins(%x, %delta, %a, %bs, %cs : !channels, !channels, !table, !channels, !channels)
      outs(%y : !channels) -> !channels {
  ^bb0(%b: index, %t: index, %xm: !channels_mem, %dm: !channels_mem, %am: !table_mem,
       %bm: !channels_mem, %cm: !channels_mem, %ym: !channels_mem):
    %d = arith.muli %t, %c256 : index
    %left = arith.subi %width, %d : index
    %wide = arith.minsi %left, %c256 : index
    %at = tile.load %am[%d, %c0] extent(%wide, %c16) : !table_mem to !state
    %a2 = arith.mulf %at, %log2e : !state
    %last = tile.fold rows(%c0, %c1) keys 64 lanes 8 axes [0]
        init(%start : !state) ranges {
    ^bb0(%f: index, %c: index):
      tile.visit %c0, %c0, %n, %n
      tile.yield
    } step {
    ^bb0(%j: index, %num: index, %s: !state):
      %stop = arith.addi %j, %num : index
      %next = scf.for %p = %j to %stop step %c1 iter_args(%h0 = %s) -> (!state) {
        %xp = tile.load %xm[%b, %p, %d] extent(%wide) : !channels_mem to !lane
        %dp = tile.load %dm[%b, %p, %d] extent(%wide) : !channels_mem to !lane
        %bp = tile.load %bm[%b, %p, %c0] extent(%c16)
          : !channels_mem to tensor<16xf32>
        %cp = tile.load %cm[%b, %p, %c0] extent(%c16)
          : !channels_mem to tensor<16xf32>
        %dt = tile.broadcast %dp axis 0 : !lane to !state
        %da = arith.mulf %dt, %a2 : !state
        %decay = math.exp2 %da : !state
        %kept = arith.mulf %h0, %decay : !state
        %dx = arith.mulf %dp, %xp : !lane
        %in = tile.broadcast %dx axis 0 : !lane to !state
        %bn = tile.broadcast %bp axis 1 : tensor<16xf32> to !state
        %h1 = math.fma %in, %bn, %kept : !state
        %yp = tile.contract %h1 axis 1, %cp axis 0 into %none extent(%c16)
          : !state, tensor<16xf32> -> !lane
        tile.store %yp, %ym[%b, %p, %d] extent(%wide) : !lane to !channels_mem
        scf.yield %h1 : !state
      }
      tile.yield %next : !state
    } -> !state
  }
  return %r : !channels
}
