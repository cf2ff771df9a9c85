//===- CacheInputsTest.cpp - made-up contents of caches -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is drawn for a cache is what its entry point accepts, and reaches the
// corners: no tokens, one, and all that there is room for.
//
//===----------------------------------------------------------------------===//

#include "Compiler/CacheInputs.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"
#include <set>

using namespace attnc;
using attn::FunctionSignature;

namespace {

class CacheInputsTest : public testing::Test {
protected:
  CacheInputsTest() {
    context.loadDialect<attn::AttnDialect, mlir::func::FuncDialect>();
  }

  /// A function that attends to one cache, `%c`, made of its arguments.
  void make(StringRef arguments, StringRef cache, StringRef type) {
    std::string text =
        ("func.func @f(%q: tensor<?x2x?x8xf32>, " + arguments +
         ") -> tensor<?x2x?x8xf32> {\n  %c = attn.cache " + cache + " -> " +
         type + "\n  %o = attn.attend %q, %c, %c : (tensor<?x2x?x8xf32>, " +
         type + ", " + type +
         ") -> tensor<?x2x?x8xf32>\n  return %o : tensor<?x2x?x8xf32>\n}")
            .str();
    module = mlir::parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(module);
    auto function = *module->getOps<mlir::func::FuncOp>().begin();
    FailureOr<FunctionSignature> built = FunctionSignature::get(function);
    ASSERT_TRUE(succeeded(built));
    signature = *built;
    ASSERT_EQ(signature.caches.size(), 1u);
  }
  void makePaged() {
    make("%d: tensor<?x4x2x8xi8>, %t: tensor<?x?xi32>, %n: tensor<?xi32>, "
         "%s: tensor<?x4x2xf32>, %z: tensor<?x4x2xf32>",
         "%d table(%t) lengths(%n) scales(%s) zeros(%z) : "
         "(tensor<?x4x2x8xi8>, tensor<?x?xi32>, tensor<?xi32>, "
         "tensor<?x4x2xf32>, tensor<?x4x2xf32>)",
         "!attn.kv<2x8xi8, paged<4>, scale<token, zeros>>");
  }

  /// Binds the shapes of arguments, by number.
  Shapes bind(std::vector<std::pair<unsigned, SmallVector<int64_t>>> known) {
    Shapes shapes(signature);
    for (const auto &[number, shape] : known)
      llvm::cantFail(shapes.bind(number, shape, ExitCode::Usage));
    llvm::cantFail(shapes.check(ExitCode::Usage));
    return shapes;
  }
  HostTensor create(const Shapes &shapes, unsigned number) {
    return llvm::cantFail(HostTensor::create(
        getDType(signature.arguments[number]), shapes.getShape(number)));
  }
  /// The input `number` as it is drawn with a seed.
  std::vector<double> draw(const Shapes &shapes, unsigned number,
                           uint64_t seed) {
    HostTensor tensor = create(shapes, number);
    Random random(seed);
    EXPECT_TRUE(fillCacheInput(tensor, signature, shapes, number, random));
    std::vector<double> values;
    for (int64_t i = 0; i < tensor.getNumElements(); ++i)
      values.push_back(tensor.at(i));
    return values;
  }

  MLIRContext context;
  mlir::OwningOpRef<ModuleOp> module;
  FunctionSignature signature;
};

constexpr unsigned Query = 0, Data = 1, Table = 2, Lengths = 3, Scales = 4,
                   Zeros = 5;

} // namespace

TEST_F(CacheInputsTest, PagesAreThereAndSharedOnlyWhereTheyAreTooFew) {
  makePaged();
  Shapes enough =
      bind({{Query, {3, 2, 1, 8}}, {Data, {9, 4, 2, 8}}, {Table, {3, 3}}});
  Shapes few =
      bind({{Query, {3, 2, 1, 8}}, {Data, {4, 4, 2, 8}}, {Table, {3, 3}}});
  std::set<std::vector<double>> orders;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    std::vector<double> pages = draw(enough, Table, seed);
    orders.insert(pages);
    std::set<double> different(pages.begin(), pages.end());
    EXPECT_EQ(different.size(), 9u);
    EXPECT_EQ(*different.begin(), 0);
    EXPECT_EQ(*different.rbegin(), 8);
    pages = draw(few, Table, seed);
    different = std::set<double>(pages.begin(), pages.end());
    EXPECT_EQ(different.size(), 4u);
    EXPECT_EQ(*different.rbegin(), 3);
  }
  EXPECT_GT(orders.size(), 15u);
}

