//===- AttnOps.td - base class and terminator --------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_OPS_TD
#define ATTN_OPS_TD

include "Attn/AttnDialect.td"
include "Attn/AttnEnums.td"
include "Attn/AttnInterfaces.td"
include "Attn/AttnAttrs.td"
include "Attn/AttnMasks.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Attn_Op<string mnemonic, list<Trait> traits = []>
    : Op<Attn_Dialect, mnemonic, traits>;

// An op along the sequence: a carry, a shape contract, no side effect.
class Attn_SequenceOp<string mnemonic, list<Trait> traits = []>
    : Attn_Op<mnemonic, !listconcat(traits, [
        Pure,
        DeclareOpInterfaceMethods<Attn_ShapeContractOpInterface>,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
                                  ["reifyResultShapes"]>])> {
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Attn_FloatTensor
    : RankedTensorOf<[F32, F16, BF16]>;

def Attn_YieldOp : Attn_Op<"yield", [
    Pure, Terminator, ReturnLike,
    ParentOneOf<["AttendOp", "ScanOp", "ConvolveOp", "StateSpaceOp"]>]> {
  let summary = "the value of a region of an attn op";
  let description = [{
    Ends a region of an op, and gives its result: i1 in a where region, f32 in
    all others.

    ```mlir
    attn.yield %score : f32
    ```
  }];
  let arguments = (ins AnyTypeOf<[F32, I1]>:$result);
  let assemblyFormat = "$result attr-dict `:` type($result)";
}

#endif // ATTN_OPS_TD
