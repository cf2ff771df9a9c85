// RUN: %roundtrip
//
// Form (b) of dialects/Tile/Rationale.md: the step of seam-causal.mlir in bf16
// with head dim 128, scheduled for two consumer warpgroups of 64 query rows. The
// weights are rounded to bf16, and queries, keys and values stay as they are in
// memory, so that both products are of bf16 operands. Nothing else differs but
// types and sizes; if more has to, the dialect knows its target.

!seq = tensor<?x?x?x128xbf16>
!mem = memref<?x?x?x128xbf16, strided<[?, ?, ?, 1], offset: ?>>
!row = tensor<128xf32>
!query = tensor<128x128xbf16>
!out = tensor<128x128xf32>
!key = tensor<128x128xbf16>
!score = tensor<128x128xf32>
!narrow = tensor<128x128xbf16>

func.func @causal_attention_on_two_warpgroups(%q: !seq, %k: !seq, %v: !seq,
                                              %o: !seq) -> !seq {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c128 = arith.constant 128 : index
  // log2(e) / sqrt(128), applied in the exponent: a scaled query would no longer
  // be a tile of the type it was loaded from.
  %scale = arith.constant dense<0.127517432> : !score
  %scale_row = arith.constant dense<0.127517432> : !row
  %none = arith.constant dense<0xFF800000> : !row
  %masked = arith.constant dense<0xFF800000> : !score
  %zero_row = arith.constant dense<0.0> : !row
  %zero_out = arith.constant dense<0.0> : !out
  %zero_score = arith.constant dense<0.0> : !score
  %one = arith.constant dense<1.0> : !row
  // 8 / scale: the carry is rescaled once a score exceeds m by a factor of 2^8.
  %headroom = arith.constant dense<62.7365212> : !row
  %tiny = arith.constant dense<8.67361738E-19> : !row

  %batch = tensor.dim %q, %c0 : !seq
  %heads = tensor.dim %q, %c1 : !seq
  %n = tensor.dim %q, %c2 : !seq
  %keys = tensor.dim %k, %c2 : !seq
  %align = arith.subi %keys, %n : index
  %tiles = arith.ceildivui %n, %c128 : index

  %r = tile.kernel grid(%batch, %heads, %tiles) ins(%q, %k, %v : !seq, !seq, !seq)
      outs(%o : !seq) -> !seq {
  ^bb0(%b: index, %h: index, %t: index, %qm: !mem, %km: !mem, %vm: !mem, %om: !mem):
    %i = arith.muli %t, %c128 : index
    %left = arith.subi %n, %i : index
    %count = arith.minsi %left, %c128 : index
    %first = arith.addi %i, %align : index
    %qt = tile.load %qm[%b, %h, %i, %c0] extent(%count, %c128) : !mem to !query
    %m, %l, %acc = tile.fold rows(%first, %count) keys 128 lanes 64 axes [0, 0, 0]
        rows_follow_axis
        init(%none, %zero_row, %zero_out : !row, !row, !out) ranges {
    ^bb0(%f: index, %c: index):
      // Of { (q, k) : k <= q }, for rows f to f + c - 1.
      %seen = arith.addi %f, %c1 : index
      %last = arith.addi %f, %c : index
      %seen0 = arith.maxsi %seen, %c0 : index
      %last0 = arith.maxsi %last, %c0 : index
      %full = arith.minsi %seen0, %keys : index
      %end = arith.minsi %last0, %keys : index
      tile.visit %c0, %c0, %full, %end
      tile.yield
    } step {
    ^bb0(%j: index, %num: index, %m0: !row, %l0: !row, %o0: !out):
      %kt = tile.load %km[%b, %h, %j, %c0] extent(%num, %c128) : !mem to !key
      %vt = tile.load %vm[%b, %h, %j, %c0] extent(%num, %c128) : !mem to !key
      %s0 = tile.contract %qt axis 1, %kt axis 1 into %zero_score extent(%c128)
        : !query, !key -> !score
      %qi = tile.iota %first : tensor<128xindex>
      %ki = tile.iota %j : tensor<128xindex>
      %qp = tile.broadcast %qi axis 0 : tensor<128xindex> to tensor<128x128xindex>
      %kp = tile.broadcast %ki axis 1 : tensor<128xindex> to tensor<128x128xindex>
      %allowed = arith.cmpi sle, %kp, %qp : tensor<128x128xindex>
      %s = tile.guard %allowed, %s0 else %masked : !score
      %top = tile.reduce max %s axis 1 extent(%num) : !score -> !row
      %limit = arith.addf %m0, %headroom : !row
      %above = arith.cmpf ogt, %top, %limit : !row
      %need = tile.any %above : tensor<128xi1>
      %m1, %l1, %o1 = scf.if %need -> (!row, !row, !out) {
        %m2 = arith.maximumf %m0, %top : !row
        %none2 = arith.cmpf oeq, %m2, %none : !row
        %base2 = arith.select %none2, %zero_row, %m2 : tensor<128xi1>, !row
        %drop = arith.subf %m0, %base2 : !row
        %exponent = arith.mulf %drop, %scale_row : !row
        %factor = math.exp2 %exponent : !row
        %l2 = arith.mulf %l0, %factor : !row
        %spread = tile.broadcast %factor axis 0 : !row to !out
        %o2 = arith.mulf %o0, %spread : !out
        scf.yield %m2, %l2, %o2 : !row, !row, !out
      } else {
        scf.yield %m0, %l0, %o0 : !row, !row, !out
      }
      %none1 = arith.cmpf oeq, %m1, %none : !row
      %base = arith.select %none1, %zero_row, %m1 : tensor<128xi1>, !row
      %scaled_base = arith.mulf %base, %scale_row : !row
      %shift_row = arith.negf %scaled_base : !row
      %shift = tile.broadcast %shift_row axis 0 : !row to !score
      %x = math.fma %s, %scale, %shift : !score
      %p = math.exp2 %x : !score
      %sum = tile.reduce add %p axis 1 extent(%num) : !score -> !row
      %l3 = arith.addf %l1, %sum : !row
      %pb = arith.truncf %p : !score to !narrow
      %o3 = tile.contract %pb axis 1, %vt axis 0 into %o1 extent(%num)
        : !narrow, !key -> !out
      tile.yield %m1, %l3, %o3 : !row, !row, !out
    } -> !row, !row, !out
    %inverse = arith.divf %one, %l : !row
    %inverses = tile.broadcast %inverse axis 0 : !row to !out
    %scaled = arith.mulf %acc, %inverses : !out
    // A row that saw no key.
    %empty = arith.cmpf olt, %l, %tiny : !row
    %empties = tile.broadcast %empty axis 0 : tensor<128xi1> to tensor<128x128xi1>
    %out = arith.select %empties, %zero_out, %scaled : tensor<128x128xi1>, !out
    tile.store %out, %om[%b, %h, %i, %c0] extent(%count, %c128) : !out to !mem
  }
  return %r : !seq
}
