// RUN: attn-opt %s --attn-schedule --split-input-file | FileCheck %s
// RUN: attn-opt %s --attn-schedule --attn-verify-scheduled --split-input-file > /dev/null

// AVX2: three vectors of 8 lanes, so that 4 rows of 3 vectors fill 12 of the 16
// registers; 128 keys of 24 scores and 24 queries of 64 fit in three quarters of
// L1; eight strips.
!t = tensor<?x?x?x64xf32>
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v3",
    features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 32768,
    l2_bytes = 524288>} {
  // CHECK-LABEL: func @avx2(
  // CHECK: attn.schedule<query_tile = 192, key_tile = 128, lanes = 24, splits = 1>
  func.func @avx2(%q: !t) -> !t {
    %o = attn.attend %q, %q, %q : (!t, !t, !t) -> !t
    return %o : !t
  }

  // Two ops are scheduled each for itself: a wide head dim leaves L1 only 64 keys
  // and L2 fewer strips.
  // CHECK-LABEL: func @two_ops(
  // CHECK: attn.attend {{.*}}<query_tile = 192, key_tile = 128, lanes = 24
  // CHECK: attn.attend {{.*}}<query_tile = 120, key_tile = 64, lanes = 24
  func.func @two_ops(%q: !t, %w: tensor<?x?x?x256xf32>)
      -> (!t, tensor<?x?x?x256xf32>) {
    %o = attn.attend %q, %q, %q : (!t, !t, !t) -> !t
    %p = attn.attend %w, %w, %w
      : (tensor<?x?x?x256xf32>, tensor<?x?x?x256xf32>, tensor<?x?x?x256xf32>)
      -> tensor<?x?x?x256xf32>
    return %o, %p : !t, tensor<?x?x?x256xf32>
  }

  // Unchanged: a schedule written by hand is a decision of the user.
  // CHECK-LABEL: func @by_hand(
  // CHECK: attn.schedule<query_tile = 48, key_tile = 32, lanes = 16, splits = 2>
  func.func @by_hand(%q: !t) -> !t {
    %o = attn.attend %q, %q, %q
      {attn.schedule = #attn.schedule<query_tile = 48, key_tile = 32,
                                      lanes = 16, splits = 2>}
      : (!t, !t, !t) -> !t
    return %o : !t
  }

  // A scan has no query rows: its strips are value columns. A state that fits in L1
  // is stepped from position to position, four vectors at once.
  // CHECK-LABEL: func @scan(
  // CHECK: attn.schedule<query_tile = 1, key_tile = 1, lanes = 32, splits = 1>
  func.func @scan(%q: !t) -> !t {
    %o = attn.scan %q, %q, %q transition identity : !t, !t, !t -> !t
    return %o : !t
  }

  // One vector where the value dim needs no more: two would be half padding.
  // CHECK-LABEL: func @narrow_scan(
  // CHECK: attn.schedule<query_tile = 1, key_tile = 1, lanes = 8, splits = 1>
  func.func @narrow_scan(%q: !t, %v: tensor<?x?x?x8xf32>) -> tensor<?x?x?x8xf32> {
    %o = attn.scan %q, %q, %v transition identity
      : !t, !t, tensor<?x?x?x8xf32> -> tensor<?x?x?x8xf32>
    return %o : tensor<?x?x?x8xf32>
  }

  // A larger one is worth products of chunks, in strips of two vectors.
  // CHECK-LABEL: func @large_state(
  // CHECK: attn.schedule<query_tile = 1, key_tile = 48, lanes = 16, splits = 1>
  func.func @large_state(%q: tensor<?x?x?x128xf32>) -> tensor<?x?x?x128xf32> {
    %o = attn.scan %q, %q, %q transition identity
      : tensor<?x?x?x128xf32>, tensor<?x?x?x128xf32>, tensor<?x?x?x128xf32>
      -> tensor<?x?x?x128xf32>
    return %o : tensor<?x?x?x128xf32>
  }

  // Unchanged: nothing to schedule.
  // CHECK-LABEL: func @no_sequence_op(
  // CHECK-NOT: attn.schedule
  // CHECK: return
  func.func @no_sequence_op(%q: !t) -> !t {
    return %q : !t
  }
}

// -----

