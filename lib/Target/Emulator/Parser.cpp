//===- Parser.cpp - modules of PTX ----------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions, variables, labels and the syntax of operands. What an instruction
// means is the business of the families; see Decoder.h.
//
//===----------------------------------------------------------------------===//

#include "Decoder.h"
#include "Lexer.h"
#include "Numbers.h"
#include <algorithm>
#include <cstdlib>
#include <set>

namespace attnc::emulator {

namespace {

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
  Operand parseList(std::string_view closing);
  Operand parseMemory();
  Operand parseNumber(bool isNegative);
  void parseBranch(Decoder &decoder);
  void parseCall(Decoder &decoder);
  std::string labelName(const std::string &name) const;
  void finish();
  void findAsyncRegisters();

  Program &program;
  GlobalAllocator &allocator;
  std::vector<Token> tokens;
  size_t at = 0;
  Scopes scopes;

  Function *function = nullptr;
  std::unique_ptr<FrameBuilder> frame;
  /// The open `{` of the body; labels in them are local.
  std::vector<unsigned> openBlocks;
  unsigned blockCount = 0;
  std::map<std::string, uint32_t> labels;
  /// The lists of labels of `.branchtargets`.
  std::map<std::string, std::vector<std::string>> tables;
  struct Jump {
    size_t instruction;
    std::vector<std::string> candidates;
    unsigned line;
    bool isIndexed;
  };
  std::vector<Jump> jumps;
  std::vector<std::pair<size_t, std::string>> calls;
};

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

void Parser::run() {
  while (peek().kind != Token::End)
    parseDirective();
  for (auto &[name, function] : program.functions)
    for (Instruction &instruction : function->code) {
      const Function *callee = instruction.callee;
      if (!callee)
        continue;
      std::string line = "line " + std::to_string(instruction.line) + ": ";
      if (!callee->isDefined || callee->isKernel)
        throw Fault(line + "the function '" + callee->name + "' has no body");
      if (instruction.groups[0].size() != callee->results.size() ||
          instruction.groups[1].size() != callee->parameters.size())
        throw Fault(line + "the function '" + callee->name +
                    "' has another number of parameters or results");
    }
}

void Parser::parseDirective() {
  std::string directive = word();
  if (directive == ".version" || directive == ".target") {
    // Numbers and names, separated by commas, to the end of the line.
    unsigned line = tokens[at - 1].line;
    while (peek().kind != Token::End && peek().line == line)
      take();
  } else if (directive == ".address_size") {
    if (parseInteger() != 64)
      fail("only modules with 64-bit addresses are known");
  } else if (directive == ".visible" || directive == ".extern" ||
             directive == ".weak" || directive == ".common") {
    // What follows is declared as if alone.
  } else if (directive == ".entry" || directive == ".func") {
    parseFunction(directive == ".entry");
  } else if (directive == ".shared" || directive == ".global" ||
             directive == ".const") {
    declareVariable(directive, scopes);
  } else if (directive == ".file") {
    parseInteger();
    take();
    while (accept(","))
      parseInteger();
  } else if (directive == ".section") {
    take();
    require("{");
    while (!accept("}")) {
      if (peek().kind == Token::End)
        fail("a section has no end");
      take();
    }
  } else if (directive == ".pragma") {
    skipStatement();
  } else {
    fail("the directive '" + directive + "' is not known");
  }
}

uint64_t Parser::parseInteger() {
  bool negative = accept("-");
  const Token &token = take();
  if (token.kind != Token::Number)
    fail("expected a number, found '" + std::string(token.text) + "'");
  std::string text(token.text);
  uint64_t value = strtoull(text.c_str(), nullptr, 0);
  return negative ? -value : value;
}

Variable Parser::parseVariable() {
  Variable variable;
  uint64_t vector = 1;
  while (peek().kind == Token::Word && peek().text[0] == '.') {
    std::string_view part = take().text;
    if (part == ".align") {
      variable.alignment = parseInteger();
      if (!variable.alignment || variable.alignment > 65536 ||
          (variable.alignment & (variable.alignment - 1)))
        fail("an alignment is a power of two, at most 65536");
    } else if (part == ".v2" || part == ".v4") {
      vector = part == ".v2" ? 2 : 4;
    } else if (part != ".ptr" && part != ".global" && part != ".shared" &&
               part != ".const" && part != ".local" && part != ".param") {
      variable.type = typeNamed(part.substr(1));
      if (variable.type == Type::None)
        fail("'" + std::string(part) + "' is no type");
      uint64_t natural = std::max(bitsOf(variable.type) / 8, 1u) * vector;
      variable.alignment = std::max(variable.alignment, natural);
      // `.ptr .align` says what a pointer points to.
      if (peek().is(".ptr")) {
        while (peek().kind == Token::Word && peek().text[0] == '.')
          if (take().is(".align"))
            parseInteger();
      }
    }
  }
  variable.name = word();
  if (variable.type == Type::None)
    fail("the variable '" + variable.name + "' has no type");
  variable.count = vector;
  while (accept("[")) {
    variable.isArray = true;
    uint64_t length = peek().is("]") ? 0 : parseInteger();
    require("]");
    if (length > (uint64_t(1) << 32))
      fail("the variable '" + variable.name + "' is too large");
    variable.count *= length;
    if (variable.count > (uint64_t(1) << 32))
      fail("the variable '" + variable.name + "' is too large");
  }
  return variable;
}

void Parser::declareVariable(std::string_view space, Scopes &into) {
  Variable variable = parseVariable();
  Symbol symbol{Symbol::Global, variable.type, 0, noSlot};
  if (space == ".shared" && variable.isArray && !variable.count) {
    symbol.kind = Symbol::DynamicShared;
    program.dynamicAlignment =
        std::max(program.dynamicAlignment, uint32_t(variable.alignment));
  } else if (space == ".shared") {
    uint64_t mask = variable.alignment - 1;
    uint64_t offset = (program.staticSharedBytes + mask) & ~mask;
    if (offset + variable.bytes() > (1u << 20))
      fail("the variables in shared memory are too large");
    symbol.kind = Symbol::Shared;
    symbol.value = sharedBase + offset;
    program.staticSharedBytes = uint32_t(offset + variable.bytes());
  } else {
    uint64_t bytes = std::max<uint64_t>(variable.bytes(), 1);
    uint8_t *memory = allocator.allocateGlobal(bytes, variable.alignment);
    symbol.kind = space == ".const" ? Symbol::Const : Symbol::Global;
    symbol.value = reinterpret_cast<uintptr_t>(memory);
    if (accept("="))
      parseInitializer(memory, variable);
  }
  into.declare(variable.name, symbol);
  require(";");
}

void Parser::parseInitializer(uint8_t *bytes, const Variable &variable) {
  uint64_t width = std::max(bitsOf(variable.type) / 8, 1u), index = 0;
  unsigned depth = 0;
  do {
    while (accept("{"))
      ++depth;
    bool negative = accept("-");
    Operand number = parseNumber(negative);
    uint64_t value = number.integer;
    if (number.kind == Operand::Float)
      value = width == 8 ? bitCast<uint64_t>(number.real)
                         : bitCast<uint32_t>(float(number.real));
    if (index >= variable.count)
      fail("'" + variable.name + "' has too many initial values");
    memcpy(bytes + index++ * width, &value, width);
    while (depth && accept("}"))
      --depth;
  } while (accept(","));
  if (depth)
    fail("an initial value has no end");
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

std::vector<Variable> Parser::parseParameters() {
  std::vector<Variable> variables;
  require("(");
  while (!accept(")")) {
    bool isRegister = accept(".reg");
    if (!isRegister)
      require(".param");
    variables.push_back(parseVariable());
    if (isRegister)
      fail("parameters in registers are not known");
    if (!accept(",") && !peek().is(")"))
      fail("expected ',' or ')' after a parameter");
  }
  return variables;
}

void Parser::placeParameters(const std::vector<Variable> &variables,
                             std::vector<Parameter> &placed, uint32_t &bytes,
                             Symbol::Kind kind) {
  for (const Variable &variable : variables) {
    uint64_t mask = variable.alignment - 1;
    uint64_t offset = (bytes + mask) & ~mask;
    if (offset + variable.bytes() > 32764)
      fail("the parameters are larger than 32764 bytes");
    placed.push_back(
        {variable.name, uint32_t(offset), uint32_t(variable.bytes())});
    scopes.declare(variable.name, {kind, variable.type, offset, noSlot});
    bytes = uint32_t(offset + variable.bytes());
  }
}

void Parser::parseFunction(bool isKernel) {
  std::vector<Variable> results, parameters;
  if (!isKernel && peek().is("("))
    results = parseParameters();
  std::string name = word();
  if (peek().is("("))
    parameters = parseParameters();
  auto &entry = program.functions[name];
  if (!entry)
    entry = std::make_unique<Function>();
  function = entry.get();
  uint32_t maxThreads = 0;
  bool exact = false;
  while (peek().kind == Token::Word) {
    std::string directive = word();
    bool threads = directive == ".maxntid" || directive == ".reqntid";
    uint64_t product = 1;
    while (peek().kind == Token::Number) {
      product *= std::min<uint64_t>(parseInteger(), 1024);
      accept(",");
    }
    if (threads) {
      maxThreads = uint32_t(std::min<uint64_t>(product, 1024));
      exact = directive == ".reqntid";
    }
  }
  if (accept(";"))
    return;
  if (function->isDefined)
    fail("the function '" + name + "' is defined twice");
  function->name = name;
  function->isKernel = isKernel;
  function->isDefined = true;
  function->maxThreads = maxThreads;
  function->hasExactThreads = exact;
  frame = std::make_unique<FrameBuilder>(*function);
  scopes.enter();
  placeParameters(results, function->results, function->localBytes,
                  Symbol::Local);
  placeParameters(parameters, function->parameters,
                  isKernel ? function->parameterBytes : function->localBytes,
                  isKernel ? Symbol::KernelParam : Symbol::Local);
  parseBody();
  scopes.leave();
}

void Parser::parseBody() {
  labels.clear(), jumps.clear(), calls.clear(), tables.clear();
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

/// Resolves labels, ends the code with a return, and finds where lanes meet.
void Parser::finish() {
  for (const Jump &jump : jumps) {
    std::vector<std::string> names;
    if (jump.isIndexed) {
      for (const std::string &candidate : jump.candidates)
        if (auto table = tables.find(candidate);
            names.empty() && table != tables.end())
          for (const std::string &name : table->second)
            names.push_back(
                name + "#" +
                std::to_string(openBlocks.empty() ? 0 : openBlocks.back()));
    } else {
      for (const std::string &candidate : jump.candidates)
        if (names.empty() && labels.count(candidate))
          names.push_back(candidate);
    }
    if (names.empty())
      throw Fault("line " + std::to_string(jump.line) +
                  ": a branch has no target");
    Instruction &instruction = function->code[jump.instruction];
    for (const std::string &name : names) {
      auto label = labels.find(name);
      if (label == labels.end())
        throw Fault("line " + std::to_string(jump.line) +
                    ": a branch has no target");
      instruction.targets.push_back(label->second);
    }
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

} // namespace

std::unique_ptr<Program> parseProgram(std::string_view text,
                                      GlobalAllocator &allocator) {
  auto program = std::make_unique<Program>();
  program->text = std::string(text);
  Parser(*program, allocator).run();
  return program;
}

} // namespace attnc::emulator
