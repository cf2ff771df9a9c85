//===- Warpgroup.cpp - wgmma ----------------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each of the four warps of a warpgroup computes its sixteen rows by itself. A
// product is computed when its group is waited for, or at once if operations
// are not lazy; until then its registers may not be touched, and nobody may
// write what it reads.
//
// Matrices in shared memory are cut into rows of 16 bytes; eight of them are a
// core matrix. In the formulas below a unit is one such row.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"
#include "Memory.h"
#include "Products.h"
#include <algorithm>

namespace attnc::emulator {

namespace {

/// The descriptor of a matrix in shared memory.
struct MatrixDescriptor {
  explicit MatrixDescriptor(uint64_t bits)
      : start((bits & 0x3fff) << 4), leading((bits >> 16 & 0x3fff) << 4),
        stride((bits >> 32 & 0x3fff) << 4), base(unsigned(bits >> 49 & 7)),
        swizzle(unsigned(bits >> 62)) {}

  uint64_t start, leading, stride;
  unsigned base, swizzle;

  /// The bytes of a row of the pattern; 16 without swizzling.
  unsigned span() const {
    const unsigned spans[] = {16, 128, 64, 32};
    return spans[swizzle];
  }
  /// Swizzling exchanges units according to the bits above.
  uint64_t swizzled(uint64_t address) const {
    return address ^ ((address >> 7 & (span() / 16 - 1)) << 4);
  }

