// The last 64 keys, and before them those whose importance is above a level: what
// caches that drop unimportant keys (H2O, SnapKV) compute, without dropping any.
//
// The mask is a region: a program that says whether a query at position `i` sees the
// key at position `j`. The compiler reads it as a predicate. What it says of keys alone,
// here a comparison of floats, is computed once per call for each key, and blocks of
// keys of which none is important are not visited.

func.func @importance(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                      %v: tensor<?x?x?x64xf32>, %importance: tensor<?x?xf32>,
                      %level: tensor<f32>) -> tensor<?x?x?x64xf32> {
  %recent = arith.constant 64 : index
  %out = attn.attend %q, %k, %v mask(#attn.mask<causal>) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %distance = arith.subi %i, %j : index
    %is_recent = arith.cmpi slt, %distance, %recent : index
    %x = tensor.extract %importance[%b, %j] : tensor<?x?xf32>
    %y = tensor.extract %level[] : tensor<f32>
    %is_important = arith.cmpf ogt, %x, %y : f32
    %sees = arith.ori %is_recent, %is_important : i1
    attn.yield %sees : i1
  } : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
