//===- StrictJson.cpp - JSON that people or programs give to attnc --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The text is read twice: first by a checker that refuses what the second
// reading would let pass in silence (a key given twice, numbers beyond 64 bits)
// or recur on (depth), and that knows where in the text it is.
//
//===----------------------------------------------------------------------===//

#include "attnc/Support/StrictJson.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace attnc;
using llvm::ArrayRef;
using llvm::StringRef;
using llvm::Twine;

namespace {

constexpr size_t maxDepth = 16;

std::string getPrintable(StringRef text) {
  constexpr size_t most = 200;
  std::string printable;
  llvm::raw_string_ostream stream(printable);
  llvm::printEscapedString(text.take_front(most), stream);
  if (text.size() > most)
    stream << "...";
  return printable;
}

/// Reads along and keeps the first thing that is wrong.
class Checker : public nlohmann::json_sax<JsonNode::Json> {
public:
  /// Empty if nothing is.
  std::string problem;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t &) override { return true; }
  bool string(string_t &) override { return true; }
  bool binary(binary_t &) override { return true; }
  bool start_object(std::size_t) override { return enter(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool key(string_t &name) override {
    if (keys.back().insert(name).second)
      return true;
    problem = "has the key " + quoteForMessage(name) + " twice in one object";
    return false;
  }
  bool parse_error(std::size_t, const std::string &,
                   const nlohmann::detail::exception &error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    problem = "is no JSON: " +
              getPrintable(StringRef(error.what()).split("] ").second);
    return false;
  }

private:
  bool enter() {
    keys.emplace_back();
    if (keys.size() <= maxDepth)
      return true;
    problem = "is nested deeper than " + std::to_string(maxDepth);
    return false;
  }
  bool leave() {
    keys.pop_back();
    return true;
  }

  std::vector<llvm::StringSet<>> keys;
};

std::string formatReal(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", value);
  return text;
}

} // namespace

std::string attnc::quoteForMessage(StringRef text) {
  return "'" + getPrintable(text) + "'";
}

llvm::Error JsonNode::fail(const Twine &what) const {
  std::string place = pointer.empty() ? " " : ": " + pointer + " ";
  return llvm::createStringError(title + place + what);
}

llvm::Error JsonNode::expectObject(ArrayRef<StringRef> keys) const {
  if (!json->is_object())
    return fail("must be an object");
  for (const auto &[key, value] : json->items())
    if (!llvm::is_contained(keys, StringRef(key)))
      return fail("has the key " + quoteForMessage(key) + "; it may have " +
                  llvm::join(keys, ", "));
  return llvm::Error::success();
}

llvm::Expected<JsonNode> JsonNode::get(const char *key) const {
  auto found = json->find(key);
  if (found == json->end())
    return fail("has no '" + Twine(key) + "'");
  return JsonNode(*found, title, pointer + "/" + key);
}

llvm::Expected<std::string> JsonNode::getText(const char *key) const {
  llvm::Expected<JsonNode> node = get(key);
  if (!node)
    return node.takeError();
  if (!node->json->is_string())
    return node->fail("must be a string");
  return node->json->get<std::string>();
}

llvm::Expected<std::string> JsonNode::getString(const char *key,
                                                size_t limit) const {
  llvm::Expected<std::string> text = getText(key);
  if (!text)
    return text.takeError();
  JsonNode node(json->at(key), title, pointer + "/" + key);
  if (text->empty())
    return node.fail("is empty");
  if (text->size() > limit)
    return node.fail("is longer than " + Twine(limit) + " characters");
  // It will be part of messages.
  if (!llvm::all_of(*text, llvm::isPrint))
    return node.fail("has characters that are not printable ASCII");
  return text;
}

llvm::Expected<uint64_t> JsonNode::getNumber(const char *key) const {
  llvm::Expected<JsonNode> node = get(key);
  if (!node)
    return node.takeError();
  if (!node->json->is_number_unsigned())
    return node->fail("must be a whole number from 0 up");
  return node->json->get<uint64_t>();
}

llvm::Expected<uint64_t> JsonNode::getNumber(const char *key, uint64_t least,
                                             uint64_t most) const {
  llvm::Expected<JsonNode> node = get(key);
  if (!node)
    return node.takeError();
  if (node->json->is_number_unsigned())
    if (auto value = node->json->get<uint64_t>();
        value >= least && value <= most)
      return value;
  return node->fail("must be a whole number from " + Twine(least) + " to " +
                    Twine(most));
}

llvm::Expected<double> JsonNode::getReal(const char *key, double least,
                                         double most) const {
  llvm::Expected<JsonNode> node = get(key);
  if (!node)
    return node.takeError();
  if (node->json->is_number())
    if (auto value = node->json->get<double>(); value >= least && value <= most)
      return value;
  return node->fail("must be a number from " + formatReal(least) + " to " +
                    formatReal(most));
}

llvm::Expected<std::vector<JsonNode>>
JsonNode::getArray(const char *key) const {
  llvm::Expected<JsonNode> node = get(key);
  if (!node)
    return node.takeError();
  if (!node->json->is_array())
    return node->fail("must be an array");
  std::vector<JsonNode> elements;
  for (const Json &element : *node->json)
    elements.emplace_back(
        element, title, node->pointer + "/" + std::to_string(elements.size()));
  return elements;
}

llvm::Expected<JsonDocument> JsonDocument::parse(StringRef text, StringRef path,
                                                 const JsonKind &kind) {
  JsonDocument document;
  document.content = std::make_unique<Content>();
  document.content->title = kind.title.str() + " " + quoteForMessage(path);
  if (text.size() > kind.mostBytes)
    return document.getRoot().fail("is larger than the " +
                                   Twine(kind.mostBytes >> 20) + " MiB that " +
                                   kind.noun + " may have");
  Checker checker;
  if (!JsonNode::Json::sax_parse(text.begin(), text.end(), &checker))
    return document.getRoot().fail(checker.problem);
  document.content->json =
      JsonNode::Json::parse(text.begin(), text.end(), /*cb=*/nullptr,
                            /*allow_exceptions=*/false);
  if (!document.getRoot().isObject())
    return document.getRoot().fail("must be a JSON object");
  return document;
}
