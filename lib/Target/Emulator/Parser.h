//===- Parser.h - modules of PTX --------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A module is parsed in one pass: what is used has been declared before, except
// labels and functions, which are resolved at the end.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_TARGET_EMULATOR_PARSER_H
#define ATTNC_LIB_TARGET_EMULATOR_PARSER_H

#include "Decoder.h"
#include "Lexer.h"

#include <algorithm>

namespace attnc::emulator {

/// The bytes of a variable and its alignment.
struct Variable {
  std::string name;
  Type type = Type::None;
  uint64_t alignment = 0, count = 1;
  bool isArray = false;

  uint64_t bytes() const { return std::max(bitsOf(type) / 8, 1u) * count; }
};

class Parser {
public:
  Parser(Program &program, GlobalAllocator &allocator)
      : program(program), allocator(allocator), tokens(tokenize(program.text)) {
  }

  void run();

private:
  /// A branch whose labels are not known yet.
  struct Jump {
    size_t instruction;
    std::vector<std::string> candidates;
    unsigned line;
    bool isIndexed;
  };

  // Tokens.
  const Token &peek(size_t ahead = 0) const {
    return tokens[std::min(at + ahead, tokens.size() - 1)];
  }
  const Token &take() { return tokens[std::min(at++, tokens.size() - 1)]; }
  bool accept(std::string_view text) {
    bool matches = peek().is(text);
    at += matches;
    return matches;
  }
  void require(std::string_view text) {
    if (!accept(text))
      fail("expected '" + std::string(text) + "', found '" +
           std::string(peek().text) + "'");
  }
  std::string word() {
    if (peek().kind != Token::Word)
      fail("expected a name, found '" + std::string(peek().text) + "'");
    return std::string(take().text);
  }
  [[noreturn]] void fail(const std::string &why) const {
    throw Fault("line " + std::to_string(peek().line) + ": " + why);
  }
  void skipStatement() {
    while (peek().kind != Token::End && !accept(";"))
      take();
  }

  // Modules.
  void parseDirective();
  Variable parseVariable();
  uint64_t parseInteger();
  void declareVariable(std::string_view space, Scopes &into);
  void parseInitializer(uint8_t *bytes, const Variable &variable);
  void parseFunction(bool isKernel);
  std::vector<Variable> parseParameters();
  void placeParameters(const std::vector<Variable> &variables,
                       std::vector<Parameter> &placed, uint32_t &bytes,
                       Symbol::Kind kind);

  // Bodies.
  void parseBody();
  void parseStatement();
  void parseRegisters();
  void parseInstruction();
  Operand parseOperand();
  Operand parseOperandInside();
  Operand parseList(std::string_view closing);
  Operand parseMemory();
  Operand parseNumber(bool isNegative);
  void parseBranch(Decoder &decoder);
  void parseCall(Decoder &decoder);
  std::string labelName(const std::string &name) const;
  std::vector<std::string> targetsOf(const Jump &jump) const;
  void finish();
  void findAsyncRegisters();

  Program &program;
  GlobalAllocator &allocator;
  std::vector<Token> tokens;
  size_t at = 0;
  /// Of operands inside operands.
  unsigned depth = 0;
  Scopes scopes;

  Function *function = nullptr;
  std::unique_ptr<FrameBuilder> frame;
  /// The open `{` of the body; labels in them are local.
  std::vector<unsigned> openBlocks;
  unsigned blockCount = 0;
  std::map<std::string, uint32_t> labels;
  /// The lists of labels of `.branchtargets`.
  std::map<std::string, std::vector<std::string>> tables;
  std::vector<Jump> jumps;
};

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_PARSER_H
