// S4D (Gu, Gupta, Goel and Re 2022): each of 64 channels of a head has a state of 32
// complex numbers and their conjugates, the same at all positions, so that a layer is a
// long convolution whose filter is never made.
//
// Parameters are those that are learnt: the logarithm of minus the real part of the
// state matrix and its imaginary part, and the logarithm of the step, in hundredths. For
// S4D-Lin these begin at log(1/2) and pi n, with b = 1, and with steps from 0.001 to 0.1.

!x = tensor<?x?x?x64xf32>
!parameter = tensor<?x2x32x64xf32>
!step = tensor<?x64xf32>
!state = tensor<?x?x2x32x64xf32>

#all = affine_map<(h, part, n, d) -> (h, part, n, d)>
#row = affine_map<(h, d) -> (h, d)>

func.func @s4d(%x: !x, %a: !parameter, %b: !parameter, %c: !parameter,
               %log_step: !step, %skip: !step, %state: !state) -> (!x, !state) {
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
  %y, %next = attn.state_space %x, %rate, %b, %c step(%step : !step)
    discretization zoh initial_state(%state : !state) output {
  ^bb0(%batch: index, %h: index, %t: index, %d: index, %sum: f32):
    %weight = tensor.extract %skip[%h, %d] : !step
    %value = tensor.extract %x[%batch, %h, %t, %d] : !x
    %through = arith.mulf %weight, %value : f32
    %y = arith.addf %sum, %through : f32
    attn.yield %y : f32
  } : !x, !parameter -> !x final_state !state
  return %y, %next : !x, !state
}
