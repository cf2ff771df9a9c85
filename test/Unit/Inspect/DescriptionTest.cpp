//===- DescriptionTest.cpp - manifests, good and bad ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every value of a manifest is replaced by one of each other kind.
//
//===----------------------------------------------------------------------===//

#include "attnc/Inspect/Description.h"

#include "SampleManifest.h"
#include "gtest/gtest.h"

using namespace attnc;
using Json = JsonNode::Json;

namespace {

std::string getProblem(const std::string &text) {
  auto description = Description::parse(text, "x.json");
  return description ? "" : llvm::toString(description.takeError());
}

TEST(DescriptionTest, all_of_it_is_read) {
  auto description = Description::parse(makeManifest().dump(), "x.json");
  ASSERT_TRUE(bool(description)) << llvm::toString(description.takeError());
  EXPECT_EQ(description->version, "0.1.0");
  EXPECT_EQ(description->llvmVersion, "22.1.8");
  EXPECT_EQ(description->abiMinor, 2u);
  EXPECT_EQ(description->sourceDigest, "00ff");
  EXPECT_EQ(description->target, "cuda:sm_90a");
  EXPECT_TRUE(description->threads);
  EXPECT_EQ(description->tuningDigest, "ee");
  ASSERT_EQ(description->images.size(), 1u);
  EXPECT_EQ(description->images[0].bytes, 2048u);
  ASSERT_EQ(description->images[0].kernels.size(), 2u);
  EXPECT_EQ(description->images[0].kernels[0].registers, 168u);
  EXPECT_FALSE(description->images[0].kernels[1].registers);
  ASSERT_EQ(description->functions.size(), 1u);
  const DescribedFunction &function = description->functions[0];
  ASSERT_EQ(function.arguments.size(), 4u);
  EXPECT_EQ(function.arguments[0].shape, (std::vector<std::string>{"n", "64"}));
  EXPECT_EQ(function.arguments[2].role, "updated");
  EXPECT_EQ(function.multiples[0].second, "m");
  EXPECT_EQ(function.schedules[0].decode, "#d");
}

// A manifest of a release before has no images and no version of LLVM; one of a
// release to come has more keys.
TEST(DescriptionTest, keys_may_be_fewer_and_more) {
  Json manifest = makeManifest();
  manifest.erase("images");
  manifest["producer"].erase("llvm");
  manifest["tuning"] = nullptr;
  manifest["functions"][0]["colour"] = {1, 2, {{"blue", nullptr}}};
  auto description = Description::parse(manifest.dump(), "x.json");
  ASSERT_TRUE(bool(description)) << llvm::toString(description.takeError());
  EXPECT_TRUE(description->images.empty());
  EXPECT_TRUE(description->tuning.empty());
  EXPECT_EQ(description->json, manifest);
}

TEST(DescriptionTest, what_is_wrong_is_said) {
  Json manifest = makeManifest();
  manifest["schema"] = 2;
  EXPECT_EQ(getProblem(manifest.dump()),
            "manifest 'x.json' has the schema 2; this release of attnc reads "
            "schema 1");
  manifest = makeManifest();
  manifest["functions"] = Json::array();
  EXPECT_EQ(getProblem(manifest.dump()),
            "manifest 'x.json' describes no function");
  manifest = makeManifest();
  manifest["target"]["threads"] = 1;
  EXPECT_EQ(getProblem(manifest.dump()),
            "manifest 'x.json': /target/threads must be true or false");
  manifest = makeManifest();
  manifest["functions"][0]["arguments"][0]["shape"][1] = -64;
  EXPECT_EQ(getProblem(manifest.dump()),
            "manifest 'x.json': /functions/0/arguments/0/shape/1 must be a "
            "whole number from 0 up or the name of one");
  EXPECT_EQ(getProblem("{}"), "manifest 'x.json' has no 'schema'");
  EXPECT_EQ(getProblem("[1]"), "manifest 'x.json' must be a JSON object");
}

/// The pointers of all values below `json`.
void collect(const Json &json, const Json::json_pointer &at,
             std::vector<Json::json_pointer> &pointers) {
  pointers.push_back(at);
  if (json.is_object())
    for (const auto &[key, value] : json.items())
      collect(value, at / key, pointers);
  if (json.is_array())
    for (size_t i = 0; i < json.size(); ++i)
      collect(json[i], at / i, pointers);
}

// What is read into a field has the kind of the field; nothing ends the
// process.
TEST(DescriptionTest, a_value_of_another_kind_is_refused) {
  const Json manifest = makeManifest();
  std::vector<Json::json_pointer> pointers;
  collect(manifest, Json::json_pointer(), pointers);
  size_t numRefused = 0;
  for (const Json::json_pointer &pointer : pointers)
    for (const Json &other :
         {Json(nullptr), Json(true), Json(1.5), Json("x"), Json(-1),
          Json(uint64_t(7)), Json::array({1}), Json({{"x", 1}})}) {
      if (manifest.at(pointer).type() == other.type())
        continue;
      Json changed = manifest;
      changed[pointer] = other;
      numRefused += !getProblem(changed.dump()).empty();
    }
  // All but those of extents, which may be numbers or names, of tuning, which
  // may be null, and of what is not read: features and the list of symbols.
  EXPECT_GE(numRefused, pointers.size() * 5);
}

TEST(DescriptionTest, a_part_of_a_manifest_is_refused) {
  std::string text = makeManifest().dump();
  for (size_t size = 0; size < text.size(); ++size)
    EXPECT_NE(getProblem(text.substr(0, size)), "") << size;
}

} // namespace
