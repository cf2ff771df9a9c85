// RUN: %roundtrip
//
// Form (c) of dialects/Tile/Rationale.md, as far as a contiguous cache goes: one
// new token a sequence, eight query heads for each key head packed as the rows of
// one tile, the keys split over the grid. The partial carries of the splits are
// outputs of the first kernel; the second merges them.

!query = tensor<?x?x8x128xf16>
!cache = tensor<?x?x?x128xf16>
!scalars = tensor<?x?x?xf32>
!partial = tensor<?x?x?x128xf32>
!query_mem = memref<?x?x8x128xf16, strided<[?, ?, ?, 1], offset: ?>>
!cache_mem = memref<?x?x?x128xf16, strided<[?, ?, ?, 1], offset: ?>>
!scalars_mem = memref<?x?x?xf32, strided<[?, ?, 1], offset: ?>>
!partial_mem = memref<?x?x?x128xf32, strided<[?, ?, ?, 1], offset: ?>>
!row = tensor<8xf32>
!out = tensor<8x128xf32>
!key = tensor<128x128xf32>
!score = tensor<8x128xf32>

func.func @decode_with_packed_heads_and_splits(
    %heads_of_one: tensor<?x?x1x128xf16>, %k: !cache, %v: !cache, %splits: index,
    %m_part: !scalars, %l_part: !scalars, %o_part: !partial, %o: !query) -> !query {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  %c128 = arith.constant 128 : index
  // log2(e) / sqrt(128).
  %scale = arith.constant dense<0.127517432> : !score
  %scale_row = arith.constant dense<0.127517432> : !row
  %none = arith.constant dense<0xFF800000> : !row
  %zero_row = arith.constant dense<0.0> : !row
  %zero_out = arith.constant dense<0.0> : !out
  %zero_score = arith.constant dense<0.0> : !score
  %one = arith.constant dense<1.0> : !row
  %tiny = arith.constant dense<8.67361738E-19> : !row

  %batch = tensor.dim %k, %c0 : !cache
  %kv_heads = tensor.dim %k, %c1 : !cache
  %keys = tensor.dim %k, %c2 : !cache
  // A query length of one: [batch, heads, 1, dim] is [batch, kv_heads, 8, dim].
  %flat = tensor.collapse_shape %heads_of_one [[0], [1, 2], [3]]
    : tensor<?x?x1x128xf16> into tensor<?x?x128xf16>
  %q = tensor.expand_shape %flat [[0], [1, 2], [3]]
    output_shape [%batch, %kv_heads, 8, 128] : tensor<?x?x128xf16> into !query
  %part = arith.ceildivui %keys, %splits : index

  %parts:3 = tile.kernel grid(%batch, %kv_heads, %splits)
      ins(%q, %k, %v : !query, !cache, !cache)
      outs(%m_part, %l_part, %o_part : !scalars, !scalars, !partial)
      -> !scalars, !scalars, !partial {
  ^bb0(%b: index, %h: index, %split: index, %qm: !query_mem, %km: !cache_mem,
       %vm: !cache_mem, %mm: !scalars_mem, %lm: !scalars_mem, %om: !partial_mem):
    %qt = tile.load %qm[%b, %h, %c0, %c0] extent(%c8, %c128) : !query_mem to !out
    %m, %l, %acc = tile.fold rows(%c0, %c8) keys 128 lanes 8 axes [0, 0, 0]
        init(%none, %zero_row, %zero_out : !row, !row, !out) ranges {
    ^bb0(%f: index, %c: index):
      %from = arith.muli %split, %part : index
      %to = arith.addi %from, %part : index
      %begin = arith.minsi %from, %keys : index
      %end = arith.minsi %to, %keys : index
      tile.visit %begin, %begin, %end, %end
      tile.yield
    } step {
    ^bb0(%j: index, %num: index, %m0: !row, %l0: !row, %o0: !out):
      %kt = tile.load %km[%b, %h, %j, %c0] extent(%num, %c128) : !cache_mem to !key
      %vt = tile.load %vm[%b, %h, %j, %c0] extent(%num, %c128) : !cache_mem to !key
      %s = tile.contract %qt axis 1, %kt axis 1 into %zero_score extent(%c128)
        : !out, !key -> !score
      %top = tile.reduce max %s axis 1 extent(%num) : !score -> !row
      %m1 = arith.maximumf %m0, %top : !row
      %drop = arith.subf %m0, %m1 : !row
      %exponent = arith.mulf %drop, %scale_row : !row
      %factor = math.exp2 %exponent : !row
      %l1 = arith.mulf %l0, %factor : !row
      %spread = tile.broadcast %factor axis 0 : !row to !out
      %o1 = arith.mulf %o0, %spread : !out
      %scaled_base = arith.mulf %m1, %scale_row : !row
      %shift_row = arith.negf %scaled_base : !row
      %shift = tile.broadcast %shift_row axis 0 : !row to !score
      %x = math.fma %s, %scale, %shift : !score
      %p = math.exp2 %x : !score
      %sum = tile.reduce add %p axis 1 extent(%num) : !score -> !row
      %l2 = arith.addf %l1, %sum : !row
      %o2 = tile.contract %p axis 1, %vt axis 0 into %o1 extent(%num)
        : !score, !key -> !out
      tile.yield %m1, %l2, %o2 : !row, !row, !out
    } -> !row, !row, !out
    %at = arith.muli %split, %c8 : index
    tile.store %m, %mm[%b, %h, %at] extent(%c8) : !row to !scalars_mem
    tile.store %l, %lm[%b, %h, %at] extent(%c8) : !row to !scalars_mem
    tile.store %acc, %om[%b, %h, %at, %c0] extent(%c8, %c128) : !out to !partial_mem
  }

  %r = tile.kernel grid(%batch, %kv_heads)
      ins(%parts#0, %parts#1, %parts#2 : !scalars, !scalars, !partial)
      outs(%o : !query) -> !query {
  ^bb0(%b: index, %h: index, %mm: !scalars_mem, %lm: !scalars_mem,
       %pm: !partial_mem, %om: !query_mem):
    %m, %l, %acc = scf.for %split = %c0 to %splits step %c1
        iter_args(%m1 = %none, %l1 = %zero_row, %o1 = %zero_out)
        -> (!row, !row, !out) {
      %at = arith.muli %split, %c8 : index
      %m2 = tile.load %mm[%b, %h, %at] extent(%c8) : !scalars_mem to !row
      %l2 = tile.load %lm[%b, %h, %at] extent(%c8) : !scalars_mem to !row
      %o2 = tile.load %pm[%b, %h, %at, %c0] extent(%c8, %c128)
        : !partial_mem to !out
      %m3 = arith.maximumf %m1, %m2 : !row
      %is_none = arith.cmpf oeq, %m3, %none : !row
      %base = arith.select %is_none, %zero_row, %m3 : tensor<8xi1>, !row
      %drop1 = arith.subf %m1, %base : !row
      %drop2 = arith.subf %m2, %base : !row
      %exponent1 = arith.mulf %drop1, %scale_row : !row
      %exponent2 = arith.mulf %drop2, %scale_row : !row
      %factor1 = math.exp2 %exponent1 : !row
      %factor2 = math.exp2 %exponent2 : !row
      %left = arith.mulf %l1, %factor1 : !row
      %l3 = math.fma %l2, %factor2, %left : !row
      %spread1 = tile.broadcast %factor1 axis 0 : !row to !out
      %spread2 = tile.broadcast %factor2 axis 0 : !row to !out
      %kept = arith.mulf %o1, %spread1 : !out
      %o3 = math.fma %o2, %spread2, %kept : !out
      scf.yield %m3, %l3, %o3 : !row, !row, !out
    }
    %empty = arith.cmpf olt, %l, %tiny : !row
    %inverse = arith.divf %one, %l : !row
    %inverses = tile.broadcast %inverse axis 0 : !row to !out
    %scaled = arith.mulf %acc, %inverses : !out
    %empties = tile.broadcast %empty axis 0 : tensor<8xi1> to tensor<8x128xi1>
    %out = arith.select %empties, %zero_out, %scaled : tensor<8x128xi1>, !out
    tile.store %out, %om[%b, %h, %c0, %c0] extent(%c8, %c128) : !out to !query_mem
  }
  return %r : !query
}
