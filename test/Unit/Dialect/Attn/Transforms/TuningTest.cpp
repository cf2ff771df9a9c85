//===- TuningTest.cpp - which tuning files are accepted -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One file that is accepted, and for each thing that can be wrong with it the
// message.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Attn/Transforms/Tuning.h"
#include "gtest/gtest.h"

using namespace attnc;
using attn::Tuning;

namespace {

constexpr StringRef good = R"({
  "version": 1,
  "producer": "somebody",
  "target": "#attn.cpu<>",
  "functions": [
    {"function": "f", "definition": "0a1b",
     "ops": [{"op": 0, "operation": "attn.attend", "schedule": "S",
              "decode": "D", "measured": {"anything": [1.5, null, true]}},
             {"op": 2, "operation": "attn.scan", "schedule": "T"}]},
    {"function": "g", "definition": "2c3d", "ops": []}
  ]
})";

/// The message for the good text with `from` replaced, or empty.
std::string getMessage(StringRef from, StringRef to) {
  auto [before, after] = good.split(from);
  EXPECT_TRUE(good.contains(from)) << from.str();
  llvm::Expected<Tuning> tuning =
      Tuning::parse((before + to + after).str(), "a/b/t.json");
  return tuning ? "" : llvm::toString(tuning.takeError());
}

std::string parse(StringRef text) {
  llvm::Expected<Tuning> tuning = Tuning::parse(text, "t.json");
  return tuning ? "" : llvm::toString(tuning.takeError());
}

} // namespace

TEST(TuningTest, ReadsWhatIsApplied) {
  llvm::Expected<Tuning> tuning = Tuning::parse(good, "a/b/t.json");
  ASSERT_TRUE(bool(tuning)) << llvm::toString(tuning.takeError());
  EXPECT_EQ(tuning->name, "t.json");
  EXPECT_EQ(tuning->digest.size(), 64u);
  EXPECT_EQ(tuning->target, "#attn.cpu<>");
  ASSERT_EQ(tuning->functions.size(), 2u);
  const attn::TunedFunction *f = tuning->find("f");
  ASSERT_TRUE(f);
  EXPECT_EQ(f->definition, "0a1b");
  ASSERT_EQ(f->ops.size(), 2u);
  EXPECT_EQ(f->ops[0].schedule, "S");
  EXPECT_EQ(f->ops[0].decode, "D");
  EXPECT_EQ(f->ops[1].number, 2u);
  EXPECT_EQ(f->ops[1].decode, "");
  EXPECT_FALSE(tuning->find("h"));
}

TEST(TuningTest, RefusesWhatIsNoJson) {
  EXPECT_EQ(parse("{"),
            "tuning file 't.json' is no JSON: parse error at line 1, "
            "column 2: syntax error while parsing object key - "
            "unexpected end of input; expected string literal");
  EXPECT_NE(parse("").find("is no JSON"), std::string::npos);
  EXPECT_NE(parse(StringRef("{\"a\"\0: 1}", 9)).find("is no JSON"),
            std::string::npos);
  EXPECT_NE(parse("{\"a\": 1e999}").find("is no JSON"), std::string::npos);
  EXPECT_EQ(parse("[]"), "tuning file 't.json' must be a JSON object");
}

/// Hostile text is refused before anything recurs on it.
TEST(TuningTest, RefusesDepthAndSize) {
  EXPECT_EQ(parse(std::string(100000, '[')),
            "tuning file 't.json' is nested deeper than 16");
  std::string objects;
  for (int i = 0; i < 10000; ++i)
    objects += "{\"a\":";
  EXPECT_EQ(parse(objects), "tuning file 't.json' is nested deeper than 16");
  EXPECT_EQ(parse(std::string(attn::maxTuningBytes + 1, ' ')),
            "tuning file 't.json' is larger than the 1 MiB that a tuning may "
            "have");
}

TEST(TuningTest, RefusesOtherVersions) {
  EXPECT_EQ(getMessage("\"version\": 1", "\"version\": 2, \"new\": 1"),
            "tuning file 'a/b/t.json' has version 2, and this attnc reads "
            "version 1; make the file again with attnc tune");
  for (StringRef version : {"-1", "1.5", "\"1\"", "99999999999999999999"})
    EXPECT_EQ(
        getMessage("\"version\": 1", ("\"version\": " + version).str()),
        "tuning file 'a/b/t.json': /version must be a whole number from 0 "
        "up");
  EXPECT_EQ(getMessage("\"version\": 1,", ""),
            "tuning file 'a/b/t.json' has no 'version'");
}

/// What would be ignored in silence is no part of a file.
TEST(TuningTest, RefusesUnknownKeysAndRepetition) {
  EXPECT_EQ(
      getMessage("\"decode\": \"D\"", "\"dekode\": \"D\""),
      "tuning file 'a/b/t.json': /functions/0/ops/0 has the key 'dekode'; "
      "it may have op, operation, schedule, decode, measured");
  EXPECT_EQ(getMessage("\"decode\": \"D\"", "\"schedule\": \"D\""),
            "tuning file 'a/b/t.json' has the key 'schedule' twice in one "
            "object");
  EXPECT_EQ(getMessage("\"op\": 2", "\"op\": 0"),
            "tuning file 'a/b/t.json': /functions/0/ops/1 tells of op 0, as an "
            "entry before it does");
  EXPECT_EQ(getMessage("\"g\"", "\"f\""),
            "tuning file 'a/b/t.json': /functions/1 tells of 'f', as an entry "
            "before it does");
}

TEST(TuningTest, RefusesOtherTypes) {
  EXPECT_EQ(getMessage("\"f\"", "7"),
            "tuning file 'a/b/t.json': /functions/0/function must be a string");
  EXPECT_EQ(getMessage("\"ops\": []", "\"ops\": {}"),
            "tuning file 'a/b/t.json': /functions/1/ops must be an array");
  EXPECT_EQ(getMessage("\"ops\": []", "\"ops\": [3]"),
            "tuning file 'a/b/t.json': /functions/1/ops/0 must be an object");
  EXPECT_EQ(getMessage("\"0a1b\"", "\"\""),
            "tuning file 'a/b/t.json': /functions/0/definition is empty");
  EXPECT_EQ(getMessage("\"f\"", "\"\\u001b[31m\""),
            "tuning file 'a/b/t.json': /functions/0/function has characters "
            "that are not printable ASCII");
  EXPECT_EQ(getMessage("\"S\"", "\"" + std::string(513, 'x') + "\""),
            "tuning file 'a/b/t.json': /functions/0/ops/0/schedule is longer "
            "than 512 characters");
  EXPECT_EQ(getMessage(", \"schedule\": \"T\"", ""),
            "tuning file 'a/b/t.json': /functions/0/ops/1 has neither "
            "'schedule' nor 'decode'; leave the op out, and it keeps what "
            "attn-schedule chooses");
}

TEST(TuningTest, NamesAFileThatIsNotThere) {
  llvm::Expected<Tuning> tuning = Tuning::load("nowhere/t.json");
  ASSERT_FALSE(bool(tuning));
  EXPECT_EQ(llvm::toString(tuning.takeError()),
            "cannot read 'nowhere/t.json': No such file or directory");
}
