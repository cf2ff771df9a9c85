func.func @causal(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                  %v: tensor<?x?x?x32xf32>) -> (tensor<?x?x?x32xf32>, tensor<?x?x?xf32>) {
  %out, %lse = attn.attend %q, %k, %v mask(#attn.mask<causal>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x32xf32>)
    -> (tensor<?x?x?x32xf32>, tensor<?x?x?xf32>)
  return %out, %lse : tensor<?x?x?x32xf32>, tensor<?x?x?xf32>
}

func.func @sinks(%q: tensor<?x?x?x64xf16>, %k: tensor<?x?x?x64xf16>,
                 %v: tensor<?x?x?x64xf16>) -> tensor<?x?x?x64xf16> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<window<512, 0> or "k < 64">)
    : (tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>)
    -> tensor<?x?x?x64xf16>
  return %out : tensor<?x?x?x64xf16>
}

func.func @bigbird(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                   %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v
      mask(#attn.mask<window<1000, 500> or "k < 300" or "q < 200"
                      or "k >= 20000 and k < 20500" or "q - k >= 9000 and q - k < 9700">)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}

func.func @dilated(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                   %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v
      mask(#attn.mask<"q - k >= 0 and q - k < 4096 and (q - k) mod 8 == 0">)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}

// A layer that looks twice: at all of a head, and at the past, but head 0 not.
func.func @twice(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                 %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %once = attn.attend %q, %k, %v
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  %out = attn.attend %once, %k, %v mask(#attn.mask<causal and "h > 0">)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}

func.func @linear(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                  %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.scan %q, %k, %v transition identity
    : tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}

func.func @axial(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
              %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<axial<64, 64, both>>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}

func.func @neighbors(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
              %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<neighborhood2d<64, 64, 3>>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}

func.func @random(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
              %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<random_blocks<64, 2, 3>>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}

// Packed documents, and a window whose width arrives with the call.
func.func @documents(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                     %v: tensor<?x?x?x64xf32>, %ids: tensor<?x?xi64>,
                     %w: tensor<i32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<document<doc> and window<width, 0>>)
      tables(doc = %ids, width = %w)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>,
       tensor<?x?xi64>, tensor<i32>) -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}

func.func @packed(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                  %v: tensor<?x?x?x64xf32>, %cu: tensor<?xi32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<packed<offsets> and causal>)
      tables(offsets = %cu)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?xi32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
