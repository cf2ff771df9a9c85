//===- Matrix.cpp - ldmatrix, stmatrix, movmatrix -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrices of 8 x 8 elements of 16 bits. Lane l holds in its register of a
// matrix the elements 2 * (l % 4) and the next of row l / 4; with .trans of
// column l / 4.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"

namespace attnc::emulator {

namespace {

using Tile = uint16_t[8][8];

void toRegisters(const Tile &tile, bool transposed, uint32_t *registers) {
  for (unsigned lane = 0; lane < 32; ++lane) {
    unsigned row = lane / 4, column = lane % 4 * 2;
    uint16_t low = transposed ? tile[column][row] : tile[row][column];
    uint16_t high = transposed ? tile[column + 1][row] : tile[row][column + 1];
    registers[lane] = uint32_t(high) << 16 | low;
  }
}

void fromRegisters(const uint32_t *registers, bool transposed, Tile &tile) {
  for (unsigned lane = 0; lane < 32; ++lane) {
    unsigned row = lane / 4, column = lane % 4 * 2;
    auto low = uint16_t(registers[lane]),
         high = uint16_t(registers[lane] >> 16);
    (transposed ? tile[column][row] : tile[row][column]) = low;
    (transposed ? tile[column + 1][row] : tile[row][column + 1]) = high;
  }
}

/// The address of a row of matrix `matrix` comes from lane 8 * matrix + row.
uint64_t rowAddress(const Execution &x, unsigned matrix, unsigned row) {
  unsigned lane = matrix * 8 + row;
  x.block.where.lane = int(lane);
  uint64_t address = x.sharedAddress(x.instruction.addresses[0], lane);
  if (address % 16)
    x.fail("misaligned access: a row of 16 bytes at " + hex(address));
  return address;
}

/// `variant`: transposed. Groups: the registers.
void loadMatrices(Execution &x) {
  x.requireFullWarp();
  const auto &registers = x.instruction.groups[0];
  // All rows are read before a register is written: it may be an address.
  Tile tiles[4];
  for (unsigned matrix = 0; matrix < registers.size(); ++matrix)
    for (unsigned row = 0; row < 8; ++row) {
      uint64_t address = rowAddress(x, matrix, row);
      x.block.shared.read(address, 16, x.warp.agent(), Proxy::Generic);
      memcpy(tiles[matrix][row], x.block.shared.at(address), 16);
    }
  for (unsigned matrix = 0; matrix < registers.size(); ++matrix)
    toRegisters(tiles[matrix], x.instruction.variant,
                x.at<uint32_t>(registers[matrix]));
  x.block.where.lane = -1;
}

void storeMatrices(Execution &x) {
  x.requireFullWarp();
  const auto &registers = x.instruction.groups[0];
  for (unsigned matrix = 0; matrix < registers.size(); ++matrix) {
    Tile tile;
    fromRegisters(x.at<uint32_t>(registers[matrix]), x.instruction.variant,
                  tile);
    for (unsigned row = 0; row < 8; ++row) {
      uint64_t address = rowAddress(x, matrix, row);
      x.block.shared.write(address, 16, x.warp.agent());
      memcpy(x.block.shared.at(address), tile[row], 16);
    }
  }
  x.block.where.lane = -1;
}

void transposeMatrix(Execution &x) {
  x.requireFullWarp();
  Tile tile;
  fromRegisters(x.lanes<uint32_t>(1), false, tile);
  toRegisters(tile, true, x.lanes<uint32_t>(0));
}

} // namespace

bool decodeMatrix(Decoder &decoder) {
  std::string_view name = decoder.part(0);
  Instruction &instruction = decoder.instruction;
  if (name == "movmatrix") {
    decoder.expect(2, 2);
    instruction.slots = {decoder.target(size_t(0), Type::B32),
                         decoder.source(1, Type::B32)};
    instruction.execute = transposeMatrix;
    return true;
  }
  bool isLoad = name == "ldmatrix";
  if (!isLoad && name != "stmatrix")
    return false;
  if (!decoder.has("m8n8") || !decoder.has("b16"))
    decoder.unknown();
  decoder.expect(2, 2);
  instruction.addresses = {decoder.address(isLoad ? 1 : 0, decoder.space())};
  instruction.groups = {isLoad ? decoder.targets(0, Type::B32)
                               : decoder.sources(1, Type::B32)};
  size_t count = decoder.has("x4") ? 4 : decoder.has("x2") ? 2 : 1;
  if (instruction.groups[0].size() != count)
    decoder.fail("the number of registers is not that of the matrices");
  instruction.variant = decoder.has("trans");
  instruction.execute = isLoad ? loadMatrices : storeMatrices;
  return true;
}

} // namespace attnc::emulator
