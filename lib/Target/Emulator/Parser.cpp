//===- Parser.cpp - modules of PTX ----------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions and variables.
//
//===----------------------------------------------------------------------===//

#include "Parser.h"

#include "Numbers.h"
#include <cstdlib>

namespace attnc::emulator {

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

std::unique_ptr<Program> parseProgram(std::string_view text,
                                      GlobalAllocator &allocator) {
  auto program = std::make_unique<Program>();
  program->text = std::string(text);
  Parser(*program, allocator).run();
  return program;
}

} // namespace attnc::emulator
