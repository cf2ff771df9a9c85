//===- BulkCopyTest.cpp - what is checked of bulk copies ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A producer and a consumer with two stages, and what is wrong with them when
// a line is missing; and stores that nobody waits for.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

using namespace attnc::emulator;

namespace {

const char *ringVariables = ".shared .align 16 .b8 stages[256];\n"
                            ".shared .align 8 .b64 full[2];\n"
                            ".shared .align 8 .b64 empty[2];\n";

const char *ringBody =
    "setp.eq.u32 %p0, %thread, 0;\n"
    "@%p0 mbarrier.init.shared::cta.b64 [full], 1;\n"
    "@%p0 mbarrier.init.shared::cta.b64 [full+8], 1;\n"
    "@%p0 mbarrier.init.shared::cta.b64 [empty], 2;\n"
    "@%p0 mbarrier.init.shared::cta.b64 [empty+8], 2;\n"
    "@%p0 fence.mbarrier_init.release.cluster;\n"
    "bar.sync 0;\n"
    "mov.u32 %r0, 0;\nmov.u32 %r9, 0;\n"
    "setp.lt.u32 %p1, %thread, 32;\n"
    "@!%p1 bra $consume;\n"
    "@!%p0 bra $end;\n"
    "$produce:\n"
    "and.b32 %r1, %r0, 1;\n"
    "shl.b32 %r2, %r1, 3;\n"
    "shl.b32 %r3, %r1, 7;\n"
    "shr.u32 %r4, %r0, 1;\n"
    "xor.b32 %r4, %r4, 1;\n"
    "mov.u32 %r5, empty;\nadd.u32 %r5, %r5, %r2;\n"
    "$wait_empty:\n"
    "mbarrier.try_wait.parity.shared::cta.b64 %p2, [%r5], %r4;\n"
    "@!%p2 bra $wait_empty;\n"
    "mov.u32 %r6, full;\nadd.u32 %r6, %r6, %r2;\n"
    "mbarrier.arrive.expect_tx.shared::cta.b64 _, [%r6], 128;\n"
    "mov.u32 %r7, stages;\nadd.u32 %r7, %r7, %r3;\n"
    "mad.wide.u32 %w0, %r0, 128, %in;\n"
    "cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes [%r7], "
    "[%w0], 128, [%r6];\n"
    "add.u32 %r0, %r0, 1;\n"
    "setp.lt.u32 %p2, %r0, 6;\n"
    "@%p2 bra $produce;\n"
    "bra.uni $end;\n"
    "$consume:\n"
    "and.b32 %r1, %r0, 1;\n"
    "shl.b32 %r2, %r1, 3;\n"
    "shl.b32 %r3, %r1, 7;\n"
    "shr.u32 %r4, %r0, 1;\n"
    "mov.u32 %r6, full;\nadd.u32 %r6, %r6, %r2;\n"
    "$wait_full:\n"
    "mbarrier.try_wait.parity.shared::cta.b64 %p2, [%r6], %r4;\n"
    "@!%p2 bra $wait_full;\n"
    "mov.u32 %r7, stages;\nadd.u32 %r7, %r7, %r3;\n"
    "and.b32 %r8, %thread, 31;\nshl.b32 %r8, %r8, 2;\n"
    "add.u32 %r7, %r7, %r8;\n"
    "ld.shared.b32 %r10, [%r7];\n"
    "add.u32 %r9, %r9, %r10;\n"
    "mov.u32 %r5, empty;\nadd.u32 %r5, %r5, %r2;\n"
    "setp.eq.u32 %p3, %r8, 0;\n"
    "@%p3 mbarrier.arrive.shared::cta.b64 _, [%r5];\n"
    "add.u32 %r0, %r0, 1;\n"
    "setp.lt.u32 %p2, %r0, 6;\n"
    "@%p2 bra $consume;\n"
    "add.s64 %w1, %out, %at;\n"
    "st.global.b32 [%w1], %r9;\n"
    "$end:";

class BulkCopy : public EmulatorTest {
protected:
  const std::string ring = kernel(ringBody, ringVariables);
  static constexpr unsigned threads = 96;
};

TEST_F(BulkCopy, ARingOfTwoStagesRuns) {
  expectPasses(ring, threads);
  for (unsigned lane = 0; lane < 32; ++lane) {
    EXPECT_EQ(out[32 + lane], 6 * lane + 32 * 15);
    EXPECT_EQ(out[64 + lane], 6 * lane + 32 * 15);
  }
}

TEST_F(BulkCopy, AMissingWaitForFullIsNoticed) {
  expectSomeFault(
      mutate(ring,
             "mbarrier.try_wait.parity.shared::cta.b64 %p2, [%r6], %r4;\n"
             "@!%p2 bra $wait_full;\n",
             ""),
      threads, 0);
  // try_wait alone may give up.
  machine.options = {0, true};
  EXPECT_NE(launch(mutate(ring, "@!%p2 bra $wait_full;\n", ""), threads), "");
}

TEST_F(BulkCopy, AMissingWaitForEmptyIsNoticed) {
  expectSomeFault(
      mutate(ring,
             "mbarrier.try_wait.parity.shared::cta.b64 %p2, [%r5], %r4;\n"
             "@!%p2 bra $wait_empty;\n",
             ""),
      threads, 0);
}

TEST_F(BulkCopy, TheWrongPhaseIsNoticed) {
  // The producer waits for a phase that does not come; the consumer does not.
  expectSomeFault(mutate(ring, "xor.b32 %r4, %r4, 1;\n", ""), threads, 0);
  expectSomeFault(
      mutate(ring, "shr.u32 %r4, %r0, 1;\nmov.u32 %r6, full",
             "shr.u32 %r4, %r0, 1;\nxor.b32 %r4, %r4, 1;\nmov.u32 %r6, full"),
      threads, 0);
}

TEST_F(BulkCopy, AnEarlyReleaseIsNoticed) {
  std::string release = "@%p3 mbarrier.arrive.shared::cta.b64 _, [%r5];\n";
  std::string load = "ld.shared.b32 %r10, [%r7];\n";
  std::string early = mutate(ring, release, "");
  early = mutate(early, load,
                 "mov.u32 %r5, empty;\nadd.u32 %r5, %r5, %r2;\n"
                 "setp.eq.u32 %p3, %r8, 0;\n" +
                     release + load);
  expectSomeFault(early, threads, 0);
}

TEST_F(BulkCopy, TheWrongNumberOfBytesIsNoticed) {
  expectFault(mutate(ring, "[%r6], 128;", "[%r6], 144;"),
              "deadlock: no warp can go on", threads);
  expectSomeFault(mutate(ring, "[%r6], 128;", "[%r6], 112;"), threads, 0);
}

TEST_F(BulkCopy, ACopyIsOverBeforeTheKernelEnds) {
  machine.options = {0, true};
  expectHas(launch(kernel("setp.eq.u32 %p0, %thread, 0;\n@!%p0 bra $end;\n"
                          "mbarrier.init.shared::cta.b64 [full], 1;\n"
                          "cp.async.bulk.shared::cta.global.mbarrier::complete_"
                          "tx::bytes [stages], [%in], 128, [full];\n$end:",
                          ringVariables)),
            "the kernel ends with a copy to shared memory in flight");
}

/// One thread writes shared memory and stores it.
std::string storeBody() {
  return "setp.eq.u32 %p0, %thread, 0;\n@!%p0 bra $end;\n"
         "st.shared.v4.b32 [stages], {%thread, %thread, %thread, %thread};\n"
         "fence.proxy.async.shared::cta;\n"
         "cp.async.bulk.global.shared::cta.bulk_group [%out], [stages], 16;\n"
         "cp.async.bulk.commit_group;\n"
         "cp.async.bulk.wait_group.read 0;\n"
         "st.shared.b32 [stages], 5;\n$end:";
}

TEST_F(BulkCopy, AStoreIsWaitedFor) {
  std::string text = kernel(storeBody(), ringVariables);
  expectPasses(text);
  EXPECT_EQ(out[0], 0u);
  std::string wait = "cp.async.bulk.wait_group.read 0;\n";
  expectFault(mutate(text, wait, ""),
              "write of shared memory that an asynchronous operation still "
              "reads");
  std::string rewrite = "st.shared.b32 [stages], 5;\n";
  expectFault(mutate(mutate(text, wait, ""), rewrite, ""),
              "the kernel ends while a bulk store reads shared memory");
  expectFault(mutate(mutate(mutate(text, wait, ""), rewrite, ""),
                     "cp.async.bulk.commit_group;\n", ""),
              "the kernel ends with a bulk store that was not committed");
}

TEST_F(BulkCopy, AStoreSeesOrdinaryWritesAfterAFence) {
  expectFault(mutate(kernel(storeBody(), ringVariables),
                     "fence.proxy.async.shared::cta;\n", ""),
              "no fence.proxy.async between an ordinary write and an "
              "asynchronous read");
  expectFault(
      kernel("setp.eq.u32 %p0, %thread, 0;\n@!%p0 bra $end;\n"
             "mbarrier.init.shared::cta.b64 [full], 1;\n"
             "st.shared.b32 [stages], 5;\n"
             "cp.async.bulk.shared::cta.global.mbarrier::complete_tx::bytes "
             "[stages], [%in], 128, [full];\n$end:",
             ringVariables),
      "no fence.proxy.async between an ordinary write and an asynchronous "
      "write");
}

TEST_F(BulkCopy, PlacesAreChecked) {
  expectFault(mutate(ring, "[%w0], 128,", "[%w0+8], 128,"),
              "misaligned access: 128 bytes from", threads);
  expectFault(mutate(ring, "[%w0], 128,", "[%w0+16384], 128,"),
              "out of bounds of global memory", threads);
  expectFault(mutate(ring, "[%r7], [%w0]", "[%r7+65536], [%w0]"),
              "out of bounds of shared memory", threads);
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

/// Loads a box with the map that `in` points to.
std::string tensorBody(const std::string &place) {
  return "setp.eq.u32 %p0, %thread, 0;\n@!%p0 bra $end;\n"
         "mbarrier.init.shared::cta.b64 [full], 1;\nmov.u32 %r0, 0;\n"
         "cp.async.bulk.tensor.2d.shared::cta.global.tile.mbarrier::complete_"
         "tx::bytes " +
         place + ", [full];\n$end:";
}

const char *tensorVariables = ".shared .align 1024 .b8 stages[4096];\n"
                              ".shared .align 8 .b64 full[2];\n";

class TensorCopy : public EmulatorTest {
protected:
  /// A map of the words from `offset` on, with rows of `columns` floats.
  void map(uint64_t columns, uint64_t rows, unsigned rank = 2,
           unsigned swizzle = 0) {
    prepare = [=](uint64_t in) {
      uint64_t sizes[] = {columns, rows, 1},
               strides[] = {columns * 4, columns * rows * 4};
      uint32_t box[] = {16, 8, 1}, steps[] = {1, 1, 1};
      TensorMapRequest request;
      request.rank = rank;
      request.elementBytes = 4;
      request.swizzleBytes = swizzle;
      request.base = in + 1024;
      request.sizes = sizes, request.strides = strides;
      request.box = box, request.steps = steps;
      TensorMap encoded;
      EXPECT_EQ(encodeTensorMap(request, encoded), "");
      memcpy(reinterpret_cast<void *>(in), &encoded, sizeof(encoded));
    };
  }
  std::string load(const std::string &place) {
    return kernel(tensorBody(place), tensorVariables);
  }
};

TEST_F(TensorCopy, AMapIsOne) {
  expectFault(load("[stages], [%in, {%r0, %r0}]"), "no tensor map at 0x");
  map(32, 16);
  expectFault(load("[stages], [%in+16, {%r0, %r0}]"),
              "misaligned access: a tensor map at");
  map(32, 16, 3);
  expectFault(load("[stages], [%in, {%r0, %r0}]"),
              "the tensor map has 3 dimensions, the copy 2");
  expectFault(kernel("mov.u32 %r0, 0;\nmov.u64 %w0, stages;\n"
                     "cvta.shared.u64 %w0, %w0;\n" +
                         tensorBody("[stages], [%w0, {%r0, %r0}]"),
                     tensorVariables),
              "a tensor map is a parameter or in global memory");
}

TEST_F(TensorCopy, ABoxHasAPlaceInBothMemories) {
  map(32, 16);
  expectFault(load("[stages+64], [%in, {%r0, %r0}]"),
              "misaligned access: a box at shared address");
  expectFault(load("[stages+3968], [%in, {%r0, %r0}]"),
              "out of bounds of shared memory");
  // The tensor that the map describes is larger than the memory.
  map(32, 4096);
  std::string text = load("[stages], [%in, {%r0, %r1}]");
  expectFault(mutate(text, "mov.u32 %r0, 0;",
                     "mov.u32 %r0, 0;\n"
                     "mov.u32 %r1, 116;"),
              "out of bounds of global memory");
}

/// Waits for the 512 bytes of the box, and copies a word of its first 128 bytes
/// for each thread.
std::string narrowBody(const std::string &place) {
  return "setp.eq.u32 %p0, %thread, 0;\nmov.u32 %r0, 0;\n"
         "@%p0 mbarrier.init.shared::cta.b64 [full], 1;\n"
         "@%p0 fence.mbarrier_init.release.cluster;\n"
         "@%p0 mbarrier.arrive.expect_tx.shared::cta.b64 _, [full], 512;\n"
         "@%p0 cp.async.bulk.tensor.2d.shared::cta.global.tile.mbarrier::"
         "complete_tx::bytes [" +
         place +
         "], [%in, {%r0, %r0}], [full];\nbar.sync 0;\n"
         "$wait:\n"
         "mbarrier.try_wait.parity.shared::cta.b64 %p1, [full], 0;\n"
         "@!%p1 bra $wait;\n"
         "mov.u32 %r1, stages;\nshl.b32 %r2, %thread, 2;\n"
         "add.u32 %r1, %r1, %r2;\nadd.s64 %w0, %out, %at;\n"
         "ld.shared.b32 %r3, [%r1];\nst.global.b32 [%w0], %r3;";
}

TEST_F(TensorCopy, ARowNarrowerThanTheSwizzleTakesItsWidth) {
  // Rows of 64 bytes: the second begins 128 bytes after the first, its chunks
  // exchanged in pairs.
  map(32, 16, 2, 128);
  std::string text = kernel(narrowBody("stages"), tensorVariables);
  expectPasses(text, 16);
  EXPECT_EQ(out[0], 256u);
  EXPECT_EQ(out[15], 271u);
  expectPasses(
      mutate(text, "ld.shared.b32 %r3, [%r1]", "ld.shared.b32 %r3, [%r1+128]"),
      16);
  EXPECT_EQ(out[0], 256u + 32 + 4);
  EXPECT_EQ(out[4], 256u + 32);
  // Nothing is written between the rows.
  expectFault(text, "read of shared memory that nobody has written", 32);
  // 8 rows have 512 bytes, but need 1024.
  expectFault(kernel(narrowBody("stages+3200"), tensorVariables),
              "out of bounds of shared memory: 1024 bytes", 16);
}

TEST_F(TensorCopy, MapsAreCheckedWhenTheyAreMade) {
  uint64_t sizes[] = {64, 64}, strides[] = {256};
  uint32_t box[] = {16, 16}, steps[] = {1, 1};
  TensorMapRequest good;
  good.rank = 2, good.elementBytes = 4, good.base = 4096;
  good.sizes = sizes, good.strides = strides, good.box = box;
  good.steps = steps;
  TensorMap map;
  EXPECT_EQ(encodeTensorMap(good, map), "");
  EXPECT_EQ(map.boxBytes(), 1024u);
  EXPECT_EQ(map.sharedBytes(), 1024u);
  auto refuses = [&](TensorMapRequest request, const char *why) {
    expectHas(encodeTensorMap(request, map), why);
  };
  TensorMapRequest request = good;
  request.rank = 6;
  refuses(request, "a tensor map has 1 to 5 dimensions");
  request = good, request.base = 4097;
  refuses(request, "the tensor is not aligned to 16 bytes");
  uint64_t empty[] = {64, 0}, odd[] = {100};
  uint32_t narrow[] = {3, 16}, high[] = {16, 257}, twice[] = {1, 2};
  request = good, request.sizes = empty;
  refuses(request, "a size of the tensor is not within 1 to 2^32-1");
  request = good, request.strides = odd;
  refuses(request, "a stride of the tensor is not a multiple of 16");
  request = good, request.box = narrow;
  refuses(request, "the innermost side of the box is not a multiple of 16");
  request = good, request.box = high;
  refuses(request, "a side of the box is not within 1 to 256");
  request = good, request.steps = twice;
  refuses(request, "strides of elements other than 1 are not executed");
  request = good, request.swizzleBytes = 32;
  refuses(request, "the innermost side of the box is larger than the swizzle");
}

} // namespace
