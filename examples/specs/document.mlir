// Packed documents (Krell et al. 2021, sequence packing): a query sees what came before
// it in its own document.
//
// Several documents lie one after the other in a sequence, so that no batch is padded;
// Llama 3 was trained with such a mask. `ids` holds the number of the document at each
// position and is read when the function is called: one function serves any packing.
// Documents may be in any order, and even in pieces.

func.func @document(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                    %v: tensor<?x?x?x64xf32>, %ids: tensor<?xi32>)
    -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<document<ids> and causal>)
    tables(ids = %ids)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?xi32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
