// RUN: attnc run %s --entry=dim_1 --random --repeat=10 --check
// RUN: attnc run %s --entry=dim_3 --random --repeat=10 --check
// RUN: attnc run %s --entry=dim_72 --random --repeat=10 --check
// RUN: attnc run %s --entry=dim_80 --random --repeat=10 --check
// RUN: attnc run %s --entry=dim_256 --random --repeat=5 --check
// RUN: attnc run %s --entry=wide_values --random --repeat=10 --check
// RUN: attnc run %s --entry=narrow_values --random --repeat=10 --check
// RUN: %python %S/Inputs/with_narrow_vectors.py attnc run %s --entry=dim_3 --random --repeat=10 --check
// RUN: %python %S/Inputs/with_narrow_vectors.py attnc run %s --entry=dim_72 --random --repeat=10 --check

// Head dimensions that no vector divides, that are smaller than one, and value
// dimensions of their own.

func.func @dim_1(%q: tensor<?x?x?x1xf32>, %k: tensor<?x?x?x1xf32>,
                 %v: tensor<?x?x?x1xf32>) -> tensor<?x?x?x1xf32> {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x?x?x1xf32>, tensor<?x?x?x1xf32>, tensor<?x?x?x1xf32>)
    -> tensor<?x?x?x1xf32>
  return %o : tensor<?x?x?x1xf32>
}

func.func @dim_3(%q: tensor<?x?x?x3xf32>, %k: tensor<?x?x?x3xf32>,
                 %v: tensor<?x?x?x3xf32>) -> tensor<?x?x?x3xf32> {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x?x?x3xf32>, tensor<?x?x?x3xf32>, tensor<?x?x?x3xf32>)
    -> tensor<?x?x?x3xf32>
  return %o : tensor<?x?x?x3xf32>
}

func.func @dim_72(%q: tensor<?x?x?x72xf16>, %k: tensor<?x?x?x72xf16>,
                  %v: tensor<?x?x?x72xf16>) -> tensor<?x?x?x72xf16> {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x?x?x72xf16>, tensor<?x?x?x72xf16>, tensor<?x?x?x72xf16>)
    -> tensor<?x?x?x72xf16>
  return %o : tensor<?x?x?x72xf16>
}

func.func @dim_80(%q: tensor<?x?x?x80xf32>, %k: tensor<?x?x?x80xf32>,
                  %v: tensor<?x?x?x80xf32>) -> tensor<?x?x?x80xf32> {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x?x?x80xf32>, tensor<?x?x?x80xf32>, tensor<?x?x?x80xf32>)
    -> tensor<?x?x?x80xf32>
  return %o : tensor<?x?x?x80xf32>
}

func.func @dim_256(%q: tensor<?x?x?x256xf32>, %k: tensor<?x?x?x256xf32>,
                   %v: tensor<?x?x?x256xf32>) -> tensor<?x?x?x256xf32> {
  %o = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x?x?x256xf32>, tensor<?x?x?x256xf32>, tensor<?x?x?x256xf32>)
    -> tensor<?x?x?x256xf32>
  return %o : tensor<?x?x?x256xf32>
}

func.func @wide_values(%q: tensor<?x?x?x5xf32>, %k: tensor<?x?x?x5xf32>,
                       %v: tensor<?x?x?x67xf32>) -> tensor<?x?x?x67xf32> {
  %o = attn.attend %q, %k, %v
    : (tensor<?x?x?x5xf32>, tensor<?x?x?x5xf32>, tensor<?x?x?x67xf32>)
    -> tensor<?x?x?x67xf32>
  return %o : tensor<?x?x?x67xf32>
}

func.func @narrow_values(%q: tensor<?x?x?x96xf32>, %k: tensor<?x?x?x96xf32>,
                         %v: tensor<?x?x?x2xf32>) -> tensor<?x?x?x2xf32> {
  %o = attn.attend %q, %k, %v
    : (tensor<?x?x?x96xf32>, tensor<?x?x?x96xf32>, tensor<?x?x?x2xf32>)
    -> tensor<?x?x?x2xf32>
  return %o : tensor<?x?x?x2xf32>
}
