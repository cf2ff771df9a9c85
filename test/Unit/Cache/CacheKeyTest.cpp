//===- CacheKeyTest.cpp - what machine code depends on --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two keys are equal if all inputs are, and else differ in the field that says
// so.
//
//===----------------------------------------------------------------------===//

#include "attnc/Cache/CacheKey.h"

#include "gtest/gtest.h"
#include <functional>
#include <set>

using namespace attnc;

namespace {

const KeyInputs inputs = {"func", false, "a.mlir", "cpu",
                          true,   "",    "0.1.0",  "abc"};

TEST(CacheKey, same_inputs_have_the_same_key) {
  EXPECT_EQ(CacheKey(inputs).getDigest(), CacheKey(inputs).getDigest());
  EXPECT_EQ(CacheKey(inputs).getDigest().size(), 64u);
}

TEST(CacheKey, each_input_counts_and_is_named) {
  struct Change {
    const char *field;
    std::function<void(KeyInputs &)> make;
  };
  const Change changes[] = {
      {"source", [](KeyInputs &i) { i.source = "func "; }},
      {"format", [](KeyInputs &i) { i.isBytecode = true; }},
      {"name", [](KeyInputs &i) { i.name = "b.mlir"; }},
      {"target", [](KeyInputs &i) { i.target = "reference"; }},
      {"threads", [](KeyInputs &i) { i.threads = false; }},
      {"tuning", [](KeyInputs &i) { i.tuning = "{}"; }},
      {"release", [](KeyInputs &i) { i.release = "0.2.0"; }},
      {"build", [](KeyInputs &i) { i.build = "abd"; }}};
  CacheKey first(inputs);
  std::set<std::string> digests = {first.getDigest()};
  for (const Change &change : changes) {
    KeyInputs changed = inputs;
    change.make(changed);
    CacheKey key(changed);
    EXPECT_TRUE(digests.insert(key.getDigest()).second) << change.field;
    for (size_t i = 0; i < key.getFields().size(); ++i)
      EXPECT_EQ(key.getFields()[i] != first.getFields()[i],
                key.getFields()[i].first == change.field);
  }
}

TEST(CacheKey, names_cannot_pass_for_fields) {
  KeyInputs sly = inputs, plain = inputs;
  sly.name = "a\ntarget reference";
  plain.name = "a";
  plain.target = "reference";
  EXPECT_NE(CacheKey(sly).getDigest(), CacheKey(plain).getDigest());
  EXPECT_EQ(CacheKey::parse(CacheKey(sly).print()).size(),
            CacheKey(plain).getFields().size());
}

TEST(CacheKey, is_printed_and_parsed) {
  CacheKey key(inputs);
  EXPECT_EQ(CacheKey::parse(key.print()), key.getFields());
  EXPECT_TRUE(CacheKey::parse("nonsense\n\n").empty());
}

TEST(CacheKey, a_machine_describes_itself_always_alike) {
  EXPECT_EQ(describeHost(), describeHost());
  EXPECT_GT(describeHost().size(), 20u);
}

} // namespace
