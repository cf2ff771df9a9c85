// RUN: attn-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{schedule query_tile is 0 and must be from 1 to 65536}}
func.func private @query_tile() attributes {s = #attn.schedule<query_tile = 0, key_tile = 8, lanes = 8, splits = 1>}

// -----

// expected-error@+1 {{schedule key_tile is -8 and must be from 1 to 65536}}
func.func private @key_tile() attributes {s = #attn.schedule<query_tile = 8, key_tile = -8, lanes = 8, splits = 1>}

// -----

// expected-error@+1 {{schedule splits is 65537 and must be from 1 to 65536}}
func.func private @splits() attributes {s = #attn.schedule<query_tile = 8, key_tile = 8, lanes = 8, splits = 65537>}

// -----

// expected-error@+1 {{schedule query_tile is 12 and must be a multiple of lanes, 8, or 1}}
func.func private @lanes() attributes {s = #attn.schedule<query_tile = 12, key_tile = 8, lanes = 8, splits = 1>}

// -----

// expected-error@+1 {{decode most_queries is 0 and must be from 1 to 65536}}
func.func private @most_queries() attributes {s = #attn.decode<most_queries = 0, rows = 8, heads = one, key_tile = 8, keys_per_split = 8>}

// -----

// expected-error@+1 {{decode rows is 65537 and must be from 1 to 65536}}
func.func private @rows() attributes {s = #attn.decode<most_queries = 8, rows = 65537, heads = one, key_tile = 8, keys_per_split = 8>}

// -----

// expected-error@+1 {{decode key_tile is 0 and must be from 1 to 65536}}
func.func private @decode_key_tile() attributes {s = #attn.decode<most_queries = 8, rows = 8, heads = group, key_tile = 0, keys_per_split = 8>}

// -----

// expected-error@+1 {{decode keys_per_split is 1073741825 and must be from 1 to 1073741824}}
func.func private @keys_per_split() attributes {s = #attn.decode<most_queries = 8, rows = 8, heads = group, key_tile = 8, keys_per_split = 1073741825>}

// -----

// expected-error@+1 {{recurrent most_positions is 0 and must be from 1 to 65536}}
func.func private @most_positions() attributes {s = #attn.recurrent<most_positions = 0, lanes = 8>}

// -----

// expected-error@+1 {{recurrent lanes is 65537 and must be from 1 to 65536}}
func.func private @recurrent_lanes() attributes {s = #attn.recurrent<most_positions = 8, lanes = 65537>}

// -----

// expected-error@+1 {{attribute attn.recurrent is 8 : i64 and must be a #attn.recurrent<...>}}
func.func private @recurrent() attributes {attn.recurrent = 8}

// -----

// expected-error@+1 {{attribute attn.decode is 8 : i64 and must be a #attn.decode<...>}}
func.func private @decode() attributes {attn.decode = 8}

// -----

// expected-error@+1 {{cpu triple is empty: write one, as in "x86_64-unknown-linux-gnu"}}
func.func private @triple() attributes {t = #attn.cpu<triple = "", cpu = "", features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768, l2_bytes = 524288>}

// -----

// expected-error@+1 {{cpu vector_bytes is 24 and must be a power of two, at least 4}}
func.func private @vector_bytes() attributes {t = #attn.cpu<triple = "x", cpu = "", features = "", vector_bytes = 24, vector_registers = 16, l1_bytes = 32768, l2_bytes = 524288>}

// -----

// expected-error@+1 {{cpu products is bf16, which vectors of 64 bytes on x86 have, and not those of 32 bytes on x86_64}}
func.func private @products() attributes {t = #attn.cpu<triple = "x86_64", cpu = "", features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768, l2_bytes = 524288, products = bf16>}

// -----

// expected-error@+1 {{cpu products is bf16, which vectors of 64 bytes on x86 have, and not those of 64 bytes on aarch64}}
func.func private @products_elsewhere() attributes {t = #attn.cpu<triple = "aarch64", cpu = "", features = "", vector_bytes = 64, vector_registers = 32, l1_bytes = 32768, l2_bytes = 524288, products = bf16>}

// -----

// expected-error@+1 {{cpu best_products is bf16 and products is f32: what there is no instruction for is not the best}}
func.func private @best_products() attributes {t = #attn.cpu<triple = "x86_64", cpu = "", features = "", vector_bytes = 64, vector_registers = 32, l1_bytes = 32768, l2_bytes = 524288, best_products = bf16>}

// -----

// expected-error@+1 {{cpu l1_bytes is 0 and must be from 1 to 1099511627776}}
func.func private @cache() attributes {t = #attn.cpu<triple = "x", cpu = "", features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 0, l2_bytes = 524288>}

// -----

// expected-error@+1 {{attribute attn.schedule is 8 : i64 and must be a #attn.schedule<...>}}
func.func private @schedule_kind() attributes {attn.schedule = 8}

// -----

// expected-error@+1 {{attribute attn.target is "avx2" and must be a #attn.cpu<...>}}
module attributes {attn.target = "avx2"} {}

// -----

// expected-error@+1 {{attribute attn.name is "" and must be a name in quotes}}
func.func private @argument_name(f32 {attn.name = ""})

// -----

// expected-error@+1 {{attribute attn.name is 1 : i64 and must be a name in quotes}}
func.func private @result_name() -> (f32 {attn.name = 1})

// -----

// expected-error@+1 {{cpu products is f16, which only a GPU has; write f32 or bf16}}
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "znver4", features = "", vector_bytes = 64, vector_registers = 32, l1_bytes = 32768, l2_bytes = 524288, products = f16>} {}

// -----

// expected-error@+1 {{gpu arch is "h100" and must be the name of an architecture, as in "sm_90a"}}
module attributes {attn.gpu = #attn.gpu<arch = "h100", shared_bytes = 232448>} {}

// -----

// expected-error@+1 {{gpu shared_bytes}}
module attributes {attn.gpu = #attn.gpu<arch = "sm_90a", shared_bytes = 0>} {}

// -----

// expected-error@+1 {{gpu copies is chunks and products is warpgroup: a GPU that multiplies from shared memory copies in bulk; write products = warp}}
module attributes {attn.gpu = #attn.gpu<arch = "sm_80", shared_bytes = 166912, copies = chunks>} {}

// -----

// expected-error@+1 {{attribute attn.gpu is 1 : i64 and must be a #attn.gpu<...>}}
module attributes {attn.gpu = 1} {}
