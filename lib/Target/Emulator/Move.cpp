//===- Move.cpp - moves and address conversions ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mov between registers, of parts of registers and of addresses; cvta; and the
// clocks, which count instructions.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"

namespace attnc::emulator {

namespace {

struct Same {
  template <typename T>
  static T apply(T a) {
    return a;
  }
};

void movePredicate(Execution &x) {
  x.setPredicate(x.predicate(0), x.predicate(1));
}

/// Part `i` of slot 0, or of each element, is `width` bytes.
void joinParts(Execution &x) {
  unsigned width = x.instruction.width;
  const auto &parts = x.instruction.groups[0];
  auto total = unsigned(width * parts.size());
  uint8_t *whole = x.lanes<uint8_t>(0);
  x.forLanes([&](unsigned lane) {
    for (size_t i = 0; i < parts.size(); ++i)
      memcpy(whole + lane * total + i * width,
             x.at<uint8_t>(parts[i]) + lane * width, width);
  });
}

void splitParts(Execution &x) {
  unsigned width = x.instruction.width;
  const auto &parts = x.instruction.groups[0];
  auto total = unsigned(width * parts.size());
  const uint8_t *whole = x.lanes<uint8_t>(0);
  uint8_t copy[32 * 16];
  memcpy(copy, whole, size_t(32) * total);
  x.forLanes([&](unsigned lane) {
    for (size_t i = 0; i < parts.size(); ++i)
      memcpy(x.at<uint8_t>(parts[i]) + lane * width,
             copy + lane * total + i * width, width);
  });
}

Type bitsType(unsigned bits) {
  switch (bits) {
  case 16:
    return Type::B16;
  case 32:
    return Type::B32;
  case 64:
    return Type::B64;
  case 128:
    return Type::B128;
  default:
    return Type::None;
  }
}

void decodeParts(Decoder &decoder, Type type) {
  Instruction &instruction = decoder.instruction;
  bool joins = decoder.operands[1].kind == Operand::List;
  const auto &elements = decoder.operands[joins ? 1 : 0].elements;
  unsigned bits = bitsOf(type) / unsigned(std::max<size_t>(elements.size(), 1));
  Type part = bitsType(bits);
  if (part == Type::None || bits * elements.size() != bitsOf(type))
    decoder.fail("the parts of a move have to be 16, 32 or 64 bits wide");
  instruction.width = uint8_t(bits / 8);
  instruction.slots = {joins ? decoder.target(size_t(0), type)
                             : decoder.source(1, type)};
  instruction.groups = {joins ? decoder.sources(1, part)
                              : decoder.targets(0, part)};
  instruction.execute = joins ? joinParts : splitParts;
}

void readClock(Execution &x) {
  uint64_t now = ++x.block.progress;
  if (x.instruction.width == 8) {
    auto *result = x.lanes<uint64_t>(0);
    x.forLanes([&](unsigned lane) { result[lane] = now; });
  } else {
    auto *result = x.lanes<uint32_t>(0);
    x.forLanes([&](unsigned lane) { result[lane] = uint32_t(now); });
  }
}

bool isClock(const Operand &operand) {
  return operand.kind == Operand::Name &&
         (operand.name == "%clock" || operand.name == "%clock64" ||
          operand.name == "%clock_hi" || operand.name == "%globaltimer");
}

/// An address of a symbol in a generic move is that of its own space.
void decodeMov(Decoder &decoder) {
  Type type = decoder.type();
  decoder.expect(2, 2);
  Instruction &instruction = decoder.instruction;
  if (decoder.operands[0].kind == Operand::List ||
      decoder.operands[1].kind == Operand::List) {
    decodeParts(decoder, type);
    return;
  }
  if (isClock(decoder.operands[1])) {
    instruction.slots = {decoder.target(size_t(0), type)};
    instruction.width = uint8_t(bitsOf(type) / 8);
    instruction.execute = readClock;
    return;
  }
  instruction.slots = {decoder.target(size_t(0), type),
                       decoder.source(1, type)};
  switch (bitsOf(type)) {
  case 1:
    instruction.execute = movePredicate;
    return;
  case 16:
    instruction.execute = unaryLanes<Same, uint16_t>;
    return;
  case 32:
    instruction.execute = unaryLanes<Same, uint32_t>;
    return;
  case 64:
    instruction.execute = unaryLanes<Same, uint64_t>;
    return;
  case 128:
    instruction.execute = unaryLanes<Same, unsigned __int128>;
    return;
  default:
    decoder.unknown();
  }
}

/// cvta adds the window of a space, cvta.to takes it away.
void convertAddress(Execution &x) {
  auto *result = x.lanes<uint64_t>(0);
  const auto *a = x.lanes<uint64_t>(1);
  auto space = Space(x.instruction.variant);
  uint64_t window =
      space == Space::Global || space == Space::Const ? 0 : windowOf(space);
  bool to = x.instruction.count;
  x.forCheckedLanes([&](unsigned lane) {
    if (to && window && a[lane] >> 60 != window >> 60)
      x.fail("the address " + hex(a[lane]) +
             " is not in the space it is "
             "converted to");
    result[lane] = to ? a[lane] - window : a[lane] + window;
  });
}

void decodeCvta(Decoder &decoder) {
  Instruction &instruction = decoder.instruction;
  instruction.variant = uint8_t(decoder.space());
  instruction.count = decoder.has("to");
  decoder.expect(2, 2);
  // mov and cvta of a symbol may be one instruction.
  instruction.slots = {decoder.target(size_t(0), Type::U64),
                       decoder.source(1, Type::U64)};
  instruction.execute = convertAddress;
}

/// mapa: the address in the shared memory of a block of the cluster. There is
/// one block in a cluster.
template <typename T>
void mapAddress(Execution &x) {
  auto *result = x.lanes<T>(0);
  const auto *a = x.lanes<T>(1);
  const auto *rank = x.lanes<uint32_t>(2);
  x.forCheckedLanes([&](unsigned lane) {
    if (rank[lane])
      x.fail("clusters of more than one block are not executed");
    result[lane] = a[lane];
  });
}

void testSpace(Execution &x) {
  const auto *a = x.lanes<uint64_t>(1);
  uint32_t bits = 0;
  x.forLanes([&](unsigned lane) {
    bool holds = spaceOfWindow(a[lane]) == Space(x.instruction.variant);
    bits |= uint32_t(holds) << lane;
  });
  x.setPredicate(x.predicate(0), bits);
}

} // namespace

bool decodeMove(Decoder &decoder) {
  std::string_view name = decoder.part(0);
  Instruction &instruction = decoder.instruction;
  if (name == "mov") {
    decodeMov(decoder);
  } else if (name == "cvta") {
    decodeCvta(decoder);
  } else if (name == "mapa") {
    Type type = decoder.type();
    decoder.expect(3, 3);
    instruction.slots = {decoder.target(size_t(0), type),
                         decoder.source(1, type), decoder.source(2, Type::U32)};
    instruction.execute =
        bitsOf(type) == 64 ? mapAddress<uint64_t> : mapAddress<uint32_t>;
  } else if (name == "isspacep") {
    decoder.expect(2, 2);
    instruction.variant = uint8_t(decoder.space());
    instruction.slots = {decoder.target(size_t(0), Type::Pred),
                         decoder.source(1, Type::U64)};
    instruction.execute = testSpace;
  } else {
    return false;
  }
  return true;
}

} // namespace attnc::emulator
