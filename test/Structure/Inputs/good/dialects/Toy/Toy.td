// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
def Toy_ScaleOp : Toy_Op<"scale", [SameOperandsAndResultType]> {
  let summary = "multiplies a row";
  let description = [{
    Multiplies each row by a factor; a brace } and a quote " mean nothing here.

    * C1: operand and result agree. (ODS)
    * C2: the factor is finite, which is
      said on two lines.

    ```mlir
    toy.scale %x by 2.0 : tensor<4xf32>
    ```
  }];
  let arguments = (ins F32Tensor:$x, F64Attr:$factor);
}

// A type has constraints too, but owes no example. def Toy_NothingOp : Toy_Op<
def Toy_RowType : TypeDef<Toy_Dialect, "Row"> {
  let mnemonic = "row";
  let description = [{ A row. }];
}