  /// K-major: where unit `unit` of row `row` is, of M or N.
  uint64_t rowUnit(unsigned row, unsigned unit) const {
    uint64_t address = start + row / 8 * stride + row % 8 * span();
    address += swizzle ? unit * 16 : unit * leading;
    return swizzled(address);
  }
  /// MN-major: where the unit of elements 8 * `unit` and on of column `k` is.
  uint64_t columnUnit(unsigned unit, unsigned k) const {
    if (!swizzle)
      return start + unit * stride + k / 8 * leading + k % 8 * 16;
    unsigned units = span() / 16;
    return swizzled(start + unit / units * leading + unit % units * 16 +
                    k / 8 * stride + k % 8 * span());
  }
};

/// Calls with the address of each unit that rows `first` and on of a matrix
/// consist of, and with the row and the place along K of its first element.
template <typename Function>
void forUnits(const MatrixDescriptor &matrix, Type type, bool transposed,
              unsigned first, unsigned count, Function function) {
  unsigned elements = 128 / bitsOf(type), depth = 256 / bitsOf(type);
  if (!transposed) {
    for (unsigned row = first; row < first + count; ++row)
      for (unsigned unit = 0; unit < 2; ++unit)
        function(matrix.rowUnit(row, unit), row - first, unit * elements);
    return;
  }
  for (unsigned unit = first / 8; unit < (first + count) / 8; ++unit)
    for (unsigned k = 0; k < depth; ++k)
      function(matrix.columnUnit(unit, k), unit * 8 - first, k);
}

/// `slots`: the descriptors and the predicate. `groups`: D, and A if it is in
/// registers. `variant` and `count` are bits:
enum Flag : uint32_t {
  TransposedA = 1,
  TransposedB = 2,
  NegatedA = 4,
  NegatedB = 8,
  PredicateFlip = 16
};

bool hasFragments(const Instruction &instruction) {
  return instruction.groups.size() > 1;
}

/// Calls with each unit that a product of the warp reads.
template <typename Function>
void forAllUnits(const Warp &warp, const PendingMultiply &pending,
                 Function function) {
  const Instruction &instruction = *pending.instruction;
  const MatrixShape &shape = instruction.shape;
  auto each = [&](uint64_t address, unsigned, unsigned) { function(address); };
  if (!hasFragments(instruction))
    forUnits(MatrixDescriptor(pending.descriptorA), shape.a,
             instruction.count & TransposedA, warp.id % 4 * 16, 16, each);
  forUnits(MatrixDescriptor(pending.descriptorB), shape.b,
           instruction.count & TransposedB, 0, shape.n, each);
}

void readSharedMatrix(Block &block, uint64_t descriptor, Type type,
                      bool transposed, unsigned first, unsigned count,
                      double *to, size_t rowStride, size_t depthStride) {
  unsigned elements = 128 / bitsOf(type);
  forUnits(MatrixDescriptor(descriptor), type, transposed, first, count,
           [&](uint64_t address, unsigned row, unsigned k) {
             readElements(block.shared.at(address), type, elements,
                          to + row * rowStride + k * depthStride,
                          transposed ? rowStride : depthStride);
           });
}

void readFragments(const uint8_t *registers, const Instruction &instruction,
                   double *to) {
  const MatrixShape &shape = instruction.shape;
  unsigned bytes = bitsOf(shape.a) / 8;
  for (size_t i = 0; i < 4; ++i)
    for (unsigned lane = 0; lane < 32; ++lane) {
      size_t row = lane / 4 + 8 * (i % 2);
      size_t k = (16 * (i / 2) + 4 * (lane % 4)) / bytes;
      readElements(registers + instruction.groups[1][i] + lane * 4, shape.a,
                   4 / bytes, to + row * shape.k + k, 1);
    }
}

/// Adds the sums of sixteen rows to the accumulators.
void accumulate(const PendingMultiply &pending, const double *sums,
                uint8_t *registers) {
  const Instruction &instruction = *pending.instruction;
  const MatrixShape &shape = instruction.shape;
  bool negates =
      bool(instruction.count & NegatedA) != bool(instruction.count & NegatedB);
  for (unsigned n = 0; n < shape.n; ++n)
    for (unsigned row = 0; row < 16; ++row) {
      double sum = sums[row * shape.n + n];
      sum = negates ? -sum : sum;
      unsigned lane = row % 8 * 4 + n % 8 / 2;
      unsigned index = n / 8 * 4 + row / 8 * 2 + n % 2;
      if (shape.d == Type::F16) {
        auto *place = reinterpret_cast<Half *>(
            registers + instruction.groups[0][index / 2]);
        Half &number = place[lane * 2 + index % 2];
        number = Half(sum + (pending.accumulates ? float(number) : 0.0));
        continue;
      }
      uint8_t *place = registers + instruction.groups[0][index];
      if (shape.d == Type::S32) {
        auto &number = reinterpret_cast<int32_t *>(place)[lane];
        int64_t total = int64_t(sum) + (pending.accumulates ? number : 0);
        if (instruction.variant)
          total = std::clamp<int64_t>(total, INT32_MIN, INT32_MAX);
        number = int32_t(total);
      } else {
        auto &number = reinterpret_cast<float *>(place)[lane];
        number = float(sum + (pending.accumulates ? double(number) : 0.0));
      }
    }
}

void computeProduct(Block &block, Warp &warp, const PendingMultiply &pending) {
  const Instruction &instruction = *pending.instruction;
  const MatrixShape &shape = instruction.shape;
  uint8_t *registers = warp.frames[pending.frame].registers.data();
  static thread_local std::vector<double> a, b, sums;
  a.resize(size_t(16) * shape.k);
  b.resize(size_t(shape.k) * shape.n);
  sums.assign(size_t(16) * shape.n, 0);
  if (hasFragments(instruction))
    readFragments(registers, instruction, a.data());
  else
    readSharedMatrix(block, pending.descriptorA, shape.a,
                     instruction.count & TransposedA, warp.id % 4 * 16, 16,
                     a.data(), shape.k, 1);
  readSharedMatrix(block, pending.descriptorB, shape.b,
                   instruction.count & TransposedB, 0, shape.n, b.data(), 1,
                   shape.n);
  multiplyAdd(a.data(), b.data(), sums.data(), 16, shape.k, shape.n);
  accumulate(pending, sums.data(), registers);
}

void checkDescriptor(uint64_t bits) {
  MatrixDescriptor matrix(bits);
  if (matrix.base)
    throw Fault("a matrix descriptor with a base offset is not executed");
  if (matrix.start % 16)
    throw Fault("misaligned access: a matrix at " + hex(matrix.start));
}

/// Products in flight use registers in two ways that exclude each other.
void markRegisters(Warp &warp, const Instruction &instruction) {
  for (uint32_t slot : instruction.groups[0]) {
    if (warp.fragmentsInFlight.contains(slot))
      throw Fault("the accumulator is the matrix A of a wgmma in flight");
    warp.accumulatorsInFlight.add(slot);
  }
  if (!hasFragments(instruction))
    return;
  for (uint32_t slot : instruction.groups[1]) {
    if (warp.accumulatorsInFlight.contains(slot))
      throw Fault("the matrix A is the accumulator of a wgmma in flight");
    warp.fragmentsInFlight.add(slot);
  }
}

void releaseRegisters(RegisterCounts &counts,
                      const std::vector<uint32_t> &slots) {
  for (uint32_t slot : slots)
    counts.remove(slot);
}

void startMultiply(Execution &x) {
  x.requireFullWarp();
  const Instruction &instruction = x.instruction;
  if ((x.block.threads + 31) / 32 / 4 * 4 <= x.warp.id)
    x.fail("wgmma in a warpgroup of fewer than four warps");
  bool fragments = hasFragments(instruction);
  PendingMultiply pending;
  pending.instruction = &instruction;
  pending.frame = x.warp.paths.back().frame;
  pending.descriptorA = fragments ? 0 : x.lanes<uint64_t>(2)[0];
  pending.descriptorB = x.lanes<uint64_t>(0)[0];
  uint32_t flip = instruction.count & PredicateFlip ? ~0u : 0;
  pending.accumulates = (x.predicate(1) ^ flip) & 1;
  if (!fragments)
    checkDescriptor(pending.descriptorA);
  checkDescriptor(pending.descriptorB);
  markRegisters(x.warp, instruction);
  Agent agent = x.warp.agent();
  forAllUnits(x.warp, pending, [&](uint64_t address) {
    x.block.shared.beginRead(address, 16, agent);
  });
  if (!x.block.launch.options.isLazy)
    computeProduct(x.block, x.warp, pending);
  x.warp.openMultiplies.push_back(pending);
}

void commitMultiplies(Execution &x) {
  x.requireFullWarp();
  x.warp.multiplyGroups.push_back(std::move(x.warp.openMultiplies));
  x.warp.openMultiplies.clear();
}

void waitMultiplies(Execution &x) {
  x.requireFullWarp();
  x.block.finishMultiplies(x.warp, x.instruction.count);
}

} // namespace

void Block::finishMultiplies(Warp &warp, size_t keptGroups) {
  Agent agent = warp.agent();
  while (warp.multiplyGroups.size() > keptGroups) {
    for (const PendingMultiply &pending : warp.multiplyGroups.front()) {
      if (launch.options.isLazy)
        computeProduct(*this, warp, pending);
      forAllUnits(warp, pending, [&](uint64_t address) {
        shared.endRead(address, 16, agent);
      });
      const auto &groups = pending.instruction->groups;
      releaseRegisters(warp.accumulatorsInFlight, groups[0]);
      if (groups.size() > 1)
        releaseRegisters(warp.fragmentsInFlight, groups[1]);
    }
    warp.multiplyGroups.pop_front();
  }
}

namespace {

/// The constants after scale-d: negations, then transpositions.
void decodeFlags(Decoder &decoder, bool fragments) {
  const MatrixShape &shape = decoder.instruction.shape;
  uint32_t &flags = decoder.instruction.count;
  bool isInteger = shape.d == Type::S32, is16 = bitsOf(shape.a) == 16;
  size_t at = 4;
  decoder.expect(isInteger ? 4 : 6, !is16       ? (isInteger ? 4 : 6)
                                    : fragments ? 7
                                                : 8);
  if (isInteger)
    return;
  for (Flag flag : {NegatedA, NegatedB}) {
    int64_t scale = decoder.constant(at++);
    if (scale != 1 && scale != -1)
      decoder.fail("a scale of wgmma is 1 or -1");
    flags |= scale < 0 ? flag : 0;
  }
  if (!is16)
    return;
  if (!fragments && at < decoder.operands.size())
    flags |= decoder.constant(at++) ? TransposedA : 0;
  if (at < decoder.operands.size())
    flags |= decoder.constant(at++) ? TransposedB : 0;
}

void checkShape(Decoder &decoder) {
  const MatrixShape &shape = decoder.instruction.shape;
  bool isByte = shape.a == Type::S8 || shape.a == Type::U8;
  bool isInteger = shape.d == Type::S32;
  if (shape.m != 64 || shape.n % 8 || shape.n < 8 || shape.n > 256 ||
      !isMatrixElement(shape.a) || !isMatrixElement(shape.b) ||
      bitsOf(shape.a) != bitsOf(shape.b) || shape.k * bitsOf(shape.a) != 256 ||
      isByte != isInteger ||
      (!isInteger && shape.d != Type::F32 && shape.d != Type::F16))
    decoder.unknown();
}

void decodeProduct(Decoder &decoder) {
  Instruction &instruction = decoder.instruction;
  MatrixShape &shape = instruction.shape;
  bool hasShape = false;
  for (std::string_view part : decoder.parts)
    hasShape |= parseShape(part, shape);
  std::vector<Type> types = decoder.types();
  if (!hasShape || types.size() != 3 || decoder.has("sp"))
    decoder.unknown();
  shape.d = types[0], shape.a = types[1], shape.b = types[2];
  checkShape(decoder);
  decoder.expect(4, 8);
  bool fragments = decoder.operands[1].kind == Operand::List;
  instruction.groups = {decoder.targets(0, Type::B32)};
  if (fragments)
    instruction.groups.push_back(decoder.sources(1, Type::B32));
  size_t results = shape.n / (shape.d == Type::F16 ? 4 : 2);
  if (instruction.groups[0].size() != results ||
      (fragments && instruction.groups[1].size() != 4))
    decoder.fail("the number of registers is not that of the shape");
  bool flipped;
  uint32_t predicate = decoder.predicate(decoder.operands[3], flipped);
  instruction.slots = {decoder.source(2, Type::B64), predicate};
  if (!fragments)
    instruction.slots.push_back(decoder.source(1, Type::B64));
  decodeFlags(decoder, fragments);
  instruction.count |= flipped ? PredicateFlip : 0;
  instruction.variant = decoder.has("satfinite");
  instruction.isWarpgroupProduct = true;
  instruction.execute = startMultiply;
}

} // namespace

bool decodeWarpgroup(Decoder &decoder) {
  std::string_view name = decoder.part(0), what = decoder.part(1);
  Instruction &instruction = decoder.instruction;
  if (name == "setmaxnreg") {
    instruction.execute = doNothing;
    return true;
  }
  if (name != "wgmma")
    return false;
  if (what == "mma_async") {
    decodeProduct(decoder);
  } else if (what == "fence") {
    instruction.execute = doNothing;
  } else if (what == "commit_group") {
    instruction.execute = commitMultiplies;
  } else if (what == "wait_group") {
    decoder.expect(1, 1);
    instruction.count = uint32_t(decoder.constant(0));
    instruction.execute = waitMultiplies;
  } else {
    return false;
  }
  return true;
}

} // namespace attnc::emulator
