// RUN: %roundtrip
//
// Form (e) of dialects/Tile/Rationale.md: the gradients of causal attention. The
// query gradient folds keys, as the forward pass does. The key and value
// gradients fold queries: rows are keys, the ranges are those of the transposed
// mask, and the heads of a group continue each other's carry.
//
// %lse2 is the forward pass's lse in powers of two; %delta is sum(do * o) per
// query row.

!seq = tensor<?x?x?x64xf32>
!mem = memref<?x?x?x64xf32, strided<[?, ?, ?, 1], offset: ?>>
!stat = tensor<?x?x?xf32>
!stat_mem = memref<?x?x?xf32, strided<[?, ?, 1], offset: ?>>
!row = tensor<96xf32>
!own = tensor<96x64xf32>
!other = tensor<64x64xf32>
!vec = tensor<64xf32>
!score = tensor<96x64xf32>

func.func @query_gradient_folds_keys(%q: !seq, %k: !seq, %v: !seq, %go: !seq,
                                     %lse2: !stat, %delta: !stat, %dq: !seq) -> !seq {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c64 = arith.constant 64 : index
  %c96 = arith.constant 96 : index
  %scale = arith.constant dense<0.125> : !own
  %scale2 = arith.constant dense<0.180336878> : !score
  %zero = arith.constant dense<0.0> : !score
  %batch = tensor.dim %q, %c0 : !seq
  %heads = tensor.dim %q, %c1 : !seq
  %n = tensor.dim %q, %c2 : !seq
  %kv_heads = tensor.dim %k, %c1 : !seq
  %keys = tensor.dim %k, %c2 : !seq
  %group = arith.divui %heads, %kv_heads : index
  %align = arith.subi %keys, %n : index
  %tiles = arith.ceildivui %n, %c96 : index
  %r = tile.kernel grid(%batch, %heads, %tiles)
      ins(%q, %k, %v, %go, %lse2, %delta : !seq, !seq, !seq, !seq, !stat, !stat)
      outs(%dq : !seq) -> !seq {
  ^bb0(%b: index, %h: index, %t: index, %qm: !mem, %km: !mem, %vm: !mem, %gm: !mem,
       %lm: !stat_mem, %dm: !stat_mem, %dqm: !mem):
    %kh = arith.divui %h, %group : index
    %i = arith.muli %t, %c96 : index
    %left = arith.subi %n, %i : index
    %count = arith.minsi %left, %c96 : index
    %first = arith.addi %i, %align : index
    %qt = tile.load %qm[%b, %h, %i, %c0] extent(%count, %c64) : !mem to !own
    %gt = tile.load %gm[%b, %h, %i, %c0] extent(%count, %c64) : !mem to !own
    %lt = tile.load %lm[%b, %h, %i] extent(%count) : !stat_mem to !row
    %et = tile.load %dm[%b, %h, %i] extent(%count) : !stat_mem to !row
    %minus_lse = arith.negf %lt : !row
    %shift = tile.broadcast %minus_lse axis 0 : !row to !score
    %deltas = tile.broadcast %et axis 0 : !row to !score
    %grad = tile.fold rows(%first, %count) keys 64 lanes 24 axes [0] rows_follow_axis
        init(%zero : !own) ranges {
    ^bb0(%f: index, %c: index):
      %seen = arith.addi %f, %c1 : index
      %last = arith.addi %f, %c : index
      %seen0 = arith.maxsi %seen, %c0 : index
      %last0 = arith.maxsi %last, %c0 : index
      %full = arith.minsi %seen0, %keys : index
      %end = arith.minsi %last0, %keys : index
      tile.visit %c0, %c0, %full, %end
      tile.yield
    } step {
    ^bb0(%j: index, %num: index, %g0: !own):
      %kt = tile.load %km[%b, %kh, %j, %c0] extent(%num, %c64) : !mem to !other
      %vt = tile.load %vm[%b, %kh, %j, %c0] extent(%num, %c64) : !mem to !other
      %s = tile.contract %qt axis 1, %kt axis 1 into %zero extent(%c64)
        : !own, !other -> !score
      %x = math.fma %s, %scale2, %shift : !score
      %p0 = math.exp2 %x : !score
      %qi = tile.iota %first : tensor<96xindex>
      %ki = tile.iota %j : tensor<64xindex>
      %qp = tile.broadcast %qi axis 0 : tensor<96xindex> to tensor<96x64xindex>
      %kp = tile.broadcast %ki axis 1 : tensor<64xindex> to tensor<96x64xindex>
      %allowed = arith.cmpi sle, %kp, %qp : tensor<96x64xindex>
      // The weight, not the score: a row without keys has lse = -inf.
      %p = tile.guard %allowed, %p0 else %zero : !score
      %dp = tile.contract %gt axis 1, %vt axis 1 into %zero extent(%c64)
        : !own, !other -> !score
      %centered = arith.subf %dp, %deltas : !score
      %ds = arith.mulf %p, %centered : !score
      %g1 = tile.contract %ds axis 1, %kt axis 0 into %g0 extent(%num)
        : !score, !other -> !own
      tile.yield %g1 : !own
    } -> !own
    %scaled = arith.mulf %grad, %scale : !own
    tile.store %scaled, %dqm[%b, %h, %i, %c0] extent(%count, %c64) : !own to !mem
  }
  return %r : !seq
}

