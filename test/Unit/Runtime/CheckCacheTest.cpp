//===- CheckCacheTest.cpp - Check the contents of a cache -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every reason for which attnc_rt_check_cache refuses what a cache is made of,
// with its message. The cache has 2 heads of dim 4: pages of 16 tokens, data
// [5, 16, 2, 4] and a table [2, 3]; or, without a table, a block or a ring for
// each of two sequences, [2, 2, 16, 4].
//
//===----------------------------------------------------------------------===//

#include "attnc-c/runtime.h"

#include "gtest/gtest.h"

#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace {

/// A DLTensor and its elements. Compact unless given strides.
template <typename T>
struct Tensor {
  std::vector<int64_t> shape, strides;
  std::vector<T> elements;
  uint64_t byteOffset = 0;
  DLTensor view = {};

  const DLTensor *get() {
    view.data = elements.data();
    view.byte_offset = byteOffset;
    view.dtype = {std::is_floating_point<T>::value ? kDLFloat : kDLInt,
                  8 * sizeof(T), 1};
    view.ndim = static_cast<int32_t>(shape.size());
    view.shape = shape.data();
    view.strides = strides.empty() ? nullptr : strides.data();
    return &view;
  }
};

class CheckCacheTest : public testing::Test {
protected:
  enum Argument {
    Data,
    Table,
    Lengths,
    LongLengths,
    Scales,
    Zeros,
    Tokens,
    Prefix,
    NumArguments
  };

  int32_t check() {
    const DLTensor *tensors[] = {data.get(),        table.get(),  lengths.get(),
                                 longLengths.get(), scales.get(), zeros.get(),
                                 tokens.get(),      prefix.get()};
    return attnc_rt_check_cache(&signature, &cache, tensors);
  }
  void expectRefused(const std::string &message) {
    EXPECT_EQ(check(), ATTNC_INVALID_ARGUMENT);
    EXPECT_EQ(attnc_last_error(), message);
  }
  void expectAccepted() { EXPECT_EQ(check(), ATTNC_OK) << attnc_last_error(); }

  /// Two sequences that have a block each, of as many tokens as `data` has.
  void makeContiguous() {
    data.shape = {2, 2, 16, 4};
    cache.table = -1;
    cache.token_axis = 2;
    cache.block_tokens = 0;
  }
  /// Two sequences that have a ring of 16 tokens each.
  void makeRing() {
    makeContiguous();
    cache.block_tokens = 16;
  }

  Tensor<float> data{{5, 16, 2, 4}, {}, std::vector<float>(640)};
  Tensor<int32_t> table{{2, 3}, {}, {4, 0, 2, 1, 3, -7}};
  Tensor<int32_t> lengths{{2}, {}, {48, 17}};
  Tensor<int64_t> longLengths{{2}, {}, {48, 17}};
  Tensor<float> scales{{2, 4}, {}, std::vector<float>(8, 0.5f)};
  Tensor<float> zeros{{2, 4}, {}, std::vector<float>(8, -3.0f)};

  Tensor<float> tokens{{2, 2, 3, 4}, {}, std::vector<float>(48)};
  Tensor<int32_t> prefix{{}, {}, {0}};

  std::vector<attnc_rt_argument> arguments = {
      {"pages", kDLFloat, 32, 0, 0, 4, nullptr},
      {"blocks", kDLInt, 32, 0, 0, 2, nullptr},
      {"n", kDLInt, 32, 0, 0, 1, nullptr},
      {"m", kDLInt, 64, 0, 0, 1, nullptr},
      {"s", kDLFloat, 32, 0, 0, 2, nullptr},
      {"z", kDLFloat, 32, 0, 0, 2, nullptr},
      {"x", kDLFloat, 32, 0, 0, 4, nullptr},
      {"p", kDLInt, 32, 0, 0, 0, nullptr}};
  attnc_rt_signature signature = {ATTNC_RT_ABI_VERSION,
                                  NumArguments,
                                  "attend",
                                  arguments.data(),
                                  0,
                                  0,
                                  nullptr,
                                  nullptr};
  attnc_rt_cache cache = {Data, Table, Lengths, -1, -1, 1, 16, -1, 0, -1, 0};
};