// AVX-512: 32 lanes. The caches are asked, not the processor's name.
!t = tensor<?x?x?x64xf32>
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v4",
    features = "", vector_bytes = 64, vector_registers = 32, l1_bytes = 49152,
    l2_bytes = 2097152>} {
  // CHECK-LABEL: func @avx512(
  // CHECK: attn.schedule<query_tile = 256, key_tile = 128, lanes = 32, splits = 1>
  func.func @avx512(%q: !t) -> !t {
    %o = attn.attend %q, %q, %q : (!t, !t, !t) -> !t
    return %o : !t
  }
}

// -----

// NEON: 12 lanes.
!t = tensor<?x?x?x64xf32>
module attributes {attn.target = #attn.cpu<triple = "aarch64", cpu = "generic",
    features = "", vector_bytes = 16, vector_registers = 32, l1_bytes = 32768,
    l2_bytes = 524288>} {
  // CHECK-LABEL: func @neon(
  // CHECK: attn.schedule<query_tile = 96, key_tile = 128, lanes = 12, splits = 1>
  func.func @neon(%q: !t) -> !t {
    %o = attn.attend %q, %q, %q : (!t, !t, !t) -> !t
    return %o : !t
  }
}

// -----

// Tiny caches: never less than 64 keys and one strip.
!t = tensor<?x?x?x64xf32>
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "x86-64-v3",
    features = "", vector_bytes = 32, vector_registers = 16, l1_bytes = 8192,
    l2_bytes = 8192>} {
  // CHECK-LABEL: func @tiny_caches(
  // CHECK: attn.schedule<query_tile = 24, key_tile = 64, lanes = 24, splits = 1>
  func.func @tiny_caches(%q: !t) -> !t {
    %o = attn.attend %q, %q, %q : (!t, !t, !t) -> !t
    return %o : !t
  }
}

// -----

// Products of bf16 where the target has them and operands and output are bf16. Queries and keys then take half the room.
!h = tensor<?x?x?x128xbf16>
!s = tensor<?x?x?x128xf16>
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "znver4",
    features = "", vector_bytes = 64, vector_registers = 32, l1_bytes = 32768,
    l2_bytes = 524288, products = bf16, best_products = bf16>} {
  // CHECK-LABEL: func @bf16(
  // CHECK: attn.schedule<query_tile = 256, key_tile = 128, lanes = 32, splits = 1, products = bf16>
  func.func @bf16(%q: !h) -> !h {
    %o = attn.attend %q, %q, %q : (!h, !h, !h) -> !h
    return %o : !h
  }

  // CHECK-LABEL: func @output_of_f32(
  // CHECK: attn.schedule<query_tile = {{[0-9]+}}, key_tile = 64, lanes = 32, splits = 1>
  func.func @output_of_f32(%q: !h) -> tensor<?x?x?x128xf32> {
    %o = attn.attend %q, %q, %q : (!h, !h, !h) -> tensor<?x?x?x128xf32>
    return %o : tensor<?x?x?x128xf32>
  }

  // CHECK-LABEL: func @f16(
  // CHECK: attn.schedule<query_tile = {{[0-9]+}}, key_tile = {{[0-9]+}}, lanes = 32, splits = 1>
  func.func @f16(%q: !s) -> !s {
    %o = attn.attend %q, %q, %q : (!s, !s, !s) -> !s
    return %o : !s
  }

  // CHECK-LABEL: func @scan(
  // CHECK: attn.schedule<query_tile = 1, key_tile = 48, lanes = 32, splits = 1>
  func.func @scan(%q: !h) -> !h {
    %o = attn.scan %q, %q, %q transition identity : !h, !h, !h -> !h
    return %o : !h
  }
}

// -----

// An instruction that is no faster than an FMA rounds for nothing.
!h = tensor<?x?x?x128xbf16>
module attributes {attn.target = #attn.cpu<triple = "x86_64", cpu = "sapphirerapids",
    features = "", vector_bytes = 64, vector_registers = 32, l1_bytes = 32768,
    l2_bytes = 524288, products = bf16>} {
  // CHECK-LABEL: func @slow_products(
  // CHECK: attn.schedule<query_tile = {{[0-9]+}}, key_tile = 64, lanes = 32, splits = 1>
  func.func @slow_products(%q: !h) -> !h {
    %o = attn.attend %q, %q, %q : (!h, !h, !h) -> !h
    return %o : !h
  }
}
