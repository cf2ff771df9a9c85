// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
def Toy_NothingOp : Toy_Op<"nothing"> {}
def Toy_ScaleOp : Toy_Op<"scale"> {
  let description = [{
    Multiplies each row by a factor.

    * C1: the factor is finite.
    * C2: operand and result agree. (ODS)
    * C4: the row is not empty.
  }];
}
