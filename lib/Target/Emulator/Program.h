//===- Program.h - decoded PTX ----------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A module is decoded once, when it is loaded. An instruction then holds a
// function that executes it for the 32 lanes of a warp, and the places of its
// operands in the warp's frame.
//
// A frame is one array of bytes. A register of n bits takes 32 * n / 8 of them,
// lane after lane; a predicate takes four, a bit per lane. Immediate operands
// and special registers have places of their own that are written when the
// frame is made, so that an instruction reads nothing but the frame.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_TARGET_EMULATOR_PROGRAM_H
#define ATTNC_LIB_TARGET_EMULATOR_PROGRAM_H

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace attnc::emulator {

struct Execution;
struct Instruction;
using Handler = void (*)(Execution &);

enum class Type : uint8_t {
  None,
  Pred,
  B8,
  B16,
  B32,
  B64,
  B128,
  U8,
  U16,
  U32,
  U64,
  S8,
  S16,
  S32,
  S64,
  F16,
  BF16,
  F32,
  F64,
  TF32,
  F16x2,
  BF16x2,
  E4M3,
  E5M2,
  E4M3x2,
  E5M2x2
};

/// The type that a modifier such as "u32" names, or None.
Type typeNamed(std::string_view name);
unsigned bitsOf(Type type);
bool isSigned(Type type);

/// Where an address points.
enum class Space : uint8_t { Generic, Global, Shared, Local, Param, Const };

/// The parts of the generic address space that are not global memory. Each is
/// far above any address of a process.
constexpr uint64_t windowOf(Space space) { return uint64_t(space) << 60; }
constexpr Space spaceOfWindow(uint64_t address) {
  return Space(address >> 60 == 0 ? uint64_t(Space::Global) : address >> 60);
}

/// Shared memory begins here, so that no variable is at address 0.
constexpr uint32_t sharedBase = 1024;

/// An operand `[register + offset]`.
struct Address {
  uint32_t slot = 0;
  bool isWide = false;
  Space space = Space::Generic;
  int64_t offset = 0;
};

/// What a place in a new frame holds besides constants.
enum class Special : uint8_t {
  TidX,
  TidY,
  TidZ,
  NtidX,
  NtidY,
  NtidZ,
  CtaidX,
  CtaidY,
  CtaidZ,
  NctaidX,
  NctaidY,
  NctaidZ,
  LaneId,
  WarpId,
  NwarpId,
  LaneMaskEq,
  LaneMaskLt,
  LaneMaskLe,
  LaneMaskGt,
  LaneMaskGe,
  DynamicSharedSize,
  TotalSharedSize,
  Zero,
  One,
  /// The address of a variable in the frame's local memory.
  LocalAddress,
  /// Where dynamic shared memory begins, behind the module's variables.
  DynamicShared
};

struct SpecialPlace {
  uint32_t slot;
  Special special;
  uint8_t bits;
  uint64_t offset;
};

/// What a wgmma or mma multiplies; shapes are those of PTX.
struct MatrixShape {
  Type a = Type::None, b = Type::None, d = Type::None;
  unsigned m = 0, n = 0, k = 0;
};

struct Function;

struct Instruction {
  Handler execute = nullptr;
  /// The slot of the guard, and what its bits are xored with.
  uint32_t guard = 0, guardFlip = 0;
  bool isGuarded = false;
  /// Of a branch.
  uint32_t target = 0;
  /// Where lanes that part here meet again, or `noMeeting`.
  uint32_t meeting = 0;
  /// Small numbers of the operation: a count, a size, a kind.
  uint32_t count = 0;
  uint8_t width = 0, variant = 0;
  std::vector<uint32_t> slots;
  std::vector<std::vector<uint32_t>> groups;
  std::vector<Address> addresses;
  MatrixShape shape;
  std::vector<uint32_t> targets;
  const Function *callee = nullptr;
  /// Whether it is a wgmma, whose registers are in flight after it.
  bool isWarpgroupProduct = false;
  /// Registers of this instruction that some wgmma of the function uses.
  std::vector<uint32_t> asyncSlots;
  unsigned line = 0;
  std::string_view text;
};

constexpr uint32_t noMeeting = ~0u;
/// The slot of `_`, an operand that is not wanted.
constexpr uint32_t noSlot = ~0u;

struct Parameter {
  std::string name;
  uint32_t offset, size;
};

struct Function {
  std::string name;
  bool isKernel = false;
  bool isDefined = false;
  std::vector<Instruction> code;
  std::vector<Parameter> parameters, results;
  uint32_t parameterBytes = 0;
  /// A new frame, with the constants in it.
  std::vector<uint8_t> frame;
  std::vector<SpecialPlace> specials;
  uint32_t localBytes = 0;
  /// .maxntid, 0 if there is none, and whether it is .reqntid.
  uint32_t maxThreads = 0;
  bool hasExactThreads = false;
};

/// What the variables of a module are allocated from.
class GlobalAllocator {
public:
  virtual ~GlobalAllocator() = default;
  /// Zeroed memory that kernels may read and write.
  virtual uint8_t *allocateGlobal(uint64_t bytes, uint64_t alignment) = 0;
};

struct Program {
  std::string text;
  std::map<std::string, std::unique_ptr<Function>, std::less<>> functions;
  /// The bytes of the variables in shared memory; dynamic memory follows.
  uint32_t staticSharedBytes = 0;
  uint32_t dynamicAlignment = 16;

  uint32_t dynamicStart() const {
    uint32_t end = sharedBase + staticSharedBytes;
    return (end + dynamicAlignment - 1) & ~(dynamicAlignment - 1);
  }
};

/// Decodes a module. Throws Fault.
std::unique_ptr<Program> parseProgram(std::string_view text,
                                      GlobalAllocator &allocator);

/// Fills Instruction::meeting: the immediate post-dominator of each branch.
void findMeetings(Function &function);

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_PROGRAM_H
