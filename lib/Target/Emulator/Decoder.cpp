//===- Decoder.cpp - operands and their places ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Constants and special registers share places: an immediate that occurs twice
// is in the frame once.
//
//===----------------------------------------------------------------------===//

#include "Decoder.h"

#include "Numbers.h"
#include <algorithm>
#include <tuple>

namespace attnc::emulator {

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

namespace {

struct TypeName {
  std::string_view name;
  Type type;
  unsigned bits;
};

const TypeName typeNames[] = {
    {"pred", Type::Pred, 1},      {"b8", Type::B8, 8},
    {"b16", Type::B16, 16},       {"b32", Type::B32, 32},
    {"b64", Type::B64, 64},       {"b128", Type::B128, 128},
    {"u8", Type::U8, 8},          {"u16", Type::U16, 16},
    {"u32", Type::U32, 32},       {"u64", Type::U64, 64},
    {"s8", Type::S8, 8},          {"s16", Type::S16, 16},
    {"s32", Type::S32, 32},       {"s64", Type::S64, 64},
    {"f16", Type::F16, 16},       {"bf16", Type::BF16, 16},
    {"f32", Type::F32, 32},       {"f64", Type::F64, 64},
    {"tf32", Type::TF32, 32},     {"f16x2", Type::F16x2, 32},
    {"bf16x2", Type::BF16x2, 32}, {"e4m3", Type::E4M3, 8},
    {"e5m2", Type::E5M2, 8},      {"e4m3x2", Type::E4M3x2, 16},
    {"e5m2x2", Type::E5M2x2, 16}};

} // namespace

Type typeNamed(std::string_view name) {
  for (const TypeName &entry : typeNames)
    if (entry.name == name)
      return entry.type;
  return Type::None;
}

unsigned bitsOf(Type type) {
  for (const TypeName &entry : typeNames)
    if (entry.type == type)
      return entry.bits;
  return 0;
}

bool isSigned(Type type) {
  return type == Type::S8 || type == Type::S16 || type == Type::S32 ||
         type == Type::S64;
}

bool findSpecial(std::string_view name, Special &special) {
  static const std::map<std::string_view, Special> names = {
      {"%tid.x", Special::TidX},
      {"%tid.y", Special::TidY},
      {"%tid.z", Special::TidZ},
      {"%ntid.x", Special::NtidX},
      {"%ntid.y", Special::NtidY},
      {"%ntid.z", Special::NtidZ},
      {"%ctaid.x", Special::CtaidX},
      {"%ctaid.y", Special::CtaidY},
      {"%ctaid.z", Special::CtaidZ},
      {"%nctaid.x", Special::NctaidX},
      {"%nctaid.y", Special::NctaidY},
      {"%nctaid.z", Special::NctaidZ},
      {"%clusterid.x", Special::CtaidX},
      {"%clusterid.y", Special::CtaidY},
      {"%clusterid.z", Special::CtaidZ},
      {"%nclusterid.x", Special::NctaidX},
      {"%nclusterid.y", Special::NctaidY},
      {"%nclusterid.z", Special::NctaidZ},
      {"%cluster_ctaid.x", Special::Zero},
      {"%cluster_ctaid.y", Special::Zero},
      {"%cluster_ctaid.z", Special::Zero},
      {"%cluster_nctaid.x", Special::One},
      {"%cluster_nctaid.y", Special::One},
      {"%cluster_nctaid.z", Special::One},
      {"%cluster_ctarank", Special::Zero},
      {"%cluster_nctarank", Special::One},
      {"%laneid", Special::LaneId},
      {"%warpid", Special::WarpId},
      {"%nwarpid", Special::NwarpId},
      {"%smid", Special::Zero},
      {"%nsmid", Special::One},
      {"%gridid", Special::Zero},
      {"%lanemask_eq", Special::LaneMaskEq},
      {"%lanemask_lt", Special::LaneMaskLt},
      {"%lanemask_le", Special::LaneMaskLe},
      {"%lanemask_gt", Special::LaneMaskGt},
      {"%lanemask_ge", Special::LaneMaskGe},
      {"%dynamic_smem_size", Special::DynamicSharedSize},
      {"%total_smem_size", Special::TotalSharedSize}};
  auto found = names.find(name);
  if (found == names.end())
    return false;
  special = found->second;
  return true;
}

//===----------------------------------------------------------------------===//
// Frames
//===----------------------------------------------------------------------===//

uint32_t FrameBuilder::allocate(unsigned bits) {
  size_t slot = function.frame.size();
  size_t bytes = bits == 1 ? 64 : size_t(bits) * 4;
  function.frame.resize(slot + std::max<size_t>(bytes, 64), 0xa5);
  return uint32_t(slot);
}

uint32_t FrameBuilder::constant(uint64_t value, unsigned bits) {
  auto [found, isNew] = constants.try_emplace({value, bits}, noSlot);
  if (!isNew)
    return found->second;
  uint32_t slot = found->second = allocate(bits);
  uint8_t *bytes = function.frame.data() + slot;
  if (bits == 1) {
    uint32_t mask = value ? ~0u : 0;
    memcpy(bytes, &mask, sizeof(mask));
    return slot;
  }
  for (unsigned lane = 0; lane < 32; ++lane)
    memcpy(bytes + lane * bits / 8, &value, bits / 8);
  return slot;
}

uint32_t FrameBuilder::special(Special special, unsigned bits,
                               uint64_t offset) {
  auto [found, isNew] = specials.try_emplace({special, bits, offset}, noSlot);
  if (isNew) {
    found->second = allocate(bits);
    function.specials.push_back(
        {found->second, special, uint8_t(bits), offset});
  }
  return found->second;
}

//===----------------------------------------------------------------------===//
// The parts of an opcode
//===----------------------------------------------------------------------===//

bool Decoder::has(std::string_view part) const {
  return std::find(parts.begin(), parts.end(), part) != parts.end();
}

std::vector<Type> Decoder::types() const {
  std::vector<Type> found;
  for (std::string_view part : parts)
    if (Type type = typeNamed(part); type != Type::None)
      found.push_back(type);
  return found;
}

Type Decoder::type() const {
  for (size_t i = parts.size(); i-- > 0;)
    if (Type type = typeNamed(parts[i]); type != Type::None)
      return type;
  return Type::None;
}

void Decoder::unknown() const {
  std::string opcode;
  for (std::string_view part : parts)
    opcode += (opcode.empty() ? "" : ".") + std::string(part);
  fail("the emulator does not execute '" + opcode + "'");
}

void Decoder::expect(size_t least, size_t most) const {
  if (operands.size() < least || operands.size() > most)
    fail("'" + std::string(parts.front()) + "' has " +
         std::to_string(operands.size()) + " operands, expected " +
         std::to_string(least) +
         (most > least ? " to " + std::to_string(most) : ""));
}

Space Decoder::space() const {
  for (std::string_view part : parts) {
    if (part.substr(0, 6) == "shared")
      return Space::Shared;
    if (part == "global")
      return Space::Global;
    if (part == "local")
      return Space::Local;
    if (part.substr(0, 5) == "param")
      return Space::Param;
    if (part == "const")
      return Space::Const;
  }
  return Space::Generic;
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

uint32_t Decoder::registerSlot(Symbol &symbol) {
  if (symbol.slot == noSlot)
    symbol.slot = frame.allocate(bitsOf(symbol.type));
  return symbol.slot;
}

uint32_t Decoder::symbolAddress(const Symbol &symbol, int64_t offset,
                                unsigned bits) {
  if (symbol.kind == Symbol::Local)
    return frame.special(Special::LocalAddress, bits, symbol.value + offset);
  if (symbol.kind == Symbol::DynamicShared)
    return frame.special(Special::DynamicShared, bits, uint64_t(offset));
  return frame.constant(symbol.value + offset, bits);
}

uint32_t Decoder::immediate(const Operand &operand, Type type) {
  unsigned bits = bitsOf(type);
  if (operand.kind == Operand::Float) {
    if (type == Type::F64 || bits == 64)
      return frame.constant(bitCast<uint64_t>(operand.real), bits);
    if (bits == 32)
      return frame.constant(bitCast<uint32_t>(float(operand.real)), bits);
    fail("a float cannot be an operand of " + std::to_string(bits) + " bits");
  }
  uint64_t value = operand.integer;
  if (type == Type::Pred)
    return frame.constant(value != 0, 1);
  if (bits < 64)
    value &= (uint64_t(1) << bits) - 1;
  return frame.constant(value, bits);
}

uint32_t Decoder::source(const Operand &operand, Type type) {
  unsigned bits = 0;
  uint32_t slot = loose(operand, type, bits);
  if (bits != bitsOf(type))
    fail("the register '" + operand.name + "' has " + std::to_string(bits) +
         " bits, expected " + std::to_string(bitsOf(type)));
  return slot;
}

uint32_t Decoder::loose(const Operand &operand, Type type, unsigned &bits) {
  bits = bitsOf(type);
  if (operand.kind == Operand::Integer || operand.kind == Operand::Float) {
    // There are no places of eight bits.
    if (bits == 8)
      bits = 16;
    return immediate(operand, bits == 16 ? Type::U16 : type);
  }
  if (operand.kind == Operand::Sink)
    return noSlot;
  if (operand.kind != Operand::Name)
    fail("a register was expected");
  Special special;
  if (findSpecial(operand.name, special))
    return frame.special(special, bits);
  if (operand.name == "WARP_SZ")
    return frame.constant(32, bits);
  Symbol *symbol = scopes.find(operand.name);
  if (!symbol)
    fail("'" + operand.name + "' is not declared");
  if (symbol->kind != Symbol::Register)
    return symbolAddress(*symbol, operand.offset, bits);
  bits = bitsOf(symbol->type);
  return registerSlot(*symbol);
}

uint32_t Decoder::target(const Operand &operand, Type type) {
  if (operand.kind == Operand::Sink)
    return frame.allocate(bitsOf(type));
  Symbol *symbol =
      operand.kind == Operand::Name ? scopes.find(operand.name) : nullptr;
  if (!symbol || symbol->kind != Symbol::Register)
    fail("'" + operand.name + "' is no register that can be written");
  return source(operand, type);
}

uint32_t Decoder::predicate(const Operand &operand, bool &flipped) {
  flipped = operand.isNegated;
  return source(operand, Type::Pred);
}

std::vector<uint32_t> Decoder::sources(size_t index, Type type) {
  const Operand &operand = operands.at(index);
  std::vector<uint32_t> slots;
  if (operand.kind != Operand::List)
    return {source(operand, type)};
  for (const Operand &element : operand.elements)
    slots.push_back(source(element, type));
  return slots;
}

std::vector<uint32_t> Decoder::targets(size_t index, Type type) {
  const Operand &operand = operands.at(index);
  std::vector<uint32_t> slots;
  if (operand.kind != Operand::List)
    return {target(operand, type)};
  for (const Operand &element : operand.elements)
    slots.push_back(target(element, type));
  return slots;
}

Address Decoder::address(const Operand &operand, Space space) {
  if (operand.kind != Operand::Memory)
    fail("an address in brackets was expected");
  Address address;
  address.space = space;
  address.offset = operand.offset;
  address.isWide = true;
  if (operand.name.empty()) {
    address.slot = frame.constant(operand.integer, 64);
    return address;
  }
  Symbol *symbol = scopes.find(operand.name);
  if (!symbol)
    fail("'" + operand.name + "' is not declared");
  if (symbol->kind == Symbol::Register) {
    unsigned bits = bitsOf(symbol->type);
    if (bits != 32 && bits != 64)
      fail("an address is a register of 32 or 64 bits");
    address.slot = registerSlot(*symbol);
    address.isWide = bits == 64;
    return address;
  }
  if (symbol->kind == Symbol::Local)
    address.space = Space::Local;
  bool isShared =
      symbol->kind == Symbol::Shared || symbol->kind == Symbol::DynamicShared;
  if (isShared && space == Space::Generic)
    address.space = Space::Shared;
  address.slot = symbolAddress(*symbol, 0, 64);
  return address;
}

int64_t Decoder::constant(size_t index) const {
  const Operand &operand = operands.at(index);
  if (operand.kind != Operand::Integer)
    fail("operand " + std::to_string(index + 1) + " has to be a constant");
  return int64_t(operand.integer);
}

//===----------------------------------------------------------------------===//
// Families
//===----------------------------------------------------------------------===//

void decodeInstruction(Decoder &decoder) {
  static bool (*const families[])(Decoder &) = {
      decodeBits,      decodeInteger,  decodeFloat,       decodeCompare,
      decodeConvert,   decodeMove,     decodeMemory,      decodeAtomic,
      decodeWarp,      decodeMatrix,   decodeMultiply,    decodeWarpgroup,
      decodeAsyncCopy, decodeBulkCopy, decodeTransaction, decodeBarrier,
      decodeControl};
  for (auto family : families)
    if (family(decoder))
      return;
  decoder.unknown();
}

} // namespace attnc::emulator
