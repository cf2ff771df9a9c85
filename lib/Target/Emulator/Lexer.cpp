//===- Lexer.cpp - the tokens of PTX --------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A single pass over the text.
//
//===----------------------------------------------------------------------===//

#include "Lexer.h"

#include "Fault.h"
#include <cctype>

namespace attnc::emulator {

namespace {

bool startsWord(char c) {
  return isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '%' ||
         c == '$' || c == '.';
}

bool continuesWord(char c) {
  return startsWord(c) || isdigit(static_cast<unsigned char>(c));
}

class Lexer {
public:
  explicit Lexer(std::string_view text) : text(text) {}

  std::vector<Token> run() {
    std::vector<Token> tokens;
    for (skipSpace(); at < text.size(); skipSpace())
      tokens.push_back(next());
    tokens.push_back({Token::End, {}, line});
    return tokens;
  }

private:
  char peek(size_t ahead = 0) const {
    return at + ahead < text.size() ? text[at + ahead] : '\0';
  }

  void skipSpace() {
    while (at < text.size()) {
      if (text[at] == '\n')
        ++line, ++at;
      else if (isspace(static_cast<unsigned char>(text[at])))
        ++at;
      else if (peek() == '/' && peek(1) == '/')
        while (at < text.size() && text[at] != '\n')
          ++at;
      else if (peek() == '/' && peek(1) == '*')
        skipComment();
      else
        return;
    }
  }

  void skipComment() {
    size_t end = text.find("*/", at + 2);
    if (end == std::string_view::npos)
      throw Fault("line " + std::to_string(line) + ": a comment has no end");
    for (; at < end + 2; ++at)
      line += text[at] == '\n';
  }

  Token take(Token::Kind kind, size_t length) {
    Token token{kind, text.substr(at, length), line};
    at += length;
    return token;
  }

  Token next() {
    char c = peek();
    size_t length = 1;
    if (startsWord(c)) {
      while (continuesWord(peek(length)) ||
             (peek(length) == ':' && peek(length + 1) == ':' &&
              continuesWord(peek(length + 2))))
        length += peek(length) == ':' ? 2 : 1;
      return take(Token::Word, length);
    }
    if (isdigit(static_cast<unsigned char>(c))) {
      bool hex = c == '0' && isalpha(static_cast<unsigned char>(peek(1)));
      while (isalnum(static_cast<unsigned char>(peek(length))) ||
             peek(length) == '.' ||
             (!hex && (peek(length) == '-' || peek(length) == '+') &&
              (peek(length - 1) == 'e' || peek(length - 1) == 'E')))
        ++length;
      return take(Token::Number, length);
    }
    if (c == '"') {
      size_t end = text.find('"', at + 1);
      if (end == std::string_view::npos)
        throw Fault("line " + std::to_string(line) + ": a string has no end");
      return take(Token::String, end + 1 - at);
    }
    return take(Token::Punctuation, 1);
  }

  std::string_view text;
  size_t at = 0;
  unsigned line = 1;
};

} // namespace

std::vector<Token> tokenize(std::string_view text) { return Lexer(text).run(); }

} // namespace attnc::emulator