TEST_F(CheckCacheTest, PagesThatAreWrittenHaveOneOwner) {
  // Three new tokens: 31 to 33 in pages 0 and 2, and 17 to 19 in page 3.
  lengths.elements = {34, 20};
  cache.tokens = Tokens, cache.is_written = 1;
  expectAccepted();
  // Sequence 1 begins with a page that sequence 0 only reads.
  table.elements[3] = 4;
  expectAccepted();
  table.elements[3] = 0;
  expectRefused("attend: argument blocks: sequence 0 appends to its block 1, "
                "page 0, which is in use twice; copy it first");
  // New tokens that are no argument are at least one.
  cache.tokens = -1;
  expectAccepted();
  table.elements[3] = 2;
  expectRefused("attend: argument blocks: sequence 0 appends to its block 2, "
                "page 2, which is in use twice; copy it first");
  cache.is_written = 0;
  expectAccepted();
}

TEST_F(CheckCacheTest, APrefixIsInTheSamePages) {
  cache.prefix = Prefix;
  prefix.elements = {17};
  expectRefused("attend: argument blocks: block 0 of sequence 1 is page 1, and "
                "the prefix has page 4 there");
  // A page that the prefix does not fill may be a copy.
  table.elements[3] = 4;
  expectAccepted();
  prefix.elements = {18};
  expectRefused("attend: argument p: the prefix has 18 tokens, and sequence 1 "
                "has length 17");
  prefix.elements = {-1};
  expectRefused("attend: argument p: the prefix has -1 tokens, and sequence 0 "
                "has length 48");
}

TEST_F(CheckCacheTest, PagesInUseAreThere) {
  // The last block of sequence 1 is not in use, and its entry no page.
  expectAccepted();
  lengths.elements[1] = 32;
  expectAccepted();
  lengths.elements[1] = 33;
  expectRefused(
      "attend: argument blocks: block 2 of sequence 1 is page -7, and "
      "argument pages has pages 0 to 4");
  table.elements[5] = 5;
  expectRefused("attend: argument blocks: block 2 of sequence 1 is page 5, and "
                "argument pages has pages 0 to 4");
  table.elements[5] = 4; // which sequence 0 has too
  expectAccepted();
  table.elements[0] = INT32_MAX;
  expectRefused("attend: argument blocks: block 0 of sequence 0 is page "
                "2147483647, and argument pages has pages 0 to 4");
}

TEST_F(CheckCacheTest, WithoutPagesNothingIsInUse) {
  data.shape[0] = 0;
  expectRefused("attend: argument blocks: block 0 of sequence 0 is page 4, and "
                "argument pages has pages 0 to -1");
  lengths.elements = {0, 0};
  expectAccepted();
}

TEST_F(CheckCacheTest, LengthsFitTheTable) {
  lengths.elements[0] = 49;
  expectRefused("attend: argument n: sequence 0 has length 49, and there is "
                "room for 3 blocks of 16 tokens");
  lengths.elements[0] = INT32_MAX;
  expectRefused("attend: argument n: sequence 0 has length 2147483647, and "
                "there is room for 3 blocks of 16 tokens");
  lengths.elements = {0, -1};
  expectRefused(
      "attend: argument n: sequence 1 has length -1, which is negative");
  lengths.elements = {1, INT32_MIN};
  expectRefused("attend: argument n: sequence 1 has length -2147483648, which "
                "is negative");
}

TEST_F(CheckCacheTest, TableWithoutBlocks) {
  table.shape = {2, 0};
  lengths.elements = {0, 0};
  expectAccepted();
  lengths.elements = {0, 1};
  expectRefused(
      "attend: argument n: sequence 1 has length 1, and there is room "
      "for 0 blocks of 16 tokens");
}

TEST_F(CheckCacheTest, LengthsOf64Bits) {
  cache.lengths = LongLengths;
  expectAccepted();
  // Read as 32 bits these would be 0 and 17.
  longLengths.elements[0] = int64_t(1) << 32;
  expectRefused("attend: argument m: sequence 0 has length 4294967296, and "
                "there is room for 3 blocks of 16 tokens");
  // To round these up to whole pages would overflow.
  longLengths.elements[0] = INT64_MAX;
  expectRefused("attend: argument m: sequence 0 has length "
                "9223372036854775807, and there is room for 3 blocks of 16 "
                "tokens");
  longLengths.elements[0] = INT64_MIN;
  expectRefused("attend: argument m: sequence 0 has length "
                "-9223372036854775808, which is negative");
}

