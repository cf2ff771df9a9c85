//===- BindTest.cpp - Check tensors against a signature -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every reason for which attnc_rt_bind refuses a tensor, with its message, and
// the descriptors of those that it accepts. The kernel is a small attention:
// q [h, n, 4], k [g, m, 4] and the output o [h, n, 4], h a multiple of g.
//
//===----------------------------------------------------------------------===//

#include "CInterface.h"

#include "attnc-c/runtime.h"

#include "gtest/gtest.h"

#include <cstring>
#include <string>
#include <vector>

static int64_t addressOf(const void *pointer) {
  return static_cast<int64_t>(reinterpret_cast<uintptr_t>(pointer));
}

namespace {

using Extents = std::vector<int64_t>;

/// A DLTensor with the arrays it points to. Compact unless given strides.
struct Tensor {
  Extents shape;
  Extents strides;
  DLTensor view = {};

  Tensor(void *data, Extents shapeOf, Extents stridesOf = {},
         DLDataType dtype = {kDLFloat, 32, 1})
      : shape(std::move(shapeOf)), strides(std::move(stridesOf)) {
    view.data = data;
    view.device = {kDLCPU, 0};
    view.dtype = dtype;
  }

  const DLTensor *get() {
    view.ndim = static_cast<int32_t>(shape.size());
    view.shape = shape.data();
    view.strides = strides.empty() ? nullptr : strides.data();
    return &view;
  }
};

/// A descriptor of any rank, as words.
struct Descriptor {
  int64_t words[3 + 2 * ATTNC_RT_MAX_RANK];

  int64_t address() const { return words[1]; }
  Extents sizes(size_t rank) const { return {words + 3, words + 3 + rank}; }
  Extents strides(size_t rank) const {
    return {words + 3 + rank, words + 3 + 2 * rank};
  }
};

class BindTest : public testing::Test {
protected:
  enum Symbol { H, N, G, M, NumSymbols };

  int32_t bind() {
    signature.arguments = arguments.data();
    signature.num_arguments = static_cast<uint32_t>(arguments.size());
    signature.multiples = multiples.data();
    signature.num_multiples = static_cast<uint32_t>(multiples.size());
    const DLTensor *tensors[] = {q.get(), k.get(), o.get()};
    void *pointers[3] = {&descriptors[0], &descriptors[1], &descriptors[2]};
    return attnc_rt_bind(&signature, tensors, pointers);
  }

  void expectRefused(const std::string &message,
                     int32_t status = ATTNC_INVALID_ARGUMENT) {
    EXPECT_EQ(bind(), status);
    EXPECT_EQ(attnc_last_error(), message);
  }

  void expectBroken(const std::string &what) {
    expectRefused("attend: broken signature: " + what, ATTNC_INTERNAL);
  }

  void expectAccepted() { ASSERT_EQ(bind(), ATTNC_OK) << attnc_last_error(); }

  /// Memory for the tensors, apart from each other and large enough for every
  /// stride below.
  std::vector<float> memory = std::vector<float>(3 * 4096);
  float *qData = memory.data();
  float *kData = qData + 4096;
  float *oData = kData + 4096;

  Extents qDims = {-1 - H, -1 - N, 4};
  Extents kDims = {-1 - G, -1 - M, 4};
  std::vector<attnc_rt_argument> arguments = {
      {"q", kDLFloat, 32, 0, 0, 3, qDims.data()},
      {"k", kDLFloat, 32, 0, 0, 3, kDims.data()},
      {"o", kDLFloat, 32, 1, 0, 3, qDims.data()}};
  const char *symbols[NumSymbols] = {"h", "n", "g", "m"};
  std::vector<attnc_rt_multiple> multiples = {{H, G, 0}};
  attnc_rt_signature signature = {ATTNC_RT_ABI_VERSION, 0, "attend", nullptr,
                                  NumSymbols,           0, symbols,  nullptr};

