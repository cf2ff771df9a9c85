//===- ParseBody.cpp - the bodies of functions ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Statements, labels and the syntax of operands. What an instruction means is
// the business of the families; see Decoder.h.
//
//===----------------------------------------------------------------------===//

#include "Parser.h"

#include "Numbers.h"
#include <cstdlib>
#include <set>

namespace attnc::emulator {

void Parser::parseBody() {
  labels.clear(), jumps.clear(), tables.clear();
  require("{");
  openBlocks.assign(1, 0);
  scopes.enter();
  while (!openBlocks.empty()) {
    if (peek().kind == Token::End)
      fail("the body of '" + function->name + "' has no end");
    if (accept("{")) {
      openBlocks.push_back(++blockCount);
      scopes.enter();
    } else if (accept("}")) {
      openBlocks.pop_back();
      scopes.leave();
    } else {
      parseStatement();
    }
  }
  finish();
}

/// A label in a block of its own is another one than that of the same name
/// elsewhere.
std::string Parser::labelName(const std::string &name) const {
  return name + "#" + std::to_string(openBlocks.back());
}

void Parser::parseStatement() {
  const Token &token = peek();
  if (token.kind == Token::Word && peek(1).is(":")) {
    std::string name = labelName(word());
    take();
    if (accept(".branchtargets")) {
      std::vector<std::string> &table = tables[name];
      do
        table.push_back(word());
      while (accept(","));
      require(";");
      return;
    }
    if (!labels.try_emplace(name, function->code.size()).second)
      fail("a label is defined twice");
    return;
  }
  if (token.is("@") || token.kind != Token::Word || token.text[0] != '.') {
    if (!accept(";"))
      parseInstruction();
    return;
  }
  std::string directive = word();
  if (directive == ".reg") {
    parseRegisters();
  } else if (directive == ".local" || directive == ".param") {
    Variable variable = parseVariable();
    uint64_t mask = variable.alignment - 1;
    uint64_t offset = (function->localBytes + mask) & ~mask;
    if (offset + variable.bytes() > (1u << 19))
      fail("the local variables are larger than 512 KiB");
    scopes.declare(variable.name,
                   {Symbol::Local, variable.type, offset, noSlot});
    function->localBytes = uint32_t(offset + variable.bytes());
    require(";");
  } else if (directive == ".shared" || directive == ".global" ||
             directive == ".const") {
    declareVariable(directive, scopes);
  } else if (directive == ".loc") {
    unsigned line = token.line;
    while (peek().line == line && peek().kind != Token::End)
      take();
  } else if (directive == ".pragma") {
    skipStatement();
  } else {
    fail("the directive '" + directive + "' is not known");
  }
}

void Parser::parseRegisters() {
  Type type = typeNamed(std::string_view(word()).substr(1));
  if (type == Type::None || bitsOf(type) == 8)
    fail("registers have 1, 16, 32, 64 or 128 bits");
  do {
    std::string name = word();
    if (!accept("<")) {
      scopes.declare(name, {Symbol::Register, type, 0, noSlot});
      continue;
    }
    uint64_t count = parseInteger();
    require(">");
    if (count > 1000000)
      fail("more than a million registers");
    for (uint64_t i = 0; i < count; ++i)
      scopes.declare(name + std::to_string(i),
                     {Symbol::Register, type, 0, noSlot});
  } while (accept(","));
  require(";");
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

Operand Parser::parseNumber(bool isNegative) {
  const Token &token = take();
  if (token.kind != Token::Number)
    fail("expected a number, found '" + std::string(token.text) + "'");
  std::string text(token.text);
  Operand operand;
  operand.kind = Operand::Integer;
  char kind = text.size() > 1 && text[0] == '0' ? char(tolower(text[1])) : 0;
  if (kind == 'f' || kind == 'd') {
    uint64_t bits = strtoull(text.c_str() + 2, nullptr, 16);
    operand.kind = Operand::Float;
    operand.real = kind == 'd' ? bitCast<double>(bits)
                               : double(bitCast<float>(uint32_t(bits)));
    // A float may be written for a .b32: the bits of a NaN are kept.
    if (kind == 'f' && std::isnan(operand.real)) {
      operand.kind = Operand::Integer;
      operand.integer = bits;
    }
  } else if (kind != 'x' && text.find_first_of(".eE") != std::string::npos) {
    operand.kind = Operand::Float;
    operand.real = strtod(text.c_str(), nullptr);
  } else {
    // 0b101 is known to PTX and not to C.
    operand.integer = kind == 'b' ? strtoull(text.c_str() + 2, nullptr, 2)
                                  : strtoull(text.c_str(), nullptr, 0);
  }
  if (isNegative) {
    operand.integer = -operand.integer;
    operand.real = -operand.real;
  }
  return operand;
}

Operand Parser::parseList(std::string_view closing) {
  Operand list;
  list.kind = Operand::List;
  while (!accept(closing)) {
    list.elements.push_back(parseOperand());
    if (!accept(",") && !peek().is(closing))
      fail("expected ',' or '" + std::string(closing) + "' in a list");
  }
  return list;
}

Operand Parser::parseMemory() {
  Operand memory;
  memory.kind = Operand::Memory;
  if (peek().kind == Token::Number)
    memory.integer = parseInteger();
  else
    memory.name = word();
  while (peek().is("+") || peek().is("-")) {
    bool negative = take().is("-");
    uint64_t offset = parseInteger();
    memory.offset += int64_t(negative ? -offset : offset);
  }
  while (accept(","))
    memory.elements.push_back(parseOperand());
  require("]");
  return memory;
}

Operand Parser::parseOperand() {
  if (depth == 8)
    fail("operands are nested too deeply");
  ++depth;
  Operand operand = parseOperandInside();
  --depth;
  return operand;
}

Operand Parser::parseOperandInside() {
  if (accept("{"))
    return parseList("}");
  if (accept("("))
    return parseList(")");
  if (accept("["))
    return parseMemory();
  Operand operand;
  operand.isNegated = accept("!");
  bool isNegative = accept("-");
  if (peek().kind == Token::Number) {
    bool negated = operand.isNegated;
    operand = parseNumber(isNegative);
    operand.isNegated = negated;
    return operand;
  }
  if (isNegative)
    fail("expected a number after '-'");
  operand.name = word();
  operand.kind = operand.name == "_" ? Operand::Sink : Operand::Name;
  if (peek().is("+") && peek(1).kind == Token::Number) {
    take();
    operand.offset = int64_t(parseInteger());
  }
  if (!accept("|"))
    return operand;
  Operand pair;
  pair.kind = Operand::List;
  pair.elements = {operand, parseOperand()};
  return pair;
}

void Parser::parseBranch(Decoder &decoder) {
  Jump jump{function->code.size() - 1, {}, peek().line, decoder.has("idx")};
  if (jump.isIndexed) {
    decoder.operands.push_back(parseOperand());
    require(",");
  }
  std::string name = word();
  // From the innermost block outwards.
  for (size_t i = openBlocks.size(); i-- > 0;)
    jump.candidates.push_back(name + "#" + std::to_string(openBlocks[i]));
  jumps.push_back(std::move(jump));
}

void Parser::parseCall(Decoder &decoder) {
  Operand results;
  results.kind = Operand::List;
  if (accept("(")) {
    results = parseList(")");
    require(",");
  }
  std::string name = word();
  Operand parameters;
  parameters.kind = Operand::List;
  if (accept(",")) {
    require("(");
    parameters = parseList(")");
  }
  auto &callee = program.functions[name];
  if (!callee) {
    callee = std::make_unique<Function>();
    callee->name = name;
  }
  decoder.instruction.callee = callee.get();
  decoder.operands = {results, parameters};
}

void Parser::parseInstruction() {
  function->code.emplace_back();
  Instruction &instruction = function->code.back();
  instruction.line = peek().line;
  const char *start = peek().text.data();
  Decoder decoder(instruction, *function, *frame, scopes);
  try {
    if (accept("@")) {
      Operand guard = parseOperand();
      bool flipped = false;
      instruction.guard = decoder.predicate(guard, flipped);
      instruction.guardFlip = flipped ? ~0u : 0;
      instruction.isGuarded = true;
    }
    std::string_view opcode = take().text;
    for (size_t from = 0; from <= opcode.size();) {
      size_t dot = std::min(opcode.find('.', from), opcode.size());
      decoder.parts.push_back(opcode.substr(from, dot - from));
      from = dot + 1;
    }
    if (decoder.parts[0] == "bra" || decoder.parts[0] == "brx")
      parseBranch(decoder);
    else if (decoder.parts[0] == "call")
      parseCall(decoder);
    else if (!peek().is(";"))
      do
        decoder.operands.push_back(parseOperand());
      while (accept(","));
    instruction.text =
        std::string_view(start, size_t(peek().text.data() - start));
    require(";");
    decodeInstruction(decoder);
  } catch (const Fault &fault) {
    if (fault.message.compare(0, 5, "line ") == 0)
      throw;
    throw Fault("line " + std::to_string(instruction.line) + ": " +
                fault.message);
  } catch (const std::exception &) {
    // Decoder::operands.at().
    throw Fault("line " + std::to_string(instruction.line) +
                ": an operand is missing");
  }
}

/// The labels that a jump may go to, by the innermost block that has them.
std::vector<std::string> Parser::targetsOf(const Jump &jump) const {
  for (const std::string &candidate : jump.candidates) {
    if (!jump.isIndexed && labels.count(candidate))
      return {candidate};
    auto table = tables.find(candidate);
    if (!jump.isIndexed || table == tables.end())
      continue;
    // The labels of a table are in the block of the table.
    std::string block = candidate.substr(candidate.rfind('#'));
    std::vector<std::string> names;
    for (const std::string &name : table->second)
      names.push_back(name + block);
    return names;
  }
  return {};
}

/// Resolves labels, ends the code with a return, and finds where lanes meet.
void Parser::finish() {
  for (const Jump &jump : jumps) {
    Instruction &instruction = function->code[jump.instruction];
    std::vector<std::string> names = targetsOf(jump);
    for (const std::string &name : names) {
      auto label = labels.find(name);
      if (label != labels.end())
        instruction.targets.push_back(label->second);
    }
    if (names.empty() || instruction.targets.size() != names.size())
      throw Fault("line " + std::to_string(jump.line) +
                  ": a branch has no target");
    instruction.target = instruction.targets.front();
  }
  function->code.emplace_back();
  Instruction &last = function->code.back();
  last.line = peek().line;
  last.text = "ret";
  Decoder decoder(last, *function, *frame, scopes);
  decoder.parts = {"ret"};
  decodeInstruction(decoder);
  findMeetings(*function);
  findAsyncRegisters();
}

/// Which instructions touch a register that some wgmma uses.
void Parser::findAsyncRegisters() {
  std::set<uint32_t> async;
  for (const Instruction &instruction : function->code)
    if (instruction.isWarpgroupProduct)
      for (const auto &group : instruction.groups)
        async.insert(group.begin(), group.end());
  if (async.empty())
    return;
  for (Instruction &instruction : function->code) {
    if (instruction.isWarpgroupProduct)
      continue;
    auto touch = [&](uint32_t slot) {
      if (async.count(slot))
        instruction.asyncSlots.push_back(slot);
    };
    for (uint32_t slot : instruction.slots)
      touch(slot);
    for (const auto &group : instruction.groups)
      for (uint32_t slot : group)
        touch(slot);
    for (const Address &address : instruction.addresses)
      touch(address.slot);
  }
}

} // namespace attnc::emulator
