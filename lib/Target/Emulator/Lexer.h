//===- Lexer.h - the tokens of PTX ------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A word is an opcode with its modifiers, a directive, a register or a symbol:
// `wgmma.mma_async.sync.aligned`, `.reg`, `%r1`, `shared::cta`.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_TARGET_EMULATOR_LEXER_H
#define ATTNC_LIB_TARGET_EMULATOR_LEXER_H

#include <string_view>
#include <vector>

namespace attnc::emulator {

struct Token {
  enum Kind { Word, Number, String, Punctuation, End } kind;
  std::string_view text;
  unsigned line;

  bool is(std::string_view expected) const {
    return kind != String && text == expected;
  }
};

/// The tokens of `text`, which has to outlive them; the last one is End.
/// Throws Fault.
std::vector<Token> tokenize(std::string_view text);

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_LEXER_H