  Tensor q{qData, {6, 5, 4}};
  Tensor k{kData, {2, 7, 4}};
  Tensor o{oData, {6, 5, 4}};
  Descriptor descriptors[3];
};

TEST_F(BindTest, CompactTensors) {
  expectAccepted();
  EXPECT_EQ(descriptors[0].words[0], addressOf(qData));
  EXPECT_EQ(descriptors[0].address(), addressOf(qData));
  EXPECT_EQ(descriptors[0].words[2], 0);
  EXPECT_EQ(descriptors[0].sizes(3), Extents({6, 5, 4}));
  EXPECT_EQ(descriptors[0].strides(3), Extents({20, 4, 1}));
  EXPECT_EQ(descriptors[1].sizes(3), Extents({2, 7, 4}));
  EXPECT_EQ(descriptors[2].address(), addressOf(oData));
}

TEST_F(BindTest, StridedTensors) {
  q.strides = {4, 24, 1};   // transposed: [n, h, 4] in memory
  k.strides = {0, 8, 1};    // one head broadcast, rows padded to 8
  o.strides = {160, 32, 1}; // sliced out of a larger tensor
  o.view.byte_offset = 64;
  expectAccepted();
  EXPECT_EQ(descriptors[0].strides(3), Extents({4, 24, 1}));
  EXPECT_EQ(descriptors[1].strides(3), Extents({0, 8, 1}));
  EXPECT_EQ(descriptors[2].strides(3), Extents({160, 32, 1}));
  EXPECT_EQ(descriptors[2].address(), addressOf(oData + 16));
  EXPECT_EQ(descriptors[2].words[0], addressOf(oData + 16));
  EXPECT_EQ(descriptors[2].words[2], 0);
}

TEST_F(BindTest, OverlappingInputsAreNoMatter) {
  k = Tensor(qData, {2, 7, 4}, {4, 4, 1});
  expectAccepted();
}

TEST_F(BindTest, StrideOfSingleElementIsReplaced) {
  qDims[2] = kDims[2] = -1 - M;
  multiples.clear();
  q = Tensor(qData, {1, 5, 1}, {-7, 3, 99});
  k = Tensor(kData, {1, 1, 1}, {INT64_MIN, INT64_MAX, 0});
  o = Tensor(oData, {1, 5, 1});
  expectAccepted();
  EXPECT_EQ(descriptors[0].strides(3), Extents({15, 3, 1}));
  EXPECT_EQ(descriptors[1].strides(3), Extents({1, 1, 1}));
}

TEST_F(BindTest, TensorWithoutElementsNeedsNoMemory) {
  k = Tensor(nullptr, {2, 0, 4}, {-1, -1, 77});
  k.view.byte_offset = 3;
  expectAccepted();
  EXPECT_EQ(descriptors[1].sizes(3), Extents({2, 0, 4}));
  EXPECT_EQ(descriptors[1].strides(3), Extents({4, 4, 1}));
}

TEST_F(BindTest, RankZeroAndRankEight) {
  Extents eight(8, 2);
  arguments = {{"s", kDLInt, 64, 0, 0, 0, nullptr},
               {"k", kDLBool, 8, 0, 0, 8, eight.data()},
               {"o", kDLBfloat, 16, 1, 0, 8, eight.data()}};
  multiples.clear();
  q = Tensor(qData, {}, {}, {kDLInt, 64, 1});
  k = Tensor(kData, eight, {}, {kDLBool, 8, 1});
  o = Tensor(oData, eight, {}, {kDLBfloat, 16, 1});
  expectAccepted();
  EXPECT_EQ(descriptors[0].address(), addressOf(qData));
  EXPECT_EQ(descriptors[1].strides(8), Extents({128, 64, 32, 16, 8, 4, 2, 1}));
}

TEST_F(BindTest, CalledFromC) {
  EXPECT_EQ(attncTestBindFromC(), 1) << attnc_last_error();
  EXPECT_EQ(attncTestBindFromUpstreamDLPack(), 1) << attnc_last_error();
}

TEST_F(BindTest, NullPointers) {
  EXPECT_EQ(attnc_rt_bind(nullptr, nullptr, nullptr), ATTNC_INTERNAL);
  EXPECT_STREQ(attnc_last_error(), "kernel: the signature is null");
  expectAccepted();
  void *pointers[3] = {&descriptors[0], nullptr, &descriptors[2]};
  const DLTensor *tensors[3] = {q.get(), nullptr, o.get()};
  EXPECT_EQ(attnc_rt_bind(&signature, nullptr, pointers),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_STREQ(attnc_last_error(), "attend: the tensor array is null");
  EXPECT_EQ(attnc_rt_bind(&signature, tensors, nullptr), ATTNC_INTERNAL);
  EXPECT_STREQ(attnc_last_error(), "attend: the descriptor array is null");
  EXPECT_EQ(attnc_rt_bind(&signature, tensors, pointers),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_STREQ(attnc_last_error(),
               "attend: argument k: the tensor pointer is null");
  tensors[1] = k.get();
  EXPECT_EQ(attnc_rt_bind(&signature, tensors, pointers), ATTNC_INTERNAL);
  EXPECT_STREQ(attnc_last_error(),
               "attend: argument k: the descriptor is null");
}

TEST_F(BindTest, RefusesNullShapeAndNullData) {
  q.get();
  q.view.shape = nullptr;
  const DLTensor *tensors[] = {&q.view, k.get(), o.get()};
  void *pointers[3] = {&descriptors[0], &descriptors[1], &descriptors[2]};
  signature.arguments = arguments.data();
  signature.num_arguments = 3;
  EXPECT_EQ(attnc_rt_bind(&signature, tensors, pointers),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_STREQ(attnc_last_error(),
               "attend: argument q: the shape pointer is null");
  q.view.data = nullptr;
  expectRefused("attend: argument q: the data pointer is null although the "
                "tensor has elements");
}

TEST_F(BindTest, RefusesOtherDevice) {
  k.view.device = {kDLCUDA, 0};
  expectRefused("attend: argument k: the tensor is on device type 2 but this "
                "kernel reads host memory (device type 1, cpu); copy the "
                "tensor to the cpu first");
}

TEST_F(BindTest, RefusesOtherDType) {
  k.view.dtype = {kDLBfloat, 16, 1};
  expectRefused("attend: argument k: the dtype is bf16 but must be f32; "
                "convert the tensor first");
  k.view.dtype = {kDLFloat, 64, 1};
  expectRefused("attend: argument k: the dtype is f64 but must be f32; "
                "convert the tensor first");
  k.view.dtype = {kDLInt, 32, 1};
  expectRefused("attend: argument k: the dtype is i32 but must be f32; "
                "convert the tensor first");
  k.view.dtype = {kDLUInt, 8, 1};
  expectRefused("attend: argument k: the dtype is u8 but must be f32; "
                "convert the tensor first");
  k.view.dtype = {kDLBool, 8, 1};
  expectRefused("attend: argument k: the dtype is bool but must be f32; "
                "convert the tensor first");
  k.view.dtype = {kDLComplex, 64, 1};
  expectRefused("attend: argument k: the dtype is complex64 but must be f32; "
                "convert the tensor first");
  k.view.dtype = {kDLFloat8_e4m3fn, 8, 1};
  expectRefused("attend: argument k: the dtype is dlpack type 10 of 8 bits but "
                "must be f32; convert the tensor first");
  k.view.dtype = {kDLFloat, 32, 4};
  expectRefused("attend: argument k: the elements are vectors of 4 lanes but "
                "must be scalars (f32, 1 lane)");
}

TEST_F(BindTest, RefusesOtherRank) {
  q.shape = {6, 20};
  expectRefused("attend: argument q: the rank is 2 but must be 3");
  q.shape = {1, 6, 5, 4};
  expectRefused("attend: argument q: the rank is 4 but must be 3");
}

TEST_F(BindTest, RefusesOtherExtents) {
  k.shape = {2, 7, 5};
  expectRefused("attend: argument k: dimension 2 is 5 but must be 4");
  kDims[1] = 0;
  expectRefused("attend: argument k: dimension 1 is 7 but must be 0");
  k.shape = {2, 0, 4};
  expectAccepted();
  kDims[1] = -1 - M;
  k.shape = {2, -7, 4};
  expectRefused("attend: argument k: dimension 1 is negative (-7)");
}

TEST_F(BindTest, RefusesUnequalSymbols) {
  o.shape = {6, 3, 4};
  expectRefused("attend: argument o: dimension 1 is 3 but dimension 1 of "
                "argument q is 5; both are 'n' and must be equal");
  kDims[1] = -1 - G;
  o.shape = {6, 5, 4};
  expectRefused("attend: argument k: dimension 1 is 7 but dimension 0 of "
                "argument k is 2; both are 'g' and must be equal");
}

TEST_F(BindTest, RefusesWhatIsNoMultiple) {
  k.shape[0] = 4;
  expectRefused("attend: argument q: dimension 0 ('h') is 6 but must be a "
                "multiple of 'g', which is 4 (dimension 0 of argument k)");
  k.shape[0] = 2;
  multiples.push_back({M, -1, 8});
  expectRefused("attend: argument k: dimension 1 ('m') is 7 but must be a "
                "multiple of 8");
  k.shape[1] = 16;
  expectAccepted();
  multiples = {{N, H, 0}};
  expectRefused("attend: argument q: dimension 1 ('n') is 5 but must be a "
                "multiple of 'h', which is 6 (dimension 0 of argument q)");
}

TEST_F(BindTest, OnlyZeroIsAMultipleOfZero) {
  k.shape[0] = 0;
  expectRefused("attend: argument q: dimension 0 ('h') is 6 but must be a "
                "multiple of 'g', which is 0 (dimension 0 of argument k)");
  q.shape[0] = o.shape[0] = 0;
  expectAccepted();
  k.shape[0] = 2; // 0 is a multiple of 2
  expectAccepted();
  multiples = {{H, -1, 0}};
  expectAccepted();
  q.shape[0] = o.shape[0] = 6;
  expectRefused("attend: argument q: dimension 0 ('h') is 6 but must be a "
                "multiple of 0");
}

TEST_F(BindTest, RefusesTooManyElements) {
  const char *message = "attend: argument q: the extents multiply to more than "
                        "2^40 elements or 2^46 bytes (reached at dimension %d)";
  auto expected = [&](int dimension) {
    char text[256];
    snprintf(text, sizeof(text), message, dimension);
    return std::string(text);
  };
  q.shape = {int64_t(1) << 20, int64_t(1) << 19, 4};
  expectRefused(expected(2));
  q.shape = {INT64_MAX, INT64_MAX, 4};
  expectRefused(expected(0));
  q.shape = {int64_t(1) << 32, int64_t(1) << 32, 4};
  expectRefused(expected(1));
  // No elements, but the compact strides would overflow.
  q.shape = {0, INT64_MAX, 4};
  expectRefused(expected(1));
  arguments[0].dtype_bits = q.view.dtype.bits = 248;
  q.shape = {int64_t(1) << 20, int64_t(1) << 20, 4};
  expectRefused(expected(2));
}

TEST_F(BindTest, LargestTensorIsAccepted) {
  // Only the address is looked at. 2^40 elements of 4 bytes above it.
  arguments[2].is_output = 0;
  q.shape = o.shape = {int64_t(1) << 19, int64_t(1) << 19, 4};
  k.shape[0] = 1;
  expectAccepted();
  q.shape[0] = o.shape[0] = 0; // counts as 1
  q.shape[1] = o.shape[1] = int64_t(1) << 38;
  expectAccepted();
}

TEST_F(BindTest, RefusesNegativeStrides) {
  q.strides = {20, -4, 1};
  expectRefused("attend: argument q: the stride of dimension 1 is -4; negative "
                "strides are not supported, so copy the tensor to a contiguous "
                "one");
}

TEST_F(BindTest, RefusesStridedLastDimension) {
  q.strides = {1, 6, 30};
  expectRefused("attend: argument q: the stride of the last dimension (2) is "
                "30 but must be 1; make the last dimension contiguous, for "
                "example by copying the tensor");
  q.strides = {20, 4, 0};
  expectRefused("attend: argument q: the stride of the last dimension (2) is "
                "0 but must be 1; make the last dimension contiguous, for "
                "example by copying the tensor");
}

TEST_F(BindTest, RefusesStridesBeyondTheLimit) {
  q.strides = {int64_t(1) << 44, 4, 1};
  expectRefused("attend: argument q: the stride of dimension 0 is "
                "17592186044416, which reaches beyond 2^46 bytes");
  q.strides = {INT64_MAX, 4, 1};
  expectRefused("attend: argument q: the stride of dimension 0 is "
                "9223372036854775807, which reaches beyond 2^46 bytes");
  q.strides = {20, INT64_MAX / 2, 1};
  expectRefused("attend: argument q: the stride of dimension 1 is "
                "4611686018427387903, which reaches beyond 2^46 bytes");
}

TEST_F(BindTest, LargestStrideEndsAtTheLimit) {
  multiples.clear();
  k.shape = {2, 1, 4};
  // The last of the 2^44 elements of 4 bytes is the last of k.
  k.strides = {(int64_t(1) << 44) - 4, 4, 1};
  k.view.data = oData + 4096 / 2;
  expectAccepted();
  k.strides = {(int64_t(1) << 44) - 3, 4, 1};
  expectRefused("attend: argument k: the stride of dimension 0 is "
                "17592186044413, which reaches beyond 2^46 bytes");
  k.shape = {1, 2, 4};
  k.strides = {4, (int64_t(1) << 44) - 3, 1};
  expectRefused("attend: argument k: the stride of dimension 1 is "
                "17592186044413, which reaches beyond 2^46 bytes");
}

TEST_F(BindTest, RefusesAddressesBeyondTheAddressSpace) {
  q.view.byte_offset = UINT64_MAX - 3;
  expectRefused("attend: argument q: the byte offset 18446744073709551612 "
                "reaches beyond the address space");
  // The first element fits, the last one does not.
  q.view.byte_offset = UINT64_MAX - 15 - reinterpret_cast<uintptr_t>(qData);
  bind();
  EXPECT_NE(std::string(attnc_last_error()).find("beyond the address space"),
            std::string::npos)
      << attnc_last_error();
}

TEST_F(BindTest, RefusesMisalignedData) {
  q.view.data = reinterpret_cast<char *>(qData) + 2;
  EXPECT_EQ(bind(), ATTNC_INVALID_ARGUMENT);
  std::string message = attnc_last_error();
  EXPECT_EQ(message.find("attend: argument q: the first element is at 0x"), 0u);
  EXPECT_NE(message.find("(data plus byte offset 0), which is not a multiple "
                         "of the element size 4; copy the tensor to aligned "
                         "memory"),
            std::string::npos)
      << message;
  q.view.byte_offset = 2; // makes up for it
  expectAccepted();
  EXPECT_EQ(descriptors[0].address(), addressOf(qData + 1));
}

TEST_F(BindTest, RefusesOutputWhoseElementsOverlap) {
  o.strides = {0, 4, 1};
  expectRefused("attend: argument o: elements overlap in memory: the stride of "
                "dimension 0 is 0 but must be above 0; an output needs a place "
                "of its own for each element");
  o.strides = {20, 2, 1};
  expectRefused("attend: argument o: elements overlap in memory: the stride of "
                "dimension 1 is 2 but must be above 3; an output needs a place "
                "of its own for each element");
  o.strides = {4, 4, 1};
  expectRefused(
      "attend: argument o: elements overlap in memory: the stride of "
      "dimension 1 is 4 but must be above 23; an output needs a place "
      "of its own for each element");
  o.strides = {4, 24, 1}; // the same, stepped over: a transposed output
  expectAccepted();
  q.shape[0] = o.shape[0] = 2;
  o.strides = {0, 4, 1};
  expectRefused("attend: argument o: elements overlap in memory: the stride of "
                "dimension 0 is 0 but must be above 0; an output needs a place "
                "of its own for each element");
  // A single head may have any stride.
  q.shape[0] = o.shape[0] = 1;
  k.shape[0] = 1;
  expectAccepted();
}

TEST_F(BindTest, RefusesOutputThatSharesMemory) {
  o.view.data = qData;
  expectRefused("attend: argument o: its memory overlaps that of argument q; "
                "give the output memory of its own");
  // The last element of k (2 * 7 * 4 of them) is the first of o.
  o.view.data = kData + 55;
  expectRefused("attend: argument o: its memory overlaps that of argument k; "
                "give the output memory of its own");
  o.view.data = kData + 56;
  expectAccepted();
  o.view.data = kData - 120; // ends where k begins
  expectAccepted();
  o.view.data = kData + 56;
  arguments[0].is_output = 1;
  q.view.data = kData + 56;
  expectRefused("attend: argument q: its memory overlaps that of argument o; "
                "give the output memory of its own");
}

TEST_F(BindTest, RefusesOtherInterfaceVersion) {
  signature.abi_version = 2u << 16;
  expectRefused("attend: the kernel needs runtime interface 2.0 but this "
                "runtime provides 1.5; compile the kernel again or load the "
                "runtime of the release that compiled it",
                ATTNC_INTERNAL);
  signature.abi_version = ATTNC_RT_ABI_VERSION + 1;
  EXPECT_EQ(bind(), ATTNC_INTERNAL);
}

TEST_F(BindTest, RefusesBrokenSignatures) {
  signature.function = nullptr;
  expectRefused("kernel: broken signature: no function name", ATTNC_INTERNAL);
  signature.function = "attend";
  arguments[1].name = nullptr;
  expectBroken("argument 1 has no name");
  arguments[1].name = "k";
  arguments[1].rank = 9;
  expectBroken("argument k has rank 9, at most 8 is supported");
  arguments[1].rank = -1;
  expectBroken("argument k has rank -1, at most 8 is supported");
  arguments[1].rank = 3;
  arguments[1].dtype_bits = 4;
  expectBroken("argument k has elements of 4 bits, only whole bytes are "
               "supported");
  arguments[1].dtype_bits = 32;
  kDims[1] = -1 - NumSymbols;
  expectBroken("argument k uses an unknown symbol");
  kDims[1] = INT64_MIN;
  expectBroken("argument k uses an unknown symbol");
  kDims[1] = -1 - M;
  multiples = {{NumSymbols, -1, 2}};
  expectBroken("multiple of symbol 4 by -1 or 2");
  multiples = {{H, 9, 2}};
  expectBroken("multiple of symbol 0 by 9 or 2");
  multiples = {{H, -1, -2}};
  expectBroken("multiple of symbol 0 by -1 or -2");
  kDims[1] = 7; // leaves the symbol m to no argument
  multiples = {{M, -1, 2}};
  expectBroken("multiple of symbol 3 by -1 or 2");
  multiples = {};
  symbols[M] = nullptr;
  expectBroken("symbol 3 has no name");
  signature.symbols = nullptr;
  expectBroken("a table is missing");
  signature.num_symbols = 129;
  expectBroken("129 symbols, at most 128 are supported");
  signature.num_symbols = NumSymbols;
  signature.symbols = symbols;
  arguments.resize(129);
  expectBroken("129 arguments, at most 128 are supported");
}

TEST_F(BindTest, LargestSignatureIsAccepted) {
  std::vector<const char *> names(ATTNC_RT_MAX_SYMBOLS, "x");
  int64_t dims[] = {-ATTNC_RT_MAX_SYMBOLS};
  arguments.assign(ATTNC_RT_MAX_ARGUMENTS, {"x", kDLFloat, 32, 0, 0, 1, dims});
  signature.symbols = names.data();
  signature.num_symbols = ATTNC_RT_MAX_SYMBOLS;
  signature.arguments = arguments.data();
  signature.num_arguments = ATTNC_RT_MAX_ARGUMENTS;
  Tensor vector(qData, {9});
  std::vector<const DLTensor *> tensors(ATTNC_RT_MAX_ARGUMENTS, vector.get());
  std::vector<void *> pointers(ATTNC_RT_MAX_ARGUMENTS, &descriptors[0]);
  EXPECT_EQ(attnc_rt_bind(&signature, tensors.data(), pointers.data()),
            ATTNC_OK)
      << attnc_last_error();
  EXPECT_EQ(descriptors[0].sizes(1), Extents({9}));
  multiples = {{ATTNC_RT_MAX_SYMBOLS, -1, 2}};
  signature.multiples = multiples.data();
  signature.num_multiples = 1;
  EXPECT_EQ(attnc_rt_bind(&signature, tensors.data(), pointers.data()),
            ATTNC_INTERNAL);
}

TEST_F(BindTest, MessageOfALongNameIsCutNotOverrun) {
  std::string name(5000, 'q');
  arguments[0].name = name.c_str();
  q.shape = {6};
  EXPECT_EQ(bind(), ATTNC_INVALID_ARGUMENT);
  EXPECT_EQ(strlen(attnc_last_error()), 1023u);
}

} // namespace
