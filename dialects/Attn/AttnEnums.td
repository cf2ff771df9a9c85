//===- AttnEnums.td - closed lists of the attn dialect -----*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_ENUMS_TD
#define ATTN_ENUMS_TD

include "mlir/IR/EnumAttr.td"

def Attn_Transition : I32EnumAttr<"Transition",
    "how a scan's state is carried from one position to the next", [
      I32EnumAttrCase<"Identity", 0, "identity">,
      I32EnumAttrCase<"Scalar", 1, "scalar">,
      I32EnumAttrCase<"Diagonal", 2, "diagonal">,
      I32EnumAttrCase<"Delta", 3, "delta">]> {
  let cppNamespace = "::attnc::attn";
}

def Attn_Discretization : I32EnumAttr<"Discretization",
    "how a state in continuous time becomes one of positions", [
      I32EnumAttrCase<"ZOH", 0, "zoh">,
      I32EnumAttrCase<"Bilinear", 1, "bilinear">]> {
  let cppNamespace = "::attnc::attn";
}

def Attn_AxialAxes : I32EnumAttr<"AxialAxes",
    "the lines of an image along which a pixel sees", [
      I32EnumAttrCase<"Row", 0, "row">,
      I32EnumAttrCase<"Column", 1, "column">,
      I32EnumAttrCase<"Both", 2, "both">]> {
  let cppNamespace = "::attnc::attn";
}

def Attn_RowHeads : I32EnumAttr<"RowHeads", "whose rows share a tile", [
      I32EnumAttrCase<"One", 0, "one">,
      I32EnumAttrCase<"Group", 1, "group">]> {
  let cppNamespace = "::attnc::attn";
}

def Attn_PageOrder : I32EnumAttr<"PageOrder", "the order of the axes of a page", [
      I32EnumAttrCase<"nhd", 0>, I32EnumAttrCase<"hnd", 1>]> {
  let cppNamespace = "::attnc::attn";
}

def Attn_ScaleGranularity : I32EnumAttr<"ScaleGranularity",
    "what numbers share a scale", [
      I32EnumAttrCase<"Tensor", 0, "tensor">,
      I32EnumAttrCase<"Channel", 1, "channel">,
      I32EnumAttrCase<"Token", 2, "token">,
      I32EnumAttrCase<"Group", 3, "group">]> {
  let cppNamespace = "::attnc::attn";
}

def Attn_GpuImage : I32EnumAttr<"GpuImage", "the form of a GPU's program", [
      I32EnumAttrCase<"Cubin", 0, "cubin">,
      I32EnumAttrCase<"PTX", 1, "ptx">]> {
  let cppNamespace = "::attnc::attn";
}

def Attn_GpuProducts : I32EnumAttr<"GpuProducts", "who multiplies on a GPU", [
      I32EnumAttrCase<"Warpgroup", 0, "warpgroup">,
      I32EnumAttrCase<"Warp", 1, "warp">]> {
  let cppNamespace = "::attnc::attn";
}

def Attn_GpuCopies : I32EnumAttr<"GpuCopies",
    "what copies tiles to shared memory", [
      I32EnumAttrCase<"Bulk", 0, "bulk">,
      I32EnumAttrCase<"Chunks", 1, "chunks">]> {
  let cppNamespace = "::attnc::attn";
}

def Attn_Products : I32EnumAttr<"Products", "what products multiply", [
      I32EnumAttrCase<"F32", 0, "f32">,
      I32EnumAttrCase<"BF16", 1, "bf16">,
      I32EnumAttrCase<"F16", 2, "f16">]> {
  let cppNamespace = "::attnc::attn";
}

#endif // ATTN_ENUMS_TD