func.func @key_and_value_gradients_fold_queries(
    %q: !seq, %k: !seq, %v: !seq, %go: !seq, %lse2: !stat, %delta: !stat, %dk: !seq,
    %dv: !seq) -> (!seq, !seq) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c64 = arith.constant 64 : index
  %c96 = arith.constant 96 : index
  %scale = arith.constant dense<0.125> : !own
  %scale2 = arith.constant dense<0.180336878> : !score
  %zero = arith.constant dense<0.0> : !score
  %batch = tensor.dim %q, %c0 : !seq
  %heads = tensor.dim %q, %c1 : !seq
  %n = tensor.dim %q, %c2 : !seq
  %kv_heads = tensor.dim %k, %c1 : !seq
  %keys = tensor.dim %k, %c2 : !seq
  %group = arith.divui %heads, %kv_heads : index
  %align = arith.subi %keys, %n : index
  %tiles = arith.ceildivui %keys, %c96 : index
  %r:2 = tile.kernel grid(%batch, %kv_heads, %tiles)
      ins(%q, %k, %v, %go, %lse2, %delta : !seq, !seq, !seq, !seq, !stat, !stat)
      outs(%dk, %dv : !seq, !seq) -> !seq, !seq {
  ^bb0(%b: index, %kh: index, %t: index, %qm: !mem, %km: !mem, %vm: !mem, %gm: !mem,
       %lm: !stat_mem, %dm: !stat_mem, %dkm: !mem, %dvm: !mem):
    %j = arith.muli %t, %c96 : index
    %left = arith.subi %keys, %j : index
    %count = arith.minsi %left, %c96 : index
    %kt = tile.load %km[%b, %kh, %j, %c0] extent(%count, %c64) : !mem to !own
    %vt = tile.load %vm[%b, %kh, %j, %c0] extent(%count, %c64) : !mem to !own
    %h0 = arith.muli %kh, %group : index
    %h1 = arith.addi %h0, %group : index
    %grads:2 = scf.for %h = %h0 to %h1 step %c1 iter_args(%ka = %zero, %va = %zero)
        -> (!own, !own) {
      %sum:2 = tile.fold rows(%j, %count) keys 64 lanes 24 axes [0, 0]
          rows_follow_axis init(%ka, %va : !own, !own) ranges {
      ^bb0(%f: index, %c: index):
        // Of { (k, q) : k <= q }: queries that see one of the keys f to f + c - 1,
        // and from where on they see all of them.
        %see_one = arith.subi %f, %align : index
        %before_all = arith.addi %see_one, %c : index
        %see_all = arith.subi %before_all, %c1 : index
        %one0 = arith.maxsi %see_one, %c0 : index
        %all0 = arith.maxsi %see_all, %c0 : index
        %begin = arith.minsi %one0, %n : index
        %full = arith.minsi %all0, %n : index
        tile.visit %begin, %full, %n, %n
        tile.yield
      } step {
      ^bb0(%i: index, %num: index, %k0: !own, %v0: !own):
        %qt = tile.load %qm[%b, %h, %i, %c0] extent(%num, %c64) : !mem to !other
        %gt = tile.load %gm[%b, %h, %i, %c0] extent(%num, %c64) : !mem to !other
        %lt = tile.load %lm[%b, %h, %i] extent(%num) : !stat_mem to !vec
        %et = tile.load %dm[%b, %h, %i] extent(%num) : !stat_mem to !vec
        %minus_lse = arith.negf %lt : !vec
        %shift = tile.broadcast %minus_lse axis 1 : !vec to !score
        %deltas = tile.broadcast %et axis 1 : !vec to !score
        %s = tile.contract %kt axis 1, %qt axis 1 into %zero extent(%c64)
          : !own, !other -> !score
        %x = math.fma %s, %scale2, %shift : !score
        %p0 = math.exp2 %x : !score
        %position = arith.addi %i, %align : index
        %ki = tile.iota %j : tensor<96xindex>
        %qi = tile.iota %position : tensor<64xindex>
        %kp = tile.broadcast %ki axis 0 : tensor<96xindex> to tensor<96x64xindex>
        %qp = tile.broadcast %qi axis 1 : tensor<64xindex> to tensor<96x64xindex>
        %allowed = arith.cmpi sle, %kp, %qp : tensor<96x64xindex>
        %p = tile.guard %allowed, %p0 else %zero : !score
        %v1 = tile.contract %p axis 1, %gt axis 0 into %v0 extent(%num)
          : !score, !other -> !own
        %dp = tile.contract %vt axis 1, %gt axis 1 into %zero extent(%c64)
          : !own, !other -> !score
        %centered = arith.subf %dp, %deltas : !score
        %ds = arith.mulf %p, %centered : !score
        %k1 = tile.contract %ds axis 1, %qt axis 0 into %k0 extent(%num)
          : !score, !other -> !own
        tile.yield %k1, %v1 : !own, !own
      } -> !own, !own
      scf.yield %sum#0, %sum#1 : !own, !own
    }
    %scaled = arith.mulf %grads#0, %scale : !own
    tile.store %scaled, %dkm[%b, %kh, %j, %c0] extent(%count, %c64) : !own to !mem
    tile.store %grads#1, %dvm[%b, %kh, %j, %c0] extent(%count, %c64) : !own to !mem
  }
  return %r#0, %r#1 : !seq, !seq
}
