// RUN: attnc run %s --entry=plain --random --repeat=20 --check
// RUN: attnc run %s --entry=f16 --random --repeat=10 --check
// RUN: attnc run %s --entry=bf16 --random --repeat=10 --check
// RUN: attnc run %s --entry=odd --random --repeat=10 --check
// RUN: attnc run %s --entry=stateful --random --repeat=20 --check
// RUN: attnc run %s --entry=normalized --random --repeat=20 --check
// RUN: attnc run %s --entry=forgetful --random --repeat=20 --check
// RUN: %python %S/Inputs/with_narrow_vectors.py attnc run %s --entry=odd --random --repeat=10 --check
// RUN: %python %S/Inputs/with_narrow_vectors.py attnc run %s --entry=forgetful --random --repeat=10 --check

// The kernels work in chunks, the reference steps from position to position.

func.func @plain(%q: tensor<?x?x?x16xf32>, %k: tensor<?x?x?x16xf32>,
                 %v: tensor<?x?x?x32xf32>)
    -> (tensor<?x?x?x32xf32>, tensor<?x?x16x32xf32>) {
  %o, %s = attn.scan %q, %k, %v transition identity
    : tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>, tensor<?x?x?x32xf32>
    -> tensor<?x?x?x32xf32> final_state tensor<?x?x16x32xf32>
  return %o, %s : tensor<?x?x?x32xf32>, tensor<?x?x16x32xf32>
}

func.func @f16(%q: tensor<?x?x?x64xf16>, %k: tensor<?x?x?x64xf16>,
               %v: tensor<?x?x?x64xf16>) -> tensor<?x?x?x64xf16> {
  %o = attn.scan %q, %k, %v transition identity
    : tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>
    -> tensor<?x?x?x64xf16>
  return %o : tensor<?x?x?x64xf16>
}

func.func @bf16(%q: tensor<?x?x?x64xbf16>, %k: tensor<?x?x?x64xbf16>,
                %v: tensor<?x?x?x64xbf16>) -> tensor<?x?x?x64xbf16> {
  %o = attn.scan %q, %k, %v transition identity
    : tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>
    -> tensor<?x?x?x64xbf16>
  return %o : tensor<?x?x?x64xbf16>
}

func.func @odd(%q: tensor<?x?x?x3xf32>, %k: tensor<?x?x?x3xf32>,
               %v: tensor<?x?x?x5xf32>)
    -> (tensor<?x?x?x5xf32>, tensor<?x?x3x5xf32>) {
  %o, %s = attn.scan %q, %k, %v transition identity
    : tensor<?x?x?x3xf32>, tensor<?x?x?x3xf32>, tensor<?x?x?x5xf32>
    -> tensor<?x?x?x5xf32> final_state tensor<?x?x3x5xf32>
  return %o, %s : tensor<?x?x?x5xf32>, tensor<?x?x3x5xf32>
}

// The state goes in and comes out: a sequence may be scanned in pieces.
func.func @stateful(%q: tensor<?x?x?x16xf32>, %k: tensor<?x?x?x16xf32>,
                    %v: tensor<?x?x?x16xf32>, %s0: tensor<?x?x16x16xf32>)
    -> (tensor<?x?x?x16xf32>, tensor<?x?x16x16xf32>) {
  %o, %s = attn.scan %q, %k, %v transition identity
    initial_state(%s0 : tensor<?x?x16x16xf32>)
    : tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>
    -> tensor<?x?x?x16xf32> final_state tensor<?x?x16x16xf32>
  return %o, %s : tensor<?x?x?x16xf32>, tensor<?x?x16x16xf32>
}

// The feature keeps the normalizer away from zero.
func.func @normalized(%q: tensor<?x?x?x16xf32>, %k: tensor<?x?x?x16xf32>,
                      %v: tensor<?x?x?x16xf32>)
    -> (tensor<?x?x?x16xf32>, tensor<?x?x16x16xf32>, tensor<?x?x16xf32>) {
  %o, %s, %z = attn.scan %q, %k, %v transition identity normalize feature {
  ^bb0(%x: f32):
    %e = math.exp %x : f32
    attn.yield %e : f32
  } : tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>
    -> tensor<?x?x?x16xf32> final_state tensor<?x?x16x16xf32>
    final_normalizer tensor<?x?x16xf32>
  return %o, %s, %z
    : tensor<?x?x?x16xf32>, tensor<?x?x16x16xf32>, tensor<?x?x16xf32>
}

// A decay from a table, a different one for each position: -g^2, so that it never
// grows. Some are so strong that the past is gone within a chunk.
func.func @forgetful(%q: tensor<?x?x?x16xf32>, %k: tensor<?x?x?x16xf32>,
                     %v: tensor<?x?x?x16xf32>, %g: tensor<?x?x?xf32>)
    -> (tensor<?x?x?x16xf32>, tensor<?x?x16x16xf32>) {
  %o, %s = attn.scan %q, %k, %v transition scalar decay {
  ^bb0(%b: index, %h: index, %t: index):
    %x = tensor.extract %g[%b, %h, %t] : tensor<?x?x?xf32>
    %square = arith.mulf %x, %x : f32
    %decay = arith.negf %square : f32
    attn.yield %decay : f32
  } : tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>
    -> tensor<?x?x?x16xf32> final_state tensor<?x?x16x16xf32>
  return %o, %s : tensor<?x?x?x16xf32>, tensor<?x?x16x16xf32>
}
