// S4 (Gu, Goel and Re 2022): a state matrix that is diagonal but for one rank, as HiPPO's
// is, in the bilinear discretisation. With q = p and rates in the left half plane it is
// stable.
//
// The HiPPO matrix for scaled Legendre polynomials has a real part of -1/2 everywhere,
// whose logarithm here is learnt; see s4d.mlir for the rest.

!x = tensor<?x?x?x64xf32>
!parameter = tensor<?x2x32x64xf32>
!step = tensor<?x64xf32>
!state = tensor<?x?x2x32x64xf32>

#all = affine_map<(h, part, n, d) -> (h, part, n, d)>
#row = affine_map<(h, d) -> (h, d)>

func.func @s4(%x: !x, %a: !parameter, %b: !parameter, %c: !parameter,
              %p: !parameter, %log_step: !step, %skip: !step, %state: !state)
    -> (!x, !state) {
  %step = linalg.generic {
      indexing_maps = [#row, #row], iterator_types = ["parallel", "parallel"]}
      ins(%log_step : !step) outs(%log_step : !step) {
  ^bb0(%log: f32, %out: f32):
    %unit = arith.constant 0.01 : f32
    %units = math.exp %log : f32
    %step = arith.mulf %units, %unit : f32
    linalg.yield %step : f32
  } -> !step
  %rate = linalg.generic {
      indexing_maps = [#all],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%a : !parameter) {
  ^bb0(%number: f32):
    %part = linalg.index 1 : index
    %zero = arith.constant 0 : index
    %is_real = arith.cmpi eq, %part, %zero : index
    %size = math.exp %number : f32
    %real = arith.negf %size : f32
    %rate = arith.select %is_real, %real, %number : f32
    linalg.yield %rate : f32
  } -> !parameter
  %y, %next = attn.state_space %x, %rate, %b, %c
    low_rank(%p, %p : !parameter, !parameter)
    step(%step : !step) discretization bilinear initial_state(%state : !state) output {
  ^bb0(%batch: index, %h: index, %t: index, %d: index, %sum: f32):
    %weight = tensor.extract %skip[%h, %d] : !step
    %value = tensor.extract %x[%batch, %h, %t, %d] : !x
    %through = arith.mulf %weight, %value : f32
    %y = arith.addf %sum, %through : f32
    attn.yield %y : f32
  } : !x, !parameter -> !x final_state !state
  return %y, %next : !x, !state
}
