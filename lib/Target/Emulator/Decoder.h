//===- Decoder.h - from the parts of an instruction to its handler *- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parser splits an instruction into modifiers and operands; the families of
// instructions choose the handler and ask for the places of the operands.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_TARGET_EMULATOR_DECODER_H
#define ATTNC_LIB_TARGET_EMULATOR_DECODER_H

#include "Fault.h"
#include "Program.h"
#include <unordered_map>

namespace attnc::emulator {

/// An operand as it is written.
struct Operand {
  enum Kind { Name, Integer, Float, List, Memory, Sink } kind = Name;
  bool isNegated = false;
  /// `.x` after a name selects nothing here: special registers have it in it.
  std::string name;
  uint64_t integer = 0;
  double real = 0;
  /// Whether `integer` holds the bits of a 64-bit float rather than `real`'s.
  bool isDouble = false;
  int64_t offset = 0;
  /// Of a list its elements, of `[a, {x, y}]` all after the address.
  std::vector<Operand> elements;
};

/// What a name stands for.
struct Symbol {
  enum Kind {
    Register,
    Shared,
    DynamicShared,
    Global,
    Const,
    KernelParam,
    Local
  } kind;
  Type type = Type::None;
  uint64_t value = 0;
  uint32_t slot = noSlot;
};

/// Names, innermost scope last.
class Scopes {
public:
  void enter() { levels.emplace_back(); }
  void leave() { levels.pop_back(); }
  void declare(const std::string &name, Symbol symbol) {
    levels.back()[name] = symbol;
  }
  Symbol *find(const std::string &name) {
    for (size_t level = levels.size(); level-- > 0;) {
      auto found = levels[level].find(name);
      if (found != levels[level].end())
        return &found->second;
    }
    return nullptr;
  }

private:
  std::vector<std::unordered_map<std::string, Symbol>> levels{1};
};

/// The frame of a function while it is decoded.
class FrameBuilder {
public:
  explicit FrameBuilder(Function &function) : function(function) {}

  uint32_t allocate(unsigned bits);
  /// The place of a constant of 1 (a predicate), 16, 32 or 64 bits.
  uint32_t constant(uint64_t value, unsigned bits);
  uint32_t special(Special special, unsigned bits, uint64_t offset = 0);

private:
  Function &function;
  std::map<std::pair<uint64_t, unsigned>, uint32_t> constants;
  std::map<std::tuple<Special, unsigned, uint64_t>, uint32_t> specials;
};

/// The instruction that is being decoded.
class Decoder {
public:
  Decoder(Instruction &instruction, Function &function, FrameBuilder &frame,
          Scopes &scopes)
      : instruction(instruction), function(function), frame(frame),
        scopes(scopes) {}

  /// The parts of the opcode; the first is the mnemonic.
  std::vector<std::string_view> parts;
  std::vector<Operand> operands;

  bool has(std::string_view part) const;
  std::string_view part(size_t index) const {
    return index < parts.size() ? parts[index] : std::string_view();
  }
  /// The types among the parts, in their order.
  std::vector<Type> types() const;
  /// The last type, None if there is none.
  Type type() const;
  [[noreturn]] void fail(const std::string &why) const { throw Fault(why); }
  [[noreturn]] void unknown() const;

  /// Requires between `least` and `most` operands.
  void expect(size_t least, size_t most) const;

  /// The place of an operand that is read as `type`; a register has to be as
  /// wide, unless `anyWidth`, then `width` receives its bits.
  uint32_t source(const Operand &operand, Type type);
  uint32_t source(size_t index, Type type) {
    return source(operands.at(index), type);
  }
  /// The place of a register that is written.
  uint32_t target(const Operand &operand, Type type);
  uint32_t target(size_t index, Type type) {
    return target(operands.at(index), type);
  }
  /// As above for registers that may be wider than `type`, as those of loads,
  /// stores and conversions; the width of the register is in `bits`.
  uint32_t loose(const Operand &operand, Type type, unsigned &bits);
  /// A predicate that is read; false if `!p` negates it.
  uint32_t predicate(const Operand &operand, bool &flipped);
  /// The elements of a list, or the one operand.
  std::vector<uint32_t> sources(size_t index, Type type);
  std::vector<uint32_t> targets(size_t index, Type type);
  Address address(const Operand &operand, Space space);
  Address address(size_t index, Space space) {
    return address(operands.at(index), space);
  }
  /// The space that the parts name.
  Space space() const;
  /// The value of an operand that has to be a constant.
  int64_t constant(size_t index) const;

  Instruction &instruction;
  Function &function;
  FrameBuilder &frame;
  Scopes &scopes;

private:
  uint32_t registerSlot(Symbol &symbol);
  uint32_t immediate(const Operand &operand, Type type);
  uint32_t symbolAddress(const Symbol &symbol, int64_t offset, unsigned bits);
};

/// Reads the special register `name`, such as %tid.x; false if there is none.
bool findSpecial(std::string_view name, Special &special);

// The families. Each returns false if the mnemonic is not its own.
bool decodeBits(Decoder &decoder);
bool decodeInteger(Decoder &decoder);
bool decodeFloat(Decoder &decoder);
bool decodeCompare(Decoder &decoder);
bool decodeConvert(Decoder &decoder);
bool decodeMove(Decoder &decoder);
bool decodeMemory(Decoder &decoder);
bool decodeAtomic(Decoder &decoder);
bool decodeWarp(Decoder &decoder);
bool decodeMatrix(Decoder &decoder);
bool decodeMultiply(Decoder &decoder);
bool decodeWarpgroup(Decoder &decoder);
bool decodeAsyncCopy(Decoder &decoder);
bool decodeBulkCopy(Decoder &decoder);
bool decodeTransaction(Decoder &decoder);
bool decodeBarrier(Decoder &decoder);
/// Branches are finished by the parser, which knows the labels.
bool decodeControl(Decoder &decoder);

/// Decodes with the family that knows the mnemonic.
void decodeInstruction(Decoder &decoder);

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_DECODER_H
