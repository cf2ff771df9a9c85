//===- Relocate.cpp - the relocations of kernels --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Those that LLVM emits for position-independent code of the small code model.
// The formulas are those of the processors' ELF supplements: S is the symbol, A
// the addend, P the place.
//
//===----------------------------------------------------------------------===//

#include "Relocate.h"

#include "attnc-c/runtime.h"
#include <cstring>
#include <elf.h>

using namespace attnc;

namespace {

Problem refuse(const char *why, uint32_t type) {
  return Problem(ATTNC_INTERNAL, why + std::to_string(type));
}

/// Whether a number is one of `bits` bits with a sign.
[[maybe_unused]] bool fits(int64_t number, unsigned bits) {
  int64_t limit = int64_t(1) << (bits - 1);
  return number >= -limit && number < limit;
}

template <typename Number>
void write(uint8_t *place, Number number) {
  memcpy(place, &number, sizeof(number));
}

/// A distance in 32 bits, for the relocations that are one.
[[maybe_unused]] Problem writeDistance(uint8_t *place, int64_t distance,
                                       uint32_t type) {
  if (!fits(distance, 32))
    return refuse("what it refers to is too far away, by a relocation of type ",
                  type);
  write(place, int32_t(distance));
  return {};
}

} // namespace

#if defined(__x86_64__)

void attnc::writeStub(uint8_t *place, uint64_t target) {
  // jmp *(%rip): the address follows the instruction's six bytes.
  const uint8_t jump[] = {0xff, 0x25, 0x00, 0x00, 0x00, 0x00};
  memcpy(place, jump, sizeof(jump));
  write(place + sizeof(jump), target);
}

bool attnc::isCall(uint32_t type) { return type == R_X86_64_PLT32; }

bool attnc::isThroughTable(uint32_t type) {
  return type == R_X86_64_GOTPCREL || type == R_X86_64_GOTPCRELX ||
         type == R_X86_64_REX_GOTPCRELX;
}

Problem attnc::relocate(uint32_t type, uint8_t *place, size_t room,
                        uint64_t target, int64_t addend) {
  uint64_t value = target + uint64_t(addend);
  auto distance = int64_t(value - reinterpret_cast<uintptr_t>(place));
  switch (type) {
  case R_X86_64_NONE:
    return {};
  case R_X86_64_64:
  case R_X86_64_PC64:
    if (room < 8)
      break;
    write(place, type == R_X86_64_64 ? value : uint64_t(distance));
    return {};
  case R_X86_64_PC32:
  case R_X86_64_PLT32:
  case R_X86_64_GOTPCREL:
  case R_X86_64_GOTPCRELX:
  case R_X86_64_REX_GOTPCRELX:
    if (room < 4)
      break;
    return writeDistance(place, distance, type);
  default:
    return refuse("it has a relocation that is not known, of type ", type);
  }
  return refuse("there is no room for a relocation of type ", type);
}

#elif defined(__aarch64__)

void attnc::writeStub(uint8_t *place, uint64_t target) {
  write(place, uint32_t(0x58000050));     // ldr x16, [pc, 8]
  write(place + 4, uint32_t(0xd61f0200)); // br x16
  write(place + 8, target);
}

bool attnc::isCall(uint32_t type) {
  return type == R_AARCH64_CALL26 || type == R_AARCH64_JUMP26;
}

bool attnc::isThroughTable(uint32_t type) {
  return type == R_AARCH64_ADR_GOT_PAGE || type == R_AARCH64_LD64_GOT_LO12_NC;
}

namespace {

uint32_t readWord(const uint8_t *place) {
  uint32_t word;
  memcpy(&word, place, sizeof(word));
  return word;
}

/// Puts the low `bits` bits of `field` at `position` of an instruction.
void writeField(uint8_t *place, uint64_t field, unsigned position,
                unsigned bits) {
  uint32_t mask = ((uint32_t(1) << bits) - 1) << position;
  write(place,
        (readWord(place) & ~mask) | ((uint32_t(field) << position) & mask));
}

/// The twelve bits of an offset in a page, in units of the access.
Problem writeOffset(uint32_t type, uint8_t *place, uint64_t value,
                    unsigned scale) {
  uint64_t offset = value & 0xfff;
  if (offset & ((uint64_t(1) << scale) - 1))
    return refuse("an address is not aligned, in a relocation of type ", type);
  writeField(place, offset >> scale, 10, 12);
  return {};
}

/// The distance in pages, in two parts.
Problem writePage(uint32_t type, uint8_t *place, uint64_t value) {
  uint64_t page = ~uint64_t(0xfff);
  auto distance =
      int64_t((value & page) - (reinterpret_cast<uintptr_t>(place) & page));
  if (!fits(distance, 33))
    return refuse("what it refers to is too far away, by a relocation of type ",
                  type);
  uint64_t pages = uint64_t(distance) >> 12;
  writeField(place, pages & 3, 29, 2);
  writeField(place, pages >> 2, 5, 19);
  return {};
}

Problem relocateInstruction(uint32_t type, uint8_t *place, uint64_t value) {
  auto distance = int64_t(value - reinterpret_cast<uintptr_t>(place));
  switch (type) {
  case R_AARCH64_CALL26:
  case R_AARCH64_JUMP26:
    if (!fits(distance, 28))
      return refuse(
          "what it refers to is too far away, by a relocation of type ", type);
    writeField(place, uint64_t(distance) >> 2, 0, 26);
    return {};
  case R_AARCH64_ADR_PREL_PG_HI21:
  case R_AARCH64_ADR_GOT_PAGE:
    return writePage(type, place, value);
  case R_AARCH64_ADD_ABS_LO12_NC:
  case R_AARCH64_LDST8_ABS_LO12_NC:
    return writeOffset(type, place, value, 0);
  case R_AARCH64_LDST16_ABS_LO12_NC:
    return writeOffset(type, place, value, 1);
  case R_AARCH64_LDST32_ABS_LO12_NC:
    return writeOffset(type, place, value, 2);
  case R_AARCH64_LDST64_ABS_LO12_NC:
  case R_AARCH64_LD64_GOT_LO12_NC:
    return writeOffset(type, place, value, 3);
  case R_AARCH64_LDST128_ABS_LO12_NC:
    return writeOffset(type, place, value, 4);
  default:
    return refuse("it has a relocation that is not known, of type ", type);
  }
}

} // namespace

Problem attnc::relocate(uint32_t type, uint8_t *place, size_t room,
                        uint64_t target, int64_t addend) {
  uint64_t value = target + uint64_t(addend);
  auto distance = int64_t(value - reinterpret_cast<uintptr_t>(place));
  size_t width = type == R_AARCH64_ABS64 || type == R_AARCH64_PREL64 ? 8 : 4;
  if (type == R_AARCH64_NONE)
    return {};
  if (room < width)
    return refuse("there is no room for a relocation of type ", type);
  switch (type) {
  case R_AARCH64_ABS64:
    write(place, value);
    return {};
  case R_AARCH64_PREL64:
    write(place, distance);
    return {};
  case R_AARCH64_PREL32:
    return writeDistance(place, distance, type);
  default:
    return relocateInstruction(type, place, value);
  }
}

#endif
