//===- StrictJson.h - JSON that people or programs give to attnc *- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads JSON that is not trusted: what a lenient reader would let pass in
// silence (a key given twice, a key that nobody asks for, numbers beyond 64
// bits, deep nesting) is refused with a message that names the text and the
// place in it.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_SUPPORT_STRICTJSON_H
#define ATTNC_SUPPORT_STRICTJSON_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace attnc {

/// What a text is, for messages, and how long it may be.
struct JsonKind {
  /// Precedes the name of the file: "tuning file".
  llvm::StringRef title;
  /// With its article: "a tuning".
  llvm::StringRef noun;
  size_t mostBytes;
};

/// Text as a message may show it, in quotes: printable and not long.
std::string quoteForMessage(llvm::StringRef text);

/// A value of a text and where it is, as a JSON pointer. Valid as long as its
/// document.
class JsonNode {
public:
  using Json = nlohmann::ordered_json;

  JsonNode(const Json &json, llvm::StringRef title, std::string pointer)
      : json(&json), title(title), pointer(std::move(pointer)) {}

  /// An error "<title> '<file>': <pointer> <what>".
  llvm::Error fail(const llvm::Twine &what) const;

  bool isObject() const { return json->is_object(); }
  const Json &getJson() const { return *json; }

  /// Fails unless this is an object with no other keys than these.
  llvm::Error expectObject(llvm::ArrayRef<llvm::StringRef> keys) const;

  bool has(const char *key) const { return json->contains(key); }

  /// The value of a key, which has to be there.
  llvm::Expected<JsonNode> get(const char *key) const;

  /// Any text, which may be empty and have bytes of any kind.
  llvm::Expected<std::string> getText(const char *key) const;

  /// Printable ASCII of 1 to `limit` characters.
  llvm::Expected<std::string> getString(const char *key, size_t limit) const;

  /// A whole number from 0 up.
  llvm::Expected<uint64_t> getNumber(const char *key) const;

  /// A whole number from `least` to `most`.
  llvm::Expected<uint64_t> getNumber(const char *key, uint64_t least,
                                     uint64_t most) const;

  /// Any number from `least` to `most`.
  llvm::Expected<double> getReal(const char *key, double least,
                                 double most) const;

  llvm::Expected<std::vector<JsonNode>> getArray(const char *key) const;

private:
  const Json *json;
  llvm::StringRef title;
  std::string pointer;
};

/// A text that is well-formed.
class JsonDocument {
public:
  /// `path` stands for the text in messages.
  static llvm::Expected<JsonDocument>
  parse(llvm::StringRef text, llvm::StringRef path, const JsonKind &kind);

  JsonNode getRoot() const {
    return JsonNode(content->json, content->title, "");
  }

private:
  struct Content {
    JsonNode::Json json;
    std::string title;
  };

  /// Nodes point into it, also when the document is moved.
  std::unique_ptr<Content> content;
};

} // namespace attnc

#endif // ATTNC_SUPPORT_STRICTJSON_H
