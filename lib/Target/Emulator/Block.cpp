//===- Block.cpp - running a block ----------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The scheduler, and what it reports when nothing can go on.
//
//===----------------------------------------------------------------------===//

#include "Block.h"

#include "Execution.h"
#include <algorithm>

namespace attnc::emulator {

namespace {

/// The instructions of warps after which a block is taken for endless.
constexpr uint64_t maxInstructions = uint64_t(1) << 32;

uint64_t valueOf(const Launch &launch, const Block &block, const Warp &warp,
                 const Frame &frame, const SpecialPlace &place, unsigned lane) {
  uint32_t thread = warp.id * 32 + lane;
  const Dimensions &size = launch.block;
  uint32_t bit = 1u << lane;
  switch (place.special) {
  case Special::TidX:
    return thread % size.x;
  case Special::TidY:
    return thread / size.x % size.y;
  case Special::TidZ:
    return thread / size.x / size.y;
  case Special::NtidX:
    return size.x;
  case Special::NtidY:
    return size.y;
  case Special::NtidZ:
    return size.z;
  case Special::CtaidX:
    return block.position.x;
  case Special::CtaidY:
    return block.position.y;
  case Special::CtaidZ:
    return block.position.z;
  case Special::NctaidX:
    return launch.grid.x;
  case Special::NctaidY:
    return launch.grid.y;
  case Special::NctaidZ:
    return launch.grid.z;
  case Special::LaneId:
    return lane;
  case Special::WarpId:
    return warp.id;
  case Special::NwarpId:
    return block.warps.size();
  case Special::LaneMaskEq:
    return bit;
  case Special::LaneMaskLt:
    return bit - 1;
  case Special::LaneMaskLe:
    return bit | (bit - 1);
  case Special::LaneMaskGt:
    return ~(bit | (bit - 1));
  case Special::LaneMaskGe:
    return ~(bit - 1);
  case Special::DynamicSharedSize:
    return launch.dynamicSharedBytes;
  case Special::TotalSharedSize:
    return launch.program.dynamicStart() + launch.dynamicSharedBytes;
  case Special::Zero:
    return 0;
  case Special::One:
    return 1;
  case Special::LocalAddress:
    return frame.localBase + place.offset;
  case Special::DynamicShared:
    return launch.program.dynamicStart() + place.offset;
  }
  return 0;
}

} // namespace

Block::Block(Launch &launch, Dimensions position, BlockIdentity identity)
    : launch(launch), position(position), identity(std::move(identity)),
      shared(launch.shared), threads(uint32_t(launch.block.count())),
      random(launch.options.seed * 9781 + this->identity.serial) {
  unsigned count = (threads + 31) / 32;
  agents = count + maxTransactionBarriers;
  shared.reset(launch.program.dynamicStart() + launch.dynamicSharedBytes, count,
               agents);
  for (NamedBarrier &barrier : barriers)
    barrier.arriving = barrier.done = Clocks(agents, shared.startClock());
  warps.resize(count);
  for (unsigned id = 0; id < count; ++id)
    makeWarp(id);
}

void Block::makeWarp(unsigned id) {
  Warp &warp = warps[id];
  warp.id = id;
  uint32_t count = std::min(threads - id * 32, 32u);
  warp.lanes = warp.live = count == 32 ? ~0u : (1u << count) - 1;
  warp.clocks = Clocks(agents, shared.startClock());
  warp.clocks.seen[id] = shared.startClock() + 1;
  pushFrame(*this, warp, launch.function, warp.lanes, nullptr);
}

void Block::fillSpecials(Warp &warp, Frame &frame) {
  for (const SpecialPlace &place : frame.function->specials)
    for (unsigned lane = 0; lane < 32; ++lane) {
      uint64_t value = valueOf(launch, *this, warp, frame, place, lane);
      memcpy(frame.registers.data() + place.slot + lane * place.bits / 8,
             &value, place.bits / 8);
    }
}

void pushFrame(Block &block, Warp &warp, const Function &function,
               uint32_t mask, const Instruction *call) {
  if (warp.frames.size() == 64)
    throw Fault("more than 64 calls inside each other");
  Frame frame;
  frame.function = &function;
  frame.registers = function.frame;
  frame.call = call;
  if (!warp.frames.empty()) {
    const Frame &caller = warp.frames.back();
    frame.localBase =
        (caller.localBase + caller.function->localBytes + 15) & ~15u;
  }
  block.fillSpecials(warp, frame);
  if (function.localBytes)
    for (auto &memory : warp.local)
      memory.resize(std::max<size_t>(memory.size(),
                                     frame.localBase + function.localBytes));
  warp.frames.push_back(std::move(frame));
  warp.paths.push_back({0, noMeeting, mask, uint32_t(warp.frames.size() - 1)});
}

//===----------------------------------------------------------------------===//
// Executing
//===----------------------------------------------------------------------===//

namespace {

/// A register of a wgmma in flight must not be touched, not even read.
void checkInFlight(const Warp &warp, const Instruction &instruction) {
  for (uint32_t slot : instruction.asyncSlots)
    if (warp.accumulatorsInFlight.contains(slot) ||
        warp.fragmentsInFlight.contains(slot))
      throw Fault("access to a register of a wgmma that is in flight");
}

} // namespace

void Block::step(Warp &warp, uint64_t budget) {
  where.warp = warp.id;
  where.lane = -1;
  while (budget-- && !warp.paths.empty() && !warp.isReady && !warp.yields) {
    Path &path = warp.paths.back();
    if (!path.mask || path.pc == path.meeting) {
      warp.paths.pop_back();
      if (!warp.paths.empty())
        warp.frames.resize(warp.paths.back().frame + 1);
      continue;
    }
    Frame &frame = warp.frames[path.frame];
    const Instruction &instruction = frame.function->code[path.pc];
    uint32_t mask = path.mask;
    uint8_t *registers = frame.registers.data();
    if (instruction.isGuarded)
      mask &= *reinterpret_cast<uint32_t *>(registers + instruction.guard) ^
              instruction.guardFlip;
    where.instruction = &instruction;
    ++executed;
    if (!instruction.asyncSlots.empty())
      checkInFlight(warp, instruction);
    uint32_t pc = path.pc++;
    if (!mask)
      continue;
    Execution execution{*this, warp, instruction, mask, registers, pc};
    instruction.execute(execution);
  }
}

bool Block::landFlight() {
  if (flights.empty())
    return false;
  size_t which =
      launch.options.seed ? random() % flights.size() : flights.size() - 1;
  Flight flight = std::move(flights[which]);
  flights.erase(flights.begin() + ptrdiff_t(which));
  where.instruction = flight.instruction;
  where.warp = flight.warp;
  where.lane = -1;
  flight.land();
  ++progress;
  return true;
}

void Block::launchFlight(Flight flight) {
  if (!launch.options.isLazy)
    flight.land();
  else
    flights.push_back(std::move(flight));
}

void Block::runWarps() {
  uint32_t seed = launch.options.seed;
  std::vector<Warp *> ready;
  uint64_t idleSince = 0;
  unsigned idleRounds = 0;
  for (;;) {
    ready.clear();
    bool isAlive = false;
    for (Warp &warp : warps) {
      if (warp.paths.empty())
        continue;
      isAlive = true;
      if (warp.isReady && !warp.isReady())
        continue;
      warp.isReady = nullptr;
      ready.push_back(&warp);
    }
    if (!isAlive)
      return;
    if (executed > maxInstructions)
      throw Fault("the block does not end: more than 2^32 instructions");
    bool allPoll = std::all_of(ready.begin(), ready.end(),
                               [](Warp *warp) { return warp->yields; });
    if (allPoll) {
      // Nothing but polling, and nothing has changed since the last round.
      if (landFlight())
        continue;
      idleRounds = progress == idleSince ? idleRounds + 1 : 0;
      idleSince = progress;
      if (ready.empty() || idleRounds > 64)
        throw Fault(describeDeadlock());
      for (Warp *warp : ready)
        warp->yields = false;
    }
    if (seed && !flights.empty() && random() % 4 == 0)
      landFlight();
    auto end = std::remove_if(ready.begin(), ready.end(),
                              [](Warp *warp) { return warp->yields; });
    auto count = size_t(end - ready.begin());
    Warp &warp = *ready[seed ? random() % count : 0];
    uint64_t before = executed;
    step(warp, seed ? random() % 200 + 1 : uint64_t(1) << 20);
    if (!warp.yields && executed > before)
      ++progress;
  }
}

void Block::run() {
  try {
    runWarps();
    checkEnd();
  } catch (const Fault &fault) {
    throw Fault(describePlace() + fault.message);
  }
  uint32_t highest = 0;
  for (const Warp &warp : warps)
    for (uint32_t clock : warp.clocks.seen)
      highest = std::max(highest, clock);
  for (const auto &barrier : transactionBarriers)
    for (uint32_t clock : barrier.second.arriving.seen)
      highest = std::max(highest, clock);
  shared.finish(highest);
}

/// What has to be over when a kernel ends.
void Block::checkEnd() {
  where.lane = -1;
  for (Warp &warp : warps) {
    where.warp = warp.id;
    if (!warp.openMultiplies.empty() || !warp.multiplyGroups.empty())
      throw Fault("the kernel ends with a wgmma in flight");
    if (!warp.openStores.empty())
      throw Fault("the kernel ends with a bulk store that was not committed");
    for (const auto &group : warp.storeGroups)
      for (const BulkStore &store : group)
        if (!store.hasRead)
          throw Fault("the kernel ends while a bulk store reads shared "
                      "memory");
    finishStores(warp, 0, false);
    if (!warp.openCopies.empty())
      throw Fault("the kernel ends with a cp.async that nothing waits for");
    finishCopies(warp, 0);
  }
  if (!flights.empty()) {
    where.instruction = flights.front().instruction;
    where.warp = flights.front().warp;
    throw Fault("the kernel ends with a copy to shared memory in flight");
  }
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

std::string Block::describePlace() const {
  std::string text = "kernel '" + launch.function.name + "', ";
  if (where.instruction) {
    std::string line(where.instruction->text.substr(0, 120));
    for (char &c : line)
      c = c == '\n' || c == '\t' ? ' ' : c;
    text += "PTX line " + std::to_string(where.instruction->line) + " '" +
            line + "', ";
  }
  text += "block " + std::to_string(position.x);
  if (launch.grid.y > 1 || launch.grid.z > 1)
    text += "," + std::to_string(position.y) + "," + std::to_string(position.z);
  text += ", warp " + std::to_string(where.warp);
  if (where.lane >= 0)
    text += ", lane " + std::to_string(where.lane);
  return text + ": ";
}

std::string Block::describeDeadlock() const {
  std::string text = "deadlock: no warp can go on";
  for (const Warp &warp : warps) {
    text += "\n  warp " + std::to_string(warp.id);
    if (warp.paths.empty()) {
      text += " has returned";
      continue;
    }
    const Path &path = warp.paths.back();
    const Instruction &instruction =
        warp.frames[path.frame].function->code[path.pc];
    text += " at PTX line " + std::to_string(instruction.line) + " waits for " +
            warp.waitsFor;
  }
  return text;
}

} // namespace attnc::emulator