TEST_F(CheckCacheTest, LargestPages) {
  data.shape[1] = cache.block_tokens = int64_t(1) << 30;
  cache.lengths = LongLengths;
  longLengths.elements = {(int64_t(3) << 30), 0};
  expectAccepted();
  ++longLengths.elements[0];
  expectRefused("attend: argument m: sequence 0 has length 3221225473, and "
                "there is room for 3 blocks of 1073741824 tokens");
}

TEST_F(CheckCacheTest, ContiguousSequencesFitTheData) {
  makeContiguous();
  lengths.elements = {16, 0};
  expectAccepted();
  lengths.elements = {16, 17};
  expectRefused("attend: argument n: sequence 1 has length 17, and there is "
                "room for 1 blocks of 16 tokens");
  lengths.elements = {-1, 0};
  expectRefused(
      "attend: argument n: sequence 0 has length -1, which is negative");
  data.shape[2] = 0;
  lengths.elements = {0, 0};
  expectAccepted();
  lengths.elements = {0, 1};
  expectRefused(
      "attend: argument n: sequence 1 has length 1, and there is room "
      "for 1 blocks of 0 tokens");
}

TEST_F(CheckCacheTest, RingsHaveRoomForAnyNumber) {
  makeRing();
  lengths.elements = {17, INT32_MAX};
  expectAccepted();
  cache.lengths = LongLengths;
  longLengths.elements = {INT64_MAX, 0};
  expectAccepted();
  longLengths.elements = {INT64_MAX, -1};
  expectRefused(
      "attend: argument m: sequence 1 has length -1, which is negative");
}

TEST_F(CheckCacheTest, WithoutLengthsThereIsNothingToCheck) {
  makeContiguous();
  cache.lengths = -1;
  lengths.elements = {-1, -1};
  expectAccepted();
}

TEST_F(CheckCacheTest, StridedTensors) {
  // Every other row of a table, and every third length, behind an offset.
  table.strides = {6, 1};
  table.elements = {-9, 4, 0, 2, -9, -9, -9, 1, 3, -7};
  table.byteOffset = 4;
  lengths.strides = {3};
  lengths.elements = {-9, -9, 48, -9, -9, 17};
  lengths.byteOffset = 8;
  expectAccepted();
  table.elements[8] = 6;
  expectRefused("attend: argument blocks: block 1 of sequence 1 is page 6, and "
                "argument pages has pages 0 to 4");
  // One row for all sequences.
  table.strides = {0, 1};
  expectAccepted();
}

TEST_F(CheckCacheTest, NoSequences) {
  table.shape = {0, 3};
  lengths.shape = {0};
  lengths.elements = {-1};
  expectAccepted();
}

TEST_F(CheckCacheTest, ScalesAreFinite) {
  cache.scales = Scales;
  cache.zeros = Zeros;
  expectAccepted();
  scales.elements[6] = std::numeric_limits<float>::infinity();
  expectRefused("attend: argument s: element 2 of row 1 is inf, and must be "
                "finite");
  scales.elements[6] = -std::numeric_limits<float>::infinity();
  expectRefused("attend: argument s: element 2 of row 1 is -inf, and must be "
                "finite");
  scales.elements[6] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(check(), ATTNC_INVALID_ARGUMENT);
  // The largest number, a subnormal one and zero are finite.
  scales.elements = {std::numeric_limits<float>::max(),
                     -std::numeric_limits<float>::max(),
                     std::numeric_limits<float>::denorm_min(),
                     0.0f,
                     -0.0f,
                     1.0f,
                     1.0f,
                     1.0f};
  expectAccepted();
  zeros.elements[0] = std::numeric_limits<float>::infinity();
  expectRefused("attend: argument z: element 0 of row 0 is inf, and must be "
                "finite");
}

TEST_F(CheckCacheTest, ScalesAreCheckedWithoutLengthsAndWithStrides) {
  makeContiguous();
  cache.lengths = -1;
  cache.scales = Scales;
  scales.strides = {5, 1};
  scales.elements.assign(9, 1.0f);
  scales.elements[4] = std::numeric_limits<float>::infinity(); // between rows
  expectAccepted();
  scales.elements[8] = std::numeric_limits<float>::infinity();
  expectRefused("attend: argument s: element 3 of row 1 is inf, and must be "
                "finite");
}

TEST_F(CheckCacheTest, OneScaleForEverything) {
  cache.scales = Scales;
  scales.shape = {};
  scales.elements = {2.0f};
  expectAccepted();
  scales.elements = {std::numeric_limits<float>::infinity()};
  expectRefused("attend: argument s: element 0 of row 0 is inf, and must be "
                "finite");
}

} // namespace