TEST_F(CacheInputsTest, LengthsThatThereIsRoomFor) {
  makePaged();
  Shapes shapes =
      bind({{Query, {2, 2, 1, 8}}, {Data, {7, 4, 2, 8}}, {Table, {2, 3}}});
  EXPECT_EQ(getCapacity(signature.caches[0], shapes), 12);
  std::set<double> seen;
  for (uint64_t seed = 0; seed < 200; ++seed)
    for (double length : draw(shapes, Lengths, seed)) {
      EXPECT_GE(length, 0);
      EXPECT_LE(length, 12);
      seen.insert(length);
    }
  EXPECT_EQ(seen.size(), 13u);

  // Without pages no sequence has a token, however long the table is.
  shapes = bind({{Query, {2, 2, 1, 8}}, {Data, {0, 4, 2, 8}}, {Table, {2, 3}}});
  EXPECT_EQ(getCapacity(signature.caches[0], shapes), 0);
  for (uint64_t seed = 0; seed < 20; ++seed)
    for (double length : draw(shapes, Lengths, seed))
      EXPECT_EQ(length, 0);
}

TEST_F(CacheInputsTest, MoreTokensHavePassedThanARingHolds) {
  make("%d: tensor<?x2x16x8xf32>, %t: tensor<1xf32>, %n: tensor<?xi64>",
       "%d lengths(%n) : (tensor<?x2x16x8xf32>, tensor<?xi64>)",
       "!attn.kv<2x8xf32, rolling<16>>");
  Shapes shapes = bind({{Query, {5, 2, 1, 8}}});
  EXPECT_EQ(getCapacity(signature.caches[0], shapes), std::nullopt);
  double longest = 0, shortest = 16;
  for (uint64_t seed = 0; seed < 50; ++seed)
    for (double length : draw(shapes, Lengths, seed)) {
      EXPECT_GE(length, 0);
      longest = std::max(longest, length);
      shortest = std::min(shortest, length);
    }
  EXPECT_GT(longest, 32);
  EXPECT_EQ(shortest, 0);
  // Numbers of a type that is no cache's own are drawn as any tensor's.
  HostTensor data = create(shapes, Data), query = create(shapes, Query);
  Random random(0);
  EXPECT_FALSE(fillCacheInput(data, signature, shapes, Data, random));
  EXPECT_FALSE(fillCacheInput(query, signature, shapes, Query, random));
}

TEST_F(CacheInputsTest, EverySequenceAsLongAsThereIsRoom) {
  makePaged();
  Shapes shapes =
      bind({{Query, {2, 2, 1, 8}}, {Data, {7, 4, 2, 8}}, {Table, {2, 3}}});
  std::vector<HostTensor> inputs;
  for (unsigned number = 0; number < signature.getNumInputs(); ++number)
    inputs.push_back(create(shapes, number));
  fillLengths(signature, shapes, inputs);
  EXPECT_EQ(inputs[Lengths].at(0), 12);
  EXPECT_EQ(inputs[Lengths].at(1), 12);
}

TEST_F(CacheInputsTest, NumbersOfAboutUnitSize) {
  makePaged();
  Shapes shapes =
      bind({{Query, {2, 2, 1, 8}}, {Data, {40, 4, 2, 8}}, {Table, {2, 3}}});
  std::vector<double> data = draw(shapes, Data, 1);
  std::vector<double> scales = draw(shapes, Scales, 1);
  std::vector<double> zeros = draw(shapes, Zeros, 1);
  EXPECT_EQ(*std::min_element(data.begin(), data.end()), -127);
  EXPECT_EQ(*std::max_element(data.begin(), data.end()), 127);
  double sum = 0;
  for (size_t i = 0; i < data.size(); ++i) {
    double number = (data[i] - zeros[i / 8]) * scales[i / 8];
    sum += number * number;
  }
  EXPECT_GT(sum / double(data.size()), 0.3);
  EXPECT_LT(sum / double(data.size()), 3);
}

TEST_F(CacheInputsTest, BitsOfF8AreNumbers) {
  for (StringRef element : {"f8E4M3FN", "f8E5M2"}) {
    make("%d: tensor<?x2x?x8xi8>", "%d : (tensor<?x2x?x8xi8>)",
         ("!attn.kv<2x8x" + element + ">").str());
    Shapes shapes = bind({{Query, {2, 2, 1, 8}}, {Data, {2, 2, 200, 8}}});
    std::set<int> seen;
    for (double value : draw(shapes, Data, 1)) {
      int bits = int(value) & 0xff;
      seen.insert(bits);
      // Neither infinite nor no number.
      EXPECT_NE(bits & 0x7f, 0x7f);
      if (element == "f8E5M2")
        EXPECT_NE(bits & 0x7c, 0x7c);
    }
    EXPECT_TRUE(*seen.begin() < 0x80 && *seen.rbegin() >= 0x80);
    EXPECT_GT(seen.size(), 40u);
  }
}
