//===- StrictJsonTest.cpp - JSON that people or programs give to attnc ----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is refused, with the place and the reason.
//
//===----------------------------------------------------------------------===//

#include "attnc/Support/StrictJson.h"
#include "gtest/gtest.h"

using namespace attnc;

namespace {

constexpr JsonKind kind = {"note", "a note", size_t(1) << 20};

JsonDocument parse(llvm::StringRef text) {
  return llvm::cantFail(JsonDocument::parse(text, "n.json", kind));
}

std::string refuse(llvm::StringRef text, llvm::StringRef path = "n.json") {
  auto document = JsonDocument::parse(text, path, kind);
  if (document)
    return "no error";
  return llvm::toString(document.takeError());
}

template <typename T>
std::string getMessage(llvm::Expected<T> value) {
  return value ? "no error" : llvm::toString(value.takeError());
}

TEST(StrictJsonTest, TextsAreWholeAndFlat) {
  EXPECT_EQ(refuse("{}"), "no error");
  EXPECT_EQ(refuse("[]"), "note 'n.json' must be a JSON object");
  EXPECT_EQ(refuse("").substr(0, 26), "note 'n.json' is no JSON: ");
  EXPECT_EQ(refuse("{} {}").substr(0, 26), "note 'n.json' is no JSON: ");
  EXPECT_EQ(refuse(R"({"a": 1, "a": 2})"),
            "note 'n.json' has the key 'a' twice in one object");
  EXPECT_EQ(refuse(R"({"b": {"a": 1}, "a": 2})"), "no error");
  EXPECT_EQ(refuse(R"({"a": 1e400})"),
            "note 'n.json' is no JSON: number overflow parsing '1e400'");
  EXPECT_EQ(refuse(R"({"a":)" + std::string(100000, '[')),
            "note 'n.json' is nested deeper than 16");
  EXPECT_EQ(refuse(std::string((1 << 20) + 1, ' ')),
            "note 'n.json' is larger than the 1 MiB that a note may have");
}

TEST(StrictJsonTest, MessagesShowNoControlCharacters) {
  EXPECT_EQ(refuse("[]", "a\n\x1b"), "note 'a\\0A\\1B' must be a JSON object");
  EXPECT_EQ(quoteForMessage(std::string(300, 'x')),
            "'" + std::string(200, 'x') + "...'");
}

TEST(StrictJsonTest, NumbersAreInTheirRange) {
  JsonDocument document =
      parse(R"({"a": 7, "b": -1, "c": 2.5, "d": "7", "f": 1e30})");
  JsonNode root = document.getRoot();
  EXPECT_EQ(llvm::cantFail(root.getNumber("a", 7, 7)), 7u);
  EXPECT_EQ(getMessage(root.getNumber("a", 8, 9)),
            "note 'n.json': /a must be a whole number from 8 to 9");
  for (const char *key : {"b", "c", "d", "f"}) {
    EXPECT_EQ(getMessage(root.getNumber(key)),
              std::string("note 'n.json': /") + key +
                  " must be a whole number from 0 up");
    EXPECT_EQ(getMessage(root.getNumber(key, 0, 9)),
              std::string("note 'n.json': /") + key +
                  " must be a whole number from 0 to 9");
  }
  EXPECT_EQ(llvm::cantFail(root.getReal("a", 0, 9)), 7);
  EXPECT_EQ(llvm::cantFail(root.getReal("b", -1, 9)), -1);
  EXPECT_EQ(getMessage(root.getReal("c", 0, 2)),
            "note 'n.json': /c must be a number from 0 to 2");
  EXPECT_EQ(getMessage(root.getReal("d", 0, 2)),
            "note 'n.json': /d must be a number from 0 to 2");
  EXPECT_EQ(getMessage(root.getReal("x", 0, 2)), "note 'n.json' has no 'x'");
}

TEST(StrictJsonTest, ADocumentMayBeMoved) {
  JsonDocument first = parse(R"({"a": {"b": [1, {"c": 2}]}})");
  JsonNode inner = llvm::cantFail(first.getRoot().get("a"));
  JsonDocument second = std::move(first);
  auto elements = llvm::cantFail(inner.getArray("b"));
  EXPECT_EQ(getMessage(elements[1].getString("c", 9)),
            "note 'n.json': /a/b/1/c must be a string");
}

} // namespace
