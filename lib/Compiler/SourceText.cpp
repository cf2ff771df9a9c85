//===- SourceText.cpp - the text of a spec, before parsing ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One pass over the characters. Where the role of a character is not clear
// without parsing, the depth is over- and never underestimated.
//
//===----------------------------------------------------------------------===//

#include "attnc/Compiler/SourceText.h"

#include "attnc/Compiler/Failure.h"
#include "attnc/Support/BoundedFile.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"

using namespace attnc;

/// What bytecode begins with: "ML\xefR".
static constexpr StringRef bytecodeMagic = "ML\xef"
                                           "R";

namespace {

/// A position in the text that knows how to read on.
class Scanner {
public:
  Scanner(StringRef text, StringRef name) : text(text), name(name) {}

  llvm::Error run();

private:
  void skipComment() {
    position = std::min(text.find('\n', position), text.size());
  }
  void skipString();
  llvm::Error countBracket(char c);
  bool isFollowedBy(char c) const {
    return position + 1 < text.size() && text[position + 1] == c;
  }
  llvm::Error refuse(ExitCode code, const Twine &problem) const;

  StringRef text, name;
  size_t position = 0;
  unsigned depth = 0, minusSigns = 0;
};

} // namespace

llvm::Error Scanner::refuse(ExitCode code, const Twine &problem) const {
  StringRef before = text.take_front(position);
  size_t line = before.count('\n') + 1;
  size_t lineStart = before.rfind('\n');
  size_t column =
      lineStart == StringRef::npos ? position + 1 : position - lineStart;
  return failAt(name + ":" + Twine(line) + ":" + Twine(column), code, problem);
}

void Scanner::skipString() {
  // A string ends with its line, closed or not: the parser reports that.
  for (++position; position < text.size(); ++position) {
    if (text[position] == '\\')
      ++position;
    else if (text[position] == '"' || text[position] == '\n')
      return;
  }
}

llvm::Error Scanner::countBracket(char c) {
  switch (c) {
  case '(':
  case '[':
  case '{':
  case '<':
    // `<=` compares.
    if (c == '<' && isFollowedBy('='))
      return llvm::Error::success();
    if (++depth > maxSourceNesting)
      return refuse(ExitCode::ResourceLimit, "brackets are nested more than " +
                                                 Twine(maxSourceNesting) +
                                                 " deep");
    return llvm::Error::success();
  case '>':
    // `->` is an arrow and `>=` compares.
    if (isFollowedBy('=') || (position > 0 && text[position - 1] == '-'))
      return llvm::Error::success();
    [[fallthrough]];
  case ')':
  case ']':
  case '}':
    depth -= depth > 0;
    return llvm::Error::success();
  default:
    return llvm::Error::success();
  }
}

llvm::Error Scanner::run() {
  for (; position < text.size(); ++position) {
    char c = text[position];
    if (c == '\0')
      return refuse(ExitCode::Diagnosed,
                    "the text contains a NUL character; a spec is plain text");
    if (llvm::isSpace(c))
      continue;
    if (c == '/' && isFollowedBy('/')) {
      skipComment();
      continue;
    }
    if (c == '-') {
      if (++minusSigns > maxSourceMinusSigns)
        return refuse(ExitCode::ResourceLimit,
                      "more than " + Twine(maxSourceMinusSigns) +
                          " minus signs follow one another");
      continue;
    }
    minusSigns = 0;
    if (c == '"')
      skipString();
    else if (llvm::Error error = countBracket(c))
      return error;
  }
  return llvm::Error::success();
}

llvm::Error attnc::checkSourceText(StringRef text, StringRef name) {
  return Scanner(text, name).run();
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
attnc::copySourceText(StringRef text, StringRef name) {
  if (text.size() > maxSourceBytes)
    return fail(ExitCode::ResourceLimit, "'" + name + "' is larger than the " +
                                             Twine(maxSourceBytes >> 20) +
                                             " MiB that a spec may have");
  if (text.starts_with(bytecodeMagic))
    return fail(ExitCode::Diagnosed,
                "'" + name +
                    "' is MLIR bytecode; a spec is text, unless a program that "
                    "trusts it says otherwise");
  if (llvm::Error error = checkSourceText(text, name))
    return std::move(error);
  // The copy is terminated by a NUL, which the parser relies on.
  return llvm::MemoryBuffer::getMemBufferCopy(text, name);
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
attnc::copyBytecode(StringRef bytes, StringRef name) {
  if (!bytes.starts_with(bytecodeMagic))
    return fail(ExitCode::Diagnosed, "'" + name + "' is no MLIR bytecode");
  if (bytes.size() > maxBytecodeBytes)
    return fail(ExitCode::ResourceLimit, "'" + name +
                                             "' is bytecode of more than " +
                                             Twine(maxBytecodeBytes >> 10) +
                                             " KiB; give large specs as text");
  return llvm::MemoryBuffer::getMemBufferCopy(bytes, name);
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
attnc::readSourceText(StringRef path) {
  llvm::Expected<llvm::SmallString<0>> text = readAtMost(path, maxSourceBytes);
  if (!text)
    return text.takeError();
  return copySourceText(*text, path == "-" ? StringRef("<stdin>") : path);
}
