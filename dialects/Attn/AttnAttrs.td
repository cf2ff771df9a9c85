//===- AttnAttrs.td - schedules and targets ----------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_ATTRS_TD
#define ATTN_ATTRS_TD

include "Attn/AttnDialect.td"
include "Attn/AttnEnums.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Attn_OptionalProducts : EnumParameter<Attn_Products> {
  let defaultValue = "::attnc::attn::Products::F32";
}

def Attn_OptionalGpuImage : EnumParameter<Attn_GpuImage> {
  let defaultValue = "::attnc::attn::GpuImage::Cubin";
}

def Attn_OptionalGpuProducts : EnumParameter<Attn_GpuProducts> {
  let defaultValue = "::attnc::attn::GpuProducts::Warpgroup";
}

def Attn_OptionalGpuCopies : EnumParameter<Attn_GpuCopies> {
  let defaultValue = "::attnc::attn::GpuCopies::Bulk";
}

def Attn_ScheduleAttr : AttrDef<Attn_Dialect, "Schedule"> {
  let mnemonic = "schedule";
  let summary = "how one attn op is to be tiled";
  let description = [{
    Written on an op as `attn.schedule` by the `attn-schedule` pass, or by hand:
    an op that already has one keeps it.

    | parameter | meaning |
    |---|---|
    | `query_tile` | query rows of one kernel instance; a multiple of `lanes`. 1 for an op whose carry has no query rows |
    | `key_tile` | keys absorbed by one step (a scan's chunk length) |
    | `lanes` | elements of the carry's independent axis that are worked on together; a multiple of the vector length |
    | `splits` | independent folds of one query tile, merged by the carry's combine |
    | `products` | `f32` (the default): operands of 16 bits are widened before they are multiplied. `bf16`: queries, keys and values, which are bf16 in memory, are multiplied as they are, pairs of products being added in f32; softmax weights are rounded to bf16. A target without an instruction for it computes the same from f32 products, slowly. `f16`: the same of f16, on a GPU |

    ```mlir
    #attn.schedule<query_tile = 192, key_tile = 128, lanes = 24, splits = 1>
    #attn.schedule<query_tile = 384, key_tile = 128, lanes = 48, splits = 1,
                   products = bf16>
    ```
  }];
  let parameters = (ins "int64_t":$query_tile, "int64_t":$key_tile,
                        "int64_t":$lanes, "int64_t":$splits,
                        Attn_OptionalProducts:$products);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Attn_DecodeAttr : AttrDef<Attn_Dialect, "Decode"> {
  let mnemonic = "decode";
  let summary = "how one attn op is to be tiled where it has few query rows";
  let description = [{
    Written on an op as `attn.decode` by the `attn-schedule` pass, or by hand,
    beside its `attn.schedule`: calls with at most `most_queries` queries are
    worked on as it says, longer ones as `attn.schedule` says. Strips of rows
    would be almost empty; here vectors run along the head dims, and a row is
    whatever shares its keys.

    | parameter | meaning |
    |---|---|
    | `most_queries` | the largest number of queries of a head (of a residue class, for a lattice) for which this holds |
    | `rows` | rows of one kernel instance, at most |
    | `heads` | `one`: they are queries of one head. `group`: queries of all heads that read the same keys, so that keys and values are read once for all of them |
    | `key_tile` | keys absorbed by one step |
    | `keys_per_split` | keys of one kernel instance. The carries of several are merged in ascending order, whatever the number of threads |

    ```mlir
    #attn.decode<most_queries = 16, rows = 32, heads = group, key_tile = 64, keys_per_split = 1024>
    ```
  }];
  let parameters = (ins "int64_t":$most_queries, "int64_t":$rows,
                        EnumParameter<Attn_RowHeads>:$heads,
                        "int64_t":$key_tile, "int64_t":$keys_per_split);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Attn_RecurrentAttr : AttrDef<Attn_Dialect, "Recurrent"> {
  let mnemonic = "recurrent";
  let summary = "how one attn op is to be computed where there are few positions";
  let description = [{
    Written on a scan that gives back its state as `attn.recurrent` by the
    `attn-schedule` pass, or by hand, beside its `attn.schedule`: calls with at
    most `most_positions` positions for each sequence are computed one position
    after the other, longer ones as `attn.schedule` says. The state is read once
    from the initial one and written once to the final one, with nothing in
    between.

    | parameter | meaning |
    |---|---|
    | `most_positions` | the largest number of positions of a sequence, on average, for which this holds |
    | `lanes` | value columns that are worked on together; a multiple of the vector length |

    ```mlir
    #attn.recurrent<most_positions = 8, lanes = 32>
    ```
  }];
  let parameters = (ins "int64_t":$most_positions, "int64_t":$lanes);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Attn_CpuTargetAttr : AttrDef<Attn_Dialect, "CpuTarget"> {
  let mnemonic = "cpu";
  let summary = "the machine a kernel is compiled for";
  let description = [{
    Attached to a module as `attn.target` by the `cpu-attach-target` pass. The
    schedule and the lowering read nothing else of the machine, so AVX2,
    AVX-512 and NEON are the same code.

    | parameter | meaning |
    |---|---|
    | `triple`, `cpu`, `features` | what LLVM is told |
    | `vector_bytes`, `vector_registers` | the SIMD register file |
    | `l1_bytes`, `l2_bytes` | data cache of one core |
    | `products` | the narrowest operands that an instruction multiplies and adds in f32: `f32` (the default) or `bf16` |
    | `best_products` | those with the highest rate, which `attn-schedule` chooses: `f32` (the default), or `bf16` if there is an instruction for it |

    ```mlir
    #attn.cpu<triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v3",
              features = "", vector_bytes = 32, vector_registers = 16,
              l1_bytes = 32768, l2_bytes = 524288>
    ```
  }];
  let parameters = (ins StringRefParameter<>:$triple, StringRefParameter<>:$cpu,
                        StringRefParameter<>:$features,
                        "int64_t":$vector_bytes, "int64_t":$vector_registers,
                        "int64_t":$l1_bytes, "int64_t":$l2_bytes,
                        Attn_OptionalProducts:$products,
                        Attn_OptionalProducts:$best_products);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Attn_GpuTargetAttr : AttrDef<Attn_Dialect, "GpuTarget"> {
  let mnemonic = "gpu";
  let summary = "the GPU that kernels are compiled for";
  let description = [{
    Attached to a module as `attn.gpu` by the `gpu-attach-target` pass, beside the
    `attn.target` of the processor that launches kernels.

    | parameter | meaning |
    |---|---|
    | `arch` | what LLVM and ptxas call the architecture |
    | `shared_bytes` | the shared memory of one block, at most |
    | `image` | what objects hold: `cubin` (the default), or `ptx`, which the driver compiles where it is loaded, and the emulator runs |
    | `products` | who multiplies: a `warpgroup` (the default), while its threads go on, of tiles in shared memory (wgmma); or a `warp`, of what it loaded to registers (mma.sync) |
    | `copies` | what copies tiles to shared memory: a unit beside the threads, in `bulk` (the default), or a warp, in `chunks` of 16 bytes (cp.async) |

    ```mlir
    #attn.gpu<arch = "sm_90a", shared_bytes = 232448>
    #attn.gpu<arch = "sm_80", shared_bytes = 166912, products = warp,
              copies = chunks>
    ```
  }];
  let parameters = (ins StringRefParameter<>:$arch, "int64_t":$shared_bytes,
                        Attn_OptionalGpuImage:$image,
                        Attn_OptionalGpuProducts:$products,
                        Attn_OptionalGpuCopies:$copies);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // ATTN_ATTRS_TD
