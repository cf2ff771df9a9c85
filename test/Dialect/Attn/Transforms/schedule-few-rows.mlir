// RUN: attn-opt %s --attn-read-caches --attn-schedule --split-input-file | FileCheck %s
// RUN: attn-opt %s --attn-read-caches --attn-schedule --attn-verify-scheduled --split-input-file > /dev/null

// How calls with few queries are worked on: two thirds of a strip of 48 rows are
// few. The heads of a group share keys, and so a tile.
!t = tensor<?x?x?x64xf32>
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v4",
    features = "", vector_bytes = 64, vector_registers = 32, l1_bytes = 32768,
    l2_bytes = 1048576>} {
  // CHECK-LABEL: func @any_length(
  // CHECK: attn.decode = #attn.decode<most_queries = 32, rows = 32, heads = group, key_tile = 32, keys_per_split = 1024>
  // CHECK-SAME: attn.schedule = #attn.schedule<query_tile = 256
  func.func @any_length(%q: !t) -> !t {
    %o = attn.attend %q, %q, %q : (!t, !t, !t) -> !t
    return %o : !t
  }

  // A quarter of L1 has room for more keys where they are narrower, and is no
  // limit below the 16 that fill a vector.
  // CHECK-LABEL: func @narrow(
  // CHECK: heads = group, key_tile = 64, keys_per_split = 1024>
  func.func @narrow(%q: tensor<?x?x?x64xf16>) -> tensor<?x?x?x64xf16> {
    %o = attn.attend %q, %q, %q
      : (tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>)
      -> tensor<?x?x?x64xf16>
    return %o : tensor<?x?x?x64xf16>
  }
  // CHECK-LABEL: func @wide(
  // CHECK: heads = group, key_tile = 16, keys_per_split = 1024>
  func.func @wide(%q: tensor<?x?x?x256xf32>) -> tensor<?x?x?x256xf32> {
    %o = attn.attend %q, %q, %q
      : (tensor<?x?x?x256xf32>, tensor<?x?x?x256xf32>, tensor<?x?x?x256xf32>)
      -> tensor<?x?x?x256xf32>
    return %o : tensor<?x?x?x256xf32>
  }
  // CHECK-LABEL: func @of_a_cache(
  // CHECK: key_tile = 64, keys_per_split = 1024>
  func.func @of_a_cache(%q: tensor<?x4x?x128xf32>, %n: tensor<?x4x?x128xi8>,
                        %s: tensor<?x4x?xf32>) -> tensor<?x4x?x128xf32> {
    %c = attn.cache %n scales(%s)
      : (tensor<?x4x?x128xi8>, tensor<?x4x?xf32>)
      -> !attn.kv<4x128xi8, scale<token>>
    %o = attn.attend %q, %c, %c
      : (tensor<?x4x?x128xf32>, !attn.kv<4x128xi8, scale<token>>,
         !attn.kv<4x128xi8, scale<token>>) -> tensor<?x4x?x128xf32>
    return %o : tensor<?x4x?x128xf32>
  }

  // Known numbers of queries and heads: a tile has the rows that there are.
  // CHECK-LABEL: func @one_token_of_four_heads(
  // CHECK: attn.decode<most_queries = 32, rows = 4, heads = group,
  func.func @one_token_of_four_heads(%q: tensor<1x8x1x64xf32>,
      %k: tensor<1x2x?x64xf32>) -> tensor<1x8x1x64xf32> {
    %o = attn.attend %q, %k, %k
      : (tensor<1x8x1x64xf32>, tensor<1x2x?x64xf32>, tensor<1x2x?x64xf32>)
      -> tensor<1x8x1x64xf32>
    return %o : tensor<1x8x1x64xf32>
  }

  // Of a lattice the rows are those of a residue class.
  // CHECK-LABEL: func @lattice(
  // CHECK: attn.decode<most_queries = 32, rows = 24, heads = group,
  func.func @lattice(%q: tensor<1x1x96x64xf32>) -> tensor<1x1x96x64xf32> {
    %o = attn.attend %q, %q, %q mask(#attn.mask<causal>) lattice 4
      : (tensor<1x1x96x64xf32>, tensor<1x1x96x64xf32>, tensor<1x1x96x64xf32>)
      -> tensor<1x1x96x64xf32>
    return %o : tensor<1x1x96x64xf32>
  }

  // A mask that depends on the head has other keys for each: heads stay apart.
  // CHECK-LABEL: func @head_in_mask(
  // CHECK: attn.decode<most_queries = 32, rows = 32, heads = one,
  func.func @head_in_mask(%q: !t) -> !t {
    %o = attn.attend %q, %q, %q mask(#attn.mask<"h < 4 or k <= q">)
      : (!t, !t, !t) -> !t
    return %o : !t
  }

  // So does a score that does.
  // CHECK-LABEL: func @head_in_score(
  // CHECK: attn.decode<most_queries = 32, rows = 32, heads = one,
  func.func @head_in_score(%q: !t, %slopes: tensor<?xf32>) -> !t {
    %o = attn.attend %q, %q, %q score {
    ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
      %slope = tensor.extract %slopes[%h] : tensor<?xf32>
      %r = arith.mulf %s, %slope : f32
      attn.yield %r : f32
    } : (!t, !t, !t) -> !t
    return %o : !t
  }

  // Heads that are known to be alone in their group may depend on the head.
  // CHECK-LABEL: func @head_in_mask_of_a_group_of_one(
  // CHECK: attn.decode<most_queries = 32, rows = 32, heads = group,
  func.func @head_in_mask_of_a_group_of_one(%q: tensor<?x8x?x64xf32>)
      -> tensor<?x8x?x64xf32> {
    %o = attn.attend %q, %q, %q mask(#attn.mask<"h < 4 or k <= q">)
      : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>)
      -> tensor<?x8x?x64xf32>
    return %o : tensor<?x8x?x64xf32>
  }

  // Known to be many: nothing.
  // CHECK-LABEL: func @many(
  // CHECK-NOT: attn.decode
  func.func @many(%q: tensor<1x8x33x64xf32>) -> tensor<1x8x33x64xf32> {
    %o = attn.attend %q, %q, %q
      : (tensor<1x8x33x64xf32>, tensor<1x8x33x64xf32>, tensor<1x8x33x64xf32>)
      -> tensor<1x8x33x64xf32>
    return %o : tensor<1x8x33x64xf32>
  }

  // A scan has no rows, and a schedule by hand is the whole of it.
  // CHECK-LABEL: func @neither(
  // CHECK-NOT: attn.decode
  func.func @neither(%q: !t) -> (!t, !t) {
    %s = attn.scan %q, %q, %q transition identity : !t, !t, !t -> !t
    %o = attn.attend %q, %q, %q
      {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 64, lanes = 48,
                                      splits = 1>} : (!t, !t, !t) -> !t
    return %s, %o : !t, !t
  }

  // By hand, beside a schedule that is chosen: kept.
  // CHECK-LABEL: func @by_hand(
  // CHECK: attn.decode<most_queries = 2, rows = 7, heads = one, key_tile = 5, keys_per_split = 9>
  func.func @by_hand(%q: !t) -> !t {
    %o = attn.attend %q, %q, %q
      {attn.decode = #attn.decode<most_queries = 2, rows = 7, heads = one,
                                  key_tile = 5, keys_per_split = 9>}
      : (!t, !t, !t) -> !t
    return %o : !t
  }
}
