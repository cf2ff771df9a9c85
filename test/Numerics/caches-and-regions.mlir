// DEFINE: %{rows} = ?
// DEFINE: %{check} = sed 's/ROWS/%{rows}/g' %s | attnc run - --random --seed=70 --check --repeat=6 --entry
//
// Caches beside whatever else attn.attend takes: a carry to go on from, whose units
// the factors of values must not change; scores, where regions, tables by batch; dims
// that no vector divides, rows of bytes that end in half of one's numbers.

// RUN: %{check}=onto_a_carry && %{check}=regions && %{check}=odd && %{check}=sinks
// REDEFINE: %{rows} = 3
// RUN: %{check}=onto_a_carry && %{check}=regions && %{check}=odd && %{check}=sinks

!q = tensor<?x6xROWSx26xf32>
!l = tensor<?x6xROWSxf32>
!t = tensor<?x?xi32>
!n = tensor<?xi32>

!channel = !attn.kv<2x26xi8, paged<8>, scale<channel>>
!pages = tensor<?x8x2x26xi8>
func.func @onto_a_carry(%q: !q, %k: !pages, %ks: tensor<2x26xf32>, %v: !pages,
                        %vs: tensor<2x26xf32>, %t: !t, %n: !n, %o: !q, %l: !l)
    -> (!q, !l) {
  %kc = attn.cache %k table(%t) lengths(%n) scales(%ks)
    : (!pages, !t, !n, tensor<2x26xf32>) -> !channel
  %vc = attn.cache %v table(%t) lengths(%n) scales(%vs)
    : (!pages, !t, !n, tensor<2x26xf32>) -> !channel
  %r, %lse = attn.attend %q, %kc, %vc mask(#attn.mask<causal>) init(%o, %l)
    : (!q, !channel, !channel, !q, !l) -> (!q, !l)
  return %r, %lse : !q, !l
}

!token = !attn.kv<2x26xi8, paged<8>, scale<token>>
!scales = tensor<?x8x2xf32>
func.func @regions(%q: !q, %k: !pages, %s: !scales, %t: !t, %n: !n,
                   %slopes: tensor<6xf32>, %len: tensor<?xi32>) -> !q {
  %c = attn.cache %k table(%t) lengths(%n) scales(%s)
    : (!pages, !t, !n, !scales) -> !token
  %c30 = arith.constant 30 : index
  %r = attn.attend %q, %c, %c mask(#attn.mask<causal and "k >= len(b)">)
    tables(len = %len) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %distance = arith.subi %i, %j : index
    %sees = arith.cmpi slt, %distance, %c30 : index
    attn.yield %sees : i1
  } score {
  ^bb0(%x: f32, %b: index, %h: index, %i: index, %j: index):
    %slope = tensor.extract %slopes[%h] : tensor<6xf32>
    %distance = arith.subi %j, %i : index
    %narrow = arith.index_cast %distance : index to i32
    %far = arith.sitofp %narrow : i32 to f32
    %bias = arith.mulf %far, %slope : f32
    %y = arith.addf %x, %bias : f32
    attn.yield %y : f32
  } : (!q, !token, !token, tensor<?xi32>) -> !q
  return %r : !q
}

// Values of 11 numbers in rows of 15, keys of 13 bytes with two to each.
!keys = !attn.kv<3x26xi4, paged<5, hnd>, scale<group = 13, zeros>>
!values = !attn.kv<3x11xf16, paged<5, hnd>>
!groups = tensor<?x3x5x2xf32>
!p = tensor<?x6xROWSx11xf32>
func.func @odd(%q: !q, %k: tensor<?x3x5x13xi8>, %ks: !groups, %kz: !groups,
               %v: tensor<?x3x5x15xf16>, %t: !t, %n: !n, %m: !n) -> (!p, !l) {
  %kc = attn.cache %k table(%t) lengths(%n) scales(%ks) zeros(%kz)
    : (tensor<?x3x5x13xi8>, !t, !n, !groups, !groups) -> !keys
  %vc = attn.cache %v table(%t) lengths(%n)
    : (tensor<?x3x5x15xf16>, !t, !n) -> !values
  %o, %lse = attn.attend %q, %kc, %vc query_lengths(%m) mask(#attn.mask<causal>)
    : (!q, !keys, !values, !n) -> (!p, !l)
  return %o, %lse : !p, !l
}

// The first tokens of a sequence stay, and the last ones are in a ring.
!ring = !attn.kv<2x26xf16, rolling<40>>
func.func @sinks(%q: !q, %k: tensor<?x2x4x26xf32>, %v: tensor<?x2x4x26xf32>,
                 %rk: tensor<?x2x40x26xf16>, %rv: tensor<?x2x40x26xf16>, %n: !n) -> !q {
  %o, %l = attn.attend %q, %k, %v
    : (!q, tensor<?x2x4x26xf32>, tensor<?x2x4x26xf32>) -> (!q, !l)
  %kc = attn.cache %rk lengths(%n) : (tensor<?x2x40x26xf16>, !n) -> !ring
  %vc = attn.cache %rv lengths(%n) : (tensor<?x2x40x26xf16>, !n) -> !ring
  %r = attn.attend %q, %kc, %vc mask(#attn.mask<window<20, 0>>) init(%o, %l)
    : (!q, !ring, !ring, !q, !l) -> !q
  return %r : !q
}
