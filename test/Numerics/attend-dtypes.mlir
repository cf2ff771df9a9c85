// RUN: attnc run %s --entry=f16 --random --repeat=20 --check
// RUN: attnc run %s --entry=bf16 --random --repeat=20 --check
// RUN: attnc run %s --entry=f16_wide --random --repeat=10 --check
// RUN: attnc run %s --entry=bf16_wide --random --repeat=10 --check
// RUN: %python %S/Inputs/with_narrow_vectors.py attnc run %s --entry=f16 --random --repeat=10 --check
// RUN: %python %S/Inputs/with_narrow_vectors.py attnc run %s --entry=bf16 --random --repeat=10 --check

// 16-bit inputs and outputs, sums in f32: a kernel that summed in the inputs'
// type would be out of tolerance after a few keys.

func.func @f16(%q: tensor<?x?x?x64xf16>, %k: tensor<?x?x?x64xf16>,
               %v: tensor<?x?x?x64xf16>)
    -> (tensor<?x?x?x64xf16>, tensor<?x?x?xf32>) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>)
    -> (tensor<?x?x?x64xf16>, tensor<?x?x?xf32>)
  return %o, %lse : tensor<?x?x?x64xf16>, tensor<?x?x?xf32>
}

func.func @bf16(%q: tensor<?x?x?x64xbf16>, %k: tensor<?x?x?x64xbf16>,
                %v: tensor<?x?x?x64xbf16>)
    -> (tensor<?x?x?x64xbf16>, tensor<?x?x?xf32>) {
  %o, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>)
    -> (tensor<?x?x?x64xbf16>, tensor<?x?x?xf32>)
  return %o, %lse : tensor<?x?x?x64xbf16>, tensor<?x?x?xf32>
}

func.func @f16_wide(%q: tensor<?x?x?x128xf16>, %k: tensor<?x?x?x128xf16>,
                    %v: tensor<?x?x?x128xf16>) -> tensor<?x?x?x128xf16> {
  %o = attn.attend %q, %k, %v
    : (tensor<?x?x?x128xf16>, tensor<?x?x?x128xf16>, tensor<?x?x?x128xf16>)
    -> tensor<?x?x?x128xf16>
  return %o : tensor<?x?x?x128xf16>
}

func.func @bf16_wide(%q: tensor<?x?x?x128xbf16>, %k: tensor<?x?x?x128xbf16>,
                     %v: tensor<?x?x?x128xbf16>) -> tensor<?x?x?x128xbf16> {
  %o = attn.attend %q, %k, %v
    : (tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>, tensor<?x?x?x128xbf16>)
    -> tensor<?x?x?x128xbf16>
  return %o : tensor<?x?x?x128xbf16>
}
