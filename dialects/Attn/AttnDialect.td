//===- AttnDialect.td - what a model computes along the sequence -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_DIALECT_TD
#define ATTN_DIALECT_TD

include "mlir/IR/DialectBase.td"

def Attn_Dialect : Dialect {
  let name = "attn";
  let summary = "what a long-context model computes along the sequence";
  let description = [{
    The language a user writes. It says *what* is computed: which keys a query
    may see (`#attn.mask`), how a score is formed (a region), how a state
    decays. It says nothing about tiles, threads or targets.

    Everything is a fold of key/value tiles into a carried state that has an
    associative combine (`CarryOpInterface`): softmax attention carries
    (max, sum, output), a linear-attention scan carries a matrix.

    ```mlir
    func.func @causal(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                      %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
      %o = attn.attend %q, %k, %v mask(#attn.mask<causal>)
        : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
        -> tensor<?x?x?x64xf32>
      return %o : tensor<?x?x?x64xf32>
    }
    ```

    Tensors are `[batch, heads, length, dim]`. Query row `i` sits at position
    `i + (key length - query length)`, so that decoding and chunked prefill
    need no other mask than training does.
  }];
  let cppNamespace = "::attnc::attn";
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect"];
}

#endif // ATTN_DIALECT_TD
